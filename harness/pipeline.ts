import type { Context } from './context.js';
import { usageError } from './errors.js';
import type { EvidenceFile } from './evidence/write.js';
import { withLock } from './host/lock.js';
import { findGitDirAbove, resolveRef } from './kernel/source-git.js';
import type { BisectEvidence } from './evidence/bisect-schema.js';
import type { CompareEvidence } from './evidence/compare-schema.js';
import type { Evidence, WalkEvidence } from './evidence/schema.js';
import type { StepEvidence } from './evidence/step-schema.js';
import { userFragments } from './own-tests.js';
import { carryOut, type Judged, type JudgeRequest } from './request.js';
import { runAlong } from './run/along.js';
import { assembleBisectEvidence } from './run/bisect/assemble.js';
import { assembleStepEvidence } from './run/bisect/assemble-step.js';
import { bisectConfig, type ConfigBisected, type ConfigRequest, type FoundOption } from './run/bisect/config.js';
import { bisectGit, gitFolder } from './run/bisect/git.js';
import type { GitRange } from './run/bisect/git-range.js';
import { drawRange } from './progress.js';
import { openJournal, type Journal } from './run/bisect/journal.js';
import { bisectSeries, type BisectRequest } from './run/bisect/series.js';
import { lookAtKernel, type StepRequest } from './run/bisect/step.js';
import { assembleEvidence, assembleWalkEvidence } from './run/assemble.js';
import { assembleCompareEvidence } from './run/compare/assemble.js';
import { runVersions } from './run/compare/versions.js';
import { runBothSides } from './run/both-sides.js';
import { withTree } from './run/healed-tree.js';
import { guestInputs } from './run/known-side.js';
import type { Plan } from './run/plan.js';
import { expectationsIn } from './spec/suite.js';
import type { Stopwatch } from './stages.js';
import { keyOf } from './store/digest.js';
import type { BisectionState } from './verdict/bisection.js';
import { decide, patchName } from './verdict/decide.js';
import { compareVersions } from './verdict/versions.js';

/**
 * Judges series on a kernel: base and tip are built and booted, their tests and findings compared, and the evidence is
 * written. Every fault of the kernel or of the series is in the verdict.
 * @throws HarnessError `usage` for a request that is wrong; `host` for a host that failed; Interrupted
 */
export async function judge(ctx: Context, request: JudgeRequest): Promise<Judged<Evidence>> {
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const { base, tip, sides } = await runBothSides(ctx, stopwatch, plan);
    return (common) => assembleEvidence({ ...common, base, tip, verdict: decide(sides) });
  });
}

/** A walk as the command line asks for it. */
export interface WalkRequest extends JudgeRequest {
  /** The first patch; 0 is the base. */
  readonly from: number;
  /** The last patch; undefined for the last one there is. */
  readonly to: number | undefined;
  /** A part of a longer walk, which is judged with the others (decision 15). */
  readonly isPart: boolean;
}

/**
 * Judges series patch by patch: every prefix is built and booted, and what is promised is looked for on both sides.
 * @throws HarnessError as `judge`; `usage` `walk.range`
 */
export async function walk(ctx: Context, request: WalkRequest): Promise<Judged<WalkEvidence>> {
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const last = plan.series.patches.length;
    const { from, to = last } = request;
    if (from > to || to > last) {
      throw usageError('walk.range', `--from ${from} --to ${to} is no part of ${plan.series.name}, which has patches 1 to ${last}`, {
        hint: 'patch 0 is the base; --from is not after --to',
      });
    }
    const { points, verdict } = await runAlong(ctx, stopwatch, plan, { from, to, isPart: request.isPart });
    return (common) => assembleWalkEvidence({ ...common, points, verdict });
  });
}

/** One step of a bisection that somebody else drives, as the command line asks for it. */
export interface StepJudgeRequest extends JudgeRequest, StepRequest {}

/**
 * Looks at one kernel by itself: does it show the fault?
 * @throws HarnessError as `judge`
 */
export async function judgeStep(ctx: Context, request: StepJudgeRequest): Promise<Judged<StepEvidence>> {
  const { fault } = request;
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const seen = await lookAtKernel(ctx, stopwatch, plan, request);
    return (common) => assembleStepEvidence({ ...common, ...seen, fault });
  });
}

/** A comparison as the command line asks for it: `series` is the newer version. */
export interface CompareRequest extends JudgeRequest {
  readonly older: readonly string[];
}

/**
 * Compares two versions of a series: both are judged on one kernel by the same tests, and patches, results, reports, warnings
 * and sizes are told one by one.
 * @throws HarnessError as `judge`
 */
export async function compare(ctx: Context, request: CompareRequest): Promise<Judged<CompareEvidence>> {
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const { older } = plan;
    if (older === undefined) throw usageError('compare.one', 'two versions are compared, and one was named', { hint: 'respin compare OLD NEW' });
    const compared = await runVersions(ctx, stopwatch, plan, older);
    const verdict = compareVersions({ ...compared.versions, expected: expectationsIn(plan.suite) });
    return (common) => assembleCompareEvidence({ ...common, older, compared, verdict });
  });
}

/** Commits of a repository, of which one is searched. */
export interface CommitsRequest {
  /** Absolute path of the repository or of a folder in it. */
  readonly location: string;
  readonly older: string;
  readonly newer: string;
  readonly firstParent: boolean;
}

/** A bisection as the command line asks for it. */
export interface BisectionRequest extends JudgeRequest, BisectRequest {
  /** Undefined for the patches of the series. */
  readonly commits: CommitsRequest | undefined;
  /** Two configurations, as files or single lines, of which the options are searched; undefined for changes of code. */
  readonly configs: { readonly good: string; readonly bad: string } | undefined;
}

