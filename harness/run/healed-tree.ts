import type { Context } from '../context.js';
import { withLock } from '../host/lock.js';
import { openTree, treeLockName } from '../kernel/tree.js';
import type { KernelSource, KernelTree, PatchRejected, Series } from '../model.js';
import { diagnose } from '../series/diagnose/diagnose.js';
import { stackOf } from '../series/prefix.js';
import { healTree, popSeries, pushSeries, tellOffsets } from '../series/push.js';
import { count } from '../spec/count.js';
import type { Stopwatch } from '../stages.js';
import { findAutoConfig } from './auto-config.js';
import { askMaintainers } from './maintainers.js';
import type { Plan } from './plan.js';
import { fragmentsOf } from './prepare-side.js';
import type { AutoConfig, SideRequest } from './side.js';
import { mergeWishes, readTreeWishes, refuseUnknown, type TreeWishes } from './tree-wishes.js';

/** What every side that is built from one tree has in common. */
export type SharedRequest = Omit<SideRequest, 'what' | 'series'>;

/** The unpacked tree, with whatever a killed run left on it taken off. */
export async function openHealed(ctx: Context, source: KernelSource): Promise<KernelTree> {
  const heal = async (tree: KernelTree): Promise<void> => {
    await healTree(ctx, tree);
  };
  const tree = await openTree(ctx, source, { beforeChange: heal });
  await heal(tree);
  return tree;
}

interface Tried {
  readonly rejected: PatchRejected | undefined;
  /** Of the version that is compared with. */
  readonly rejectedOlder?: PatchRejected | undefined;
  readonly wishes: TreeWishes;
}

/** Puts a series on and takes it off again. */
async function trySeries(ctx: Context, tree: KernelTree, plan: Plan, series: Series): Promise<PatchRejected | TreeWishes> {
  const outcome = await pushSeries(ctx, tree, series);
  if (outcome.kind === 'rejected') return diagnose(ctx, { tree, source: plan.source, series, rejected: outcome.rejected });
  let wishes: TreeWishes;
  try {
    wishes = await readTreeWishes(ctx, tree.src, plan);
  } finally {
    await popSeries(ctx, tree);
  }
  tellOffsets(ctx, outcome.offsets);
  return wishes;
}

/** Before minutes go into a base: see that the patches apply to it, and that what is asked of the tree is there. */
async function tryPatches(ctx: Context, tree: KernelTree, plan: Plan): Promise<Tried> {
  const ofBase = await readTreeWishes(ctx, tree.src, plan);
  // Without a series the kernel itself is judged, perhaps an old one: it may lack what is asked of it.
  if (stackOf(plan.series).length === 0) return { rejected: undefined, wishes: ofBase };
  const older = plan.older && (await trySeries(ctx, tree, plan, plan.older));
  // What the older version alone has is there as well.
  const before = older === undefined || 'patch' in older ? ofBase : mergeWishes(ofBase, older);
  const rejectedOlder = older && 'patch' in older ? older : undefined;
  const tip = await trySeries(ctx, tree, plan, plan.series);
  if ('patch' in tip) return { rejected: tip, rejectedOlder, wishes: before };
  refuseUnknown(before, tip);
  return { rejected: undefined, rejectedOlder, wishes: mergeWishes(before, tip) };
}

/** Finds what `--config auto` adds, and says what it cannot. */
async function addConfig(ctx: Context, stopwatch: Stopwatch, request: Omit<SideRequest, 'what'>): Promise<AutoConfig> {
  const auto = await stopwatch.measure(
    'config',
    'auto',
    async () => findAutoConfig(ctx, request, await fragmentsOf(ctx, request)),
    ({ settings }) => (Object.keys(settings).length === 0 ? 'nothing to add' : Object.entries(settings).map((setting) => setting.join('=')).join(' ')),
  );
  for (const { path, why } of auto.failed) ctx.progress({ type: 'notice', level: 'warning', text: `${path} cannot be brought into this kernel: ${why}` });
  return auto;
}

/**
 * Opens the tree of a plan, sees whether the series applies to it, and lets `body` build from it. The tree is held by its
 * lock all the time.
 */
export async function withTree<T>(
  ctx: Context,
  stopwatch: Stopwatch,
  plan: Plan,
  body: (shared: SharedRequest, rejected: PatchRejected | undefined, rejectedOlder: PatchRejected | undefined) => Promise<T>,
): Promise<T> {
  const { source, series, suite, profile, environment, packageRoot, fresh, fromNothing, keepGoing } = plan;
  return withLock(ctx, treeLockName(source), async (lock) => {
    const tree = await stopwatch.measure('tree', source.version, () => openHealed(ctx, source), ({ source: { label } }) => label);
    // The names for the report are found while the tree is worked on.
    const asking = askMaintainers(ctx, plan, tree);
    await asking.begun;
    try {
      const trying = (): Promise<Tried> => tryPatches(ctx, tree, plan);
      const told = ({ rejected }: Tried): string => (rejected === undefined ? count(series.patches.length, 'patch applies', 'patches apply') : 'does not apply');
      const { rejected, rejectedOlder, wishes } = stackOf(series).length === 0 ? await trying() : await stopwatch.measure('series', series.name, trying, told);
      const fragments = [...wishes.fragments, ...plan.fragments];
      // Of two versions, either may lack an option that the other brings.
      const lastPatch = plan.older === undefined ? Math.max(1, series.patches.length) : Math.max(series.patches.length, plan.older.patches.length) + 1;
      const shared = { tree, suite, profile, fragments, lastPatch, environment, packageRoot, fresh, fromNothing, keepGoing, lock, auto: undefined };
      const auto = plan.autoConfig && rejected === undefined ? await addConfig(ctx, stopwatch, { ...shared, series }) : undefined;
      return await body({ ...shared, auto }, rejected, rejectedOlder);
    } finally {
      await asking.done;
    }
  });
}
