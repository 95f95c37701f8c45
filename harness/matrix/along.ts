import type { MatrixCell } from '../evidence/matrix-schema.js';
import type { WalkEvidence } from '../evidence/schema.js';
import { isHeld } from '../verdict/held-findings.js';

type Judged = Extract<MatrixCell['outcome'], { kind: 'judged' }>;
type Along = Judged['along'];

/**
 * What each prefix of a walk came to, for a picture of many walks: `none` when there is no kernel of it, `stops` when that does not
 * come to its last test, `fails` when a test does not pass that passed before, or the kernel reports what the first one did not,
 * else `good`. What the first kernel does is not the series': it is `good` when it comes to its end.
 */
export function alongOf({ points, suite, verdict: { rows } }: WalkEvidence): Along {
  const passed = rows.map(({ cells }) => ({ cells, first: cells.indexOf('pass') }));
  const reports = ({ side }: WalkEvidence['points'][number]): readonly string[] =>
    side.boots.flatMap(({ findings }) => findings.filter((finding) => isHeld({ ...finding, function: finding.function }, suite.declared)).map(({ fingerprint }) => fingerprint));
  const known = new Set(points.slice(0, 1).flatMap(reports));
  const states = new Map<number, Along[number]['state']>();
  for (const [index, point] of points.entries()) {
    const { patch, side, sameAs, outcome } = point;
    const isLost = passed.some(({ cells, first }) => first >= 0 && first < index && cells[index] !== 'pass');
    const same = sameAs === undefined ? undefined : states.get(sameAs);
    if (outcome !== 'ran') states.set(patch, 'none');
    else if (same !== undefined) states.set(patch, same);
    else if (!side.boots.every(({ end }) => end.kind === 'complete')) states.set(patch, 'stops');
    else states.set(patch, isLost || reports(point).some((fingerprint) => !known.has(fingerprint)) ? 'fails' : 'good');
  }
  return [...states].map(([patch, state]) => ({ patch, state }));
}
