import { join } from 'node:path';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import type { Lock } from '../host/lock.js';
import type { KernelSource, KernelTree } from '../model.js';
import { writeError } from '../store/atomic.js';
import { listingDigest, listingPath, readListing, refuseChanged, writeListing, type Listed, type Listing } from './source-listing.js';
import { treeRecordPath } from './source-records.js';

/** What a mirror has to do to become what a listing says. */
export interface MirrorChanges {
  readonly copy: readonly string[];
  readonly remove: readonly string[];
}

/** What differs between what a mirror holds and what it shall hold: by content, kind and executable bit, not by times. */
export function mirrorChanges(held: Listing, wanted: Listing): MirrorChanges {
  const before = new Map(held.files.map((file) => [file.path, file]));
  const after = new Set(wanted.files.map((file) => file.path));
  return {
    copy: wanted.files.filter((file) => !sameContent(file, before.get(file.path))).map((file) => file.path),
    remove: held.files.map((file) => file.path).filter((path) => !after.has(path)),
  };
}

function sameContent(a: Listed, b: Listed | undefined): boolean {
  return a.type === b?.type && a.content === b.content && a.executable === b.executable;
}

/**
 * Copies a directory's sources into the empty folder `into` and leaves in `home` what it copied.
 * @throws HarnessError `host` `source.changed` when the directory is no longer what `source` says; `disk.full`, `directory.copy`
 */
export async function copyDirectory(
  ctx: Context,
  source: KernelSource,
  directory: string,
  { into, home }: { readonly into: string; readonly home: string },
  lock: Lock,
): Promise<void> {
  const wanted = await wantedListing(ctx, source.digest, directory);
  // The user's times are kept once: every object will be newer than them.
  await copyFiles(ctx, directory, into, wanted.files.map((file) => file.path), ['--preserve=timestamps'], lock);
  await refuseChanged(ctx, directory, wanted);
  await writeListing(ctx, heldPath(home), wanted);
}

/**
 * Makes the mirror what the directory was when it was resolved. Files that change get the time of now, so that make sees
 * them even where the user put an older file in place. While this works the tree is not whole: after a crash it is made anew.
 * @returns how many files changed
 * @throws HarnessError `host` as `copyDirectory`
 */
export async function updateMirror(ctx: Context, directory: string, tree: KernelTree, lock: Lock): Promise<number> {
  const wanted = await wantedListing(ctx, tree.source.digest, directory);
  const held = await readListing(ctx, heldPath(tree.home));
  await ctx.effects.files.rm(treeRecordPath(tree.home), { force: true });
  const changes = mirrorChanges(held ?? { taken: 0, files: [] }, wanted);
  if (changes.remove.length > 0) {
    await run(ctx, lock, tree.src, ['-0', 'rm', '-rf', '--'], changes.remove);
    await removeEmptyFolders(ctx, tree.src);
  }
  await copyFiles(ctx, directory, tree.src, changes.copy, [], lock);
  await refuseChanged(ctx, directory, wanted);
  await writeListing(ctx, heldPath(tree.home), wanted);
  return changes.copy.length + changes.remove.length;
}

async function wantedListing(ctx: Context, digest: string, directory: string): Promise<Listing> {
  const listing = await readListing(ctx, listingPath(ctx, directory));
  if (!listing || listingDigest(listing) !== digest) {
    throw hostError('source.changed', `${directory} changed since this run began`, { hint: 'run again when nothing writes there' });
  }
  return listing;
}

/** What `src` holds, as it was listed when it was copied. */
function heldPath(home: string): string {
  return join(home, 'mirror.listing');
}

async function copyFiles(ctx: Context, from: string, to: string, paths: readonly string[], options: readonly string[], lock: Lock): Promise<void> {
  const copy = ['-0', '-r', 'cp', '-P', '--parents', '--reflink=auto', '--remove-destination', ...options, '-t', to, '--'];
  await run(ctx, lock, from, copy, paths);
}

async function removeEmptyFolders(ctx: Context, folder: string): Promise<void> {
  await ctx.effects.processes.run({ file: 'find', args: [folder, '-mindepth', '1', '-type', 'd', '-empty', '-delete'] });
}

async function run(ctx: Context, lock: Lock, cwd: string, args: readonly string[], paths: readonly string[]): Promise<void> {
  const input = paths.map((path) => `./${path}\0`).join('');
  const done = await ctx.effects.processes.run({ file: 'xargs', args, cwd, input, holds: [lock.fd] });
  if (done.exitCode === 0) return;
  if (/: No space left on device$/m.test(done.stderr)) throw writeError(cwd, Object.assign(new Error(done.stderr), { code: 'ENOSPC' }));
  throw hostError('directory.copy', `files of ${cwd} cannot be copied`, { output: done.stderr, hint: 'run again when nothing writes there' });
}
