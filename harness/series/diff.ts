import { HUNK_HEADER, readBinary, readHunks, type Hunk } from './diff-hunks.js';
import { sameFile } from './diff-level.js';
import { headerName, plainName, sharedName, strip, wholeName, type StripLevel } from './diff-names.js';
import { Malformed, Reader, withoutNewline } from './diff-reader.js';
import { linesOf } from './text.js';

export type { Hunk } from './diff-hunks.js';

/** What a diff does to one file. */
export interface FileDiff {
  readonly kind: 'change' | 'create' | 'delete' | 'rename' | 'copy';
  /** Path before; undefined for `create`. */
  readonly from: string | undefined;
  /** Path after; undefined for `delete`. */
  readonly to: string | undefined;
  /** Git file modes in octal, such as `100755`, where the diff says them. */
  readonly oldMode: string | undefined;
  readonly newMode: string | undefined;
  /** A `GIT binary patch`, which has no hunks. */
  readonly binary: boolean;
  readonly hunks: readonly Hunk[];
  /** The line of its header, from 1. */
  readonly line: number;
  /** The line behind its header, from 1. */
  readonly bodyLine: number;
}

export type ParsedDiff =
  | {
      readonly kind: 'parsed';
      readonly files: readonly FileDiff[];
      /** The bytes of the diff in the text that was parsed: `start` to before `end`. */
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'malformed';
      /** From 1, in the text that was parsed. */
      readonly line: number;
      readonly problem: string;
    };

/**
 * Reads a unified diff as `git apply -p1` (or `-p0`) does (git's apply.c): git's extended headers and plain `---`/`+++` ones, with
 * any text before, between and behind the files. Where git overlooks something that `git format-patch` cannot have
 * written (lines behind a hunk that its counts leave out, a signature inside a hunk) this is malformed.
 * Takes time linear in the size of the text.
 */
