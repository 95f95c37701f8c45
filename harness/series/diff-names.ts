import { Malformed } from './diff-reader.js';
import { utf8OfBytes } from './text.js';

/** How many folders names begin with that are none of the tree's (git apply -p). */
export type StripLevel = 0 | 1;

/** The name behind `---` or `+++` of a git diff, without what is none of the tree's; null for /dev/null. */
export function headerName(value: string, line: number, level: StripLevel): string | null {
  const name = nameWithPrefix(value, line);
  return name === null ? null : strip(name, level);
}

/** The name behind `---` or `+++` of any other diff, as it stands there; null for a file that is not there. */
export function plainName(value: string, line: number): string | null {
  return isNoFile(value) ? null : nameWithPrefix(value, line);
}

function nameWithPrefix(value: string, line: number): string | null {
  if (value.startsWith('"')) return unquote(value, line).name;
  const name = value.split('\t', 1)[0] ?? '';
  const plain = name.replace(/\r$/, '');
  return plain === '/dev/null' ? null : utf8OfBytes(plain);
}

/** diff(1) -N writes the epoch as the time of a file that is not there. */
function isNoFile(text: string): boolean {
  return /^\/dev\/null(\s|$)/.test(text) || /\t(1970-01-01 00:00:00|1969-12-31 \d\d:\d\d:00)(\.0+)? /.test(text);
}

/** The name behind `rename from` and its like, which has no prefix. */
export function wholeName(value: string, line: number): string {
  return value.startsWith('"') ? unquote(value, line).name : utf8OfBytes(value);
}

/** A name without its first folder, for level 1. */
export function strip(name: string, level: StripLevel): string {
  // An absolute name keeps its slash, so that it is refused instead of being taken for one inside the tree.
  return level === 0 || name.startsWith('/') ? name : name.slice(name.indexOf('/') + 1);
}

/**
 * The name that both sides of a `diff --git` line have behind their prefix; undefined where they differ (a rename) or
 * cannot be told apart.
 */
export function sharedName(rest: string, line: number, level: StripLevel): string | undefined {
  const [first, second] = rawNames(rest, line) ?? [];
  if (first === undefined || second === undefined) return undefined;
  if (level === 1 && first === second && !first.startsWith('/') && !/^[ab]\//.test(first)) {
    throw new Malformed(line, 'paths without "a/" and "b/" before them (written with --no-prefix), which git am does not take');
  }
  const name = strip(first, level);
  return name === strip(second, level) ? name : undefined;
}

/** Both names of a `diff --git` line as they stand there; undefined when they cannot be told apart. */
export function rawNames(rest: string, line: number): readonly [string, string] | undefined {
  if (rest.startsWith('"')) {
    const first = unquote(rest, line);
    const tail = rest.slice(first.length).trimStart();
    return [first.name, tail.startsWith('"') ? unquote(tail, line).name : utf8OfBytes(tail)];
  }
  const quote = rest.indexOf(' "');
  if (quote >= 0) return [utf8OfBytes(rest.slice(0, quote)), unquote(rest.slice(quote + 1), line).name];
  // Names may have blanks. Where both are the same behind a prefix of one length, they part in the middle.
  const middle = (rest.length - 1) / 2;
  if (Number.isInteger(middle) && rest[middle] === ' ') {
    const halves = [rest.slice(0, middle), rest.slice(middle + 1)] as const;
    if (strip(halves[0], 1) === strip(halves[1], 1)) return [utf8OfBytes(halves[0]), utf8OfBytes(halves[1])];
  }
  const words = rest.split(' ');
  const [one, two] = words;
  return words.length === 2 && one !== undefined && two !== undefined ? [utf8OfBytes(one), utf8OfBytes(two)] : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** A name in git's C-style quotes at the start of a text, and how long it is there. */
function unquote(text: string, line: number): { readonly name: string; readonly length: number } {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (!quoted) throw new Malformed(line, 'a quoted name without its closing quote');
  const bytes = (quoted[1] ?? '').replace(/\\([0-3][0-7]{2}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code, 8));
    const escaped = ESCAPES[code];
    if (escaped === undefined) throw new Malformed(line, `a quoted name with an unknown escape "\\${code}"`);
    return escaped;
  });
  return { name: utf8OfBytes(bytes), length: quoted[0].length };
}
