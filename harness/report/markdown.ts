import { shorten, visible } from '../terminal/escape.js';
import { formatMs } from '../terminal/format.js';
import type { Brief, BriefTable, Excerpt } from './brief.js';
import { commandText } from './shell-words.js';

const CELL_WIDTH = 80;
const SHOWN_LINES = 40;
const SHOWN_EXCERPTS = 10;
const SHOWN_REASONS = 20;
const LINE_WIDTH = 500;
const MARKS = { good: '✅', bad: '❌', unclear: '❔' } as const;

/**
 * Foreign text as a code span: nothing in it is a link, a mention, an image or HTML. In a table a pipe has to be escaped in
 * code as well (GitHub Flavored Markdown, 4.10).
 */
function code(text: string, where: 'table' | 'text'): string {
  const shown = shorten(visible(text).replace(/\t/g, ' '), where === 'table' ? CELL_WIDTH : LINE_WIDTH).trim();
  if (shown === '') return '';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  const span = `${fence}${pad}${shown}${pad}${fence}`;
  return where === 'table' ? span.replace(/\|/g, '\\|') : span;
}

function fenced(lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `| ${shorten(visible(line), LINE_WIDTH)}`);
  const left = lines.length - shown.length;
  const longest = Math.max(2, ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...shown, ...(left > 0 ? [`… ${left} more lines`] : []), fence];
}

/** A heading of a table: plain words as they are, all else as foreign text. */
function heading(text: string): string {
  return /^[\w .,-]+$/.test(text) ? text : code(text, 'table');
}

function tableLines({ title, head, rows, note }: BriefTable): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [`**${title.replace(/[^\w .,:-]/g, '')}**`, '', line(head.map(heading)), line(head.map(() => '---')), ...rows.map((row) => line(row.map((cell) => code(cell, 'table')))), ...(note === undefined ? [] : ['', note]), ''];
}

function excerptLines({ title, lines }: Excerpt): readonly string[] {
  // A summary is HTML: what is code in it is escaped as HTML.
  const shown = shorten(visible(title), LINE_WIDTH).replace(/[&<>"'`*_[\]@#|\\]/g, (char) => `&#${char.charCodeAt(0)};`);
  return [`<details><summary><code>${shown}</code></summary>`, '', ...fenced(lines), '', '</details>', ''];
}

/** Markdown for a pull request or a step summary: verdict first, foreign text in code alone. */
export function renderMarkdown({ tone, headline, sentence, reasons, notes, facts, tables, excerpts, command, totalMs }: Brief): string {
  const shown = reasons.slice(0, SHOWN_REASONS);
  const left = reasons.length - shown.length;
  const lines = [
    `## ${MARKS[tone]} ${headline}`,
    '',
    code(sentence, 'text'),
    '',
    ...shown.map((reason) => `- ${code(reason, 'text')}`),
    ...(left > 0 ? [`- … and ${left} more`] : []),
    ...(shown.length > 0 ? [''] : []),
    ...facts.filter(([label]) => label !== 'time').map(([label, text]) => `- ${label}: ${code(text, 'text')}`),
    ...notes.map((note) => `- note: ${code(note, 'text')}`),
    '',
    ...tables.flatMap(tableLines),
    ...excerpts.slice(0, SHOWN_EXCERPTS).flatMap(excerptLines),
    ...(excerpts.length > SHOWN_EXCERPTS ? [`… and ${excerpts.length - SHOWN_EXCERPTS} more reports in evidence.json`, ''] : []),
    `To repeat it (it took ${formatMs(totalMs)}): ${code(commandText(command), 'text')}`,
  ];
  return `${lines.join('\n')}\n`;
}
