import type { MatrixCell, MatrixEvidence } from '../evidence/matrix-schema.js';

export type MatrixVerdict = MatrixEvidence['verdict'];

/**
 * The worst of all cells, in this order. A fault that is proven on one kernel is a fault of the series, whatever a host
 * does elsewhere; and nothing is good of which a part is not.
 */
const WORST_FIRST = [
  { name: 'bad', exitCode: 1 },
  { name: 'host', exitCode: 3 },
  { name: 'usage', exitCode: 2 },
  { name: 'untestable', exitCode: 125 },
] as const;

/** `6.12, profile plain` */
export function cellName({ kernel, profile, range }: Pick<MatrixCell, 'kernel' | 'profile' | 'range'>): string {
  return `${kernel}, profile ${profile}${range === undefined ? '' : `, patches ${range.from} to ${range.to}`}`;
}

function nameOf({ outcome }: MatrixCell): MatrixVerdict['name'] {
  return outcome.kind === 'judged' ? outcome.name : outcome.fault;
}

function reasonsOf(cell: MatrixCell): MatrixVerdict['reasons'] {
  const { outcome } = cell;
  const said = outcome.kind === 'judged' ? outcome.reasons : [{ code: outcome.code, text: outcome.message }];
  return said.map(({ code, text }) => ({ code, text: `${cellName(cell)}: ${text}` }));
}

/** The verdict of all cells together. No cell at all is untestable. */
export function matrixVerdict(cells: readonly MatrixCell[]): MatrixVerdict {
  if (cells.length === 0) return { name: 'untestable', exitCode: 125, reasons: [{ code: 'matrix.empty', text: 'nothing was judged' }] };
  const worst = WORST_FIRST.find(({ name }) => cells.some((cell) => nameOf(cell) === name));
  if (!worst) return { name: 'good', exitCode: 0, reasons: [] };
  return { ...worst, reasons: WORST_FIRST.flatMap(({ name }) => cells.filter((cell) => nameOf(cell) === name).flatMap(reasonsOf)) };
}
