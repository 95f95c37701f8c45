import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import type { Command, Completed } from '../effects.js';
import { hostError } from '../errors.js';
import type { Lock } from '../host/lock.js';
import { writeError } from '../store/atomic.js';
import { exists } from './source-records.js';

/** A commit in a repository on this disk. */
export interface Commit {
  readonly gitDir: string;
  readonly commit: string;
}

const QUICK_MS = 30_000;

/** Settings with which a repository of somebody else's cannot make git run programs. */
const HARMLESS: readonly string[] = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.pager=cat',
  'protocol.ext.allow=never',
  'tar.umask=0022',
].flatMap((setting) => ['-c', setting]);

/** git on one repository. Variables of an outer git (a hook, `git bisect run`) would lead it to another: they are left out. */
export function gitCommand(ctx: Context, gitDir: string, args: readonly string[]): Command {
  const env = Object.fromEntries(Object.entries(ctx.effects.env).filter(([name]) => !/^GIT_(?!SSL_|SSH|PROXY_|ASKPASS)/.test(name)));
  return {
    file: 'git',
    // The user named this repository; whoever owns it, reading it is what was asked for.
    args: [...HARMLESS, '-c', `safe.directory=${gitDir}`, '--git-dir', gitDir, ...args],
    env: { ...env, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1' },
  };
}

/** The git folder of a repository or worktree at `path`; undefined when it is none. */
export async function findGitDir(ctx: Context, path: string): Promise<string | undefined> {
  const inside = join(path, '.git');
  if (await exists(ctx, join(inside, 'HEAD'))) return inside;
  // A linked worktree has a file that names the folder (gitrepository-layout).
  const pointer = await ctx.effects.files.readFile(inside, 'utf8').catch(() => '');
  const named = /^gitdir: (.+)$/m.exec(pointer)?.[1];
  if (named !== undefined) return named.startsWith('/') ? named : join(path, named);
  return (await exists(ctx, join(path, 'HEAD'))) && (await exists(ctx, join(path, 'objects'))) ? path : undefined;
}

/** The git folder of the repository that a folder is in, as git finds it: that of the folder or of one above it. */
export async function findGitDirAbove(ctx: Context, path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await findGitDir(ctx, folder);
    if (found !== undefined || dirname(folder) === folder) return found;
  }
}

/** The commit and the tree that a ref stands for; undefined when the repository has no such ref. */
export async function resolveRef(ctx: Context, gitDir: string, ref: string): Promise<{ readonly commit: string; readonly tree: string } | undefined> {
  const done = await git(ctx, gitDir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  const commit = done.stdout.trim();
  if (done.exitCode !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  const tree = (await git(ctx, gitDir, ['rev-parse', '--verify', '--quiet', `${commit}^{tree}`])).stdout.trim();
  return /^[0-9a-f]{40,64}$/.test(tree) ? { commit, tree } : undefined;
}

/** The top-level Makefile of a commit; empty when it has none. */
export async function commitMakefile(ctx: Context, { gitDir, commit }: Commit): Promise<string> {
  return (await git(ctx, gitDir, ['cat-file', 'blob', `${commit}:Makefile`])).stdout;
}

/**
 * Writes the tree of a commit as a tar file; its files have the time of the commit.
 * @throws HarnessError `host` `git.archive`
 */
export async function archiveCommit(ctx: Context, { gitDir, commit }: Commit, archive: string, lock: Lock): Promise<void> {
  const done = await ctx.effects.processes.run({
    ...gitCommand(ctx, gitDir, ['archive', '--format=tar', `--output=${archive}`, '--prefix=linux/', commit]),
    holds: [lock.fd],
  });
  if (done.exitCode === 0) return;
  throw hostError('git.archive', `git archive of ${commit} in ${gitDir} ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'git fsck says whether the repository is whole; a full disk shows with df',
  });
}

/** What differs between two commits: paths to write and paths to remove. */
export interface CommitChanges {
  readonly write: readonly string[];
  readonly remove: readonly string[];
  /** Those of them that only one of the commits has. */
  readonly cameOrWent: readonly string[];
}

/** What leads from one commit's tree to another's; undefined when the repository does not have both any more. */
export async function changesBetween(ctx: Context, gitDir: string, from: string, to: string): Promise<CommitChanges | undefined> {
  const command = gitCommand(ctx, gitDir, ['diff-tree', '-r', '-z', '--no-renames', '--name-status', '--end-of-options', from, to]);
  const done = await ctx.effects.processes.run({ ...command, timeoutMs: QUICK_MS });
  if (done.exitCode !== 0) return undefined;
  const words = done.stdout.split('\0');
  const pairs = Array.from({ length: Math.floor(words.length / 2) }, (_, index) => [words[2 * index] ?? '', words[2 * index + 1] ?? ''] as const);
  return {
    write: pairs.flatMap(([status, path]) => (status === 'D' ? [] : [path])),
    remove: pairs.flatMap(([status, path]) => (status === 'D' ? [path] : [])),
    cameOrWent: pairs.flatMap(([status, path]) => (status === 'D' || status === 'A' ? [path] : [])),
  };
}

/**
 * Writes files of a commit into a folder, with the time of now, in place of what is there.
 * @param index a file that does not exist, for git to work with: the repository's own is left alone
 * @throws HarnessError `host` `git.checkout`
 */
export async function checkOutPaths(ctx: Context, { gitDir, commit }: Commit, paths: readonly string[], folder: string, index: string, lock: Lock): Promise<void> {
  const command = (args: readonly string[]): Command => {
    const base = gitCommand(ctx, gitDir, ['--work-tree', folder, ...args]);
    return { ...base, cwd: folder, env: { ...base.env, GIT_INDEX_FILE: index }, holds: [lock.fd] };
  };
  const read = await ctx.effects.processes.run(command(['read-tree', commit]));
  const input = paths.map((path) => `${path}\0`).join('');
  const done = read.exitCode === 0 ? await ctx.effects.processes.run({ ...command(['checkout-index', '--force', '--quiet', '-z', '--stdin']), input }) : read;
  await ctx.effects.files.rm(index, { force: true });
  if (done.exitCode === 0) return;
  if (done.stderr.includes('No space left on device')) throw writeError(folder, Object.assign(new Error(done.stderr), { code: 'ENOSPC' }));
  throw hostError('git.checkout', `files of ${commit} cannot be written from ${gitDir}: git ended with ${done.exitCode ?? done.signal ?? 'nothing'}`, {
    output: done.stderr,
    hint: 'git fsck says whether the repository is whole; a full disk shows with df',
  });
}

async function git(ctx: Context, gitDir: string, args: readonly string[]): Promise<Completed> {
  return await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, args), timeoutMs: QUICK_MS });
}
