import { basename, join, resolve } from 'node:path';
import type { Context } from '../../context.js';
import type { Completed } from '../../effects.js';
import { hostError, usageError, type HarnessError } from '../../errors.js';
import { withLock, type Lock } from '../../host/lock.js';
import type { KernelSource } from '../../model.js';
import { keyOf } from '../../store/digest.js';
import { commitMakefile, findGitDirAbove, gitCommand, resolveRef } from '../source-git.js';
import { expandHome } from '../source-paths.js';
import { exists } from '../source-records.js';
import { makefileVersion } from '../source-version.js';
import type { Provider } from './provider.js';

/** To learn what a ref stands for, a remote repository is given this long. */
const ASK_MS = 20_000;
const COMMIT = /^[0-9a-f]{40}$/;
const REMOTE = /^(?:https?|git|ssh|file):\/\/|^[\w.-]+@[\w.-]+:/;

/** A commit of a repository on this disk, or of one that is fetched into the cache. */
export const gitProvider: Provider = {
  title: 'a git repository',
  serves: (spec) => spec.kind === 'git',
  resolve: async (ctx, spec, options) => {
    if (spec.kind !== 'git') return { kind: 'unknown', choices: [] };
    const { location, ref } = spec;
    const source = REMOTE.test(location)
      ? await withLock(ctx, `git-${keyOf(location).slice(0, 16)}`, async (lock) => await fetchCommit(ctx, location, ref, lock))
      : await localCommit(ctx, resolve(options.cwd, expandHome(location, ctx.effects.env)), ref);
    return { kind: 'found', source };
  },
  list: () => Promise.resolve([]),
};

async function localCommit(ctx: Context, path: string, ref: string): Promise<KernelSource> {
  const gitDir = await findGitDirAbove(ctx, path);
  if (gitDir === undefined) throw usageError('kernel.git', `${path} is in no git repository`, { hint: 'for example: --kernel git:/home/you/linux#v6.12' });
  return await sourceOf(ctx, { gitDir, ref, location: path, name: ref, detail: `${path}, a repository on this machine` });
}

async function fetchCommit(ctx: Context, location: string, ref: string, lock: Lock): Promise<KernelSource> {
  const gitDir = join(ctx.cache.downloads, 'git', keyOf(location).slice(0, 32));
  if (!(await exists(ctx, join(gitDir, 'HEAD')))) {
    const made = await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, ['init', '--quiet', '--bare', '--template=', gitDir]), timeoutMs: ASK_MS });
    if (made.exitCode !== 0) throw hostError('git.init', `cannot make a repository at ${gitDir}`, { output: made.stderr });
  }
  // A commit by its full name cannot be another one tomorrow.
  const commit = COMMIT.test(ref) ? ref : await askForCommit(ctx, gitDir, location, ref);
  if (!(await resolveRef(ctx, gitDir, commit))) await fetchInto(ctx, gitDir, location, commit, lock);
  return await sourceOf(ctx, { gitDir, ref: commit, location, name: ref, detail: `${location}; git checks every object against its id, which nobody vouches for` });
}

async function askForCommit(ctx: Context, gitDir: string, location: string, ref: string): Promise<string> {
  const names = [ref, `refs/tags/${ref}^{}`];
  const done = await ctx.effects.processes.run({ ...remoteCommand(ctx, gitDir, ['ls-remote', '--', location, ...names]), timeoutMs: ASK_MS });
  if (done.exitCode !== 0) throw unreachable(location, done);
  const answers = new Map(done.stdout.split('\n').flatMap((line) => (line.includes('\t') ? [line.split('\t').reverse() as [string, string]] : [])));
  const order = [`refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`, ref];
  const commit = order.map((name) => answers.get(name)).find((id) => id !== undefined);
  if (commit === undefined || !COMMIT.test(commit)) throw unknownRef(location, ref);
  return commit;
}

async function fetchInto(ctx: Context, gitDir: string, location: string, commit: string, lock: Lock): Promise<void> {
  const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-write-fetch-head', '--', location, commit];
  const done = await ctx.effects.processes.run({ ...remoteCommand(ctx, gitDir, fetch), holds: [lock.fd] });
  if (done.exitCode === 0) return;
  if (/not our ref|couldn't find remote ref/.test(done.stderr)) throw unknownRef(location, commit);
  throw unreachable(location, done);
}

interface Wanted {
  readonly gitDir: string;
  readonly ref: string;
  readonly location: string;
  /** The ref as the user gave it. */
  readonly name: string;
  readonly detail: string;
}

async function sourceOf(ctx: Context, { gitDir, ref, location, name, detail }: Wanted): Promise<KernelSource> {
  const found = await resolveRef(ctx, gitDir, ref);
  if (!found) throw unknownRef(location, name);
  const version = makefileVersion(await commitMakefile(ctx, { gitDir, commit: found.commit }));
  if (version === undefined) {
    throw usageError('kernel.git', `${name} of ${location} is no kernel: it has no top-level Makefile with VERSION and PATCHLEVEL`, {
      hint: 'for example: --kernel git:/home/you/linux#v6.12',
    });
  }
  return {
    provider: 'git',
    version,
    label: `git ${basename(location).replace(/\.git$/, '')}@${found.commit.slice(0, 12)}`,
    digest: found.tree,
    checks: [{ name: 'origin', made: false, detail }],
    content: { kind: 'git', gitDir, commit: found.commit },
  };
}

/** git that may use the network, with the user's own settings for it, and that gives up on a line without traffic. */
function remoteCommand(ctx: Context, gitDir: string, args: readonly string[]): ReturnType<typeof gitCommand> {
  const command = gitCommand(ctx, gitDir, ['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=20', ...args]);
  const ssh = ctx.effects.env['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes -o ConnectTimeout=4';
  const { GIT_CONFIG_NOSYSTEM: _system, GIT_CONFIG_GLOBAL: _global, GIT_ALLOW_PROTOCOL: _none, ...env } = command.env ?? {};
  return { ...command, env: { ...env, GIT_SSH_COMMAND: ssh } };
}

function unknownRef(location: string, ref: string): HarnessError {
  return usageError('kernel.git', `${location} has no commit, tag or branch "${ref}"`, { hint: `git ls-remote ${location} says what it has` });
}

function unreachable(location: string, done: Completed): HarnessError {
  const why = done.timedOut ? `no answer within ${ASK_MS / 1000} s` : `git ended with ${done.exitCode ?? done.signal ?? 'nothing'}`;
  return hostError('source.unreachable', `${location} cannot be fetched: ${why}`, { output: done.stderr, hint: 'check the network and the name of the repository' });
}