/** What one kind of bisection does between its ends. */
type Search = (plan: Plan, stopwatch: Stopwatch, journal: Journal, key: string) => Promise<{ readonly state: BisectionState; readonly files: readonly EvidenceFile[]; readonly options?: readonly FoundOption[] }>;

/**
 * Searches the patch of a series, or the commit of a repository, from which on something is wrong, or right. What an
 * interrupted bisection with the same question found out is not done again.
 * @throws HarnessError as `judge`; `usage` `bisect.range`
 */
export async function bisect(ctx: Context, request: BisectionRequest): Promise<Judged<BisectEvidence>> {
  const { symptom, fixed, confidence, commits } = request;
  const range = commits === undefined ? undefined : await commitRange(ctx, commits, fixed);
  const configs = request.configs === undefined ? undefined : await readConfigs(ctx, request.configs);
  const ranges: BisectEvidence['ranges'] = [];
  const watched = watchRange(ctx, ranges);
  const search: Search = configs ? configSearch(watched, { ...request, ...configs }) : range === undefined ? seriesSearch(watched, request) : gitSearch(watched, request, range);
  return carryOut(ctx, request, async (plan, stopwatch) => {
    const { source, series, suite, profile, fragments, environment, fresh, autoConfig, timeoutMs } = plan;
    const asked = { symptom, fixed, confidence, range, configs, source: source.digest, series: series.digest, suite, profile, fragments, fresh, autoConfig, timeoutMs };
    const tools = { toolchain: environment.toolchain.digest, qemu: environment.qemu, accelerator: environment.accelerator.accelerator, respin: request.version };
    const key = keyOf({ ...asked, ...tools, guest: await guestInputs(ctx, plan) });
    // Two with one question would write one journal.
    return withLock(ctx, `bisect-${key.slice(0, 16)}`, async () => {
      const journal = await openJournal(ctx, key);
      const { state, files, options } = await search(plan, stopwatch, journal, key);
      const kept = [...(await journal.files()), ...files];
      const [ends, steps] = [journal.proven()?.ends, journal.steps()];
      await journal.remove();
      return (common) => assembleBisectEvidence({ ...common, fixed, ends, steps, state, options, ranges, kept });
    });
  });
}

/** Wide enough for a picture. */
const RANGE_WIDTH = 200;

/** Keeps what a bisection tells of its range. */
function watchRange(ctx: Context, ranges: BisectEvidence['ranges']): Context {
  return {
    ...ctx,
    progress: (event) => {
      if (event.type === 'bisect') ranges.push({ cells: drawRange(event.cells, RANGE_WIDTH), left: event.left });
      ctx.progress(event);
    },
  };
}

function seriesSearch(ctx: Context, request: BisectRequest): Search {
  return async (plan, stopwatch, journal) => ({
    state: await withTree(ctx, stopwatch, plan, async (shared, rejected): Promise<BisectionState> => {
      if (rejected === undefined) return bisectSeries(ctx, stopwatch, plan, shared, journal, request);
      const text = `${patchName(rejected)} does not apply: nothing can be told of the series`;
      return { ends: { code: 'patch.rejected', text }, suspects: [], contradiction: undefined, confirmations: [] };
    }),
    files: [],
  });
}

/** @throws HarnessError `usage` as `userFragments` */
async function readConfigs(ctx: Context, { good, bad }: { readonly good: string; readonly bad: string }): Promise<{ readonly good: string; readonly bad: string }> {
  const read = async (path: string, option: string): Promise<string> => (await userFragments(ctx, { config: [path] }, option)).map(({ text }) => text).join('\n');
  return { good: await read(good, '--config-good'), bad: await read(bad, '--config-bad') };
}

function configSearch(ctx: Context, request: ConfigRequest): Search {
  return async (plan, stopwatch, journal) => {
    const { state, options } = await withTree(ctx, stopwatch, plan, async (shared, rejected): Promise<ConfigBisected> => {
      if (rejected === undefined) return bisectConfig(ctx, stopwatch, plan, shared, journal, request);
      const text = `${patchName(rejected)} does not apply: nothing can be told of the configurations`;
      return { state: { ends: { code: 'patch.rejected', text }, suspects: [], contradiction: undefined, confirmations: [] }, options: [] };
    });
    const files = [{ path: 'config-good', content: request.good }, { path: 'config-bad', content: request.bad }];
    return { state, files, options };
  };
}

function gitSearch(ctx: Context, request: BisectRequest, range: GitRange): Search {
  return async (plan, stopwatch, journal, key) => {
    const folder = gitFolder(ctx, key);
    await ctx.effects.files.rm(folder, { recursive: true, force: true });
    try {
      const { state, log } = await bisectGit(ctx, stopwatch, plan, journal, { ...request, range, folder });
      return { state, files: [{ path: 'bisect.log', content: log }] };
    } finally {
      await ctx.effects.files.rm(folder, { recursive: true, force: true });
    }
  };
}

/** @throws HarnessError `usage` `bisect.range` */
async function commitRange(ctx: Context, { location, older, newer, firstParent }: CommitsRequest, fixed: boolean): Promise<GitRange> {
  const gitDir = await findGitDirAbove(ctx, location);
  if (gitDir === undefined) throw usageError('bisect.range', `${location} is in no git repository`, { hint: 'for example: git:/home/you/linux#v6.12..HEAD' });
  const ids = await Promise.all([older, newer].map(async (ref) => {
    const found = await resolveRef(ctx, gitDir, ref);
    if (found) return found.commit;
    throw usageError('bisect.range', `${location} has no commit "${ref}"`, { hint: 'git log --oneline and git branch say what it has' });
  }));
  const [from = '', to = ''] = ids;
  return { gitDir, location, good: fixed ? to : from, bad: fixed ? from : to, fixed, firstParent };
}
