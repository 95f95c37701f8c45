import type { Context } from '../context.js';
import type { PatchRejected } from '../model.js';
import { prefixOf } from '../series/prefix.js';
import { count } from '../spec/count.js';
import { declaredFindings, expectationsIn } from '../spec/suite.js';
import type { Stopwatch } from '../stages.js';
import { decide, type Sides } from '../verdict/decide.js';
import { disagreements, type Disagreement } from '../verdict/disagreements.js';
import { bootAgain, bootReady, isSettled, outcomeOf } from './boot-ready.js';
import { findingsOf, type Boot } from './boot-side.js';
import { imageOf, nothingBuilt } from './coverage.js';
import { withTree, type SharedRequest } from './healed-tree.js';
import type { Plan } from './plan.js';
import { prepareSide } from './prepare-side.js';
import type { PreparedSide, SideRecord } from './side.js';
import { namesCode, symbolise } from './symbolise.js';

export interface BothSides {
  readonly base: SideRecord;
  readonly tip: SideRecord;
  /** What the verdict is made from. */
  readonly sides: Sides;
}

/** What was made under the tree's lock. What was not needed any more is undefined. */
interface Prepared {
  readonly shared: SharedRequest;
  readonly rejected?: PatchRejected;
  readonly base?: PreparedSide;
  readonly baseBoots?: readonly Boot[];
  readonly tip?: PreparedSide;
}

async function prepareBoth(ctx: Context, stopwatch: Stopwatch, plan: Plan, shared: SharedRequest): Promise<Prepared> {
  const { series } = plan;
  const base = await prepareSide(ctx, stopwatch, { ...shared, what: 'base', series: prefixOf(series, 0) });
  if (base.kind === 'failed') return { shared, base };
  const bootBase = (): Promise<readonly Boot[]> => bootReady(ctx, stopwatch, plan, 'base', base);
  const prepareTip = (): Promise<PreparedSide> => prepareSide(ctx, stopwatch, { ...shared, what: 'tip', series });
  // A base that was just built may not boot: that is known in seconds, and the tip may take minutes.
  if (!base.build.reused && base.build.objects > 0) {
    const baseBoots = await bootBase();
    return baseBoots[0]?.transcript.end.kind === 'complete' ? { shared, base, baseBoots, tip: await prepareTip() } : { shared, base, baseBoots };
  }
  // Else the base boots while the tip is built. Both are waited for, so that the failure of one leaves nothing behind.
  const [tip, baseBoots] = await Promise.allSettled([prepareTip(), bootBase()]);
  if (tip.status === 'rejected') throw tip.reason;
  if (baseBoots.status === 'rejected') throw baseBoots.reason;
  return { shared, base, tip: tip.value, baseBoots: baseBoots.value };
}

function unstableOf(what: string, boots: readonly Boot[]): readonly Disagreement[] {
  return disagreements(boots).map((one) => ({ ...one, text: `${what}: ${one.text}` }));
}

/** Builds and boots base and tip, as far as a verdict needs them. The tree is held by its lock while it is built from. */
export async function runBothSides(ctx: Context, stopwatch: Stopwatch, plan: Plan): Promise<BothSides> {
  const prepared = await withTree(
    ctx,
    stopwatch,
    plan,
    async (shared, rejected): Promise<Prepared> => (rejected === undefined ? prepareBoth(ctx, stopwatch, plan, shared) : { shared, rejected }),
  );
  const { shared, rejected, base, tip } = prepared;
  let baseBoots = prepared.baseBoots ?? [];
  let tipBoots = tip === undefined ? [] : await bootReady(ctx, stopwatch, plan, 'tip', tip);
  const sidesNow = (): Sides => ({
    base: outcomeOf(base, baseBoots),
    tip: rejected === undefined ? outcomeOf(tip, tipBoots) : { kind: 'rejected', rejected },
    promises: plan.series.promises,
    unstable: [...unstableOf('base', baseBoots), ...unstableOf('tip', tipBoots)],
    expected: expectationsIn(plan.suite),
    declared: declaredFindings(plan.suite),
    nothingBuilt: nothingBuilt(tip?.record.coverage, imageOf(base?.record), imageOf(tip?.record)),
  });
  // A fault that one boot shows may come at random, on the base as well.
  while (plan.repeat === 1 && base && tip?.kind === 'ready' && !isSettled(tipBoots) && decide(sidesNow()).verdict === 'bad') {
    if (baseBoots.length <= tipBoots.length) baseBoots = await bootAgain(ctx, stopwatch, plan, 'base', base, baseBoots);
    tipBoots = await bootAgain(ctx, stopwatch, plan, 'tip', tip, tipBoots);
  }
  if (namesCode(baseBoots) || namesCode(tipBoots)) {
    const { verdict, reasons } = decide(sidesNow());
    // Told before the lines are looked up: bad news does not wait for a compiler.
    await stopwatch.measure(
      'verdict',
      [verdict, ...reasons.slice(0, 1).map(({ text }) => text)].join(': '),
      async () => {
        baseBoots = await symbolise(ctx, plan, shared, prefixOf(plan.series, 0), base, baseBoots);
        tipBoots = await symbolise(ctx, plan, shared, plan.series, tip, tipBoots);
      },
      () => `source lines of ${count([...findingsOf(baseBoots), ...findingsOf(tipBoots)].flatMap(({ places }) => places ?? []).length, 'place')}`,
    );
  }
  return {
    base: { ...base?.record, boots: baseBoots },
    tip: rejected === undefined ? { ...tip?.record, boots: tipBoots } : { rejected, boots: [] },
    sides: sidesNow(),
  };
}
