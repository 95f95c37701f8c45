import { basename, resolve } from 'node:path';
import type { Context } from '../../context.js';
import { HarnessError, usageError } from '../../errors.js';
import type { KernelSource, KernelSpec } from '../../model.js';
import { digestFile, keyOf } from '../../store/digest.js';
import { archiveVersion } from '../archive.js';
import { download } from '../download.js';
import { forgetFact, readFact, rememberFact } from '../source-facts.js';
import { expandHome } from '../source-paths.js';
import type { Answer, Provider, ProviderOptions } from './provider.js';

const MOST_BYTES = 4 * 1024 * 1024 * 1024;

/** A tarball that the user names, on this disk or by URL. Nothing vouches for it. */
export const tarballProvider: Provider = {
  title: 'a tarball',
  serves: (spec) => spec.kind === 'tarball',
  resolve: async (ctx, spec, options) => {
    if (spec.kind !== 'tarball') return { kind: 'unknown', choices: [] };
    return /^[a-z][a-z\d+.-]*:\/\//i.test(spec.location) ? await resolveUrl(ctx, spec.location, options) : await resolvePath(ctx, spec, options);
  },
  list: () => Promise.resolve([]),
};

async function resolveUrl(ctx: Context, url: string, options: ProviderOptions): Promise<Answer> {
  const key = `url-${keyOf(url).slice(0, 32)}`;
  const known = await readFact(ctx, key, url);
  if (known && (await ctx.effects.files.access(known.path).then(() => true, () => false))) return found(known.path, known, url);
  const name = basename(URL.canParse(url) ? new URL(url).pathname : '').replace(/[^\w.+-]/g, '_') || 'kernel.tar';
  const { path, digest } = await download(ctx, { url, name, maxBytes: MOST_BYTES, digest: undefined }, options.limits);
  try {
    const version = await archiveVersion(ctx, path);
    await rememberFact(ctx, key, { stamp: url, path, digest, version });
    return found(path, { digest, version }, url);
  } catch (error) {
    if (error instanceof HarnessError && error.code.startsWith('archive.')) await ctx.effects.files.rm(path, { force: true });
    await forgetFact(ctx, key);
    throw error;
  }
}

async function resolvePath(ctx: Context, spec: KernelSpec & { readonly kind: 'tarball' }, options: ProviderOptions): Promise<Answer> {
  const path = resolve(options.cwd, expandHome(spec.location, ctx.effects.env));
  const stat = await ctx.effects.files.stat(path, { bigint: true }).catch(() => undefined);
  if (!stat?.isFile()) {
    throw usageError('kernel.tarball', `--kernel tar:${spec.location}: there is no file ${path}`, { hint: 'for example: --kernel tar:/tmp/linux-6.12.9.tar.xz' });
  }
  const stamp = `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;
  const key = `path-${keyOf(path).slice(0, 32)}`;
  const known = await readFact(ctx, key, stamp);
  if (known) return found(path, known, path);
  const digest = await digestFile(ctx.effects, path);
  const version = await archiveVersion(ctx, path);
  await rememberFact(ctx, key, { stamp, path, digest, version });
  return found(path, { digest, version }, path);
}

function found(path: string, { digest, version }: { readonly digest: string; readonly version: string }, from: string): Answer {
  const source: KernelSource = {
    provider: 'tarball',
    version,
    label: `tarball ${basename(path)} (Linux ${version})`,
    digest,
    checks: [{ name: 'origin', made: false, detail: `${from} was named by the user; there is nothing to check it against` }],
    content: { kind: 'archive', path },
  };
  return { kind: 'found', source };
}
