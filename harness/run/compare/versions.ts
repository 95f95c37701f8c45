import type { Context } from '../../context.js';
import { compareSizes, type SizeOutcome } from '../../kernel/bloat.js';
import type { Series, SideOutcome } from '../../model.js';
import { prefixOf } from '../../series/prefix.js';
import { matchPatches, type MatchedPatches } from '../../series/range-diff.js';
import { count } from '../../spec/count.js';
import type { Stopwatch } from '../../stages.js';
import { canonicalJson } from '../../store/digest.js';
import { differ, type Version } from '../../verdict/versions.js';
import { bootAgain, bootReady, isSettled, outcomeOf } from '../boot-ready.js';
import type { Boot } from '../boot-side.js';
import { imageOf, nothingBuilt } from '../coverage.js';
import { withTree, type SharedRequest } from '../healed-tree.js';
import type { Plan } from '../plan.js';
import { prepareSide } from '../prepare-side.js';
import { isSameSide, type PreparedSide, type SideRecord } from '../side.js';

export interface ComparedVersions {
  readonly matched: MatchedPatches;
  readonly base: SideRecord;
  readonly old: SideRecord;
  readonly now: SideRecord;
  /** Kernel and initramfs of both are the same byte for byte: what the one did counts for the other. */
  readonly sameKernel: boolean;
  readonly size: SizeOutcome;
  /** What the verdict is made from. */
  readonly versions: { readonly base: Version; readonly old: Version; readonly now: Version; readonly nothingBuilt: string | undefined };
}

interface Prepared {
  readonly matched: MatchedPatches;
  readonly base: PreparedSide;
  readonly old: PreparedSide;
  readonly now: PreparedSide;
  readonly size: SizeOutcome;
}

/** As git range-diff would say it in a line. */
function describeMatches({ matches }: MatchedPatches): string {
  const counts = ['unchanged', 'changed', 'new', 'dropped'].map((change) => [change, matches.filter((match) => match.change === change).length] as const);
  const moved = matches.filter((match) => match.moved).length;
  return [...counts, ['moved', moved] as const].flatMap(([change, times]) => (times === 0 ? [] : [`${times} ${change}`])).join(', ');
}

/** Whether both stand on the same base. */
function haveSameBase(older: Series, newer: Series): boolean {
  const digests = ({ prerequisites }: Series): string => canonicalJson(prerequisites.map(({ digest }) => digest));
  return digests(older) === digests(newer);
}

async function prepareAll(ctx: Context, stopwatch: Stopwatch, shared: SharedRequest, plan: Plan, older: Series, rejected: Parameters<Parameters<typeof withTree>[3]>[1], rejectedOlder: typeof rejected): Promise<Prepared> {
  const { series } = plan;
  const prepare = (what: string, of: Series): Promise<PreparedSide> => prepareSide(ctx, stopwatch, { ...shared, what, series: of });
  const cannot = (why: NonNullable<typeof rejected>): PreparedSide => ({ kind: 'failed', record: { rejected: why, boots: [] }, outcome: { kind: 'rejected', rejected: why } });
  const matched = await stopwatch.measure('series', 'range-diff', () => matchPatches(ctx, shared.tree, older, series), describeMatches);
  const base = await prepare('base', prefixOf(series, 0));
  const sameBase = haveSameBase(older, series);
  // A build folder of the old version is copied from that of its base.
  if (!sameBase && rejectedOlder === undefined) await prepare('base of the old version', prefixOf(older, 0));
  const old = rejectedOlder === undefined ? await prepare('old', older) : cannot(rejectedOlder);
  // As the versions of a series that come from one place do, they share a build folder: what both change is compiled once.
  const now = rejected === undefined ? await prepare('new', sameBase ? { ...series, origin: older.origin } : series) : cannot(rejected);
  const size = await measureSize(ctx, stopwatch, shared, old, now);
  return { matched, base, old, now, size };
}

