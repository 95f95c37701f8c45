import type { MatrixPlan, PlanShard } from '../evidence/plan-schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatMs, formatTable } from '../terminal/format.js';
import { cellName } from './verdict.js';

const NAME_WIDTH = 80;

/** What a shard does, in a line: `6.12, profile plain` or `3 cells: 6.12, profile plain; …`. */
function shardName(plan: MatrixPlan, shard: PlanShard): string {
  const names = plan.cells.flatMap(({ kernel, profile, parts }) =>
    parts.filter(({ id }) => shard.parts.includes(id)).map(({ range }) => cellName({ kernel, profile, range: parts.length > 1 ? range : undefined })),
  );
  return shorten(visible(names.length === 1 ? (names[0] ?? '') : `${names.length} parts: ${names.join('; ')}`), NAME_WIDTH);
}

/** One line of JSON for `strategy.matrix: ${{ fromJSON(…) }}`: what a job needs to know of its shard. */
export function githubMatrix(plan: MatrixPlan): string {
  return `${JSON.stringify({ include: plan.shards.map((shard) => ({ shard: shard.id, name: shardName(plan, shard), minutes: Math.ceil(shard.ms / 60_000) })) })}\n`;
}

function quoted(word: string): string {
  return /^[\w./+:@%=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command line for each shard, for GNU parallel, ssh or a batch system.
 * @param path of the plan file on the machines
 */
export function planCommands(plan: MatrixPlan, path: string): string {
  return plan.shards.map(({ id }) => `respin run --plan ${quoted(path)} --shard ${id} --out shards/${id}\n`).join('');
}

/** For people. */
export function planTable(plan: MatrixPlan): string {
  const rows = plan.shards.map((shard) => [shard.id, formatMs(shard.ms), shardName(plan, shard)]);
  const longest = Math.max(...plan.shards.map(({ ms }) => ms));
  const parts = plan.cells.reduce((total, cell) => total + cell.parts.length, 0);
  return `${[
    ...formatTable([['SHARD', 'ABOUT', 'WHAT'], ...rows]),
    '',
    `${count(plan.cells.length, 'cell')}, ${count(parts, 'part')}, ${count(plan.shards.length, 'shard')}; the longest takes about ${formatMs(longest)}`,
  ].join('\n')}\n`;
}
