import { HUNK_HEADER } from './diff-hunks.js';
import { count } from '../spec/count.js';
import { oneLine, utf8OfBytes } from './text.js';

/** What a mailer, an archive or an editor did to a patch. */
export interface Damage {
  /** From 1, in the lines that were looked at. */
  readonly line: number;
  readonly problem: string;
}

/**
 * Why a hunk does not hold what its header announces, where something on the way to here broke it: found by undoing one
 * kind of damage after the other until the counts are right. Undefined for a patch that is cut off, or was edited by hand.
 * @param lines of the diff, one byte to a character, each with its newline
 * @param at the line at which the parser gave up, from 1
 */
export function damageIn(lines: readonly string[], at: number, flowed: boolean): Damage | undefined {
  const found = brokenHeader(lines, at) ?? brokenHunk(lines, at);
  if (found) return flowed ? { ...found, problem: `${found.problem} (the mail says format=flowed, which rewraps text)` } : found;
  return flowed ? { line: at, problem: 'the mail says format=flowed, which rewraps text, and the hunk is not what its header announces' } : undefined;
}

/**
 * Damage that leaves all counts right: a mailer's stuffing of lines that begin with a blank (RFC 3676, 4.4), or the
 * characters of HTML. Undefined for a text without it.
 * @param lines of a diff that parses
 */
