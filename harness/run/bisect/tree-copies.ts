import { dirname, join } from 'node:path';
import type { Context } from '../../context.js';
import { hostError } from '../../errors.js';
import { freeBytes } from '../../host/disk.js';
import { exists, readRecord, treeRecordPath, writeRecord } from '../../kernel/source-records.js';
import { removeTree } from '../../store/remove-tree.js';
import type { KernelTree } from '../../model.js';
import { healTree } from '../../series/push.js';

/** What the file system needs beside the copies. */
const MARGIN_BYTES = 1024 ** 3;

async function bytesOf(ctx: Context, path: string): Promise<number> {
  const done = await ctx.effects.processes.run({ file: 'du', args: ['-s', '--block-size=1', '--', path] });
  return Number(/^\d+/.exec(done.stdout)?.[0] ?? 0);
}

/** Copies a folder with its times, under another name until it is whole. */
async function copyFolder(ctx: Context, from: string, to: string): Promise<void> {
  const unfinished = `${to}.unfinished`;
  await removeTree(ctx, unfinished);
  await ctx.effects.files.mkdir(dirname(to), { recursive: true });
  const done = await ctx.effects.processes.run({ file: 'cp', args: ['-a', '--reflink=auto', '--', from, unfinished] });
  if (done.exitCode !== 0) throw hostError('tree.copy', `cannot copy ${from}`, { output: done.stderr, hint: 'free some space, or leave out --jobs' });
  await ctx.effects.files.rename(unfinished, to);
}

/** Makes one copy; its record is written last, so that a copy that has one is whole. */
async function makeCopy(ctx: Context, tree: KernelTree, copy: KernelTree, seed: string | undefined): Promise<void> {
  await removeTree(ctx, copy.home);
  await copyFolder(ctx, tree.src, copy.src);
  if (seed !== undefined) await copyFolder(ctx, join(tree.home, seed), join(copy.home, seed));
  const record = await readRecord(ctx, treeRecordPath(tree.home));
  if (record) await writeRecord(ctx, treeRecordPath(copy.home), record);
}

async function isWhole(ctx: Context, copy: KernelTree): Promise<boolean> {
  return (await readRecord(ctx, treeRecordPath(copy.home)))?.digest === copy.source.digest;
}

/** Where copies of a tree lie. */
export function copiesHome(tree: Pick<KernelTree, 'home'>): string {
  return join(tree.home, 'copies');
}

/**
 * Copies of a tree in which nothing is applied, each with a copy of the build folder `seed` where there is one. The caller
 * holds the tree's lock, which is that of its copies too. They are removed when `body` is done, and stay when it throws, for
 * the run that goes on from there.
 * @param seed the home of a build folder, relative to that of the tree
 * @throws HarnessError `host` `disk.full` when there is no room for them, before anything is copied
 */
export async function withCopies<T>(ctx: Context, tree: KernelTree, count: number, seed: string, body: (copies: readonly KernelTree[]) => Promise<T>): Promise<T> {
  const copies = Array.from({ length: count }, (_, index): KernelTree => {
    const home = join(copiesHome(tree), String(index + 1));
    return { home, src: join(home, 'src'), source: tree.source };
  });
  const whole = await Promise.all(copies.map(async (copy) => isWhole(ctx, copy)));
  const missing = copies.filter((_, index) => whole[index] !== true);
  const hasSeed = await exists(ctx, join(tree.home, seed));
  if (missing.length > 0) {
    const each = (await bytesOf(ctx, tree.src)) + (hasSeed ? await bytesOf(ctx, join(tree.home, seed)) : 0);
    const free = await freeBytes(ctx, tree.home);
    if (missing.length * each + MARGIN_BYTES > free) {
      const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
      throw hostError('disk.full', `--jobs needs ${gigabytes(missing.length * each)} for copies of the tree at ${tree.home}, and ${gigabytes(free)} are free`, {
        hint: 'ask for fewer jobs, free some space, or put the cache elsewhere with RESPIN_CACHE',
      });
    }
  }
  for (const [index, copy] of copies.entries()) {
    if (whole[index] === true) await healTree(ctx, copy);
    else await makeCopy(ctx, tree, copy, hasSeed ? seed : undefined);
  }
  const value = await body(copies);
  await removeTree(ctx, copiesHome(tree));
  return value;
}
