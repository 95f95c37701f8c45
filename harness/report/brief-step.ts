import type { StepEvidence } from '../evidence/step-schema.js';
import { count } from '../spec/count.js';
import { verdictCase, type Brief } from './brief.js';
import { diagnosticExcerpt, factsOf, findingExcerpt } from './brief-parts.js';
import { TONES } from './brief-run.js';
import { HEADLINES } from './text-parts.js';

/** One step of somebody's `git bisect run` in brief. Pure. */
export function briefStep(evidence: StepEvidence): Brief {
  const { verdict, fault, shown, runs, side } = evidence;
  const tone = TONES[verdict.name];
  const sentence = `${fault}: shown in ${shown} of ${count(runs, 'boot')}`;
  const reasons = verdict.reasons.map(({ text }) => text);
  return {
    ...{ tone, headline: HEADLINES[verdict.name], sentence, reasons, notes: [], tables: [] },
    facts: [...factsOf(evidence), ['fault', fault]],
    groups: [{ name: 'respin', cases: [verdictCase({ tone, sentence, reasons })] }],
    excerpts: [...diagnosticExcerpt('this kernel', side, new Set()), ...(side.boots[0]?.findings ?? []).map((finding) => findingExcerpt('kernel report', finding))],
    ...{ command: evidence.command, startedAt: evidence.startedAt, totalMs: evidence.totalMs },
  };
}
