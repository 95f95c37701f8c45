import type { BisectEvidence } from '../evidence/bisect-schema.js';
import { count } from '../spec/count.js';
import { formatMs } from '../terminal/format.js';
import { MARKS, subjectOf } from './brief-bisect.js';
import { html, htmlTable } from './html-escape.js';
import { legend, strip } from './html-strip.js';

const CELLS: Readonly<Record<string, string>> = { '.': 'old', '#': 'new', '?': 'open', s: 'skip' };

/** The range of a bisection as it shrank, step by step, and what was confirmed. */
export function bisectPart(evidence: BisectEvidence): string {
  const { ranges, steps, confirmations, verdict, fixed } = evidence;
  const shrank = ranges.map(({ cells, left }, index) => {
    const words = left === 1 ? 'one change is left' : `one of ${count(left, 'change')}`;
    return [index === 0 ? 'at first' : `after ${count(index, 'step')}`, strip(Array.from(cells, (cell) => CELLS[cell] ?? 'open'), words), words];
  });
  const names = [['old', `before: the symptom is ${fixed ? 'shown' : 'absent'}`], ['new', `from the change on: it is ${fixed ? 'absent' : 'shown'}`], ['open', 'not known yet'], ['skip', 'skipped']] as const;
  const seen = new Set(ranges.flatMap(({ cells }) => Array.from(cells, (cell) => CELLS[cell])));
  return [
    shrank.length === 0 ? '' : legend(names.filter(([name]) => seen.has(name))),
    shrank.length === 0 ? '' : htmlTable('the range as it shrank, from the base to the tip', ['step', 'range', 'the change is'], shrank).replace('<table>', '<table class="matrix">'),
    steps.length === 0
      ? ''
      : htmlTable(
          'every kernel that was looked at',
          ['point', 'subject', 'symptom', 'boots', 'time', 'what was seen'],
          steps.map(({ point, subject, mark, shown, runs, sameAs, ms, why }) => [html(point, 80), html(subject, 200), `<span class="t-${mark}">${MARKS[mark]}</span>`, sameAs === undefined ? `${shown}/${runs}` : `as ${html(sameAs, 80)}`, formatMs(ms), html(why, 400)]),
        ),
    confirmations.length === 0
      ? ''
      : htmlTable('what was confirmed', ['what', 'held', 'what was seen'], confirmations.map(({ what, held, text }) => [html(what, 200), held === undefined ? 'not seen' : held ? 'held' : '<strong>did not hold</strong>', html(text, 400)])),
    verdict.suspects.length < 2 ? '' : `<p>It is one of:</p><ul>${verdict.suspects.slice(0, 100).map((point) => `<li>${html(`${point} ${subjectOf(evidence, point)}`, 300)}</li>`).join('')}</ul>`,
  ].join('\n');
}
