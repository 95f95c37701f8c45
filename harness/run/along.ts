import type { Context } from '../context.js';
import type { Coverage, Diagnostic, PatchRejected } from '../model.js';
import { prefixOf } from '../series/prefix.js';
import { declaredFindings } from '../spec/suite.js';
import type { Stopwatch } from '../stages.js';
import { disagreements } from '../verdict/disagreements.js';
import { decideWalk, type WalkPoint, type WalkVerdict } from '../verdict/walk.js';
import { bootAgain, bootReady, isSettled, outcomeOf } from './boot-ready.js';
import type { Boot } from './boot-side.js';
import { imageOf, nothingBuilt } from './coverage.js';
import { withTree, type SharedRequest } from './healed-tree.js';
import type { Plan } from './plan.js';
import { prepareSide } from './prepare-side.js';
import { isSameSide, type PreparedSide, type SideRecord } from './side.js';

/** From which patch to which one a series is walked, both included; 0 is the base. */
export interface WalkRange {
  readonly from: number;
  readonly to: number;
  /** A part of a longer walk: go on behind a first prefix of no use, which is no base but a patch like the others. */
  readonly isPart: boolean;
}

/** One kernel along the way: what it proves, and what was done. */
export interface WalkedPoint extends WalkPoint {
  readonly record: SideRecord;
  /** The point before, whose kernel and initramfs are the same byte for byte and which was not booted again for it. */
  readonly sameAs: number | undefined;
}

interface Prepared {
  readonly number: number;
  readonly prepared: PreparedSide;
  readonly sameAs: number | undefined;
  readonly boots: Promise<readonly Boot[]>;
}

const NO_BOOTS: Promise<readonly Boot[]> = Promise.resolve([]);

function rejectedSide(rejected: PatchRejected): PreparedSide {
  return { kind: 'failed', record: { rejected, boots: [] }, outcome: { kind: 'rejected', rejected } };
}

/** A kernel boots while the next one is built; two never boot at once, or they would take each other's time. */
async function prepareAll(
  ctx: Context,
  stopwatch: Stopwatch,
  plan: Plan,
  { from, to, isPart }: WalkRange,
  shared: SharedRequest,
  rejected: PatchRejected | undefined,
): Promise<readonly Prepared[]> {
  const done: Prepared[] = [];
  let booted: Promise<unknown> = Promise.resolve();
  // The prefixes start from a copy of the base's build folder, and ccache serves a base alone.
  if (isPart && from > 0 && (rejected === undefined || rejected.patch > from)) await prepareSide(ctx, stopwatch, { ...shared, what: 'base', series: prefixOf(plan.series, 0) });
  try {
    for (let number = from; number <= to; number += 1) {
      const what = nameOf(number);
      const cannot = rejected !== undefined && rejected.patch <= number ? rejectedSide(rejected) : undefined;
      const prepared = cannot ?? (await prepareSide(ctx, stopwatch, { ...shared, what, series: prefixOf(plan.series, number) }));
      const last = done.at(-1);
      if (last && isSameSide(last.prepared, prepared)) {
        done.push({ number, prepared, sameAs: last.number, boots: last.boots });
        continue;
      }
      const boots = prepared.kind === 'ready' ? booted.then(() => bootReady(ctx, stopwatch, plan, what, prepared)) : NO_BOOTS;
      // Waited for below; until then a failure must not count as one that nobody looks at.
      booted = boots.catch(() => undefined);
      done.push({ number, prepared, sameAs: undefined, boots });
      // Nothing can be judged against a base of no use: that is known in seconds, and what follows may take hours.
      if (number === from && !(isPart && from > 0) && (await isUseless(prepared, boots))) break;
    }
  } finally {
    await booted;
  }
  return done;
}

async function isUseless(prepared: PreparedSide, boots: Promise<readonly Boot[]>): Promise<boolean> {
  if (prepared.kind === 'failed') return prepared.outcome.kind !== 'rejected';
  return (await boots)[0]?.transcript.end.kind !== 'complete';
}

function warningsOf({ build }: SideRecord): readonly Diagnostic[] {
  return (build?.diagnostics ?? []).filter(({ severity }) => severity === 'warning');
}

/** Why a walk proves nothing of the series; undefined when some of its code was compiled at its last patch. */
export function nothingBuiltAlong(points: readonly BuiltPoint[]): string | undefined {
  const built = points.filter(({ image }) => image !== undefined);
  const images = new Set(built.map(({ image }) => image));
  if (images.size !== 1 || built.length < 2) return undefined;
  return nothingBuilt(built.at(-1)?.coverage, built[0]?.image, built.at(-1)?.image);
}

/** What a prefix was built to. */
export interface BuiltPoint {
  /** Digest of its kernel; undefined when there is none. */
  readonly image: string | undefined;
  readonly coverage: Coverage | undefined;
}

function builtPoint({ record }: WalkedPoint): BuiltPoint {
  return { image: imageOf(record), coverage: record.coverage };
}

/** A walk that was made, and what it proves. */
export interface Walked {
  readonly points: readonly WalkedPoint[];
  readonly verdict: WalkVerdict;
}

/** Builds and boots a series patch by patch. The tree is held by its lock while it is built from. */
export async function runAlong(ctx: Context, stopwatch: Stopwatch, plan: Plan, range: WalkRange): Promise<Walked> {
  const all = await withTree(ctx, stopwatch, plan, (shared, rejected) => prepareAll(ctx, stopwatch, plan, range, shared, rejected));
  const booted = new Map<number, readonly Boot[]>();
  for (const { number, boots } of all) booted.set(number, await boots);
  for (;;) {
    const walked = judged(plan, all, booted);
    // A fault that one boot shows may come at random, and before its patch as well.
    const { suspects } = walked.verdict;
    // What is wrong with the first prefix of a part is looked at in the part before, whose last one it is.
    const isOthers = range.isPart && range.from > 0 && suspects.every((suspect) => suspect === range.from);
    const roots = new Set(isOthers ? [] : suspects.map((suspect) => rootOf(all, suspect)));
    const open = all.filter(({ number }) => plan.repeat === 1 && roots.has(number) && !isSettled(booted.get(number) ?? []));
    if (open.length === 0) return walked;
    for (const { number, prepared } of open) {
      booted.set(number, await bootAgain(ctx, stopwatch, plan, nameOf(number), prepared, booted.get(number) ?? []));
    }
  }
}

function nameOf(number: number): string {
  return number === 0 ? 'base' : `patch ${number}`;
}

/** The prefix that was booted for this one. */
function rootOf(all: readonly Prepared[], number: number): number {
  const sameAs = all.find((one) => one.number === number)?.sameAs;
  return sameAs === undefined ? number : rootOf(all, sameAs);
}

function judged({ series, suite }: Plan, all: readonly Prepared[], booted: ReadonlyMap<number, readonly Boot[]>): Walked {
  const points = all.map(({ number, prepared, sameAs }): WalkedPoint => {
    const boots = booted.get(rootOf(all, number)) ?? [];
    const record = { ...prepared.record, boots: sameAs === undefined ? boots : [] };
    return {
      ...{ number, sameAs, record },
      subject: series.patches[number - 1]?.subject ?? '',
      outcome: outcomeOf(prepared, boots),
      warnings: warningsOf(record),
      unstable: sameAs === undefined ? disagreements(boots) : [],
    };
  });
  return { points, verdict: decideWalk(points, series.promises, nothingBuiltAlong(points.map(builtPoint)), declaredFindings(suite)) };
}
