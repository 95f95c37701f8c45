import type { MatrixCell, MatrixEvidence } from '../evidence/matrix-schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';
import { cellVerdict, hintsIn, judgedIn, MATRIX_HEADLINES, MATRIX_SENTENCES, rangeText } from './brief-matrix.js';
import { joinSections } from './text-parts.js';

const SHOWN_REASONS = 40;
const CELL_WIDTH = 60;
function row(cell: MatrixCell): readonly string[] {
  const { kernel, profile, outcome, ms } = cell;
  const judged = outcome.kind === 'judged' ? outcome : undefined;
  return [
    shorten(visible(kernel), CELL_WIDTH),
    shorten(visible(profile), CELL_WIDTH),
    rangeText(cell),
    visible(judged?.kernel.version ?? ''),
    formatMs(ms),
    MATRIX_HEADLINES[cellVerdict(cell)],
    visible(outcome.kind === 'judged' ? outcome.folder : outcome.code),
  ];
}

/**
 * A plan that was carried out, for a terminal: a line for each cell, what is wrong, the verdict of all.
 * @param folder where the evidence lies
 */
export function renderMatrixText(evidence: MatrixEvidence, folder: string): string {
  const { plan, shard, cells, verdict } = evidence;
  const names = [...new Set(judgedIn(evidence).map(({ series }) => series.name))];
  const shown = verdict.reasons.slice(0, SHOWN_REASONS);
  return joinSections([
    [
      ...(names.length === 0 ? [] : [`series   ${visible(names.join(', '))}`]),
      `plan     ${plan.digest.slice(0, 12)}: ${plan.judges} of ${count(plan.cells.length, 'cell')} in ${count(plan.shards.length, 'shard')}`,
      ...(shard === undefined ? [] : [`shard    ${visible(shard)}`]),
    ],
    formatTable([['KERNEL', 'PROFILE', 'PATCHES', 'VERSION', 'TIME', 'VERDICT', 'EVIDENCE'], ...cells.map(row)]),
    [
      `${MATRIX_HEADLINES[verdict.name]}: ${MATRIX_SENTENCES[verdict.name]}`,
      ...shown.map(({ text }) => `  ${visible(text)}`),
      ...(verdict.reasons.length > shown.length ? [`  … ${verdict.reasons.length - shown.length} more in evidence.json`] : []),
      ...hintsIn(evidence).map((hint) => `hint: ${visible(hint)}`),
      `evidence: ${visible(folder)}`,
    ],
  ]);
}
