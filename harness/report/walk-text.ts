import type { WalkEvidence } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatTable } from '../terminal/format.js';
import { diagnosticKey } from '../verdict/diagnostic-key.js';
import { autoLines, coverageLines, diagnosticLines, findingLines, headingLines, HEADLINES, joinSections, rejectionLines, timesSeen, timeTable } from './text-parts.js';

const NAME_WIDTH = 44;
const LINE_WIDTH = 100;

type Row = WalkEvidence['verdict']['rows'][number];
type Cell = Row['cells'][number];

/** Short enough for a column for each patch; what is not a pass stands out. */
const CELLS: Readonly<Record<Cell, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  skip: 'skip',
  crash: 'CRASH',
  timeout: 'HANG',
  missing: 'none',
  'not built': '--',
};

const LEGEND: Readonly<Partial<Record<Cell, string>>> = {
  timeout: 'HANG: it did not end in time',
  missing: 'none: it did not run',
  'not built': '--: there was no kernel to run it on',
};

function matrix(evidence: WalkEvidence): readonly string[] {
  const { points, verdict } = evidence;
  if (verdict.rows.length === 0) return [];
  const isSkipped = ({ cells, promised }: Row): boolean => promised === undefined && cells.every((cell) => cell === 'skip' || cell === 'not built');
  const shown = verdict.rows.filter((row) => !isSkipped(row));
  const skipped = verdict.rows.length - shown.length;
  const rows = shown.map((row) => [
    shorten(visible(row.name), NAME_WIDTH),
    ...row.cells.map((cell, index) => `${CELLS[cell]}${timesSeen(evidence, bootsAt(points, index), row.name)}`),
    row.promised === undefined ? '' : `promised from ${row.promised}`,
  ]);
  const seen = new Set(shown.flatMap(({ cells }) => cells));
  const legend = Object.entries(LEGEND).flatMap(([cell, text]) => (seen.has(cell as Cell) ? [text] : []));
  return [...formatTable([['TEST', ...points.map(({ patch }) => (patch === 0 ? 'base' : String(patch))), ''], ...rows]), ...legend, ...(skipped === 0 ? [] : [`${count(skipped, 'more test')} skipped on all of them`])];
}

/** The boots that a point is judged by: its own, or those of the point before that has the same kernel. */
function bootsAt(points: WalkEvidence['points'], index: number): WalkEvidence['points'][number]['side']['boots'] {
  const point = points[index];
  if (!point) return [];
  return (point.sameAs === undefined ? point : (points.find(({ patch }) => patch === point.sameAs) ?? point)).side.boots;
}

/** Words in lines of a width, behind an indent. */
function wrap(words: readonly string[], indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    if (line !== indent && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return line === indent ? lines : [...lines, line];
}

function patchLines({ points, verdict }: WalkEvidence): readonly string[] {
  return points.flatMap(({ patch, subject, sameAs }) => {
    const tests = verdict.brings.find((bring) => bring.patch === patch)?.tests ?? [];
    const name = patch === 0 ? 'the base' : `patch ${patch} ${visible(subject)}`;
    const same = sameAs === undefined ? '' : ` (the same kernel as ${sameAs === 0 ? 'the base' : `patch ${sameAs}`})`;
    const brings = tests.length === 0 ? '' : `: ${count(tests.length, 'test')} from here on`;
    return [`${name}${brings}${same}`, ...wrap(tests.map(visible), '    ')];
  });
}

/** What went wrong at a point, with what it can be seen by. */
function faultLines({ points }: WalkEvidence): readonly string[] {
  const known = new Set<string>();
  const warned = new Set<string>();
  let rejected = false;
  return points.flatMap(({ patch, side }) => {
    const name = patch === 0 ? 'base' : `patch ${patch}`;
    const found = side.boots.flatMap(({ findings }) => findings).filter(({ fingerprint }) => !known.has(fingerprint) && known.add(fingerprint).size > 0);
    const { build } = side;
    const fresh = build?.diagnostics.filter((diagnostic) => !warned.has(diagnosticKey(diagnostic))) ?? [];
    for (const diagnostic of fresh) warned.add(diagnosticKey(diagnostic));
    const rejection = rejected ? [] : rejectionLines(side);
    rejected ||= rejection.length > 0;
    return [...rejection, ...diagnosticLines(name, { ...side, build: build && { ...build, diagnostics: fresh } }), ...findingLines(`kernel report at ${name}`, found)];
  });
}

function bisectLine({ verdict, points }: WalkEvidence): string {
  const last = points.at(-1)?.patch ?? 0;
  const range = `${points[0]?.patch === 0 ? 'the base' : `patch ${points[0]?.patch ?? 0}`} to patch ${last}`;
  return verdict.bisectable
    ? `can be bisected from ${range}: each builds without a new warning, boots and leaves no new kernel report`
    : `cannot be bisected from ${range}`;
}

/**
 * A walk for a terminal: the matrix, what each patch brought, faults, times, verdict, evidence.
 * @param folder where the evidence lies
 */
export function renderWalkText(evidence: WalkEvidence, folder: string): string {
  const { verdict } = evidence;
  const [first, last] = [evidence.points[0]?.patch ?? 0, evidence.points.at(-1)?.patch ?? 0];
  // A promise of a patch that the walk did not cross was seen on one side at most.
  const crossed = Object.values(evidence.series.promises).filter((patch) => patch > first && patch <= last).length;
  const good = crossed > 0 ? `: ${count(crossed, 'promise')} kept on both sides, nothing new broke` : ': nothing new broke; nothing was promised of these patches';
  return joinSections([
    [...headingLines(evidence), ...autoLines(evidence.points.at(-1)?.side ?? {})],
    matrix(evidence),
    patchLines(evidence),
    [bisectLine(evidence)],
    faultLines(evidence),
    coverageLines(evidence.points.at(-1)?.side ?? {}),
    timeTable(evidence),
    [
      `${HEADLINES[verdict.name]}${verdict.name === 'good' ? good : ''}`,
      ...verdict.reasons.map(({ text }) => `  ${visible(text)}`),
      `evidence: ${visible(folder)}`,
    ],
  ]);
}
