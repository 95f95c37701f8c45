import type { MatrixCell, MatrixEvidence } from '../evidence/matrix-schema.js';
import { formatMs } from '../terminal/format.js';
import { cellVerdict, MATRIX_HEADLINES, rangeText } from './brief-matrix.js';
import { html, htmlTable, scrolling } from './html-escape.js';
import { legend, strip } from './html-strip.js';

/** A plan has at most so many pairs that each is drawn. */
const MOST_DRAWN = 2000;

/** What a prefix came to, as it is drawn and said. */
const STATES = {
  good: ['pass', 'builds, boots, all that passed before passes'],
  fails: ['fail', 'a test that passed before does not, or the kernel reports'],
  stops: ['crash', 'does not come to its last test'],
  none: ['', 'empty: no kernel'],
} as const;

const VERDICTS = { good: 'pass', bad: 'fail', untestable: 'skip', host: 'missing', usage: 'missing' } as const;

type Along = Extract<MatrixCell['outcome'], { kind: 'judged' }>['along'];

function alongOf({ outcome }: MatrixCell): Along {
  return outcome.kind === 'judged' ? outcome.along : [];
}

/** The prefixes that are not good, in words: `patches 3, 4`. */
function alongText(along: Along): string {
  const odd = along.filter(({ state }) => state !== 'good').map(({ patch }) => (patch === 0 ? 'the base' : String(patch)));
  return odd.length === 0 ? `all of ${along.length} kernels` : `not ${odd.slice(0, 20).join(', ')}${odd.length > 20 ? ' …' : ''}`;
}

/** One range of one pair: the verdict as a word, and along the patches as a picture. */
function box(cell: MatrixCell): string {
  const verdict = cellVerdict(cell);
  const along = alongOf(cell);
  const word = `<span class="v-${verdict}">${MATRIX_HEADLINES[verdict]}</span>`;
  const picture = along.length === 0 ? strip([VERDICTS[verdict]], MATRIX_HEADLINES[verdict]) : strip(along.map(({ state }) => STATES[state][0]), alongText(along));
  const range = cell.range === undefined ? '' : ` <small>patches ${rangeText(cell)}</small>`;
  return `<div class="cell">${word}${range}${picture}</div>`;
}

/** Kernels down, profiles across, and in each place what was judged there along the patches; below it every cell with its reason. */
export function matrixPart({ cells, plan }: MatrixEvidence): string {
  if (cells.length === 0) return '<p>Nothing was judged.</p>';
  const [kernels, profiles] = [[...new Set(cells.map(({ kernel }) => kernel))], [...new Set(cells.map(({ profile }) => profile))]];
  const at = new Map<string, MatrixCell[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.kernel, cell.profile]);
    const known = at.get(key) ?? [];
    at.set(key, known);
    known.push(cell);
  }
  const rows = kernels.map((kernel) => {
    const places = profiles.map((profile) => `<td>${at.get(JSON.stringify([kernel, profile]))?.map(box).join('') ?? '<span class="none">not planned</span>'}</td>`);
    return `<tr><th scope="row">${html(kernel, 200)}</th>${places.join('')}</tr>`;
  });
  const head = `<thead><tr><th scope="col">kernel</th>${profiles.map((profile) => `<th scope="col">${html(profile, 100)}</th>`).join('')}</tr></thead>`;
  const picture = `<table class="cells"><caption>${plan.judges === 'walk' ? 'the verdict of each kernel and profile, and what each prefix of the series came to, from the base to the last patch' : 'the verdict of each kernel and profile'}</caption>${head}<tbody>${rows.join('\n')}</tbody></table>`;
  const states = new Set(cells.flatMap((cell) => alongOf(cell).map(({ state }) => state)));
  const all = cells.map((cell) => {
    const { kernel, profile, outcome, ms } = cell;
    const verdict = cellVerdict(cell);
    const why = outcome.kind === 'judged' ? (outcome.reasons[0]?.text ?? '') : outcome.message;
    return [html(kernel, 200), html(profile, 100), rangeText(cell), `<span class="v-${verdict}">${MATRIX_HEADLINES[verdict]}</span>`, formatMs(ms), outcome.kind === 'judged' ? `<code>${html(outcome.folder, 200)}</code>` : '', html(why, 500)];
  });
  return [
    states.size === 0 ? '' : legend((Object.keys(STATES) as (keyof typeof STATES)[]).filter((state) => states.has(state)).map((state) => STATES[state])),
    kernels.length * profiles.length > MOST_DRAWN ? '<p>There are too many pairs for a picture; each cell is in the list below.</p>' : scrolling('kernel by profile', picture),
    htmlTable('every cell, with the folder of its evidence', ['kernel', 'profile', 'patches', 'verdict', 'time', 'evidence', 'why'], all),
  ].join('\n');
}