async function measureSize(ctx: Context, stopwatch: Stopwatch, { environment, tree }: SharedRequest, old: PreparedSide, now: PreparedSide): Promise<SizeOutcome> {
  if (old.kind !== 'ready' || now.kind !== 'ready') {
    const names = [...(old.kind === 'ready' ? [] : ['the old version']), ...(now.kind === 'ready' ? [] : ['the new version'])];
    return { kind: 'not-measured', why: `there is no vmlinux of ${names.join(' and of ')}` };
  }
  const [ofOld, ofNow] = [old.build.image, now.build.image];
  const measure = (): Promise<SizeOutcome> => compareSizes(ctx, environment.sandbox, tree, ofOld, ofNow);
  return stopwatch.measure('build', 'size', measure, (size) => (size.kind === 'measured' ? `${count(size.symbols.length, 'symbol')} of another size` : 'not measured'));
}

function versionOf(prepared: PreparedSide, boots: readonly Boot[]): Version {
  const warnings = (prepared.record.build?.diagnostics ?? []).filter(({ severity }) => severity === 'warning');
  if (prepared.kind === 'failed') return { outcomes: [prepared.outcome], warnings };
  return { outcomes: boots.map((boot) => outcomeOf(prepared, [boot])).filter((outcome): outcome is SideOutcome => outcome !== undefined), warnings };
}

/** Boots both as often as it was asked, and where they differ once more each in turn, so that what befalls the host befalls both. */
async function bootBoth(ctx: Context, stopwatch: Stopwatch, plan: Plan, old: PreparedSide, now: PreparedSide): Promise<{ readonly old: readonly Boot[]; readonly now: readonly Boot[] }> {
  let ofOld = await bootReady(ctx, stopwatch, plan, 'old', old);
  if (isSameSide(old, now)) return { old: ofOld, now: [] };
  let ofNow = await bootReady(ctx, stopwatch, plan, 'new', now);
  if (!differ(versionOf(old, ofOld), versionOf(now, ofNow))) return { old: ofOld, now: ofNow };
  const isOpen = (prepared: PreparedSide, boots: readonly Boot[]): boolean => prepared.kind === 'ready' && !isSettled(boots);
  while (isOpen(old, ofOld) || isOpen(now, ofNow)) {
    if (isOpen(old, ofOld)) ofOld = await bootAgain(ctx, stopwatch, plan, 'old', old, ofOld);
    if (isOpen(now, ofNow)) ofNow = await bootAgain(ctx, stopwatch, plan, 'new', now, ofNow);
  }
  return { old: ofOld, now: ofNow };
}

/** Why the same kernel twice says nothing of two versions that differ: what differs was not compiled. */
function notCompiled({ matches }: MatchedPatches, old: PreparedSide, now: PreparedSide): string | undefined {
  if (!isSameSide(old, now) || matches.every(({ change }) => change === 'unchanged')) return undefined;
  const unbuilt = [...new Set([old, now].flatMap(({ record }) => record.coverage?.unbuilt ?? []).map(({ path }) => path))];
  const [first] = unbuilt;
  if (first === undefined) return undefined;
  return `the versions differ and their kernels do not: ${first}${unbuilt.length === 1 ? '' : ` and ${unbuilt.length - 1} more`} that they touch ${unbuilt.length === 1 ? 'is' : 'are'} not in this kernel`;
}

/** Builds and boots the base and both versions, as far as they are not known. The tree is held by its lock while it is built from. */
export async function runVersions(ctx: Context, stopwatch: Stopwatch, plan: Plan, older: Series): Promise<ComparedVersions> {
  const { matched, base, old, now, size } = await withTree(ctx, stopwatch, plan, (shared, rejected, rejectedOlder) =>
    prepareAll(ctx, stopwatch, shared, plan, older, rejected, rejectedOlder),
  );
  const ofBase = await bootReady(ctx, stopwatch, plan, 'base', base);
  const boots = await bootBoth(ctx, stopwatch, plan, old, now);
  const sameKernel = isSameSide(old, now);
  return {
    ...{ matched, size, sameKernel },
    base: { ...base.record, boots: ofBase },
    old: { ...old.record, boots: boots.old },
    now: { ...now.record, boots: boots.now },
    versions: {
      base: versionOf(base, ofBase),
      old: versionOf(old, boots.old),
      now: versionOf(now, sameKernel ? boots.old : boots.now),
      nothingBuilt: nothingBuilt(now.record.coverage, imageOf(base.record), imageOf(now.record)) ?? notCompiled(matched, old, now),
    },
  };
}
