import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf, usageError } from '../errors.js';
import { jsonDocument } from '../json-document.js';
import { writeError } from '../store/atomic.js';
import { KIND_SCHEMAS, type AnyEvidence } from './kinds.js';

/** A file of the evidence folder beside `evidence.json`. */
export interface EvidenceFile {
  /** Relative path, such as `tip/console.log`. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/**
 * Where evidence is kept when the user names no folder: `$XDG_STATE_HOME/respin/runs`, else `~/.local/state/respin/runs`
 * (XDG Base Directory Specification), else beside the cache.
 */
export function evidenceHome(ctx: Context): string {
  const { env } = ctx.effects;
  if (env['XDG_STATE_HOME']) return join(env['XDG_STATE_HOME'], 'respin', 'runs');
  if (env['HOME']) return join(env['HOME'], '.local', 'state', 'respin', 'runs');
  return join(ctx.cache.root, 'runs');
}

/** A folder name that sorts by time and says what was run: `20261120-234512-semundo-v1-6.12.117-plain-1a2b`. */
export function evidenceName(startedAt: Date, words: readonly string[]): string {
  const stamp = startedAt.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const safe = words.map((word) => word.replace(/[^\w.+-]+/g, '_').slice(0, 40));
  return [stamp, ...safe, randomUUID().slice(0, 4)].join('-');
}

/**
 * Refuses a folder that holds something already, before any work is done for it.
 * @throws HarnessError `usage` `evidence.exists` or `evidence.unusable`
 */
export async function refuseUsedFolder(ctx: Context, folder: string): Promise<void> {
  try {
    if ((await ctx.effects.files.readdir(folder)).length === 0) return;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return;
    throw usageError('evidence.unusable', `--out ${folder}: ${errnoOf(thrown) ?? String(thrown)}`, { cause: thrown, hint: 'name a folder that can be made' });
  }
  throw usageError('evidence.exists', `--out ${folder}: there is something in this folder, and nothing is overwritten`, {
    hint: 'name a new or empty folder',
  });
}

/**
 * Writes the evidence folder: under a temporary name beside it, then renamed, so that it is whole or not there.
 * @throws HarnessError `host` when it cannot be written; Error when the evidence does not fit its schema
 */
export async function writeEvidence(ctx: Context, folder: string, evidence: AnyEvidence, others: readonly EvidenceFile[]): Promise<void> {
  const { files } = ctx.effects;
  const checked = KIND_SCHEMAS[evidence.kind].parse(evidence);
  const temporary = join(dirname(folder), `.respin-${randomUUID()}`);
  try {
    await files.mkdir(temporary, { recursive: true });
    for (const file of [...others, { path: 'evidence.json', content: jsonDocument(checked) }]) {
      const path = join(temporary, file.path);
      await files.mkdir(dirname(path), { recursive: true });
      await files.writeFile(path, file.content);
    }
    // rename(2) replaces an empty folder, and refuses one that is not.
    await files.rename(temporary, folder);
  } catch (thrown) {
    await files.rm(temporary, { recursive: true, force: true });
    throw writeError(folder, thrown);
  }
}
