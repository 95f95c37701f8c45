import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import { HarnessError, hostError } from '../errors.js';
import { withLock, type Lock } from '../host/lock.js';
import type { KernelSource, KernelTree } from '../model.js';
import { writeError } from '../store/atomic.js';
import { digestFile } from '../store/digest.js';
import { BAD_ARCHIVE_CODES, MOST_UNPACKED_BYTES, notAKernel, unpackArchive } from './archive.js';
import { shadowingHeaders } from './shadowing.js';
import { archiveCommit, checkOutPaths } from './source-checkout.js';
import { changesBetween, type Commit } from './source-git.js';
import { copyDirectory, updateMirror } from './source-mirror.js';
import { exists, forgetSource, identityOf, knownSources, readRecord, treeId, treeRecordPath, writeRecord } from './source-records.js';
import { removeTree } from '../store/remove-tree.js';
import { makefileVersion } from './source-version.js';

export interface OpenTreeOptions {
  /**
   * Called before files of a tree that is in use are changed, which happens only to that of a user's directory or of a
   * repository: the place to take off a series that a run that died left on it.
   */
  readonly beforeChange?: (tree: KernelTree) => Promise<void>;
}

/**
 * The unpacked tree of a source: the one in the cache, or a new one, which appears there only when it is whole and its
 * digest and content were checked. Files have the times that the archive gives them.
 *
 * For `dir:` and `git:` the tree is brought from what it was to what is asked for, which changes files below `src`: hold the
 * lock that guards pushing a series on this tree (`treeLockName`) meanwhile.
 * @throws HarnessError `host` as `unpackArchive`, `source.changed` when a user's directory changes under the copying.
 * An archive of the cache that is bad is removed, so that the next run fetches it again.
 */
export async function openTree(ctx: Context, source: KernelSource, options: OpenTreeOptions = {}): Promise<KernelTree> {
  const home = join(ctx.cache.trees, treeId(source));
  const tree: KernelTree = { home, src: join(home, 'src'), source: identityOf(source) };
  if (await isWhole(ctx, tree)) return tree;
  await withLock(ctx, `open-${treeId(source)}`, async (lock) => {
    if (!(await isWhole(ctx, tree))) await makeTree(ctx, source, tree, lock, options);
  });
  return tree;
}

/** The name of the lock to hold while a tree's files are changed or built from. */
export function treeLockName(source: KernelSource): string {
  return `tree-${treeId(source)}`;
}

/** The whole trees in the cache, the newest version first. */
export async function listTrees(ctx: Context): Promise<readonly KernelTree[]> {
  const known = await knownSources(ctx);
  return known
    .filter(({ unpacked }) => unpacked)
    .map(({ source }) => {
      const home = join(ctx.cache.trees, treeId(source));
      return { home, src: join(home, 'src'), source: identityOf(source) };
    });
}

async function isWhole(ctx: Context, tree: KernelTree): Promise<boolean> {
  const known = await readRecord(ctx, treeRecordPath(tree.home));
  return known?.digest === tree.source.digest;
}

async function makeTree(ctx: Context, source: KernelSource, tree: KernelTree, lock: Lock, options: OpenTreeOptions): Promise<void> {
  const { content } = source;
  if (content.kind === 'directory' && (await exists(ctx, treeRecordPath(tree.home)))) {
    await options.beforeChange?.(tree);
    await updateMirror(ctx, content.path, tree, lock);
    await writeRecord(ctx, treeRecordPath(tree.home), source);
    return;
  }
  if (content.kind === 'git' && (await moveToCommit(ctx, content, tree, lock, options))) {
    await writeRecord(ctx, treeRecordPath(tree.home), source);
    return;
  }
  // The lock makes this folder ours alone; what a killed run left in it goes.
  const temporary = join(ctx.cache.tmp, `tree-${treeId(source)}`);
  await removeTree(ctx, temporary);
  try {
    await ctx.effects.files.mkdir(join(temporary, 'unpacked'), { recursive: true });
    const sources = await fill(ctx, source, temporary, lock);
    await refuseOtherKernel(ctx, sources, source);
    const home = join(temporary, 'home');
    await ctx.effects.files.mkdir(home, { recursive: true });
    await ctx.effects.files.rename(sources, join(home, 'src'));
    await writeRecord(ctx, treeRecordPath(home), source);
    await removeTree(ctx, tree.home);
    await ctx.effects.files.mkdir(ctx.cache.trees, { recursive: true });
    await ctx.effects.files.rename(home, tree.home);
  } catch (error) {
    if (error instanceof HarnessError && BAD_ARCHIVE_CODES.has(error.code)) await removeArchive(ctx, source);
    throw error instanceof Error && 'syscall' in error ? writeError(tree.home, error) : error;
  } finally {
    await removeTree(ctx, temporary);
  }
}

