import type { MatrixCell, MatrixEvidence } from '../evidence/matrix-schema.js';
import { count } from '../spec/count.js';
import { visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';
import { joinSections } from './text-parts.js';

const SHOWN_REASONS = 40;
const FAULTS = { host: 'HOST', usage: 'REFUSED' } as const;

const HEADLINES: Readonly<Record<MatrixEvidence['verdict']['name'], string>> = {
  good: 'GOOD: every cell is good',
  bad: 'BAD',
  untestable: 'UNTESTABLE',
  host: 'HOST: a machine failed; that says nothing about the series',
  usage: 'REFUSED: a part of the request is wrong',
};

function row({ kernel, profile, range, outcome, ms }: MatrixCell): readonly string[] {
  const judged = outcome.kind === 'judged' ? outcome : undefined;
  return [
    visible(kernel),
    profile,
    range === undefined ? 'all' : `${range.from} to ${range.to}`,
    visible(judged?.kernel.version ?? ''),
    formatMs(ms),
    outcome.kind === 'judged' ? outcome.name.toUpperCase() : FAULTS[outcome.fault],
    judged?.folder ?? visible(outcome.kind === 'failed' ? outcome.code : ''),
  ];
}

/**
 * A plan that was carried out, for a terminal: a line for each cell, what is wrong, the verdict of all.
 * @param folder where the evidence lies
 */
export function renderMatrixText({ plan, shard, cells, verdict }: MatrixEvidence, folder: string): string {
  const names = [...new Set(cells.flatMap(({ outcome }) => (outcome.kind === 'judged' ? [outcome.series.name] : [])))];
  const shown = verdict.reasons.slice(0, SHOWN_REASONS);
  const hints = [...new Set(cells.flatMap(({ outcome }) => (outcome.kind === 'failed' && outcome.hint !== undefined ? [outcome.hint] : [])))];
  return joinSections([
    [
      ...(names.length === 0 ? [] : [`series   ${visible(names.join(', '))}`]),
      `plan     ${plan.digest.slice(0, 12)}: ${plan.judges} of ${count(plan.cells.length, 'cell')} in ${count(plan.shards.length, 'shard')}`,
      ...(shard === undefined ? [] : [`shard    ${shard}`]),
    ],
    formatTable([['KERNEL', 'PROFILE', 'PATCHES', 'VERSION', 'TIME', 'VERDICT', 'EVIDENCE'], ...cells.map(row)]),
    [
      HEADLINES[verdict.name],
      ...shown.map(({ text }) => `  ${visible(text)}`),
      ...(verdict.reasons.length > shown.length ? [`  … ${verdict.reasons.length - shown.length} more in evidence.json`] : []),
      ...hints.map((hint) => `hint: ${visible(hint)}`),
      `evidence: ${visible(folder)}`,
    ],
  ]);
}
