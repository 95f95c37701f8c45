import type { BisectEvidence, Step } from '../../evidence/bisect-schema.js';
import type { EvidenceFile } from '../../evidence/write.js';
import { decideBisection, type BisectionState } from '../../verdict/bisection.js';
import { commonEvidence, type CommonRecord } from '../assemble.js';
import type { FoundOption } from './config.js';
import type { Proven } from './journal.js';

export interface BisectRecord extends CommonRecord {
  readonly fixed: boolean;
  readonly ends: Proven['ends'] | undefined;
  readonly steps: readonly Step[];
  readonly state: BisectionState;
  /** Of a configuration. */
  readonly options: readonly FoundOption[] | undefined;
  readonly ranges: BisectEvidence['ranges'];
  readonly kept: readonly EvidenceFile[];
}

/** `evidence.json` of a bisection, and the files that go beside it. */
export function assembleBisectEvidence(record: BisectRecord): { readonly evidence: BisectEvidence; readonly files: readonly EvidenceFile[] } {
  const { fixed, ends, steps, state, options, ranges, kept } = record;
  const { verdict, exitCode, reasons, culprit, suspects } = decideBisection(state);
  const evidence: BisectEvidence = {
    ...commonEvidence(record),
    ...{ kind: 'bisect', fixed, ends, steps: [...steps], ranges: [...ranges] },
    difference: options?.map((one) => ({ ...one, good: one.good ?? null, bad: one.bad ?? null })),
    confirmations: state.confirmations.map((confirmation) => ({ ...confirmation })),
    verdict: { name: verdict, exitCode, reasons: reasons.map((reason) => ({ ...reason })), culprit, suspects: [...suspects] },
  };
  return { evidence, files: kept };
}
