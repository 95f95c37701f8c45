import { join } from 'node:path';
import type { Context } from '../context.js';
import type { AddedLines, KernelTree, PatchRejected, SeenFile, Series, TouchedFile } from '../model.js';
import type { HunkOffset } from './added-lines.js';
import { applySeries, isExecutable, type AppliedFile } from './apply.js';
import { changeTree, restoreTree, type TreeChange } from './journal.js';
import { withScratch } from './scratch.js';
import { lookAt, type TreeFile } from './tree-files.js';

export type PushOutcome =
  | {
      readonly kind: 'pushed';
      /** In order of their paths. */
      readonly touched: readonly TouchedFile[];
      readonly addedLines: readonly AddedLines[];
      /** What a build folder sees in this tree; store it with the folder before make runs there. */
      readonly seen: readonly SeenFile[];
      /** Hunks that went elsewhere than they say. */
      readonly offsets: readonly HunkOffset[];
    }
  | { readonly kind: 'rejected'; readonly rejected: PatchRejected };

/**
 * Applies a series to a tree, in place and strictly (`git apply`: no fuzz), writing only files whose content or mode
 * changes. A tree that a series was left on is taken back to its base first. The caller holds the lock of the tree until
 * after `popSeries`.
 * @param seen what this returned at the last push that was built in the same build folder; nothing for a new one. Files
 * that are as then get the time they had then, and files that are not get a new time, also where the series does not
 * touch them any more.
 * @throws HarnessError `host` `tree.damaged`, `disk.full`, `file.write`, `git.failed`, `process.missing`; the tree is its
 * base then, or is at the next `healTree`
 */
export async function pushSeries(
  ctx: Context,
  tree: KernelTree,
  series: Series,
  seen: readonly SeenFile[] = [],
): Promise<PushOutcome> {
  await healTree(ctx, tree);
  return withScratch(ctx, 'push', async (scratch): Promise<PushOutcome> => {
    const application = await applySeries(ctx, tree, series, scratch);
    if (application.kind === 'rejected') return application;
    const applied = application.files.filter(differs).sort((a, b) => (a.path < b.path ? -1 : 1));
    const last = new Map(seen.map((file) => [file.path, file]));
    const changes: TreeChange[] = [];
    for (const file of applied) changes.push(await prepare(ctx, file, last.get(file.path)));
    const touched = applied.map(({ path, base, now }): TouchedFile => ({ path, base: base?.digest, now: now?.digest }));
    const others = seen.filter(({ path }) => !applied.some((file) => file.path === path));
    changes.push(...(await refreshed(ctx, tree, others, scratch)));
    const nowSeen: SeenFile[] = [];
    for (const change of changes) nowSeen.push(await seenAs(ctx, change, last.get(change.path)));
    if (changes.length > 0) await changeTree(ctx, tree, series.name, application.folders, changes);
    return { kind: 'pushed', touched, addedLines: application.addedLines, seen: nowSeen, offsets: application.offsets };
  });
}

/**
 * Takes the series off a tree: content, mode and modification time of every file are as before it was pushed, new files
 * and folders are gone, and the digests of all of them were checked. Does nothing to a tree without a series.
 * @throws HarnessError `host` `tree.damaged` with what to remove; `disk.full`, `file.write`
 */
export async function popSeries(ctx: Context, tree: KernelTree): Promise<void> {
  await restoreTree(ctx, tree);
}

/**
 * As `popSeries`, for the start of a run: takes off what a run that was killed left, and tells so. Costs one look when
 * there is nothing.
 * @returns whether there was something
 */
export async function healTree(ctx: Context, tree: KernelTree): Promise<boolean> {
  const left = await restoreTree(ctx, tree);
  if (left === undefined) return false;
  ctx.progress({ type: 'notice', level: 'info', text: `took off the series ${left} that an earlier run had left on the tree` });
  return true;
}

function differs({ base, now }: AppliedFile): boolean {
  if (!base || !now) return base !== now;
  return base.digest !== now.digest || isExecutable(base) !== now.executable;
}

async function prepare(ctx: Context, { path, base, now }: AppliedFile, last: SeenFile | undefined): Promise<TreeChange> {
  if (now) {
    await ctx.effects.files.chmod(now.file, modeFor(base, now.executable));
    if (last?.digest === now.digest) await setTime(ctx, now.file, last);
  }
  return { path, base, now };
}

/** The base's permissions as far as the series leaves them. */
function modeFor(base: TreeFile | undefined, executable: boolean): number {
  if (!base) return executable ? 0o755 : 0o644;
  const mode = base.mode & 0o7777;
  if (isExecutable(base) === executable) return mode;
  return executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111;
}

/** Copies of files that an earlier tip in this build folder changed and this one does not. */
async function refreshed(
  ctx: Context,
  tree: KernelTree,
  others: readonly SeenFile[],
  scratch: string,
): Promise<readonly TreeChange[]> {
  const { files } = ctx.effects;
  const changes: TreeChange[] = [];
  for (const [index, last] of others.entries()) {
    const look = await lookAt(ctx, tree.src, last.path);
    if (look.kind !== 'file') continue;
    const base = look.file;
    const file = join(scratch, `refreshed-${index}`);
    await files.writeFile(file, base.content);
    await files.chmod(file, base.mode & 0o7777);
    if (last.digest === base.digest) await setTime(ctx, file, last);
    changes.push({ path: last.path, base, now: { digest: base.digest, file } });
  }
  return changes;
}

async function setTime(ctx: Context, file: string, { mtimeMs }: SeenFile): Promise<void> {
  if (mtimeMs !== undefined) await ctx.effects.files.utimes(file, mtimeMs / 1000, mtimeMs / 1000);
}

async function seenAs(ctx: Context, { path, now }: TreeChange, last: SeenFile | undefined): Promise<SeenFile> {
  if (!now) return { path, digest: undefined, mtimeMs: undefined };
  // The number of then and not the one read back, which is rounded: it must not wander from push to push.
  if (last?.digest === now.digest && last.mtimeMs !== undefined) return { path, digest: now.digest, mtimeMs: last.mtimeMs };
  const { mtimeMs } = await ctx.effects.files.lstat(now.file);
  return { path, digest: now.digest, mtimeMs };
}

/** Says that hunks went elsewhere than they say, which is no fault and may surprise. */
export function tellOffsets(ctx: Context, offsets: readonly HunkOffset[]): void {
  const [first] = offsets;
  if (!first) return;
  const lines = `${Math.abs(first.offset)} lines further ${first.offset > 0 ? 'down' : 'up'}`;
  const more = offsets.length > 1 ? `, and ${offsets.length - 1} more hunks at other lines than they say` : '';
  ctx.progress({
    type: 'notice',
    level: 'info',
    text: `a hunk of patch ${first.patch} went into ${first.file} ${lines} than it says${more}`,
  });
}