export function hiddenDamage(lines: readonly string[], flowed: boolean): Damage | undefined {
  const html = lines.findIndex((line) => /^[ +-]\s{0,40}#\s{0,40}include\s{1,40}&lt;/.test(line));
  if (html >= 0) return { line: html + 1, problem: 'its characters are those of HTML ("&lt;" for "<")' };
  if (!flowed) return undefined;
  const context = lines.flatMap((line, index) => (line.startsWith(' ') && line.trim() !== '' ? [index] : []));
  const first = context[0];
  const stuffed = first !== undefined && context.every((index) => lines[index]?.startsWith('  ') === true);
  return stuffed ? { line: first + 1, problem: 'the mail says format=flowed, and each context line has a blank too many before it' } : undefined;
}

/** In a diff of a few lines, a header that a mailer wrapped or spread. */
function brokenHeader(lines: readonly string[], at: number): Damage | undefined {
  const line = lines[at - 1] ?? '';
  const next = lines[at] ?? '';
  if (line.startsWith('diff --git ') && /^b\/\S+\s*$/.test(next)) return { line: at + 1, problem: 'the line "diff --git" was wrapped' };
  if (/^@@ -\d+/.test(line) && !HUNK_HEADER.test(line) && /^(?:\+?\d[\d,]* ?)?(?:\+\d[\d,]* )?@@/.test(next)) return { line: at + 1, problem: 'the line "@@" was wrapped' };
  if (line.startsWith('diff --git ') && isFenced(lines, at)) return { line: at + 1, problem: 'markdown fences stand between its lines' };
  const isSpread = (index: number): boolean => lines[index]?.trim() === '' && HEADER.test(lines[index + 1] ?? '');
  if (line.startsWith('diff --git ') && isSpread(at)) return { line: at + 1, problem: 'empty lines were put between its lines' };
  if (/^@@ -\d/.test(line) && lines[at - 2]?.trim() === '' && lines.slice(Math.max(0, at - 6), at - 1).some((before) => before.startsWith('+++ '))) {
    return { line: at - 1, problem: 'empty lines were put between its lines' };
  }
  return undefined;
}

/** Whether what follows is a fence, and behind it, and empty lines, goes on as the header of a file. */
function isFenced(lines: readonly string[], from: number): boolean {
  const around = lines.slice(from, from + SEEN_IN_HEADER);
  const next = around.findIndex((line) => line.trim() !== '' && !isFence(line));
  return next > 0 && HEADER.test(around[next] ?? '') && around.slice(0, next).some(isFence);
}

const SEEN_IN_HEADER = 8;
const HEADER = /^(?:index |--- |\+\+\+ |@@ -|new file|deleted file|old mode|similarity)/;

type Kind = 'fence' | 'stripped' | 'wrapped' | 'spread' | 'hard-blank' | 'quoted-printable';

const PROBLEMS: Readonly<Record<Kind, string>> = {
  fence: 'a markdown fence stands inside a hunk',
  stripped: 'lines lack the blank, "+" or "-" that they begin with',
  wrapped: 'long lines were wrapped',
  spread: 'empty lines were put between its lines',
  'hard-blank': 'blanks became non-breaking ones',
  'quoted-printable': 'quoted-printable was not decoded ("=3D", "=" at the end of lines)',
};

/** What is tried, the likeliest first. */
const TRIALS: readonly (readonly Kind[])[] = [
  ['fence'],
  ['hard-blank'],
  ['quoted-printable'],
  ['wrapped'],
  ['stripped'],
  ['fence', 'stripped'],
  ['fence', 'wrapped'],
  ['spread'],
  ['spread', 'stripped'],
  ['fence', 'spread', 'stripped'],
];

function brokenHunk(lines: readonly string[], at: number): Damage | undefined {
  let top = at - 1;
  while (top >= 0 && !HUNK_HEADER.test(lines[top] ?? '')) top -= 1;
  const numbers = HUNK_HEADER.exec(lines[top] ?? '');
  if (!numbers) return undefined;
  const counts = [Number(numbers[2] ?? 1), Number(numbers[4] ?? 1)] as const;
  for (const kinds of counts[0] + counts[1] > LARGEST_HUNK ? [] : TRIALS) {
    const places = undone(lines, top + 1, counts, new Set(kinds));
    const [first] = places ?? [];
    if (places && first) return { line: first.index + 1, problem: described(places, lines) };
  }
  return interrupted(lines, at);
}

/** Larger ones are new files; nobody mails them by hand. */
const LARGEST_HUNK = 20_000;

interface Place {
  readonly index: number;
  readonly kind: Kind;
}

/** Where the hunk is damaged if it has damage of these kinds; undefined when it then still is not what it announces. */
function undone(lines: readonly string[], from: number, [oldCount, newCount]: readonly [number, number], kinds: ReadonlySet<Kind>): readonly Place[] | undefined {
  const places: Place[] = [];
  let [oldLeft, newLeft] = [oldCount, newCount];
  for (let index = from; oldLeft > 0 || newLeft > 0; index++) {
    const line = lines[index];
    if (line === undefined || ENDS.test(line)) return undefined;
    const kind = damageOf(line, lines[index - 1] ?? '', kinds);
    if (kind !== undefined) places.push({ index, kind });
    const counted = kind === 'fence' || kind === 'wrapped' || kind === 'spread' || kind === 'quoted-printable' || line.startsWith('\\') ? undefined : kind === undefined ? signOf(line) : ' ';
    if (counted === undefined) {
      if (kind === undefined && !line.startsWith('\\')) return undefined;
      continue;
    }
    if (counted !== '+') oldLeft -= 1;
    if (counted !== '-') newLeft -= 1;
    if (oldLeft < 0 || newLeft < 0) return undefined;
  }
  return places;
}

const ENDS = /^(?:diff --git |@@ -\d|Index: |-- \r?\n|--- a\/)/;

function isFence(line: string): boolean {
  return /^\s{0,3}(?:```|~~~)\w{0,20}\s*$/.test(line);
}

function signOf(line: string): ' ' | '+' | '-' | undefined {
  const first = line[0];
  if (line.trim() === '') return ' ';
  return first === ' ' || first === '+' || first === '-' ? first : undefined;
}

function damageOf(line: string, before: string, kinds: ReadonlySet<Kind>): Kind | undefined {
  if (isFence(line)) return kinds.has('fence') ? 'fence' : undefined;
  if (kinds.has('spread') && line.trim() === '') return 'spread';
  if (kinds.has('quoted-printable') && before.endsWith('=\n')) return 'quoted-printable';
  if (signOf(line) !== undefined || line.startsWith('\\')) return undefined;
  if (kinds.has('hard-blank') && /^(?:\xc2\xa0|\xa0)/.test(line)) return 'hard-blank';
  if (kinds.has('wrapped')) return 'wrapped';
  return kinds.has('stripped') ? 'stripped' : undefined;
}

function described(places: readonly Place[], lines: readonly string[]): string {
  const [first] = places;
  if (!first) return '';
  const more = places.length - 1;
  const kinds = [...new Set(places.map(({ kind }) => kind))].map((kind) => PROBLEMS[kind]);
  return `${kinds.join(', and ')}: "${oneLine(utf8OfBytes(lines[first.index] ?? ''), 60)}"${more > 0 ? `, and ${count(more, 'more line')} of this hunk` : ''}`;
}

/** A line that is none of a diff, with lines of one behind it before the next header: no patch ends like that. */
function interrupted(lines: readonly string[], at: number): Damage | undefined {
  const line = lines[at - 1] ?? '';
  if (line === '' || ENDS.test(line) || signOf(line) !== undefined) return undefined;
  for (let index = at; index < Math.min(lines.length, at + SEEN_BEHIND); index++) {
    const behind = lines[index] ?? '';
    if (ENDS.test(behind)) return undefined;
    if (/^[+-](?![-+]{2})/.test(behind)) return { line: at, problem: `a line stands in a hunk that is none of a patch: "${oneLine(utf8OfBytes(line), 60)}"` };
  }
  return undefined;
}

const SEEN_BEHIND = 40;
