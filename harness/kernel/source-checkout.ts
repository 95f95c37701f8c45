import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context.js';
import type { Completed } from '../effects.js';
import { hostError } from '../errors.js';
import type { Lock } from '../host/lock.js';
import { writeError } from '../store/atomic.js';
import { removeTree } from '../store/remove-tree.js';
import { openScratchRepository, type ScratchRepository } from './git-scratch.js';
import type { Commit } from './source-git.js';

/** A kernel has 90,000 files, and a disk may be slow. */
const LIMIT_MS = 30 * 60_000;

/**
 * What writes files of a commit runs in a repository of respin's own: the settings of the one that the user named may say that
 * files go through a program on their way (gitattributes(5), `filter`), and its owner may be somebody else.
 */
async function inScratch(ctx: Context, from: Commit, lock: Lock, body: (repository: ScratchRepository) => Promise<Completed>): Promise<Completed> {
  const folder = join(ctx.cache.tmp, `checkout-${randomUUID()}`);
  await ctx.effects.files.mkdir(folder, { recursive: true });
  try {
    return await body(await openScratchRepository(ctx, from, folder, { limitMs: LIMIT_MS, holds: [lock.fd] }));
  } finally {
    await removeTree(ctx, folder);
  }
}

/**
 * Writes the tree of a commit as a tar file; its files have the time of the commit.
 * @throws HarnessError `host` `git.archive`
 */
export async function archiveCommit(ctx: Context, { gitDir, commit }: Commit, archive: string, lock: Lock): Promise<void> {
  const done = await inScratch(ctx, { gitDir, commit }, lock, async ({ git }) => git(['archive', '--format=tar', `--output=${archive}`, '--prefix=linux/', commit]));
  if (done.exitCode === 0) return;
  throw hostError('git.archive', `git archive of ${commit} in ${gitDir} ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'git fsck says whether the repository is whole; a full disk shows with df',
  });
}

/**
 * Writes files of a commit into a folder, with the time of now, in place of what is there.
 * @throws HarnessError `host` `git.checkout`
 */
export async function checkOutPaths(ctx: Context, { gitDir, commit }: Commit, paths: readonly string[], folder: string, lock: Lock): Promise<void> {
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(''));
  const done = await inScratch(ctx, { gitDir, commit }, lock, async ({ git }) => {
    const read = await git(['read-tree', commit]);
    return read.exitCode === 0 ? git(['--work-tree', folder, 'checkout-index', '--force', '--quiet', '-z', '--stdin'], input) : read;
  });
  if (done.exitCode === 0) return;
  if (done.stderr.includes('No space left on device')) throw writeError(folder, Object.assign(new Error(done.stderr), { code: 'ENOSPC' }));
  throw hostError('git.checkout', `files of ${commit} cannot be written from ${gitDir}: git ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'git fsck says whether the repository is whole; a full disk shows with df',
  });
}
