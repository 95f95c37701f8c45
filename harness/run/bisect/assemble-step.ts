import type { StepEvidence } from '../../evidence/step-schema.js';
import type { EvidenceFile } from '../../evidence/write.js';
import { decideStep, describeFault, type StepFault } from '../../verdict/step.js';
import { commonEvidence, sideEvidence, sideFiles, type CommonRecord } from '../assemble.js';
import type { LookedAt } from './step.js';

export interface StepRecord extends CommonRecord, LookedAt {
  readonly fault: StepFault;
}

/** `evidence.json` of one step of a bisection that somebody else drives, and the files that go beside it. */
export function assembleStepEvidence(step: StepRecord): { readonly evidence: StepEvidence; readonly files: readonly EvidenceFile[] } {
  const { fault, record, shown } = step;
  const { verdict, exitCode, reasons } = decideStep(shown);
  const evidence: StepEvidence = {
    ...commonEvidence(step),
    ...{ kind: 'step', fault: describeFault(fault), shown: shown.rate.bad, runs: shown.rate.runs },
    side: sideEvidence('kernel', record),
    verdict: { name: verdict, exitCode, reasons: reasons.map((reason) => ({ ...reason })) },
  };
  return { evidence, files: sideFiles('kernel', record) };
}