export function parseDiff(bytes: Uint8Array, level: StripLevel = 1): ParsedDiff {
  return parseDiffLines(linesOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')), level);
}

/**
 * As `parseDiff`.
 * @param lines each with its newline, one byte to a character
 */
export function parseDiffLines(lines: readonly string[], level: StripLevel): ParsedDiff {
  const reader = new Reader(lines);
  const files: FileDiff[] = [];
  let start: number | undefined;
  let end = 0;
  try {
    while (!reader.done) {
      const begin = reader.offset;
      const file = readFile(reader, level);
      if (!file) {
        reader.next();
        continue;
      }
      files.push(file);
      if (files.length > MOST_FILES) throw new Malformed(reader.line, `more than ${MOST_FILES} files in one patch`);
      start ??= begin;
      end = reader.offset;
    }
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', line: error.line, problem: error.message };
    throw error;
  }
  return start === undefined ? { kind: 'empty' } : { kind: 'parsed', files, start, end };
}

/** The largest commits of the kernel touch some 17,000. */
const MOST_FILES = 30_000;

function readFile(reader: Reader, level: StripLevel): FileDiff | undefined {
  const line = reader.peek();
  if (line.startsWith('diff --git ')) return readGitFile(reader, level);
  if (line.startsWith('--- ') && reader.peek(1).startsWith('+++ ') && reader.peek(2).startsWith('@@ -')) {
    return readPlainFile(reader, level);
  }
  if (COMBINED.test(line) || (line.startsWith('@@@ -') && /^@@@ -\d/.test(line))) {
    throw new Malformed(reader.line, 'a combined diff of a merge (git diff --cc), which is no patch; git format-patch leaves merges out');
  }
  if (HUNK_HEADER.test(line)) throw new Malformed(reader.line, 'a hunk without the "---" and "+++" lines of its file');
  return undefined;
}

const COMBINED = /^diff --(?:cc|combined) \S/;

interface GitHeader {
  oldMode?: string | undefined;
  newMode?: string;
  isNew: boolean;
  isDeleted: boolean;
  copyFrom?: string;
  copyTo?: string;
  renameFrom?: string;
  renameTo?: string;
  /** Of `---` and `+++`; `null` for /dev/null. */
  old?: string | null;
  new?: string | null;
}

/** The lines that may follow `diff --git`, as in `parse_git_diff_header` of git's apply.c. */
const HEADER_LINES: readonly (readonly [string, (header: GitHeader, value: string, line: number, level: StripLevel) => void])[] = [
  ['--- ', (header, value, line, level) => (header.old = headerName(value, line, level))],
  ['+++ ', (header, value, line, level) => (header.new = headerName(value, line, level))],
  ['old mode ', (header, value, line) => (header.oldMode = mode(value, line))],
  ['new mode ', (header, value, line) => (header.newMode = mode(value, line))],
  [
    'deleted file mode ',
    (header, value, line) => {
      header.isDeleted = true;
      header.oldMode = mode(value, line);
    },
  ],
  [
    'new file mode ',
    (header, value, line) => {
      header.isNew = true;
      header.newMode = mode(value, line);
    },
  ],
  ['copy from ', (header, value, line) => (header.copyFrom = wholeName(value, line))],
  ['copy to ', (header, value, line) => (header.copyTo = wholeName(value, line))],
  ['rename old ', (header, value, line) => (header.renameFrom = wholeName(value, line))],
  ['rename new ', (header, value, line) => (header.renameTo = wholeName(value, line))],
  ['rename from ', (header, value, line) => (header.renameFrom = wholeName(value, line))],
  ['rename to ', (header, value, line) => (header.renameTo = wholeName(value, line))],
  ['similarity index ', () => undefined],
  ['dissimilarity index ', () => undefined],
  ['index ', (header, value) => (header.oldMode ??= /^[0-9a-f]+\.\.[0-9a-f]+ (\d{6})$/.exec(value)?.[1])],
];

function mode(value: string, line: number): string {
  const text = value.trimEnd();
  if (!/^[0-7]{6}$/.test(text)) throw new Malformed(line, 'a file mode that is not six octal digits, such as 100644');
  return text;
}

function readGitFile(reader: Reader, level: StripLevel): FileDiff {
  const line = reader.line;
  const shared = sharedName(withoutNewline(reader.next()).slice('diff --git '.length), line, level);
  const header: GitHeader = { isNew: false, isDeleted: false };
  for (;;) {
    const text = reader.peek();
    const known = HEADER_LINES.find(([prefix]) => text.startsWith(prefix));
    if (!known) break;
    known[1](header, withoutNewline(text).slice(known[0].length), reader.line, level);
    reader.next();
  }
  const identity = identityOf(header, shared, line);
  const bodyLine = reader.line;
  const binary = readBinary(reader);
  const hunks = binary ? [] : readHunks(reader);
  const changesMode = header.newMode !== undefined && header.newMode !== header.oldMode;
  if (!binary && hunks.length === 0 && identity.kind === 'change' && !changesMode) {
    throw new Malformed(line, 'the header of a file without any change to it');
  }
  checkWhole(identity, hunks, line);
  return { ...identity, oldMode: header.oldMode, newMode: header.newMode, binary, hunks, line, bodyLine };
}

type Identity = Pick<FileDiff, 'kind' | 'from' | 'to'>;

function identityOf(header: GitHeader, shared: string | undefined, line: number): Identity {
  if (header.renameFrom !== undefined || header.renameTo !== undefined) {
    return moved('rename', header.renameFrom, header.renameTo, header, line);
  }
  if (header.copyFrom !== undefined || header.copyTo !== undefined) {
    return moved('copy', header.copyFrom, header.copyTo, header, line);
  }
  const before = header.isNew ? null : header.old;
  const after = header.isDeleted ? null : header.new;
  const name = shared ?? after ?? before ?? header.old ?? header.new;
  if (typeof name !== 'string') throw new Malformed(line, 'the header of a file without one name for it');
  for (const given of [header.old, header.new]) {
    if (typeof given === 'string' && given !== name) throw inconsistent(line, name, given);
  }
  if (header.isNew && header.isDeleted) throw new Malformed(line, 'a file that is new and deleted at once');
  if (header.isNew) return { kind: 'create', from: undefined, to: name };
  if (header.isDeleted) return { kind: 'delete', from: name, to: undefined };
  if (header.old === null || header.new === null) {
    throw new Malformed(line, '/dev/null without "new file mode" or "deleted file mode"');
  }
  return { kind: 'change', from: name, to: name };
}

function moved(
  kind: 'rename' | 'copy',
  from: string | undefined,
  to: string | undefined,
  header: GitHeader,
  line: number,
): Identity {
  if (from === undefined || to === undefined) throw new Malformed(line, `a ${kind} that lacks its "from" or its "to"`);
  if (typeof header.old === 'string' && header.old !== from) throw inconsistent(line, from, header.old);
  if (typeof header.new === 'string' && header.new !== to) throw inconsistent(line, to, header.new);
  return { kind, from, to };
}

function inconsistent(line: number, one: string, other: string): Malformed {
  return new Malformed(line, `a header that names two files: ${JSON.stringify(one)} and ${JSON.stringify(other)}`);
}

function checkWhole(identity: Identity, hunks: readonly Hunk[], line: number): void {
  if (identity.kind === 'create' && hunks.some((hunk) => hunk.oldCount > 0)) {
    throw new Malformed(line, 'a new file whose hunks expect old lines');
  }
  if (identity.kind === 'delete' && hunks.some((hunk) => hunk.newCount > 0)) {
    throw new Malformed(line, 'a deleted file whose hunks leave lines');
  }
}

/** A file as diff(1) writes it: two names, with a time behind a tab. */
function readPlainFile(reader: Reader, level: StripLevel): FileDiff {
  const line = reader.line;
  const [from, to] = [nameIn(reader), nameIn(reader)];
  const bodyLine = reader.line;
  if (from === null && to === null) throw new Malformed(line, 'a file that is nowhere before and after');
  const identity = plainIdentity(from === null ? null : strip(from, level), to === null ? null : strip(to, level), line);
  const hunks = readHunks(reader);
  checkWhole(identity, hunks, line);
  return { ...identity, oldMode: undefined, newMode: undefined, binary: false, hunks, line, bodyLine };
}

function nameIn(reader: Reader): string | null {
  const line = reader.line;
  return plainName(withoutNewline(reader.next()).slice(4), line);
}

function plainIdentity(from: string | null, to: string | null, line: number): Identity {
  if (from === null) return { kind: 'create', from: undefined, to: to ?? undefined };
  if (to === null) return { kind: 'delete', from, to: undefined };
  if (from !== to && !sameFile(from, to)) throw inconsistent(line, from, to);
  const name = from.length < to.length ? from : to;
  return { kind: 'change', from: name, to: name };
}
