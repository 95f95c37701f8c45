import type { Hunk } from './diff.js';

/** The lines that a hunk expects, each with its newline. */
export function oldLinesOf(hunk: Hunk): readonly string[] {
  return hunk.lines.filter(({ kind }) => kind !== '+').map(({ text }) => text);
}

/** The lines that a hunk leaves, each with its newline. */
export function newLinesOf(hunk: Hunk): readonly string[] {
  return hunk.lines.filter(({ kind }) => kind !== '-').map(({ text }) => text);
}

/** Where a hunk goes. */
export interface Placed {
  /** Index of its first old line, from 0. */
  readonly at: number;
  /** How many lines that is behind (or, negative, before) where its header says. */
  readonly offset: number;
}

/**
 * Where `git apply` puts each hunk of a file, undefined for one that matches nowhere: every context line has to match
 * (no fuzz), the nearest place to the header's line wins, the one behind it first; a hunk that begins at line 1, or ends
 * without context, belongs at the start or the end of the file (`apply_one_fragment` and `find_pos` in git's apply.c).
 * Other than git it takes hunks in ascending order alone.
 */
export function placeHunks(lines: readonly string[], hunks: readonly Hunk[]): readonly (Placed | undefined)[] {
  let from = 0;
  let growth = 0;
  return hunks.map((hunk) => {
    const wanted = Math.max(0, hunk.newStart - 1) - growth;
    const at = findPlace(lines, hunk, from, wanted);
    if (at === undefined) return undefined;
    from = at + hunk.oldCount;
    growth += hunk.newCount - hunk.oldCount;
    return { at, offset: hunk.newStart === 0 ? 0 : at - wanted };
  });
}

function findPlace(lines: readonly string[], hunk: Hunk, from: number, wanted: number): number | undefined {
  const old = oldLinesOf(hunk);
  const last = lines.length - old.length;
  const matches = (at: number): boolean => at >= from && at <= last && old.every((line, index) => lines[at + index] === line);
  if (hunk.oldStart <= 1) return (!belongsAtEnd(hunk) || last === 0) && matches(0) ? 0 : undefined;
  if (belongsAtEnd(hunk)) return matches(last) ? last : undefined;
  return nearestPlace(lines, old, wanted, from);
}

function belongsAtEnd(hunk: Hunk): boolean {
  return hunk.lines.at(-1)?.kind !== ' ';
}

/** For each start of `wanted`, how many of its last lines are its first ones too (Knuth, Morris, Pratt). */
function overlaps(wanted: readonly string[]): readonly number[] {
  const known = [0];
  for (let index = 1, length = 0; index < wanted.length; index += 1) {
    while (length > 0 && wanted[index] !== wanted[length]) length = known[length - 1] ?? 0;
    if (wanted[index] === wanted[length]) length += 1;
    known.push(length);
  }
  return known;
}

/** Every index at which these lines stand, ascending, in linear time also where lines repeat without end. */
function occurrences(lines: readonly string[], wanted: readonly string[]): readonly number[] {
  if (wanted.length === 0) return lines.map((_, index) => index).concat(lines.length);
  const known = overlaps(wanted);
  const found: number[] = [];
  let length = 0;
  for (const [index, line] of lines.entries()) {
    while (length > 0 && line !== wanted[length]) length = known[length - 1] ?? 0;
    if (line === wanted[length]) length += 1;
    if (length < wanted.length) continue;
    found.push(index - length + 1);
    length = known[length - 1] ?? 0;
  }
  return found;
}

/** The index from `first` on, nearest to `near`, at which these lines stand; of two as near, the one behind. */
export function nearestPlace(lines: readonly string[], wanted: readonly string[], near: number, first = 0): number | undefined {
  const start = Math.min(Math.max(near, first), lines.length - wanted.length);
  if (start < first) return undefined;
  if (wanted.every((line, index) => lines[start + index] === line)) return start;
  let best: number | undefined;
  for (const at of occurrences(lines, wanted)) {
    if (at >= first && (best === undefined || Math.abs(at - start) <= Math.abs(best - start))) best = at;
  }
  return best;
}
