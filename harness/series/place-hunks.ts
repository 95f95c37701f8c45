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
  return nearestIndex(wanted, from, last, matches);
}

function belongsAtEnd(hunk: Hunk): boolean {
  return hunk.lines.at(-1)?.kind !== ' ';
}

/** The index in `first` … `last` nearest to `wanted` that passes; of two as near, the one behind. */
export function nearestIndex(
  wanted: number,
  first: number,
  last: number,
  passes: (index: number) => boolean,
): number | undefined {
  const start = Math.min(Math.max(wanted, first), last);
  if (start < first) return undefined;
  if (passes(start)) return start;
  for (let step = 1; start + step <= last || start - step >= first; step++) {
    if (start + step <= last && passes(start + step)) return start + step;
    if (start - step >= first && passes(start - step)) return start - step;
  }
  return undefined;
}
