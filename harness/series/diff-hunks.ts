import { Malformed, withoutNewline, type Reader } from './diff-reader.js';
import { utf8OfBytes } from './text.js';

/** A line of a hunk. Its text holds one byte to a character (latin-1), with its newline unless the file ends without one. */
export interface HunkLine {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

export interface Hunk {
  /** The `@@ … @@` line, without its newline, as UTF-8. */
  readonly header: string;
  /** Ranges as the header gives them: lines from 1, or 0 for a range of no lines at the start of the file. */
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly lines: readonly HunkLine[];
}

/** With counts that the parser takes. */
export const HUNK_HEADER = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

/** The hunks of one file, from the current line on. */
export function readHunks(reader: Reader): Hunk[] {
  const hunks: Hunk[] = [];
  while (reader.peek().startsWith('@@ -')) hunks.push(readHunk(reader));
  return hunks;
}

function readHunk(reader: Reader): Hunk {
  const at = reader.line;
  const header = withoutNewline(reader.next());
  const numbers = HUNK_HEADER.exec(header);
  if (!numbers) throw new Malformed(at, 'a hunk header that is not of the form "@@ -1,7 +1,8 @@"');
  const oldCount = Number(numbers[2] ?? 1);
  const newCount = Number(numbers[4] ?? 1);
  const lines: HunkLine[] = [];
  let oldLeft = oldCount;
  let newLeft = newCount;
  while (oldLeft > 0 || newLeft > 0) {
    const kind = hunkLineKind(reader);
    const fits = kind !== undefined && (kind === '+' || oldLeft > 0) && (kind === '-' || newLeft > 0);
    if (!fits) throw new Malformed(reader.line, miscounted(header, oldCount, newCount, oldLeft, newLeft, kind !== undefined));
    const text = reader.next();
    lines.push(hunkLine(kind, text, reader));
    if (kind !== '+') oldLeft -= 1;
    if (kind !== '-') newLeft -= 1;
  }
  refuseSurplus(reader, header, oldCount, newCount);
  return {
    header: utf8OfBytes(header),
    oldStart: Number(numbers[1]),
    oldCount,
    newStart: Number(numbers[3]),
    newCount,
    lines,
  };
}

function hunkLineKind(reader: Reader): HunkLine['kind'] | undefined {
  const line = reader.peek();
  if (isSignature(reader)) return undefined;
  // Some mailers drop the blank of an empty context line, and git takes that.
  if (line === '\n' || line === '\r\n') return ' ';
  const first = line[0];
  return first === ' ' || first === '-' || first === '+' ? first : undefined;
}

/** `-- ` and git's version at the end of a mail: in a hunk that is too short it would pass for a removed line. */
function isSignature(reader: Reader): boolean {
  return (
    /^-- ?\r?\n$/.test(reader.peek()) && /^\d+\.\d[\w.() -]*\r?\n?$/.test(reader.peek(1)) && reader.peek(2).trim() === ''
  );
}

function hunkLine(kind: HunkLine['kind'], text: string, reader: Reader): HunkLine {
  const body = text.startsWith(kind) ? text.slice(1) : text;
  // `\ No newline at end of file`, in any language
  if (!reader.peek().startsWith('\\ ')) return { kind, text: body.endsWith('\n') ? body : `${body}\n` };
  reader.next();
  return { kind, text: withoutNewline(body) };
}

function miscounted(
  header: string,
  oldCount: number,
  newCount: number,
  oldLeft: number,
  newLeft: number,
  more: boolean,
): string {
  const found = `${oldCount - oldLeft} old and ${newCount - newLeft} new`;
  const promised = `${oldCount} old and ${newCount} new lines`;
  return `the hunk "${shortHeader(header)}" announces ${promised}; ${more ? 'here it has more of one kind' : `it ends here with ${found}`}`;
}

function shortHeader(header: string): string {
  return HUNK_HEADER.exec(header)?.[0] ?? '@@';
}

function refuseSurplus(reader: Reader, header: string, oldCount: number, newCount: number): void {
  const line = reader.peek();
  const goesOn = /^[-+ ]/.test(line) && !/^-- ?\r?\n?$/.test(line) && !line.startsWith('--- ');
  if (!goesOn) return;
  const promised = `${oldCount} old and ${newCount} new lines`;
  throw new Malformed(reader.line, `the hunk "${shortHeader(header)}" announces ${promised} and goes on behind them`);
}

/** Skips a `GIT binary patch`: one or two blocks of lines, each ended by an empty line. */
export function readBinary(reader: Reader): boolean {
  const first = reader.peek();
  if (/^(Binary files|Files) .* differ\r?\n?$/.test(first)) {
    throw new Malformed(reader.line, 'a binary file without its content; git format-patch --binary writes it');
  }
  if (!first.startsWith('GIT binary patch')) return false;
  const line = reader.line;
  reader.next();
  let blocks = 0;
  while (blocks < 2 && /^(literal|delta) \d+\r?\n$/.test(reader.peek())) {
    reader.next();
    while (/^[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]+\r?\n$/.test(reader.peek())) reader.next();
    if (!/^\r?\n$/.test(reader.peek())) throw new Malformed(reader.line, 'a binary patch that is cut off');
    reader.next();
    blocks += 1;
  }
  if (blocks === 0) throw new Malformed(line, 'a binary patch without its content');
  return true;
}
