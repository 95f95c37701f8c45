import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context.js';
import { errnoOf } from '../errors.js';
import { removeTree } from './remove-tree.js';

/** A part of the cache and what it takes. */
export interface CachePart {
  readonly name: string;
  readonly path: string;
  readonly what: string;
  readonly bytes: number;
}

/** What each folder is for, and whether it is gone with a plain prune: what it costs minutes to make again stays. */
const PARTS: readonly { readonly name: string; readonly what: string; readonly keep: boolean }[] = [
  { name: 'downloads', what: 'kernel tarballs', keep: true },
  { name: 'sources', what: 'what is known of each kernel source', keep: true },
  { name: 'trees', what: 'unpacked kernels and their build folders', keep: true },
  { name: 'ccache', what: 'compiled objects of bases', keep: true },
  { name: 'configs', what: 'merged configurations', keep: false },
  { name: 'images', what: 'built kernels', keep: false },
  { name: 'initramfs', what: "guests' file systems", keep: false },
  { name: 'programs', what: 'compiled probes', keep: false },
  { name: 'builds', what: 'records of builds', keep: false },
  { name: 'boots', what: 'records of boots', keep: false },
  { name: 'maintainers', what: 'whom get_maintainer.pl names', keep: false },
  { name: 'bisections', what: 'bisections that have not ended', keep: true },
  { name: 'tmp', what: 'left by runs that were killed', keep: false },
];

async function sizeOf(ctx: Pick<Context, 'effects'>, path: string): Promise<number> {
  const done = await ctx.effects.processes.run({ file: 'du', args: ['-s', '--block-size=1', '--', path] });
  return Number(/^\d+/.exec(done.stdout)?.[0] ?? 0);
}

/** Every part of the cache, in a fixed order; a part that is not there has no bytes. */
export async function measureCache(ctx: Pick<Context, 'effects' | 'cache'>): Promise<readonly CachePart[]> {
  return Promise.all(
    PARTS.map(async ({ name, what }) => {
      const path = join(ctx.cache.root, name);
      return { name, path, what, bytes: await sizeOf(ctx, path) };
    }),
  );
}

async function remove(ctx: Pick<Context, 'effects' | 'cache'>, path: string): Promise<void> {
  const aside = join(ctx.cache.root, `pruned-${randomUUID()}`);
  try {
    await ctx.effects.files.rename(path, aside);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return;
    throw thrown;
  }
  await removeTree(ctx, aside);
}

/**
 * Removes what can be made again in seconds, and the build folders of series; with `all` everything. The caller holds
 * the cache's lock.
 */
export async function pruneCache(ctx: Pick<Context, 'effects' | 'cache'>, all: boolean): Promise<void> {
  for (const { name, keep } of PARTS) if (all || !keep) await remove(ctx, join(ctx.cache.root, name));
  const leftovers = await ctx.effects.files.readdir(ctx.cache.root).catch(() => []);
  for (const name of leftovers.filter((entry) => entry.startsWith('pruned-'))) {
    await removeTree(ctx, join(ctx.cache.root, name));
  }
  for (const tree of await ctx.effects.files.readdir(ctx.cache.trees).catch(() => [])) {
    // Left by bisections with --jobs that did not come to their end.
    await remove(ctx, join(ctx.cache.trees, tree, 'copies'));
    const objects = join(ctx.cache.trees, tree, 'objects');
    for (const config of await ctx.effects.files.readdir(objects).catch(() => [])) {
      const slots = await ctx.effects.files.readdir(join(objects, config)).catch(() => []);
      for (const slot of slots.filter((name) => name !== 'base')) await remove(ctx, join(objects, config, slot));
    }
  }
}
