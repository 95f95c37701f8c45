import { join } from 'node:path';
import type { Context } from '../../context.js';
import type { Completed } from '../../effects.js';
import { hostError, usageError } from '../../errors.js';
import { gitCommand } from '../../kernel/source-git.js';
import { writeError } from '../../store/atomic.js';

/** What git says of a commit of the range. */
export type CellMark = 'old' | 'new' | 'open' | 'skip';

/** Where git's own bisection stands. */
export type GitState =
  | {
      readonly kind: 'test';
      /** The commit to look at. */
      readonly commit: string;
      /** Commits among which the first is, this one included. */
      readonly left: number;
      readonly steps: number;
      /** The commits of the range, the oldest first. */
      readonly cells: readonly CellMark[];
    }
  | { readonly kind: 'found'; readonly commit: string }
  /** All that are left were skipped. */
  | { readonly kind: 'suspects'; readonly commits: readonly string[] }
  /** What was marked cannot be, as git says. */
  | { readonly kind: 'contradiction'; readonly text: string };

export interface GitRange {
  readonly gitDir: string;
  /** The repository as the user names it. */
  readonly location: string;
  readonly good: string;
  readonly bad: string;
  /** Whether the good commit is the newer one: the change that fixes is searched for. */
  readonly fixed: boolean;
  readonly firstParent: boolean;
}

/** `git bisect` at work in a repository of its own, which shares the objects of the user's. */
export interface GitBisection {
  readonly state: () => Promise<GitState>;
  readonly mark: (commit: string, mark: 'old' | 'new' | 'skip') => Promise<void>;
  /** For `git bisect replay` in the user's repository. */
  readonly log: () => Promise<string>;
  readonly subject: (commit: string) => Promise<string>;
  /** The first parent of a commit. */
  readonly parent: (commit: string) => Promise<string>;
}

const QUICK_MS = 120_000;
/** As git calls them in its log when nothing else is said. */
const TERMS = { old: 'good', new: 'bad' } as const;
const FIX_TERMS = { old: 'broken', new: 'fixed' } as const;

/**
 * Starts `git bisect` on a range of a repository, which it only reads.
 * @param folder an empty folder for git's state
 * @throws HarnessError `usage` `bisect.range` when there is nothing between the two commits; `host` `git.failed`
 */
export async function startGitBisection(ctx: Context, range: GitRange, folder: string): Promise<GitBisection> {
  const { gitDir, good, bad, fixed, firstParent } = range;
  const terms = fixed ? FIX_TERMS : TERMS;
  const [older, newer] = fixed ? [bad, good] : [good, bad];
  const inUsers = (args: readonly string[]): Promise<Completed> => ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, args), timeoutMs: QUICK_MS });
  const run = (args: readonly string[]): Promise<Completed> => ctx.effects.processes.run({ ...gitCommand(ctx, folder, args), cwd: folder, timeoutMs: QUICK_MS });
  const need = async (done: Promise<Completed>, what: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await done;
    if (exitCode === 0) return stdout;
    throw hostError('git.failed', `${what} failed: git ended with ${exitCode ?? 'a signal'}`, { output: `${stdout}\n${stderr}`, hint: 'git fsck says whether the repository is whole' });
  };
  await prepareFolder(ctx, folder, inUsers, need);
  await need(run(['update-ref', '--no-deref', 'HEAD', newer]), 'preparing a bisection');
  const flags = [...(firstParent ? ['--first-parent'] : []), ...(fixed ? ['--term-new=fixed', '--term-old=broken'] : [])];
  let last = await run(['bisect', 'start', '--no-checkout', ...flags, newer, older]);
  const listed = await need(run(['rev-list', '--topo-order', '--reverse', ...(firstParent ? ['--first-parent'] : []), newer, `^${older}`]), 'listing a range');
  const commits = listed.split('\n').filter((line) => line !== '');
  if (commits.length === 0) {
    throw usageError('bisect.range', `there is no commit between ${older} and ${newer}`, { hint: 'name the older one first: git:PATH#GOOD..BAD, with --fixed git:PATH#BAD..GOOD' });
  }
  const read = async (): Promise<string> => ctx.effects.files.readFile(join(folder, 'BISECT_LOG'), 'utf8').catch(() => '');
  return {
    mark: async (commit, mark) => {
      last = await run(['bisect', mark === 'skip' ? 'skip' : terms[mark], commit]);
    },
    state: async () => {
      const log = await read();
      const named = (what: string): readonly string[] => [...log.matchAll(new RegExp(`^# ${what} first ${terms.new} commit: \\[([0-9a-f]{40,64})\\]`, 'gm'))].map(([, commit = '']) => commit);
      const first = new RegExp(`^# first ${terms.new} commit: \\[([0-9a-f]{40,64})\\]`, 'm').exec(log)?.[1];
      if (first !== undefined) return { kind: 'found', commit: first };
      const possible = [...new Set(named('possible'))];
      if (possible.length > 0) return { kind: 'suspects', commits: commits.filter((commit) => possible.includes(commit)) };
      const next = (await run(['rev-parse', '--verify', '--quiet', 'BISECT_HEAD'])).stdout.trim();
      if (last.exitCode !== 0 || next === '') return { kind: 'contradiction', text: `${last.stdout}\n${last.stderr}`.trim().split('\n').slice(-3).join(' ') };
      return { kind: 'test', commit: next, ...(await countLeft(run, terms, commits, firstParent)) };
    },
    log: async () => (await read()).replace(/^(git bisect start) '--no-checkout'/m, '$1').replace(/ '--no-checkout'/, ''),
    parent: async (commit) => (await need(run(['rev-parse', '--verify', '--quiet', `${commit}^1`]), 'reading a commit')).trim(),
    subject: async (commit) => (await inUsers(['show', '--no-patch', '--format=%s', '--end-of-options', commit])).stdout.trim(),
  };
}

