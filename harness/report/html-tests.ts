import type { Evidence, WalkEvidence } from '../evidence/schema.js';
import { count } from '../spec/count.js';
import { testOutcome } from './brief-run.js';
import { describeRow, pointName, rowOutcome } from './brief-walk.js';
import { html, htmlTable, scrolling } from './html-escape.js';
import { legend, overview, strip } from './html-strip.js';

const SHOWN_PATTERNS = 300;
const SHOWN_NAMES = 400;
const TICKS = 12;
/** Rows that are taken in one by one; more get a picture of all of them before. */
const GLANCED = 12;
const MOST_SHAPES = 8000;

const WORDS: readonly (readonly [string, string])[] = [
  ['pass', 'pass'],
  ['fail', 'fail'],
  ['crash', 'crash'],
  ['timeout', 'timeout'],
  ['skip', 'skip'],
  ['missing', 'missing: it did not run'],
];

function mark(status: string): string {
  return `<span class="t-${status.replace(/ /g, '-')}">${html(status)}</span>`;
}

const FILTER = (label: string): string => `<p class="find" hidden><label>${label} <input type="search" class="filter" autocomplete="off"></label> <span class="told" role="status"></span></p>`;

/** Base against tip: how many tests went from what to what, and each of them, what fails first. */
export function runTests(evidence: Evidence): string {
  const { tests } = evidence.verdict;
  if (tests.length === 0) return '<p>No test was judged.</p>';
  const statuses = ['pass', 'skip', 'fail', 'crash', 'timeout', 'missing', '-'];
  const at = (base: string, tip: string): number => tests.filter((test) => (test.base ?? '-') === base && (test.tip ?? '-') === tip).length;
  const bases = statuses.filter((status) => tests.some(({ base = '-' }) => base === status));
  const tips = statuses.filter((status) => tests.some(({ tip = '-' }) => tip === status));
  const order = { fail: 0, untold: 1, known: 2, pass: 3, skip: 4 } as const;
  const sorted = tests
    .map((test) => ({ test, outcome: testOutcome(test, evidence.verdict) }))
    .sort((a, b) => order[a.outcome] - order[b.outcome] || Number(b.test.change === 'fixed') - Number(a.test.change === 'fixed'));
  const cells = (side: 'base' | 'tip'): readonly string[] => [...tests].map((test) => test[side] ?? '-').sort((a, b) => statuses.indexOf(a) - statuses.indexOf(b));
  const bar = (side: 'base' | 'tip'): string => {
    const passed = tests.filter((test) => test[side] === 'pass').length;
    return `<div class="bar"><span>${side}</span>${strip(cells(side), `${side}: ${passed} of ${tests.length} pass`)}<span>${passed} of ${tests.length} pass</span></div>`;
  };
  const seen = WORDS.filter(([name]) => tests.some(({ base, tip }) => base === name || tip === name));
  const cross = htmlTable('base (down) against tip (across)', ['base', ...tips.map((tip) => `tip ${mark(tip)}`)], bases.map((base) => [mark(base), ...tips.map((tip) => (at(base, tip) === 0 ? '<span class="none">·</span>' : String(at(base, tip))))]));
  const rows = sorted.map(({ test, outcome }) => [
    html(test.name, 300),
    mark(test.base ?? '-'),
    mark(test.tip ?? '-'),
    outcome === 'known' ? 'fails on both' : test.change,
    `${test.promised === undefined ? '' : `promised from patch ${test.promised}${test.tip === 'pass' ? '' : ': '}`}${test.tip === 'pass' ? '' : html(test.reason, 500)}`,
  ]);
  const table = htmlTable(count(tests.length, 'test'), ['test', 'base', 'tip', 'change', 'why'], rows);
  return `${bar('base')}${bar('tip')}${legend(seen)}${cross}<div class="filtered">${FILTER('Show tests with')}${table}</div>`;
}

interface Pattern {
  readonly cells: WalkEvidence['verdict']['rows'][number]['cells'];
  readonly promised: number | undefined;
  readonly isFault: boolean;
  readonly names: string[];
}

