import type { AnyEvidence, KnownEvidence } from '../evidence/kinds.js';
import { shorten, visible } from '../terminal/escape.js';
import { formatTable } from '../terminal/format.js';
import type { Brief, BriefTable } from './brief.js';
import { judgedIn } from './brief-matrix.js';
import { addressHeader, encodeHeader, idsHeader } from './mail-headers.js';
import { commandLines } from './shell-words.js';

/** What kernel lists ask for. */
const WIDTH = 75;
const SHOWN_REASONS = 30;
const SHOWN_LINES = 25;
const SHOWN_EXCERPTS = 5;

/** Words in lines of WIDTH behind an indent; a word that is longer is cut into lines. */
function wrap(text: string, first: string, rest = ' '.repeat(first.length)): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = rest;
    isEmpty = true;
  };
  for (const word of visible(text).replace(/\t/g, ' ').split(' ').filter(Boolean)) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) flush();
    let left = word;
    while (line.length + left.length > WIDTH && isEmpty) {
      const room = WIDTH - line.length;
      line += left.slice(0, room);
      left = left.slice(room);
      flush();
    }
    line += isEmpty ? left : ` ${left}`;
    isEmpty = isEmpty && left === '';
  }
  if (!isEmpty || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

/** The columns share the width: what is wide gives way, the widest first. */
function tableLines({ title, head, rows, note }: BriefTable): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => visible(cell).replace(/\t/g, ' ')));
  const widths = head.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const room = WIDTH - 2 - 2 * (head.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > room) widths[widths.indexOf(Math.max(...widths))] = Math.max(...widths) - 1;
  const table = formatTable(cells.map((row) => row.map((cell, index) => shorten(cell, widths[index] ?? 0))));
  return [`${visible(title)}:`, '', ...table.map((line) => `  ${line}`), ...(note === undefined ? [] : [`  ${note}`])];
}

/** Lines that a mail tool takes for something else get a blank before them: an mbox's next mail, the end of a message. */
function harmless(line: string): string {
  return /^(?:>*From |---|diff |Index: |-- $|-->8|scissors)/.test(line) ? ` ${line}` : line;
}

function body({ headline, sentence, reasons, notes, facts, tables, excerpts, command }: Brief, testedBy: string | undefined): readonly string[] {
  const shown = reasons.slice(0, SHOWN_REASONS);
  const left = reasons.length - shown.length;
  return [
    ...wrap(`This series was tested with respin. ${headline}: ${sentence}.`, ''),
    '',
    ...shown.flatMap((reason) => wrap(reason, '- ', '  ')),
    ...(left > 0 ? [`- and ${left} more`] : []),
    ...(shown.length > 0 ? [''] : []),
    ...facts.flatMap(([label, text]) => wrap(text, `${label.padEnd(10)} `, ' '.repeat(11))),
    ...notes.flatMap((note) => wrap(note, 'note       ', ' '.repeat(11))),
    ...tables.flatMap((table) => ['', ...tableLines(table)]),
    ...excerpts.slice(0, SHOWN_EXCERPTS).flatMap(({ title, lines }) => [
      '',
      ...wrap(`${title}:`, ''),
      ...lines.slice(0, SHOWN_LINES).map((line) => `  | ${shorten(visible(line).replace(/\t/g, ' '), WIDTH - 4)}`.trimEnd()),
      ...(lines.length > SHOWN_LINES ? [`  | … ${lines.length - SHOWN_LINES} more lines`] : []),
    ]),
    ...(excerpts.length > SHOWN_EXCERPTS ? ['', `${excerpts.length - SHOWN_EXCERPTS} more reports are in the evidence.`] : []),
    ...['', 'To repeat it:', ''],
    ...commandLines(command, WIDTH),
    ...(testedBy === undefined ? [] : ['', `Tested-by: ${visible(testedBy)}`]),
  ].map(harmless);
}

interface Answered {
  readonly letters: AnyEvidence['series']['letters'];
  readonly title: string;
  readonly maintainers: AnyEvidence['maintainers'];
}

/** What of evidence says to whom a reply goes; of a plan what its first cell says, whose series all others have as well. */
function answered(evidence: KnownEvidence): Answered {
  switch (evidence.kind) {
    case 'check':
      return { letters: [], title: evidence.kernels[0]?.series.title ?? '', maintainers: evidence.kernels[0]?.maintainers };
    case 'matrix': {
      const [first] = judgedIn(evidence);
      return { letters: first?.series.letters ?? [], title: first?.series.title ?? first?.series.name ?? '', maintainers: first?.maintainers };
    }
    default:
      return { letters: evidence.series.letters, title: evidence.series.title, maintainers: evidence.maintainers };
  }
}

/** What the reply is about, and to whom it goes. */
function headers(evidence: KnownEvidence, { headline, startedAt }: Brief, from: string | undefined): readonly string[] {
  const { letters, title: named, maintainers: asked } = answered(evidence);
  const [letter] = letters;
  const title = letter?.subject ?? named;
  const all = asked?.kind === 'ran' ? asked.maintainers : [];
  const isList = ({ role }: { readonly role: string }): boolean => role.includes('list');
  const to = [...(letter?.from === undefined ? [] : [letter.from]), ...all.filter((one) => !isList(one)).map(({ who }) => who)];
  const cc = [...(letter?.to ?? []), ...(letter?.cc ?? []), ...all.filter(isList).map(({ who }) => who)];
  const known = new Set<string>();
  return [
    ...addressHeader('From', from === undefined ? [] : [from], new Set()),
    ...addressHeader('To', to, known),
    ...addressHeader('Cc', cc, known),
    ...encodeHeader('Subject', /^re:/i.test(title) ? title : `Re: ${title}`),
    `Date: ${new Date(startedAt).toUTCString().replace('GMT', '+0000')}`,
    ...(letter === undefined ? [] : [...idsHeader('In-Reply-To', [letter.messageId]), ...idsHeader('References', [...letter.references, letter.messageId])]),
    `X-Respin-Verdict: ${headline.toLowerCase()}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
  ];
}

/**
 * The reply to the cover letter as a mail that can be sent with git send-email; respin sends nothing. Threaded by
 * In-Reply-To and References; plain text within 75 columns.
 * @param testedBy `Name <address>` for From and Tested-by; the trailer is there only when the verdict is good, and of all that was planned
 */
export function renderMail(evidence: KnownEvidence, brief: Brief, testedBy: string | undefined): string {
  const isTested = brief.tone === 'good' && (evidence.kind === 'run' || evidence.kind === 'walk' || (evidence.kind === 'matrix' && evidence.shard === undefined));
  return [...headers(evidence, brief, testedBy), '', ...body(brief, isTested ? testedBy : undefined), ''].join('\n');
}
