/** What became of a patch from one version of a series to the next. */
export type PatchChange = 'unchanged' | 'changed' | 'new' | 'dropped';

export interface PatchMatch {
  readonly change: PatchChange;
  /** Its number in the old version; undefined for a new one. */
  readonly old: number | undefined;
  readonly now: number | undefined;
  readonly subject: string;
  /** It stands elsewhere among those that both versions have. */
  readonly moved: boolean;
  /** Lines of its diff or message that differ. */
  readonly size: number;
  /** The difference of the two, as git range-diff prints it: `-` and `+` before the lines of either; empty when it was not asked. */
  readonly difference: readonly string[];
}

const MARKS: Readonly<Record<string, PatchChange>> = { '=': 'unchanged', '!': 'changed', '>': 'new', '<': 'dropped' };

/**
 * `1:  0123abc ! 2:  4567def subject`; a dash stands for a number or a commit that there is not (git-range-diff). Numbers are
 * padded to the width of the largest; the text of a patch, which may look like this, stands further in.
 */
const PAIR = /^ {0,3}(\d+|-): +(?:[0-9a-f]{4,}|-+) ([=!<>]) +(\d+|-): +(?:[0-9a-f]{4,}|-+) ?(.*)$/;

/**
 * Reads what `git range-diff --no-color` prints: each pair of patches, and below it, indented by four, how they differ.
 * Patches that left the order of the others are marked as moved.
 */
export function parseRangeDiff(text: string): readonly PatchMatch[] {
  const pairs: { change: PatchChange; old: number | undefined; now: number | undefined; subject: string; size: number; difference: string[] }[] = [];
  for (const line of text.split('\n')) {
    const pair = PAIR.exec(line);
    const last = pairs.at(-1);
    if (pair) {
      const [, old = '', mark = '', now = '', subject = ''] = pair;
      pairs.push({ change: MARKS[mark] ?? 'changed', old: numberIn(old), now: numberIn(now), subject, size: 0, difference: [] });
    } else if (last && line.startsWith('    ')) {
      last.difference.push(line.slice(4));
      if (/^ {4}[-+]/.test(line)) last.size += 1;
    }
  }
  return withMoves(pairs);
}

/** Marks the patches that left the order of the others. */
export function withMoves(pairs: readonly Omit<PatchMatch, 'moved'>[]): readonly PatchMatch[] {
  const both = pairs.filter(({ old, now }) => old !== undefined && now !== undefined).sort((a, b) => (a.now ?? 0) - (b.now ?? 0));
  const kept = longestRising(both.map(({ old }) => old ?? 0));
  return pairs.map((pair) => ({ ...pair, moved: pair.old !== undefined && pair.now !== undefined && !kept.has(pair.old) }));
}

function numberIn(text: string): number | undefined {
  return text === '-' ? undefined : Number(text);
}

/** The members of a longest rising part of a sequence of different numbers: what is not in it has moved. */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  const best: { length: number; before: number }[] = [];
  for (const [index, value] of values.entries()) {
    let [length, before] = [1, -1];
    for (const [other, candidate] of best.entries()) {
      if ((values[other] ?? 0) < value && candidate.length + 1 > length) [length, before] = [candidate.length + 1, other];
    }
    best[index] = { length, before };
  }
  let at = best.reduce((top, { length }, index) => (length > (best[top]?.length ?? 0) ? index : top), 0);
  const members = new Set<number>();
  while (at >= 0 && at < values.length) {
    members.add(values[at] ?? 0);
    at = best[at]?.before ?? -1;
  }
  return members;
}
