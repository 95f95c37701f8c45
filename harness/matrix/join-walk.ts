import type { EvidenceBoot, EvidenceRejected, EvidenceSide, WalkEvidence } from '../evidence/schema.js';
import type { BootEnd, Finding, PatchRejected, RejectionCause, SideOutcome } from '../model.js';
import { nothingBuiltAlong } from '../run/along.js';
import { findingsOf } from '../run/boot-side.js';
import { disagreements } from '../verdict/disagreements.js';
import { decideWalk, type WalkPoint } from '../verdict/walk.js';

type Point = WalkEvidence['points'][number];

/** What a boot ended in, as the evidence has it. */
function endOf({ kind, detail = '', afterMs = 0, phase = 'boot', bytes = 0 }: EvidenceBoot['end']): BootEnd {
  switch (kind) {
    case 'complete':
      return { kind };
    case 'panic':
    case 'stopped':
      return { kind, detail };
    case 'reset':
      return { kind, phase };
    case 'silent':
    case 'overtime':
      return { kind, afterMs, phase };
    case 'flood':
      return { kind, bytes };
    default:
      // What is not known proves nothing.
      return { kind: 'corrupt', detail: kind === 'corrupt' ? detail : `it ended in a way that is not known here: ${kind}` };
  }
}

function findingsIn(boots: readonly EvidenceBoot[]): readonly Finding[] {
  return findingsOf(boots.map(({ findings }) => ({ findings: findings.map((finding) => ({ ...finding, function: finding.function })) })));
}

function rejectedIn({ patch, subject, rejections, causes }: EvidenceRejected): PatchRejected {
  return {
    ...{ patch, subject },
    rejections: rejections.map(({ hunk, line, ...rest }) => ({ ...rest, hunk, line })),
    causes: causes?.map((cause) => ({ ...cause, kind: cause.kind as RejectionCause['kind'] })),
  };
}

/** As `outcomeOf` has it when the kernel is at hand. */
function outcomeIn(side: EvidenceSide, boots: readonly EvidenceBoot[]): SideOutcome | undefined {
  const { rejected, config, build } = side;
  if (rejected) return { kind: 'rejected', rejected: rejectedIn(rejected) };
  if (config?.failure !== undefined) return { kind: 'config-failed', misses: [], detail: config.failure };
  if (build === undefined) return config === undefined ? undefined : { kind: 'config-failed', misses: config.misses, detail: '' };
  if (!build.ok) return { kind: 'build-failed', what: build.what === 'vmlinux' ? build.what : `the test program ${build.what}`, diagnostics: build.diagnostics, tail: build.tail };
  const [boot] = boots;
  return boot && { kind: 'ran', end: endOf(boot.end), results: boot.results, findings: findingsIn(boots) };
}

/** The boots that a point is judged by: its own, or those of the point before that has the same kernel. */
function bootsOf(points: readonly Point[], point: Point): readonly EvidenceBoot[] {
  let seen = point;
  while (seen.sameAs !== undefined) {
    const { sameAs } = seen;
    const before = points.find(({ patch }) => patch === sameAs && patch < seen.patch);
    if (!before) return [];
    seen = before;
  }
  return seen.side.boots;
}

function walkPoint(points: readonly Point[], point: Point): WalkPoint {
  const { patch, subject, side, sameAs } = point;
  const boots = bootsOf(points, point);
  return {
    ...{ number: patch, subject },
    outcome: outcomeIn(side, boots),
    warnings: (side.build?.diagnostics ?? []).filter(({ severity }) => severity === 'warning'),
    unstable: sameAs === undefined ? disagreements(boots.map(({ end, results, findings }) => ({ transcript: { end }, results, findings }))) : [],
  };
}

/** What a joined walk is made of: the walk of one range after the other. */
export interface Joined {
  readonly points: readonly Point[];
  readonly verdict: WalkEvidence['verdict'];
}

/**
 * Whether of the prefix that two ranges share the later one says more: it may have looked again at what its own patches are held
 * against (decision 19).
 */
export function saysMore(before: Point, here: Point): boolean {
  return before.sameAs === undefined && here.side.boots.length > before.side.boots.length;
}

function joinPoints(points: readonly Point[], { points: later }: Pick<WalkEvidence, 'points'>): readonly Point[] {
  const [before, here] = [points.at(-1), later[0]];
  const shared = before && here && saysMore(before, here) ? [{ ...before, side: here.side }] : points.slice(-1);
  return [...points.slice(0, -1), ...shared, ...later.slice(1)];
}

/**
 * Joins walks of ranges that follow on each other to the walk of all of them, and judges it as if it had been one. The first
 * prefix of each range but the first is the last one of the range before.
 * @param parts in order, all of one series
 */
export function joinWalks(parts: readonly Pick<WalkEvidence, 'points' | 'series' | 'suite'>[]): Joined {
  const [first, ...others] = parts;
  const base = first?.points ?? [];
  // A base of no use ends a walk: what other machines built behind it is judged against nothing.
  const stopped = first !== undefined && others.length > 0 && base.length === 1;
  const points = stopped ? base : others.reduce(joinPoints, base);
  const built = points.map(({ side }) => ({ image: side.build?.ok === true ? side.build.vmlinux : undefined, coverage: side.coverage }));
  const { verdict, exitCode, reasons, bisectable, rows, brings } = decideWalk(
    points.map((point) => walkPoint(points, point)),
    first?.series.promises ?? {},
    nothingBuiltAlong(built),
    first?.suite.declared,
  );
  return {
    points,
    verdict: {
      ...{ name: verdict, exitCode, bisectable },
      reasons: reasons.map((reason) => ({ ...reason })),
      rows: rows.map((row) => ({ ...row, cells: [...row.cells] })),
      brings: brings.map(({ patch, tests }) => ({ patch, tests: [...tests] })),
    },
  };
}