/**
 * Brings the tree of a repository from the commit it is at to another one, so that only what differs looks new to make.
 * While this works the tree is not whole: after a crash it is made anew.
 * @returns false when it cannot be: there is no tree yet, or the repository lost the commit that it is at
 */
async function moveToCommit(ctx: Context, to: Commit, tree: KernelTree, lock: Lock, options: OpenTreeOptions): Promise<boolean> {
  const held = await readRecord(ctx, treeRecordPath(tree.home));
  if (held?.content.kind !== 'git') return false;
  const changes = await changesBetween(ctx, to.gitDir, held.content.commit, to.commit);
  if (!changes) return false;
  await options.beforeChange?.(tree);
  const touched = changes.cameOrWent.map((path) => (changes.remove.includes(path) ? { path, base: path, now: undefined } : { path, base: undefined, now: path }));
  await ctx.effects.files.rm(treeRecordPath(tree.home), { force: true });
  for (const path of changes.remove) await removeWithEmptyFolders(ctx, tree.src, path);
  await checkOutPaths(ctx, to, changes.write, tree.src, lock);
  // What make's and ccache's own records of dependencies do not notice: all that was built from this tree goes.
  if ((await shadowingHeaders(ctx, tree, touched)).length > 0) await removeTree(ctx, join(tree.home, 'objects'));
  return true;
}

/** Removes a file, and the folders above it that this leaves empty, as git does. */
async function removeWithEmptyFolders(ctx: Context, folder: string, path: string): Promise<void> {
  const { files } = ctx.effects;
  await files.rm(join(folder, path), { force: true });
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    try {
      await files.rmdir(join(folder, parent));
    } catch {
      return;
    }
  }
}

/** Brings the sources into `temporary` and says which folder is their top. */
async function fill(ctx: Context, source: KernelSource, temporary: string, lock: Lock): Promise<string> {
  const { content } = source;
  const into = join(temporary, 'unpacked');
  const unpack = async (archive: string): Promise<string> =>
    await unpackArchive(ctx, { archive, into, maxBytes: MOST_UNPACKED_BYTES, lock });
  switch (content.kind) {
    case 'archive': {
      const digest = await digestFile(ctx.effects, content.path);
      if (digest !== source.digest) {
        throw hostError('archive.corrupt', `${content.path} has the SHA-256 digest ${digest}, not ${source.digest}`, { hint: 'run the same command again' });
      }
      return await unpack(content.path);
    }
    case 'git': {
      const archive = join(temporary, 'commit.tar');
      await archiveCommit(ctx, content, archive, lock);
      return await unpack(archive);
    }
    case 'directory':
      await ctx.effects.files.mkdir(join(temporary, 'home'), { recursive: true });
      await copyDirectory(ctx, source, content.path, { into, home: join(temporary, 'home') }, lock);
      return into;
  }
}

async function refuseOtherKernel(ctx: Context, sources: string, source: KernelSource): Promise<void> {
  const version = await treeVersion(ctx, sources);
  if (version === undefined) throw notAKernel(source.label);
  if (version !== source.version) {
    throw hostError('archive.not-a-kernel', `${source.label} should be Linux ${source.version}; its Makefile says ${version}`);
  }
}

/** The version of an unpacked kernel by its Makefile; undefined when the folder is none. */
export async function treeVersion(ctx: Context, folder: string): Promise<string | undefined> {
  for (const needed of ['Kconfig', 'scripts/Makefile.build']) {
    if (!(await exists(ctx, join(folder, needed)))) return undefined;
  }
  const makefile = await ctx.effects.files.readFile(join(folder, 'Makefile'), 'utf8').catch(() => '');
  return makefileVersion(makefile);
}

/** What the user named is the user's; only what was fetched is removed. */
async function removeArchive(ctx: Context, source: KernelSource): Promise<void> {
  await forgetSource(ctx, source);
  if (source.content.kind !== 'archive' || !source.content.path.startsWith(join(ctx.cache.downloads, '/'))) return;
  await ctx.effects.files.rm(source.content.path, { force: true });
}
