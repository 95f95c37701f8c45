import type { CompareEvidence, CutText } from '../evidence/compare-schema.js';
import { count } from '../spec/count.js';
import { html } from './html-escape.js';

type Pair = CompareEvidence['patches'][number];

const LINE_WIDTH = 1000;
/** Characters of all patches together, as HTML: a page stays below 5 MB and opens at once. */
const MOST_CHARACTERS = 1_500_000;

function lineHtml(line: string, names: readonly string[]): string {
  return `<span${names.length === 0 ? '' : ` class="${names.join(' ')}"`}>${html(line, LINE_WIDTH)}</span>`;
}

/** How a line of a diff of two diffs is shown: its first mark says in which version it is, the second what that version does with it. */
function rangeNames(line: string): readonly string[] {
  const version = { '-': ['in-old'], '+': ['in-new'] }[line[0] ?? ''] ?? [];
  if (version.length === 0 && /^(?:@@|[ ]{1,2}(?:##|@@) )/.test(line)) return ['head'];
  return [...version, ...({ '-': ['removed'], '+': ['added'] }[line[1] ?? ''] ?? [])];
}

/** The lines of a patch: those of its message have no marks. */
function patchLines(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => /^(?:diff --git |--- )/.test(line));
  return lines.map((line, index) => {
    if (start < 0 || index < start) return lineHtml(line, []);
    if (/^(?:diff --git |index [0-9a-f]|--- |\+\+\+ |@@ )/.test(line)) return lineHtml(line, ['head']);
    return lineHtml(line, { '-': ['removed'], '+': ['added'] }[line[0] ?? ''] ?? []);
  });
}

function block(label: string, lines: readonly string[], left: number, file: string): string {
  const more = left === 0 ? '' : `<b>… ${count(left, 'line')} left out: see ${html(file)}</b>`;
  return `<pre class="diff" tabindex="0" role="region" aria-label="${html(label)}">${lines.join('')}${more}</pre>`;
}

function patchFile(folder: string, number: number): string {
  return `${folder}/${String(number).padStart(4, '0')}.patch`;
}

function sideHtml(version: 'old' | 'new', number: number | undefined, text: CutText | undefined): string {
  if (number === undefined) return `<div><h3>not in the ${version} version</h3></div>`;
  const shown = text === undefined ? '<p>Its text was not kept in the evidence.</p>' : block(`patch ${number} of the ${version} version`, patchLines(text.lines), text.left, patchFile(version === 'old' ? 'old-series' : 'series', number));
  return `<div><h3>${version} version, patch ${number}</h3>${shown}</div>`;
}

function inner({ change, old, now, difference, oldText, nowText }: Pair): string {
  if (change === 'unchanged') {
    return nowText === undefined ? '<p>Its text was not kept in the evidence.</p>' : block(`patch ${now ?? 0}, the same in both versions`, patchLines(nowText.lines), nowText.left, patchFile('series', now ?? 0));
  }
  const range = difference === undefined ? '' : `<h3>how they differ, as git range-diff says it</h3>${block(`difference of old patch ${old ?? 0} and new patch ${now ?? 0}`, difference.lines.map((line) => lineHtml(line, rangeNames(line))), difference.left, 'range-diff.txt')}`;
  return `${range}<div class="sides">${sideHtml('old', old, oldText)}${sideHtml('new', now, nowText)}</div>`;
}

function files({ old, now, change }: Pair): readonly string[] {
  return [...(old === undefined || change === 'unchanged' ? [] : [patchFile('old-series', old)]), ...(now === undefined ? [] : [patchFile('series', now)])];
}

/** @param room characters that the text of the patch may take */
function pairHtml(pair: Pair, room: number): string {
  const { change, old = '-', now = '-', subject, moved, size } = pair;
  const what = `${change}${change === 'changed' ? `, ${count(size, 'line')}` : ''}${moved ? ', moved' : ''}`;
  const text = inner(pair);
  return `<details class="pair"><summary><span class="pair-numbers">${old} → ${now}</span> <span class="pair-${change}">${what}</span> ${html(subject, 300)}</summary>${text.length <= room ? text : `<p>There is no room for this patch on the page: see ${files(pair).join(' and ')}.</p>`}</details>`;
}

/** The patches of two versions, as git range-diff matches them: folded, and side by side where there is room for that. */
export function versionsPart({ patches, older, series }: CompareEvidence): string {
  if (patches.length === 0) return '';
  const heading = `<p>Patches of ${html(older.name, 100)} (${count(older.patches.length, 'patch', 'patches')}) and ${html(series.name, 100)} (${count(series.patches.length, 'patch', 'patches')}), old → new; open one to see it in both versions.</p>`;
  let room = MOST_CHARACTERS;
  const pairs = patches.map((pair) => {
    const shown = pairHtml(pair, room);
    room -= shown.length;
    return shown;
  });
  return `${heading}\n${pairs.join('\n')}`;
}