/** Tests that came out alike on every kernel are one row of the picture. */
function patternsOf({ verdict }: WalkEvidence): readonly Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const row of verdict.rows) {
    const isFault = ['fail', 'untold'].includes(rowOutcome(row, verdict));
    const key = `${isFault ? '!' : ''}${row.promised ?? ''} ${row.cells.join()}`;
    const known = patterns.get(key) ?? { cells: row.cells, promised: row.promised, isFault, names: [] };
    patterns.set(key, known);
    known.names.push(row.name);
  }
  const first = ({ cells }: Pattern): number => (cells.includes('pass') ? cells.indexOf('pass') : cells.length);
  return [...patterns.values()].sort((a, b) => Number(b.isFault) - Number(a.isFault) || first(a) - first(b) || b.names.length - a.names.length);
}

function ticks(points: WalkEvidence['points']): string {
  const every = Math.ceil(points.length / TICKS);
  return `<div class="ticks" aria-hidden="true">${points.map(({ patch }, index) => `<span>${index % every === 0 ? (patch === 0 ? 'base' : String(patch)) : ''}</span>`).join('')}</div>`;
}

/** The matrix of a walk as a picture: what each test did along the series, tests that did the same in one row. */
export function walkTests(evidence: WalkEvidence): string {
  const { verdict, points } = evidence;
  if (verdict.rows.length === 0) return '<p>No test was judged.</p>';
  const patterns = patternsOf(evidence);
  const rows = patterns.slice(0, SHOWN_PATTERNS).map((pattern) => {
    const words = describeRow(pattern, points);
    const [name = ''] = pattern.names;
    const label = pattern.names.length === 1 ? html(name, 200) : `<details><summary>${count(pattern.names.length, 'test')}: ${html(name, 100)} …</summary><ul>${pattern.names.slice(0, SHOWN_NAMES).map((one) => `<li>${html(one, 200)}</li>`).join('')}</ul>${pattern.names.length > SHOWN_NAMES ? `<p>… and ${pattern.names.length - SHOWN_NAMES} more, in the list below</p>` : ''}</details>`;
    const said = `${pattern.isFault ? '<strong>at fault:</strong> ' : ''}${html(words, 400)}${pattern.promised === undefined ? '' : ` (promised from patch ${pattern.promised})`}`;
    return [label, strip(pattern.cells, words), said];
  });
  const picture = `<table class="matrix"><caption>what each test did, from ${pointName(points[0]?.patch ?? 0)} to ${pointName(points.at(-1)?.patch ?? 0)}; tests that did the same are one row</caption><thead><tr><th scope="col">tests</th><th scope="col" class="wide"><span class="hide">from patch to patch</span>${ticks(points)}</th><th scope="col">in words</th></tr></thead><tbody>${rows
    .map(([name = '', picked = '', said = '']) => `<tr><th scope="row">${name}</th><td class="wide">${picked}</td><td>${said}</td></tr>`)
    .join('\n')}</tbody></table>`;
  const left = patterns.length - SHOWN_PATTERNS;
  const seen = new Set(verdict.rows.flatMap(({ cells }) => cells) as readonly string[]);
  const brings = verdict.brings.map(({ patch, tests }) => [String(patch), html(points.find((point) => point.patch === patch)?.subject ?? '', 200), String(tests.length), `${html(tests.slice(0, 3).join(', '), 300)}${tests.length > 3 ? ' …' : ''}`]);
  const all = htmlTable(count(verdict.rows.length, 'test'), ['test', 'what it did'], verdict.rows.map((row) => [html(row.name, 300), `${html(describeRow(row, points), 400)}${row.promised === undefined ? '' : `, promised from ${row.promised}`}`]));
  return [
    legend([...WORDS.filter(([name]) => seen.has(name)), ...(seen.has('not built') ? [['not built', 'empty: there was no kernel to run it on'] as const] : [])]),
    patterns.length > GLANCED ? overview(patterns.map(({ cells, names }) => ({ cells, height: names.length })), `${count(verdict.rows.length, 'test')} on ${count(points.length, 'kernel')}, those that pass first on top; row by row below`, MOST_SHAPES) : '',
    scrolling('matrix of the walk', picture),
    left > 0 ? `<p>… and ${left} more rows of this kind; each test is in the list below.</p>` : '',
    brings.length === 0 ? '' : htmlTable('what each patch makes pass', ['patch', 'subject', 'tests', 'such as'], brings),
    `<details class="filtered"><summary>every test</summary>${FILTER('Show tests with')}${all}</details>`,
  ].join('\n');
}
