import type { KnownEvidence } from '../evidence/kinds.js';
import type { EvidenceSide } from '../evidence/schema.js';

/** One kernel of evidence. */
export interface NamedSide {
  /** `base`, `tip`, `patch 3`, or the point of a bisection. */
  readonly name: string;
  readonly subject: string;
  readonly side: EvidenceSide;
  /** How many patches of the series are on it; undefined when that is not said. */
  readonly patches: number | undefined;
}

/** The kernels of evidence, in order; none of a check or a plan, whose cells have them. */
export function sidesOf(evidence: KnownEvidence): readonly NamedSide[] {
  switch (evidence.kind) {
    case 'run':
      return [
        { name: 'base', subject: '', side: evidence.base, patches: 0 },
        { name: 'tip', subject: evidence.series.title, side: evidence.tip, patches: evidence.series.patches.length },
      ];
    case 'walk':
      return evidence.points.map(({ patch, subject, side }) => ({ name: patch === 0 ? 'base' : `patch ${patch}`, subject, side, patches: patch }));
    case 'bisect':
      return evidence.steps.map(({ point, subject, side }) => ({ name: point, subject, side, patches: point === 'base' ? 0 : /^patch (\d+)$/.test(point) ? Number(point.slice(6)) : undefined }));
    case 'step':
      return [{ name: 'this kernel', subject: '', side: evidence.side, patches: undefined }];
    case 'compare':
      return [
        { name: 'base', subject: '', side: evidence.base, patches: 0 },
        { name: 'old', subject: evidence.older.title, side: evidence.old, patches: undefined },
        { name: 'new', subject: evidence.series.title, side: evidence.now, patches: evidence.series.patches.length },
      ];
    case 'check':
    case 'matrix':
      return [];
  }
}
