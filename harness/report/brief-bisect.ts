import type { BisectEvidence } from '../evidence/bisect-schema.js';
import { formatMs } from '../terminal/format.js';
import { shortTable, verdictCase, type Brief, type Case } from './brief.js';
import { factsOf, findingExcerpt, rejectionExcerpt } from './brief-parts.js';

/** What a point of a bisection showed, in a word. */
export const MARKS = { shown: 'shown', absent: 'absent', unclear: 'skipped' } as const;

/** The subject of a point of a bisection, as far as evidence has it. */
export function subjectOf({ steps, series }: BisectEvidence, point: string): string {
  return steps.find((one) => one.point === point)?.subject ?? series.patches.find(({ number }) => `patch ${number}` === point)?.subject ?? '';
}

/** A bisection in brief. Pure. */
export function briefBisect(evidence: BisectEvidence): Brief {
  const { verdict, fixed, ends, steps, confirmations } = evidence;
  const tone = verdict.name === 'found' ? 'good' : 'unclear';
  const name = (point: string): string => `${point} ${subjectOf(evidence, point)}`.trim();
  const sentence = verdict.culprit === undefined ? 'it cannot be told which one it is' : `the first ${fixed ? 'good' : 'bad'} one is ${name(verdict.culprit)}`;
  const suspects = verdict.suspects.length > 1 ? verdict.suspects.map((point) => `it may be ${name(point)}`) : [];
  const reasons = [...verdict.reasons.map(({ text }) => text), ...suspects];
  const stepCases = steps.map((step): Case => ({
    name: name(step.point),
    outcome: step.mark === 'unclear' ? 'skip' : 'pass',
    status: MARKS[step.mark],
    detail: `${MARKS[step.mark]} in ${step.shown} of ${step.runs} boots: ${step.why}`,
    lines: [],
    ms: step.ms,
  }));
  const confirmed = confirmations.map(({ what, held, text }): Case => ({
    ...{ name: what, outcome: held === undefined ? 'skip' : held ? 'pass' : 'untold', detail: text, lines: [] },
    status: held === undefined ? 'not seen' : held ? 'held' : 'did not hold',
  }));
  const culprit = steps.find(({ point }) => point === verdict.culprit);
  return {
    ...{ tone, headline: verdict.name === 'found' ? 'FOUND' : 'UNTESTABLE', sentence, reasons, notes: [] },
    facts: [...factsOf(evidence), ...(ends === undefined ? [] : [['symptom', `${fixed ? 'what makes it go' : 'what makes it come'}: ${ends.symptom}`] as const, ['confidence', String(ends.confidence)] as const])],
    groups: [
      ...(stepCases.length === 0 ? [] : [{ name: 'steps', cases: stepCases }]),
      ...(confirmed.length === 0 ? [] : [{ name: 'confirmations', cases: confirmed }]),
      { name: 'respin', cases: [verdictCase({ tone, sentence, reasons })] },
    ],
    tables: [
      ...(steps.length === 0
        ? []
        : [shortTable('steps', ['point', 'symptom', 'boots', 'time', 'what was seen'], steps.map(({ point, mark, shown, runs, sameAs, ms, why }) => [point, MARKS[mark], sameAs === undefined ? `${shown}/${runs}` : `as ${sameAs}`, formatMs(ms), why]))]),
      ...(confirmed.length === 0 ? [] : [shortTable('confirmed', ['what', 'held', 'what was seen'], confirmed.map(({ name: what, status, detail }) => [what, status, detail]))]),
    ],
    excerpts: [
      ...steps.flatMap(({ side }) => (side.rejected === undefined ? [] : [rejectionExcerpt(side.rejected)])).slice(0, 1),
      ...(culprit?.side.boots[0]?.findings ?? []).map((finding) => findingExcerpt(`kernel report at ${verdict.culprit ?? ''}`, finding)),
    ],
    ...{ command: evidence.command, startedAt: evidence.startedAt, totalMs: evidence.totalMs },
  };
}
