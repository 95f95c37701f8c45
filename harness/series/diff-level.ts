import { HUNK_HEADER } from './diff-hunks.js';
import { plainName, rawNames } from './diff-names.js';
import { Malformed, Reader, withoutNewline } from './diff-reader.js';

/** The folders at the top of a kernel tree (6.12). */
const TOP: ReadonlySet<string> = new Set(
  'arch block certs crypto Documentation drivers fs include init io_uring ipc kernel lib LICENSES mm net rust samples scripts security sound tools usr virt'.split(' '),
);

/** What git diff puts before paths (diff.mnemonicPrefix too). */
const PREFIX = /^[abciow]$/;

type Vote = 0 | 1 | 'either' | undefined;

/**
 * How many folders the paths of a diff begin with that are none of the tree's: 1 for `a/` and `b/` and their like
 * (`i/`, `w/`, `linux.orig/`), 0 for paths as git --no-prefix, svn and quilt -p0 write them. The headers of all its
 * files have to agree.
 * @param lines each with its newline, one byte to a character
 * @returns `mixed` with the line when they do not, `unclear` for paths that can be read both ways
 */
export function stripLevel(lines: readonly string[]): { readonly level: 0 | 1 } | { readonly line: number; readonly problem: string } {
  const reader = new Reader(lines);
  let level: 0 | 1 | undefined;
  let unclear: number | undefined;
  try {
    while (!reader.done) {
      const line = reader.line;
      const vote = voteAt(reader);
      if (vote === 'either') unclear ??= line;
      if (vote !== 0 && vote !== 1) continue;
      if (level !== undefined && level !== vote) {
        return { line, problem: 'it mixes paths with and without "a/" and "b/" before them' };
      }
      level = vote;
    }
  } catch (error) {
    // What is wrong there is told by the parser, which goes the same way.
    if (!(error instanceof Malformed)) throw error;
  }
  if (level !== undefined) return { level };
  return unclear === undefined ? { level: 1 } : { line: unclear, problem: 'its paths can be read with their first folder or without; write them with "a/" and "b/"' };
}

function voteAt(reader: Reader): Vote {
  const line = reader.peek();
  if (line.startsWith('diff --git ')) {
    const vote = gitVote(reader);
    skipHunks(reader);
    return vote;
  }
  if (line.startsWith('--- ') && reader.peek(1).startsWith('+++ ') && reader.peek(2).startsWith('@@ -')) {
    const vote = plainVote(nameIn(reader), nameIn(reader));
    skipHunks(reader);
    return vote;
  }
  reader.next();
  return undefined;
}

function nameIn(reader: Reader): string | null {
  const line = reader.line;
  return plainName(withoutNewline(reader.next()).slice(4), line);
}

/** Behind the headers of git, which are no more than ten lines. */
function skipHunks(reader: Reader): void {
  for (let count = 0; count < 10 && !reader.peek().startsWith('@@ -') && !/^(?:diff --git |GIT binary)/.test(reader.peek()); count++) reader.next();
  for (let numbers = HUNK_HEADER.exec(reader.peek()); numbers; numbers = HUNK_HEADER.exec(reader.peek())) {
    let [oldLeft, newLeft] = [Number(numbers[2] ?? 1), Number(numbers[4] ?? 1)];
    reader.next();
    while ((oldLeft > 0 || newLeft > 0) && !reader.done) {
      const sign = reader.next()[0];
      if (sign !== '+' && sign !== '\\') oldLeft -= 1;
      if (sign !== '-' && sign !== '\\') newLeft -= 1;
    }
    if (reader.peek().startsWith('\\')) reader.next();
  }
}

function gitVote(reader: Reader): Vote {
  const line = reader.line;
  const [first, second] = rawNames(withoutNewline(reader.next()).slice('diff --git '.length), line) ?? [];
  if (first !== undefined && first === second) return first.startsWith('/') ? undefined : PREFIX.test(first.split('/', 1)[0] ?? '') && first.includes('/') ? 1 : 0;
  if (first !== undefined && second !== undefined && rest(first) === rest(second)) return 1;
  for (let ahead = 0; ahead < 6; ahead++) {
    const moved = /^(?:rename|copy) from (.*)\n?$/.exec(reader.peek(ahead))?.[1];
    if (moved === undefined || first === undefined) continue;
    return first === moved ? 0 : rest(first) === moved ? 1 : undefined;
  }
  return undefined;
}

function plainVote(from: string | null, to: string | null): Vote {
  const name = to ?? from;
  if (name === null || name.startsWith('/')) return undefined;
  if (from !== null && to !== null && from !== to && !sameFile(from, to)) return 1;
  const top = name.split('/', 1)[0] ?? '';
  if (!name.includes('/')) return from === null || to === null ? undefined : 0;
  if (!TOP.has(top)) return PREFIX.test(top) || (from !== null && to !== null) ? 1 : undefined;
  // A tree that lies in a folder called `kernel` looks the same.
  return top === 'kernel' && TOP.has(rest(name).split('/', 1)[0] ?? '') ? 'either' : 0;
}

/** `x.c.orig` and `x.c` are one file: git takes the shorter name. */
export function sameFile(from: string, to: string): boolean {
  return isVariant(from, to) || isVariant(to, from);
}

function isVariant(long: string, short: string): boolean {
  return long.startsWith(short) && /^(?:\.orig|\.old|\.new|\.bak|~)$/.test(long.slice(short.length));
}

function rest(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
