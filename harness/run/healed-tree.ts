import type { Context } from '../context.js';
import { withLock } from '../host/lock.js';
import { openTree, treeLockName } from '../kernel/tree.js';
import type { KernelSource, KernelTree, PatchRejected, Series } from '../model.js';
import { healTree, popSeries, pushSeries, tellOffsets } from '../series/push.js';
import { count } from '../spec/count.js';
import type { Stopwatch } from '../stages.js';
import type { Plan } from './plan.js';
import type { SideRequest } from './side.js';

/** What every side that is built from one tree has in common. */
export type SharedRequest = Omit<SideRequest, 'what' | 'series'>;

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
  tellOffsets(ctx, outcome.offsets);
  return undefined;
}

/**
 * Opens the tree of a plan, sees whether the series applies to it, and lets `body` build from it. The tree is held by its
 * lock all the time.
 */
export async function withTree<T>(
  ctx: Context,
  stopwatch: Stopwatch,
  plan: Plan,
  body: (shared: SharedRequest, rejected: PatchRejected | undefined) => Promise<T>,
): Promise<T> {
  const { source, series, suite, profile, environment, packageRoot, fresh, keepGoing } = plan;
  return withLock(ctx, treeLockName(source), async (lock) => {
    const tree = await stopwatch.measure('tree', source.version, () => openHealed(ctx, source), ({ source: { label } }) => label);
    const rejected = await stopwatch.measure(
      'series',
      series.name,
      () => tryPatches(ctx, tree, series),
      (refused) => (refused === undefined ? count(series.patches.length, 'patch applies', 'patches apply') : 'does not apply'),
    );
    return body({ tree, suite, profile, environment, packageRoot, fresh, keepGoing, lock }, rejected);
  });
}
