/** What was seen at a point: `old` is what the first point shows, `new` what the last one shows, `skip` tells neither. */
export type Mark = 'old' | 'new' | 'skip';

/** Where a search for the first `new` point stands. */
export interface Narrowed {
  /** The last point known to be `old`. */
  readonly old: number;
  /** The first point known to be `new`. */
  readonly new: number;
  /** Points between them that are neither marked nor skipped, in order. */
  readonly untested: readonly number[];
  /** Points between them that were skipped, in order. */
  readonly skipped: readonly number[];
  /** How many more steps it takes at most, when none is skipped; points that are looked at at once are one step. */
  readonly steps: number;
  /** A `new` point before an `old` one: there is no single first one. Undefined when there is none. */
  readonly contradiction: { readonly new: number; readonly old: number } | undefined;
}

/**
 * What marks say about points 0 to `last`, of which 0 is `old` and `last` is `new`.
 * @param marks of points strictly between; others are ignored
 * @param jobs how many points are looked at at once
 */
export function narrow(last: number, marks: ReadonlyMap<number, Mark>, jobs = 1): Narrowed {
  const between = [...marks].filter(([point]) => point > 0 && point < last).sort(([a], [b]) => a - b);
  const firstNew = between.find(([, mark]) => mark === 'new')?.[0] ?? last;
  const lastOld = between.findLast(([, mark]) => mark === 'old')?.[0] ?? 0;
  const inside = Array.from({ length: Math.max(0, firstNew - lastOld - 1) }, (_, index) => lastOld + 1 + index);
  const untested = inside.filter((point) => !marks.has(point));
  return {
    ...{ old: lastOld, new: firstNew, untested },
    skipped: inside.filter((point) => marks.get(point) === 'skip'),
    steps: stepsFor(untested.length, jobs),
    contradiction: lastOld > firstNew ? { new: firstNew, old: lastOld } : undefined,
  };
}

/** How many steps tell `untested + 1` candidates apart, when each looks at `jobs` points: halvings for one. */
export function stepsFor(untested: number, jobs = 1): number {
  let [steps, told] = [0, 1];
  for (; told < untested + 1; told *= jobs + 1) steps += 1;
  return steps;
}

/** The points to look at next, at most `count`, which part the untested ones evenly; in order. */
export function nextPoints({ untested }: Narrowed, count: number): readonly number[] {
  const wanted = Math.min(count, untested.length);
  return Array.from({ length: wanted }, (_, index) => untested[Math.floor(((index + 1) * untested.length) / (wanted + 1))]).filter(
    (point) => point !== undefined,
  );
}
