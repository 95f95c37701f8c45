import type { WalkEvidence } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { diagnosticKey } from '../verdict/diagnostic-key.js';
import { shortTable, verdictCase, type Brief, type BriefTable, type Case, type CaseGroup, type Excerpt, type Outcome } from './brief.js';
import { diagnosticExcerpt, factsOf, findingCase, findingExcerpt, kernelCases, rejectionExcerpt, unbuiltNotes } from './brief-parts.js';
import { TONES } from './brief-run.js';
import { HEADLINES } from './text-parts.js';

type Row = WalkEvidence['verdict']['rows'][number];
type Point = WalkEvidence['points'][number];

/** `the base`, `patch 3` */
export function pointName(patch: number): string {
  return patch === 0 ? 'the base' : `patch ${patch}`;
}

/** A row in words: `fail to patch 4, pass from patch 5`. */
export function describeRow({ cells }: Pick<Row, 'cells'>, points: readonly Pick<Point, 'patch'>[]): string {
  const parts: string[] = [];
  let from = 0;
  for (let index = 1; index <= cells.length; index += 1) {
    if (index < cells.length && cells[index] === cells[from]) continue;
    const [first, last] = [points[from]?.patch ?? 0, points[index - 1]?.patch ?? 0];
    const where = from === 0 && index === cells.length ? 'throughout' : index === cells.length ? `from ${pointName(first)} on` : first === last ? `at ${pointName(first)}` : `from ${pointName(first)} to ${pointName(last)}`;
    parts.push(`${cells[from] ?? ''} ${where}`);
    from = index;
  }
  return parts.join(', ');
}

/** A failure is the series' only when the verdict says so. */
export function rowOutcome(row: Row, { name: verdict, reasons }: WalkEvidence['verdict']): Outcome {
  const isNamed = reasons.some(({ code, text }) => (code.startsWith('test.') || code.startsWith('promise.')) && text.startsWith(`${row.name} `));
  if (isNamed) return verdict === 'bad' ? 'fail' : 'untold';
  const last = row.cells.at(-1);
  if (last === 'pass') return 'pass';
  if (last === 'skip') return 'skip';
  return last === 'not built' || last === 'missing' || last === undefined ? 'untold' : 'known';
}

function pointGroups({ points, verdict }: WalkEvidence): readonly CaseGroup[] {
  const seen = new Set<string>();
  return points.map(({ patch, subject, side, outcome }) => {
    const fault = patch === 0 || verdict.name !== 'bad' ? 'untold' : 'fail';
    const fresh = side.boots.flatMap(({ findings }) => findings).filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint).size > 0);
    const cases: readonly Case[] = [
      ...kernelCases(pointName(patch), side, fault),
      ...fresh.map((finding) => findingCase(`kernel report at ${pointName(patch)}`, finding, patch === 0 ? 'known' : fault)),
    ];
    const none: Case = { name: pointName(patch), outcome: outcome === 'ran' ? 'pass' : 'untold', status: outcome, detail: outcome === 'ran' ? 'the same kernel as before' : outcome, lines: [] };
    return { name: patch === 0 ? 'base' : `patch ${patch} ${subject}`, cases: cases.length > 0 ? cases : [none] };
  });
}

function rowCases({ verdict, points }: WalkEvidence): readonly CaseGroup[] {
  if (verdict.rows.length === 0) return [];
  const cases = verdict.rows.map((row): Case => {
    const promise = row.promised === undefined ? '' : `; promised from patch ${row.promised}`;
    const last = points.findLast(({ side }) => side.boots.length > 0)?.side.boots[0]?.results.find(({ name }) => name === row.name);
    const outcome = rowOutcome(row, verdict);
    return { name: row.name, outcome, status: row.cells.at(-1) ?? '', detail: `${describeRow(row, points)}${promise}`, lines: outcome === 'pass' ? [] : (last?.lines ?? []) };
  });
  return [{ name: 'tests', cases }];
}

function tables({ points, verdict }: WalkEvidence): readonly BriefTable[] {
  const rows = points.map(({ patch, subject, outcome, side, sameAs }, index) => {
    const cells = verdict.rows.map((row) => row.cells[index]);
    const brings = verdict.brings.find((bring) => bring.patch === patch)?.tests.length ?? 0;
    const end = side.boots[0]?.end.kind;
    const state = sameAs !== undefined ? `as ${pointName(sameAs)}` : outcome !== 'ran' ? outcome : end === undefined || end === 'complete' ? 'boots' : end;
    return [patch === 0 ? 'base' : String(patch), state, `${cells.filter((cell) => cell === 'pass').length} of ${cells.length}`, brings === 0 ? '' : `+${brings}`, subject];
  });
  const failing = verdict.rows.filter((row) => ['fail', 'untold'].includes(rowOutcome(row, verdict)));
  return [
    shortTable('patch by patch', ['patch', 'kernel', 'pass', 'brings', 'subject'], rows),
    ...(failing.length === 0 ? [] : [shortTable('tests that are at fault, or that nothing proves', ['test', 'what it did'], failing.map((row) => [row.name, describeRow(row, points)]))]),
  ];
}

function excerpts({ points }: WalkEvidence): readonly Excerpt[] {
  const known = new Set<string>();
  const seen = new Set<string>();
  let rejected = false;
  return points.flatMap(({ patch, side }) => {
    const found = side.boots.flatMap(({ findings }) => findings).filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint).size > 0);
    const said = diagnosticExcerpt(pointName(patch), side, known);
    for (const diagnostic of side.build?.diagnostics ?? []) known.add(diagnosticKey(diagnostic));
    const rejection = rejected || side.rejected === undefined ? [] : [rejectionExcerpt(side.rejected)];
    rejected ||= rejection.length > 0;
    return [...rejection, ...said, ...found.map((finding) => findingExcerpt(`kernel report at ${pointName(patch)}`, finding))];
  });
}

/** A walk in brief. Pure. */
export function briefWalk(evidence: WalkEvidence): Brief {
  const { verdict, points, series } = evidence;
  const tone = TONES[verdict.name];
  const reasons = verdict.reasons.map(({ text }) => text);
  const [first, last] = [points[0]?.patch ?? 0, points.at(-1)?.patch ?? 0];
  // A promise of a patch that the walk did not cross was seen on one side at most.
  const crossed = Object.values(series.promises).filter((patch) => patch > first && patch <= last).length;
  const kept = crossed > 0 ? `${count(crossed, 'promise')} kept on both sides, nothing new broke` : 'nothing new broke; nothing was promised of these patches';
  const sentence = { good: kept, bad: 'the series is at fault', untestable: 'it cannot be told whether the series is good' }[verdict.name];
  const bisect = `the series ${verdict.bisectable ? 'can' : 'cannot'} be bisected from ${pointName(first)} to ${pointName(last)}`;
  return {
    ...{ tone, headline: HEADLINES[verdict.name], sentence, reasons, facts: factsOf(evidence), tables: tables(evidence) },
    notes: [bisect, ...unbuiltNotes(points.at(-1)?.side ?? { boots: [] })],
    groups: [...pointGroups(evidence), ...rowCases(evidence), { name: 'respin', cases: [verdictCase({ tone, sentence, reasons })] }],
    excerpts: excerpts(evidence),
    ...{ command: evidence.command, startedAt: evidence.startedAt, totalMs: evidence.totalMs },
  };
}
