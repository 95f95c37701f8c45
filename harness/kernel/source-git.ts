import { dirname, join } from 'node:path';
import type { Context } from '../context.js';
import type { Command, Completed } from '../effects.js';
import { exists } from './source-records.js';

/** A commit in a repository on this disk. */
export interface Commit {
  readonly gitDir: string;
  readonly commit: string;
}

const QUICK_MS = 30_000;

/**
 * Settings with which a repository of somebody else's cannot make git run programs. Where its own settings name filters or drivers,
 * for what git writes files with, a repository of respin's own is used (git-scratch.ts).
 */
const HARMLESS: readonly string[] = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.pager=cat',
  'protocol.ext.allow=never',
  'tar.umask=0022',
  'log.showSignature=false',
  'gpg.program=false',
  'gpg.ssh.program=false',
  'gpg.x509.program=false',
].flatMap((setting) => ['-c', setting]);

/**
 * git on one repository. Variables of an outer git (a hook, `git bisect run`) would lead it to another: they are left out. It
 * fetches nothing: for an object that is missing, git before 2.45 runs what the repository's settings call a remote's upload-pack.
 */
export function gitCommand(ctx: Context, gitDir: string, args: readonly string[]): Command {
  const env = Object.fromEntries(Object.entries(ctx.effects.env).filter(([name]) => !/^GIT_(?!SSL_|SSH|PROXY_|ASKPASS)/.test(name)));
  return {
    file: 'git',
    // The user named this repository; whoever owns it, reading it is what was asked for.
    args: [...HARMLESS, '-c', `safe.directory=${gitDir}`, '--git-dir', gitDir, ...args],
    env: { ...env, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' },
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

async function git(ctx: Context, gitDir: string, args: readonly string[]): Promise<Completed> {
  return await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, args), timeoutMs: QUICK_MS });
}
