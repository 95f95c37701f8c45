import type { CompareEvidence } from '../evidence/compare-schema.js';
import { count } from '../spec/count.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatTable } from '../terminal/format.js';
import { signed } from './brief-compare.js';
import { autoLines, coverageLines, diagnosticLines, findingLines, headingLines, joinSections, rejectionLines, timeTable } from './text-parts.js';

const CELL_WIDTH = 60;
const SHOWN_SYMBOLS = 20;
const SHOWN_REASONS = 20;

type Patch = CompareEvidence['patches'][number];
type Test = CompareEvidence['verdict']['tests'][number];
type Times = CompareEvidence['verdict']['findings'][number]['old'];
type Row = readonly string[];

const VERDICTS: Readonly<Record<CompareEvidence['verdict']['name'], string>> = {
  better: 'BETTER: something is better, and nothing is worse',
  same: 'SAME: nothing is better and nothing is worse',
  worse: 'WORSE',
  mixed: 'MIXED: better in some things, worse in others',
  untestable: 'UNTESTABLE: it cannot be told that nothing is worse',
};

function changeOf({ change, size, moved }: Patch): string {
  return `${change}${change === 'changed' ? `, ${count(size, 'line')}` : ''}${moved ? ', moved' : ''}`;
}

function patchRows({ patches }: CompareEvidence): readonly Row[] {
  return patches.map((patch) => ['patch', shorten(visible(patch.subject), CELL_WIDTH), '', String(patch.old ?? '-'), String(patch.now ?? '-'), changeOf(patch)]);
}

/** Well on both, or skipped on both: there may be hundreds. */
function isQuiet({ change }: Test): boolean {
  return change === 'same';
}

function testRows({ verdict }: CompareEvidence): readonly Row[] {
  return verdict.tests
    .filter((test) => !isQuiet(test))
    .map(({ name, base, old, now, change }) => ['test', shorten(visible(name), CELL_WIDTH), base ?? '-', old ?? '-', now ?? '-', change]);
}

function inBoots({ times, boots }: Times): string {
  return boots === 0 ? '-' : `${times}/${boots}`;
}

function findingRows({ verdict }: CompareEvidence): readonly Row[] {
  return verdict.findings.map(({ finding, base, old, now, change }) => [
    ...['report', shorten(visible(finding.title), CELL_WIDTH)],
    ...[inBoots(base), inBoots(old), inBoots(now), change],
  ]);
}

function warningRows({ verdict }: CompareEvidence): readonly Row[] {
  return verdict.warnings.map(({ diagnostic: { file, message }, change }) => [
    ...['warning', shorten(visible(`${file}: ${message}`), CELL_WIDTH)],
    ...['', change === 'new' ? '-' : 'warns', change === 'new' ? 'warns' : '-', change],
  ]);
}

function sizeRows({ size }: CompareEvidence): readonly Row[] {
  if (size.kind === 'not-measured') return [];
  const largest = [...size.symbols].sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta)).slice(0, SHOWN_SYMBOLS);
  return [
    ...largest.map(({ name, old, now, delta }) => ['size', shorten(visible(name), CELL_WIDTH), '', String(old ?? '-'), String(now ?? '-'), signed(delta)]),
    ['size', 'all symbols, in bytes', '', String(size.before), String(size.after), size.after === size.before ? 'same' : signed(size.after - size.before)],
  ];
}

/** What the table leaves out, or cannot have. */
function remarks(evidence: CompareEvidence): readonly string[] {
  const { verdict, size, unasked, sameKernel, base } = evidence;
  const quiet = verdict.tests.filter(isQuiet);
  const passing = quiet.filter(({ now }) => now === 'pass').length;
  const [ended] = base.boots;
  return [
    ...(passing === 0 ? [] : [`${count(passing, 'more test passes', 'more tests pass')} on both`]),
    ...(quiet.length === passing ? [] : [`${count(quiet.length - passing, 'more test is', 'more tests are')} the same on both, and skipped`]),
    ...(size.kind === 'measured' && size.symbols.length > SHOWN_SYMBOLS ? [`${count(size.symbols.length - SHOWN_SYMBOLS, 'more symbol')} of another size in evidence.json`] : []),
    ...(size.kind === 'not-measured' ? [`sizes were not compared: ${visible(size.why)}`] : []),
    ...(unasked === undefined ? [] : [`patches were matched by diff and subject, not by git range-diff: ${visible(unasked)}`]),
    ...(sameKernel ? ['kernel and initramfs of both versions are the same byte for byte; they were booted once'] : []),
    ...(base.build?.ok === true && ended?.end.kind === 'complete' ? [] : [`the base does not tell anything apart: ${ended === undefined ? 'it was not built' : visible(ended.end.description)}`]),
  ];
}

function reasonLines(heading: string, reasons: CompareEvidence['verdict']['better']): readonly string[] {
  if (reasons.length === 0) return [];
  const more = reasons.length - SHOWN_REASONS;
  return [`${heading}:`, ...reasons.slice(0, SHOWN_REASONS).map(({ text }) => `  ${visible(text)}`), ...(more > 0 ? [`  … ${more} more in evidence.json`] : [])];
}

function nameLine(name: string, { name: series, title, patches }: CompareEvidence['series']): string {
  return `${name.padEnd(8)} ${visible(series)}: ${visible(title)} (${count(patches.length, 'patch', 'patches')})`;
}

/**
 * A comparison for a terminal: one table of patches, tests, reports, warnings and sizes; then what is better and worse.
 * @param folder where the evidence lies
 */
export function renderCompareText(evidence: CompareEvidence, folder: string): string {
  const { verdict } = evidence;
  const rows = [...patchRows(evidence), ...testRows(evidence), ...findingRows(evidence), ...warningRows(evidence), ...sizeRows(evidence)];
  const fresh = verdict.findings.filter(({ change }) => change === 'new' || change === 'flaky').map(({ finding }) => finding);
  const failed = (['old', 'now'] as const).flatMap((side) => {
    const name = side === 'now' ? 'new' : side;
    return [...rejectionLines(evidence[side]), ...(evidence[side].build?.ok === false ? diagnosticLines(name, evidence[side]) : [])];
  });
  return joinSections([
    [nameLine('old', evidence.older), nameLine('new', evidence.series), ...headingLines(evidence).slice(1), ...autoLines(evidence.now)],
    [...formatTable([['WHAT', '', 'BASE', 'OLD', 'NEW', 'CHANGE'], ...rows]), ...remarks(evidence)],
    failed,
    findingLines('new', fresh),
    coverageLines(evidence.now),
    timeTable(evidence),
    [
      VERDICTS[verdict.name],
      ...reasonLines('worse', verdict.worse),
      ...reasonLines('in doubt', verdict.doubts),
      ...reasonLines('better', verdict.better),
      `evidence: ${visible(folder)}`,
    ],
  ]);
}
