import { join } from 'node:path';
import { HarnessError } from '../../errors.js';
import { gitCommand } from '../../kernel/source-git.js';
import { patchOf } from '../../series/patches.js';
import type { Context } from '../../context.js';
import { resolveSource } from '../../kernel/resolve.js';
import type { KernelSource, Series } from '../../model.js';
import type { Stopwatch } from '../../stages.js';
import type { BisectionState } from '../../verdict/bisection.js';
import { stepsFor } from '../../verdict/narrow.js';
import { withTree } from '../healed-tree.js';
import type { Plan } from '../plan.js';
import { prepareSide } from '../prepare-side.js';
import type { PreparedSide } from '../side.js';
import { confirm } from './confirm.js';
import { proveEnds } from './ends.js';
import { startGitBisection, type GitBisection, type GitRange } from './git-range.js';
import { inspect, questionOf, type Bench, type Question } from './inspect.js';
import type { Journal } from './journal.js';
import type { Point } from './point.js';
import type { BisectRequest } from './series.js';
import { msPerStep } from './time-left.js';

interface CommitPoint extends Point {
  readonly commit: string;
  /** What is applied to it. */
  readonly series: Series;
}

/** What a bisection of a repository came to. */
export interface GitBisected {
  readonly state: BisectionState;
  /** Of `git bisect`, for `git bisect replay`. */
  readonly log: string;
}

/** The commit of a repository as a source. */
async function sourceAt(ctx: Context, location: string, commit: string): Promise<KernelSource> {
  return resolveSource(ctx, { kind: 'git', location, ref: commit });
}

/** What takes a commit's change off the tip; undefined when git makes no patch of it. */
export async function revertOf(ctx: Context, { gitDir }: Pick<GitRange, 'gitDir'>, base: Series, commit: string, parent: string): Promise<Series | undefined> {
  const args = ['diff', '--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--src-prefix=a/', '--dst-prefix=b/'];
  const done = await ctx.effects.processes.run({ ...gitCommand(ctx, gitDir, [...args, commit, parent]), timeoutMs: 60_000 });
  const diff = Buffer.from(done.stdout, 'utf8');
  if (done.exitCode !== 0 || diff.length === 0) return undefined;
  const letter = { flowed: false, quotedDiff: undefined, onlyHtml: false, strip: 1 as const, at: undefined };
  const mail = { origin: `git diff ${commit} ${parent}`, subject: `Revert ${commit.slice(0, 12)}`, author: undefined, message: '', messageId: undefined, body: diff, at: undefined, letter };
  try {
    return { ...base, origin: `revert-${gitDir}`, patches: [patchOf(mail, 1)] };
  } catch (error) {
    // A symbolic link, a submodule: what respin does not apply.
    if (error instanceof HarnessError && error.kind === 'usage') return undefined;
    throw error;
  }
}

/**
 * Searches the first commit of a range that shows a symptom, or the first without it, by `git bisect` itself. What the
 * journal knows is not done again.
 * @param folder an empty folder for git
 * @throws HarnessError as its parts
 */
export async function bisectGit(
  ctx: Context,
  stopwatch: Stopwatch,
  plan: Plan,
  journal: Journal,
  request: BisectRequest & { readonly range: GitRange; readonly folder: string },
): Promise<GitBisected> {
  const { range, fixed } = request;
  const prepare = async ({ commit, id, series }: CommitPoint): Promise<PreparedSide> => {
    const at = { ...plan, series, source: await sourceAt(ctx, range.location, commit) };
    return withTree(ctx, stopwatch, at, async (shared, rejected): Promise<PreparedSide> => {
      if (rejected) return { kind: 'failed', record: { rejected, boots: [] }, outcome: { kind: 'rejected', rejected } };
      return prepareSide(ctx, stopwatch, { ...shared, what: id, series });
    });
  };
  const bench: Bench<CommitPoint> = { ctx, stopwatch, plan, prepare };
  const git = await startGitBisection(ctx, range, request.folder);
  const pointAt = async (commit: string): Promise<CommitPoint> => ({ id: commit.slice(0, 12), commit, series: plan.series, subject: await git.subject(commit) });
  const first = await git.state();
  const proven = await proveEnds(bench, journal, {
    ...{ bad: await pointAt(range.bad), good: await pointAt(range.good), symptom: request.symptom, confidence: request.confidence },
    steps: first.kind === 'test' ? stepsFor(first.left) + 1 : 1,
  });
  if ('kind' in proven) return { state: { ends: proven.reason, suspects: [], contradiction: undefined, confirmations: [] }, log: await git.log() };
  const question = questionOf(proven.symptom, proven.known, proven.ends.needed);
  const state = await searchCommit(bench, journal, git, question, { fixed, pointAt, range });
  return { state, log: await git.log() };
}

interface Search {
  readonly fixed: boolean;
  readonly range: GitRange;
  readonly pointAt: (commit: string) => Promise<CommitPoint>;
}

async function searchCommit(bench: Bench<CommitPoint>, journal: Journal, git: GitBisection, question: Question, search: Search): Promise<BisectionState> {
  const { fixed, pointAt } = search;
  const nothing = { ends: undefined, contradiction: undefined, confirmations: [] };
  for (;;) {
    const state = await git.state();
    switch (state.kind) {
      case 'contradiction':
        return { ...nothing, suspects: [], contradiction: state.text };
      case 'suspects':
        return { ...nothing, suspects: state.commits.map((commit) => commit.slice(0, 12)) };
      case 'found': {
        const culprit = await pointAt(state.commit);
        const parent = await pointAt(await git.parent(state.commit));
        const tip = await pointAt(fixed ? search.range.good : search.range.bad);
        const revert = tip.commit === culprit.commit ? undefined : await revertOf(bench.ctx, search.range, bench.plan.series, culprit.commit, parent.commit);
        const without = revert && { ...tip, id: `${tip.id} without ${culprit.id}`, series: revert };
        const confirmations = await confirm(bench, journal, question, { culprit, parent, without, fixed });
        return { ...nothing, suspects: [culprit.id], confirmations };
      }
      case 'test': {
        const { cells, left, steps } = state;
        bench.ctx.progress({ type: 'bisect', cells, left, steps, msPerStep: msPerStep(journal.steps()) });
        const { mark } = await inspect(bench, journal, await pointAt(state.commit), question);
        await git.mark(state.commit, mark === 'unclear' ? 'skip' : (mark === 'shown') === fixed ? 'old' : 'new');
      }
    }
  }
}

/** Where git keeps the state of a bisection. */
export function gitFolder(ctx: Context, key: string): string {
  return join(ctx.cache.tmp, `bisect-${key}`);
}
