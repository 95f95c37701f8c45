import type { Context } from '../context.js';
import { withLock } from '../host/lock.js';
import { openTree, treeLockName } from '../kernel/tree.js';
import type { KernelSource, KernelTree, PatchRejected, Profile, Series, SideOutcome, Suite } from '../model.js';
import { healTree, popSeries, pushSeries } from '../series/push.js';
import { count } from '../spec/count.js';
import type { Stopwatch } from '../stages.js';
import type { Sides } from '../verdict/decide.js';
import type { SideRecord } from './assemble.js';
import { bootSide, disagreements, wantsSecondLook, type Boot } from './boot-side.js';
import type { Environment } from './environment.js';
import { prepareSide } from './prepare-side.js';
import type { PreparedSide, SideRequest } from './side.js';

/** A run, once all its parts are known. */
export interface Plan {
  readonly source: KernelSource;
  readonly series: Series;
  readonly suite: Suite;
  readonly profile: Profile;
  readonly environment: Environment;
  readonly packageRoot: string;
  /** Limit of one boot in milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly fresh: boolean;
  readonly keepGoing: boolean;
}

export interface BothSides {
  readonly base: SideRecord;
  readonly tip: SideRecord;
  /** What the verdict is made from. */
  readonly sides: Sides;
}

/** What was made under the tree's lock. What was not needed any more is undefined. */
interface Prepared {
  readonly rejected?: PatchRejected;
  readonly base?: PreparedSide;
  readonly baseBoots?: readonly Boot[];
  readonly tip?: PreparedSide;
}

function describeBoot(boot: Boot): string {
  if (boot.reused) return 'reused';
  const passed = boot.results.filter(({ status }) => status === 'pass').length;
  const { kind } = boot.transcript.end;
  const found = boot.findings.length === 0 ? '' : `, ${count(boot.findings.length, 'finding')}`;
  return `${passed} of ${boot.results.length} tests pass${kind === 'complete' ? '' : `, ${kind}`}${found}`;
}

/** Boots a side that was built; an outcome that may be the host's doing is looked at twice. */
async function bootReady(ctx: Context, stopwatch: Stopwatch, plan: Plan, side: 'base' | 'tip', prepared: PreparedSide): Promise<readonly Boot[]> {
  if (prepared.kind === 'failed') return [];
  const { environment, profile, timeoutMs } = plan;
  const boot = (fresh: boolean): Promise<Boot> =>
    stopwatch.measure(
      'boot',
      side,
      () =>
        bootSide(ctx, {
          ...{ image: prepared.build.image, guest: prepared.guest, arch: environment.arch, machine: 'microvm', profile, fresh, timeoutMs },
          ...{ accelerator: environment.accelerator, qemu: environment.qemu },
        }),
      describeBoot,
    );
  const first = await boot(plan.fresh);
  return wantsSecondLook(first) ? [first, await boot(true)] : [first];
}

function outcomeOf(prepared: PreparedSide | undefined, boots: readonly Boot[]): SideOutcome | undefined {
  if (prepared?.kind !== 'ready') return prepared?.outcome;
  const [boot] = boots;
  return boot && { kind: 'ran', end: boot.transcript.end, results: boot.results, findings: boot.findings };
}

/** The unpacked tree, with whatever a killed run left on it taken off. */
async function openHealed(ctx: Context, source: KernelSource): Promise<KernelTree> {
  const heal = async (tree: KernelTree): Promise<void> => {
    await healTree(ctx, tree);
  };
  const tree = await openTree(ctx, source, { beforeChange: heal });
  await heal(tree);
  return tree;
}

/** Puts the series on and takes it off again: before minutes go into a base, see that the patches apply to it. */
async function tryPatches(ctx: Context, tree: KernelTree, series: Series): Promise<PatchRejected | undefined> {
  const outcome = await pushSeries(ctx, tree, series);
  if (outcome.kind === 'rejected') return outcome.rejected;
  await popSeries(ctx, tree);
  return undefined;
}

async function prepareBoth(ctx: Context, stopwatch: Stopwatch, plan: Plan, shared: Omit<SideRequest, 'side' | 'series'>): Promise<Prepared> {
  const { series } = plan;
  const rejected = await stopwatch.measure(
    'series',
    series.name,
    () => tryPatches(ctx, shared.tree, series),
    (refused) => (refused === undefined ? count(series.patches.length, 'patch applies', 'patches apply') : 'does not apply'),
  );
  if (rejected !== undefined) return { rejected };
  const base = await prepareSide(ctx, stopwatch, { ...shared, side: 'base', series: undefined });
  if (base.kind === 'failed') return { base };
  const bootBase = (): Promise<readonly Boot[]> => bootReady(ctx, stopwatch, plan, 'base', base);
  const prepareTip = (): Promise<PreparedSide> => prepareSide(ctx, stopwatch, { ...shared, side: 'tip', series });
  // A base that was just built may not boot: that is known in seconds, and the tip may take minutes.
  if (!base.build.reused && base.build.objects > 0) {
    const baseBoots = await bootBase();
    return baseBoots[0]?.transcript.end.kind === 'complete' ? { base, baseBoots, tip: await prepareTip() } : { base, baseBoots };
  }
  // Else the base boots while the tip is built. Both are waited for, so that the failure of one leaves nothing behind.
  const [tip, baseBoots] = await Promise.allSettled([prepareTip(), bootBase()]);
  if (tip.status === 'rejected') throw tip.reason;
  if (baseBoots.status === 'rejected') throw baseBoots.reason;
  return { base, tip: tip.value, baseBoots: baseBoots.value };
}

/** Builds and boots base and tip, as far as a verdict needs them. The tree is held by its lock while it is built from. */
export async function runBothSides(ctx: Context, stopwatch: Stopwatch, plan: Plan): Promise<BothSides> {
  const { source, suite, profile, environment, packageRoot, fresh, keepGoing, series } = plan;
  const prepared = await withLock(ctx, treeLockName(source), async (lock) => {
    const tree = await stopwatch.measure('tree', source.version, () => openHealed(ctx, source), ({ source: { label } }) => label);
    return prepareBoth(ctx, stopwatch, plan, { tree, suite, profile, environment, packageRoot, fresh, keepGoing, lock });
  });
  const { rejected, base, tip, baseBoots = [] } = prepared;
  const tipBoots = tip === undefined ? [] : await bootReady(ctx, stopwatch, plan, 'tip', tip);
  const unstable = [baseBoots, tipBoots].flatMap(([first, second]) => (first && second ? disagreements(first, second) : []));
  return {
    base: { ...base?.record, boots: baseBoots },
    tip: rejected === undefined ? { ...tip?.record, boots: tipBoots } : { rejected, boots: [] },
    sides: {
      base: outcomeOf(base, baseBoots),
      tip: rejected === undefined ? outcomeOf(tip, tipBoots) : { kind: 'rejected', rejected },
      promises: series.promises,
      unstable,
    },
  };
}
