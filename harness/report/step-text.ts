import type { StepEvidence } from '../evidence/step-schema.js';
import { count } from '../spec/count.js';
import { visible } from '../terminal/escape.js';
import { diagnosticLines, findingLines, headingLines, joinSections } from './text-parts.js';

const HEADLINES = { good: 'GOOD (exit 0)', bad: 'BAD (exit 1)', untestable: 'SKIP (exit 125)' } as const;

/**
 * One step of `git bisect run` for a terminal.
 * @param folder where the evidence lies
 */
export function renderStepText(evidence: StepEvidence, folder: string): string {
  const { verdict, fault, side, shown, runs } = evidence;
  const findings = side.boots.flatMap((boot) => boot.findings);
  const once = findings.filter(({ fingerprint }, index) => findings.findIndex((other) => other.fingerprint === fingerprint) === index);
  return joinSections([
    headingLines(evidence).filter((line) => !line.startsWith('series ')),
    [`bad is   ${visible(fault)}`, ...(side.boots.length === 0 ? [] : [`shown    in ${shown} of ${count(runs, 'boot')}`])],
    diagnosticLines('kernel', side),
    findingLines('the kernel reports', once),
    [`${HEADLINES[verdict.name]}: ${verdict.reasons.map(({ text }) => visible(text)).join('; ')}`, `evidence: ${visible(folder)}`],
  ]);
}
