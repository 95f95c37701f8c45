import { parseDiff, type FileDiff, type ParsedDiff } from './diff.js';
import { plainName, strip, type StripLevel } from './diff-names.js';
import { withoutNewline } from './diff-reader.js';

type Parsed = Extract<ParsedDiff, { kind: 'parsed' }>;

/**
 * The diff of a text in the form that `git apply -p1` takes: byte for byte as it was, unless its paths have no `a/` and
 * `b/` or name a copy (`x.c.orig`); then with the headers of its files written anew.
 * @param lines those of `bytes`
 * @returns undefined when the form would not say the same
 */
export function canonicalDiff(bytes: Uint8Array, lines: readonly string[], parsed: Parsed, level: StripLevel): Buffer | undefined {
  if (level === 1 && !parsed.files.some((file) => namesCopy(file, lines))) {
    return Buffer.from(bytes.buffer, bytes.byteOffset + parsed.start, parsed.end - parsed.start);
  }
  const end = lastLine(lines, parsed.end);
  const text = parsed.files
    .map((file, index) => {
      const next = parsed.files[index + 1];
      const header = lines.slice(file.line - 1, file.bodyLine - 1).map((line) => headerLine(line, file));
      return `${header.join('')}${lines.slice(file.bodyLine - 1, next ? next.line - 1 : end).join('')}`;
    })
    .join('');
  const canonical = Buffer.from(text, 'latin1');
  return isSame(parseDiff(canonical), parsed) ? canonical : undefined;
}

/** Whether `---` and `+++` name two files (`x.c.orig`), so that git would have to guess which one is meant. */
function namesCopy({ line, from, to }: FileDiff, lines: readonly string[]): boolean {
  const header = [lines[line - 1] ?? '', lines[line] ?? ''];
  if (!header[0]?.startsWith('--- ')) return false;
  const names = header.map((text) => plainName(withoutNewline(text).slice(4), line));
  return [from, to].some((name, index) => name !== undefined && name !== strip(names[index] ?? name, 1));
}

function lastLine(lines: readonly string[], end: number): number {
  let offset = 0;
  let count = 0;
  for (const line of lines) {
    if (offset >= end) break;
    offset += line.length;
    count += 1;
  }
  return count;
}

function isSame(again: ParsedDiff, parsed: Parsed): boolean {
  if (again.kind !== 'parsed' || again.files.length !== parsed.files.length) return false;
  return again.files.every((file, index) => {
    const other = parsed.files[index];
    return file.kind === other?.kind && file.from === other.from && file.to === other.to && file.hunks.length === other.hunks.length;
  });
}

function headerLine(line: string, file: FileDiff): string {
  const from = file.from ?? file.to ?? '';
  const to = file.to ?? file.from ?? '';
  if (line.startsWith('diff --git ')) return `diff --git ${quoted(`a/${from}`)} ${quoted(`b/${to}`)}\n`;
  if (line.startsWith('--- ')) return file.from === undefined ? '--- /dev/null\n' : `--- ${ended(`a/${from}`)}\n`;
  if (line.startsWith('+++ ')) return file.to === undefined ? '+++ /dev/null\n' : `+++ ${ended(`b/${to}`)}\n`;
  return line;
}

/** A blank in a name would be taken for its end without the tab. */
function ended(name: string): string {
  const text = quoted(name);
  return text.includes(' ') && !text.startsWith('"') ? `${text}\t` : text;
}

/** As git writes a name: in quotes when it has a quote, a backslash or a control character. */
function quoted(name: string): string {
  const bytes = Buffer.from(name, 'utf8').toString('latin1');
  if (!/[\u0000-\u001f"\\\u007f]/.test(bytes)) return bytes;
  const escaped = bytes.replace(/[\u0000-\u001f"\\\u007f]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}
