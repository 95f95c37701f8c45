/** How many single-character edits lead from `a` to `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** The one of `known` that `given` was probably meant to be; undefined when none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const shortened = given.slice(0, 64).toLowerCase();
  const ranked = known
    .map((name) => ({ name, edits: distance(shortened, name.toLowerCase()) }))
    .sort((left, right) => left.edits - right.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, Math.floor(shortened.length / 3)) ? best.name : undefined;
}

/** The end of an error message about an unknown name: what was meant, perhaps, and what there is. */
export function choices(given: string, known: readonly string[]): string {
  const meant = nearest(given, known);
  return `${meant === undefined ? '' : `did you mean "${meant}"? `}there is: ${known.join(', ')}`;
}
