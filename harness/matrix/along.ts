import type { MatrixCell } from '../evidence/matrix-schema.js';
import type { WalkEvidence } from '../evidence/schema.js';

type Judged = Extract<MatrixCell['outcome'], { kind: 'judged' }>;
type Along = Judged['along'];

/**
 * What each prefix of a walk came to, for a picture of many walks: `none` when there is no kernel of it, `stops` when that does not
 * come to its last test, `fails` when a test that passed before does not, or the kernel reports what it did not, else `good`. What
 * the base does is not the series': it is `good` when it comes to its end.
 */
export function alongOf({ points, verdict: { rows } }: WalkEvidence): Along {
  const reported = new Set<string>();
  return points.map(({ patch, side, sameAs, outcome }, index): Along[number] => {
    const fresh = side.boots.flatMap(({ findings }) => findings).filter(({ fingerprint }) => !reported.has(fingerprint) && reported.add(fingerprint).size > 0);
    const lost = rows.some(({ cells }) => index > 0 && cells[index - 1] === 'pass' && cells[index] !== 'pass');
    if (outcome !== 'ran') return { patch, state: 'none' };
    if (sameAs === undefined && !side.boots.every(({ end }) => end.kind === 'complete')) return { patch, state: 'stops' };
    return { patch, state: index > 0 && (lost || fresh.length > 0) ? 'fails' : 'good' };
  });
}