async function prepareFolder(
  ctx: Context,
  folder: string,
  inUsers: (args: readonly string[]) => Promise<Completed>,
  need: (done: Promise<Completed>, what: string) => Promise<string>,
): Promise<void> {
  const { files, processes } = ctx.effects;
  const pathOf = async (name: string): Promise<string> => (await need(inUsers(['rev-parse', '--path-format=absolute', '--git-path', name]), 'reading a repository')).trim();
  try {
    await files.mkdir(folder, { recursive: true });
    await need(processes.run({ ...gitCommand(ctx, folder, ['init', '--quiet', '--bare', '--template=', folder]), timeoutMs: QUICK_MS }), 'preparing a bisection');
    await files.mkdir(join(folder, 'objects', 'info'), { recursive: true });
    await files.writeFile(join(folder, 'objects', 'info', 'alternates'), `${await pathOf('objects')}\n`);
    // A shallow clone does not have the parents of its oldest commits, and says so in this file.
    const shallow = await files.readFile(await pathOf('shallow')).catch(() => undefined);
    if (shallow) await files.writeFile(join(folder, 'shallow'), shallow);
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? writeError(folder, error) : error;
  }
}

async function countLeft(
  run: (args: readonly string[]) => Promise<Completed>,
  terms: { readonly old: string; readonly new: string },
  commits: readonly string[],
  firstParent: boolean,
): Promise<{ readonly left: number; readonly steps: number; readonly cells: readonly CellMark[] }> {
  const marked = async (name: string): Promise<readonly string[]> =>
    (await run(['for-each-ref', '--format=%(objectname)', `refs/bisect/${name}-*`])).stdout.split('\n').filter((line) => line !== '');
  const refs = await marked(terms.old);
  const skipped = new Set(await marked('skip'));
  const only = firstParent ? ['--first-parent'] : [];
  const lines = async (args: readonly string[]): Promise<readonly string[]> => (await run(['rev-list', ...only, ...args])).stdout.split('\n');
  const open = new Set(await lines([`refs/bisect/${terms.new}`, ...refs.map((ref) => `^${ref}`)]));
  const behind = new Set(await lines([`refs/bisect/${terms.new}`]));
  const vars = (await run(['rev-list', ...only, '--bisect-vars', `refs/bisect/${terms.new}`, ...refs.map((ref) => `^${ref}`)])).stdout;
  return {
    left: open.size - (open.has('') ? 1 : 0),
    steps: Number(/^bisect_steps=(\d+)$/m.exec(vars)?.[1] ?? 0) + 1,
    cells: commits.map((commit) => (open.has(commit) ? (skipped.has(commit) ? 'skip' : 'open') : behind.has(commit) ? 'old' : 'new')),
  };
}
