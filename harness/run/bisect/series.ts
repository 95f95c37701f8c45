import { relative } from 'node:path';
import type { Step } from '../../evidence/bisect-schema.js';
import type { KernelTree, Series } from '../../model.js';
import type { RangeCell } from '../../progress.js';
import { prefixOf } from '../../series/prefix.js';
import type { Stopwatch } from '../../stages.js';
import type { Context } from '../../context.js';
import type { BisectionState } from '../../verdict/bisection.js';
import { narrow, nextPoints, stepsFor, type Mark, type Narrowed } from '../../verdict/narrow.js';
import type { SymptomRequest } from '../../verdict/symptom.js';
import { confirm } from './confirm.js';
import { proveEnds } from './ends.js';
import { inspect, questionOf, type Bench } from './inspect.js';
import type { SharedRequest } from '../healed-tree.js';
import type { Plan } from '../plan.js';
import { prepareSide, slotHome } from '../prepare-side.js';
import type { PreparedSide } from '../side.js';
import type { Journal } from './journal.js';
import type { Point } from './point.js';
import { msPerStep } from './time-left.js';
import { withCopies } from './tree-copies.js';

export interface BisectRequest {
  /** Undefined for what the ends differ in. */
  readonly symptom: SymptomRequest | undefined;
  /** Searches the change that fixes: the base shows the symptom, the tip does not. */
  readonly fixed: boolean;
  readonly confidence: number;
  /** How many points are looked at at once; each beside the first on a copy of the tree. */
  readonly jobs: number;
}

interface SeriesPoint extends Point {
  /** What is applied to the tree for it. */
  readonly series: Series;
}

function pointAt(series: Series, number: number): SeriesPoint {
  const id = number === 0 ? 'base' : `patch ${number}`;
  return { id, subject: series.patches[number - 1]?.subject ?? '', series: prefixOf(series, number) };
}

function withoutPatch(series: Series, number: number): SeriesPoint {
  const patches = series.patches.filter((patch) => patch.number !== number);
  return { id: `the tip without patch ${number}`, subject: '', series: { ...series, patches } };
}

function markOf({ mark }: Step, fixed: boolean): Mark {
  if (mark === 'unclear') return 'skip';
  return (mark === 'shown') === fixed ? 'old' : 'new';
}

function tell({ ctx }: Pick<Bench, 'ctx'>, last: number, state: Narrowed, steps: readonly Step[]): void {
  const cells = Array.from({ length: last + 1 }, (_, point): RangeCell => {
    if (point <= state.old) return 'old';
    if (point >= state.new) return 'new';
    return state.skipped.includes(point) ? 'skip' : 'open';
  });
  ctx.progress({ type: 'bisect', cells, left: state.new - state.old, steps: state.steps, msPerStep: msPerStep(steps) });
}

/**
 * Searches the first patch of a series that shows a symptom, or the first without it. What the journal knows is not done
 * again. The caller holds the tree's lock.
 */
export async function bisectSeries(
  ctx: Context,
  stopwatch: Stopwatch,
  plan: Plan,
  shared: SharedRequest,
  journal: Journal,
  request: BisectRequest,
): Promise<BisectionState> {
  const benchAt = (tree: KernelTree, beside: number): Bench<SeriesPoint> => {
    const environment = { ...shared.environment, jobs: Math.max(1, Math.floor(shared.environment.jobs / (beside + 1))) };
    const prepare = ({ id, series }: SeriesPoint): Promise<PreparedSide> => prepareSide(ctx, stopwatch, { ...shared, tree, environment, what: id, series });
    return { ctx, stopwatch, plan, prepare };
  };
  const bench = benchAt(shared.tree, 0);
  const { series } = plan;
  const { fixed } = request;
  const last = series.patches.length;
  const [base, tip] = [pointAt(series, 0), pointAt(series, last)];
  const nothing = { contradiction: undefined, confirmations: [] };
  const proven = await proveEnds(bench, journal, {
    ...{ bad: fixed ? base : tip, good: fixed ? tip : base },
    ...{ symptom: request.symptom, confidence: request.confidence, steps: stepsFor(last - 1) + 1 },
  });
  if ('kind' in proven) return { ...nothing, ends: proven.reason, suspects: [] };

  const question = questionOf(proven.symptom, proven.known, proven.ends.needed);
  const marks = new Map<number, Mark>();
  const search = async (benches: readonly Bench<SeriesPoint>[]): Promise<Narrowed> => {
    for (;;) {
      const state = narrow(last, marks, benches.length);
      tell(bench, last, state, journal.steps());
      const points = state.contradiction ? [] : nextPoints(state, benches.length);
      if (points.length === 0) return state;
      const seen = await allOf(points.map(async (point, index) => inspect(benches[index] ?? bench, journal, pointAt(series, point), question)));
      for (const [index, step] of seen.entries()) marks.set(points[index] ?? 0, markOf(step, fixed));
    }
  };
  const beside = Math.min(request.jobs, last - 1) - 1;
  const state =
    beside < 1
      ? await search([bench])
      : await withCopies(ctx, shared.tree, beside, relative(shared.tree.home, await slotHome(ctx, { ...shared, series })), (copies) =>
          search([shared.tree, ...copies].map((tree) => benchAt(tree, beside))),
        );
  const points = Array.from({ length: state.new - state.old }, (_, index) => pointAt(series, state.old + 1 + index));
  const ids = points.map(({ id }) => id);
  if (state.contradiction) {
    const { contradiction } = state;
    const text = `patch ${contradiction.new} differs from the base and patch ${contradiction.old} does not: there is no first patch that does`;
    return { ...nothing, ends: undefined, suspects: ids, contradiction: text };
  }
  const [culprit] = points;
  if (!culprit || points.length > 1) return { ...nothing, ends: undefined, suspects: ids };
  const confirmations = await confirm(bench, journal, question, {
    ...{ parent: pointAt(series, state.old), culprit, fixed },
    without: last > 1 ? withoutPatch(series, state.new) : undefined,
  });
  return { ...nothing, ends: undefined, suspects: ids, confirmations };
}

/** What all of them come to. The failure of one waits for the others, so that nothing is left at work. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  const ends = await Promise.allSettled(works);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
