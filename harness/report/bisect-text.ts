import type { BisectEvidence } from '../evidence/bisect-schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';
import { MARKS, subjectOf } from './brief-bisect.js';
import { headingLines, joinSections } from './text-parts.js';

const SUBJECT_WIDTH = 50;
const WHY_WIDTH = 60;

function endsLines({ ends, fixed }: BisectEvidence): readonly string[] {
  if (!ends) return [];
  return [
    `searched: ${fixed ? 'what makes it go' : 'what makes it come'}: ${visible(ends.symptom)}`,
    `the bad end showed it in ${ends.shown} of ${count(ends.runs, 'boot')}; ${ends.needed === 1 ? 'one boot without it makes' : `${ends.needed} boots without it make`} a good kernel (confidence ${ends.confidence})`,
  ];
}

function stepRows({ steps }: BisectEvidence): readonly string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(({ point, subject, mark, shown, runs, sameAs, ms, why }) => [
    visible(point),
    shorten(visible(subject), SUBJECT_WIDTH),
    MARKS[mark],
    sameAs === undefined ? `${shown}/${runs}` : `as ${visible(sameAs)}`,
    formatMs(ms),
    shorten(visible(why), WHY_WIDTH),
  ]);
  return formatTable([['POINT', 'SUBJECT', 'SYMPTOM', 'BOOTS', 'TIME', 'WHAT WAS SEEN'], ...rows]);
}

function confirmationLines({ confirmations }: BisectEvidence): readonly string[] {
  const held = (value: boolean | undefined): string => (value === undefined ? 'not seen' : value ? 'held' : 'DID NOT HOLD');
  return confirmations.map(({ what, held: value, text }) => `${held(value)}: ${visible(what)}: ${visible(text)}`);
}

/** The smallest set of options, each with what it is in the good configuration and what is seen without it. */
function optionLines({ difference, verdict }: BisectEvidence): readonly string[] {
  if (difference === undefined || verdict.culprit === undefined) return [];
  const said = (value: string | null): string => value ?? 'not said';
  return [
    `FOUND: ${difference.length === 1 ? 'one option makes' : `${difference.length} options together make`} the difference`,
    ...difference.map(({ option, good, bad, without, why }) => {
      const alone = difference.length === 1 ? '' : without === 'absent' ? '; without it: gone' : `; without it nothing can be told: ${why}`;
      return `  ${visible(option)}: ${visible(said(bad))}, good with ${visible(said(good))}${visible(alone)}`;
    }),
  ];
}

function verdictLines(evidence: BisectEvidence, folder: string): readonly string[] {
  const { verdict, fixed, difference } = evidence;
  const name = (point: string): string => visible(`${point} ${subjectOf(evidence, point)}`.trim());
  const suspects = verdict.suspects.length > 1 ? ['it is one of:', ...verdict.suspects.map((point) => `  ${name(point)}`)] : [];
  return [
    ...optionLines(evidence),
    ...(difference !== undefined && verdict.culprit !== undefined ? [] : [verdict.culprit === undefined ? 'UNTESTABLE' : `FOUND: the first ${fixed ? 'good' : 'bad'} one is ${name(verdict.culprit)}`]),
    ...verdict.reasons.map(({ text }) => `  ${visible(text)}`),
    ...suspects,
    `evidence: ${visible(folder)}`,
  ];
}

/**
 * A bisection for a terminal: what was searched, each step, what was confirmed, the answer.
 * @param folder where the evidence lies
 */
export function renderBisectText(evidence: BisectEvidence, folder: string): string {
  return joinSections([headingLines(evidence), endsLines(evidence), stepRows(evidence), confirmationLines(evidence), verdictLines(evidence, folder)]);
}
