// The keys of the caches. Sources are kept by what they are: the folders of downloads are named by the SHA-256 of what is in them.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';
import { setOutput } from './outputs.mjs';

const folder = process.env.RESPIN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'respin');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const digest = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const asked = (...names) => digest(names.map((name) => `${name}=${(process.env[`INPUT_${name}`] ?? '').trim()}`).join('\n'));
const downloads = existsSync(join(folder, 'downloads')) ? readdirSync(join(folder, 'downloads')).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort() : [];

const prefix = `respin-${version}-${process.env.RUNNER_OS ?? process.platform}-${process.env.RUNNER_ARCH ?? process.arch}`;
const values = {
  folder,
  sources: `${prefix}-sources-${asked('KERNEL')}-`,
  results: `${prefix}-results-${asked('KERNEL', 'PROFILES')}-`,
  'sources-digest': downloads.length === 0 ? '' : digest(downloads.join('\n')),
};
for (const [name, value] of Object.entries(values)) setOutput(name, value);
