/**
 * The smallest part of a set that still shows something, as far as leaving out single items tells: without any one of what
 * is left it is not seen any more (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002: ddmin).
 * @param items shows it as a whole; the empty set does not
 * @param shows is asked for each part at most once; false also where it cannot be told
 * @param tell is called with what is left each time that it has become smaller
 */
export async function minimize<T>(items: readonly T[], shows: (part: readonly T[]) => Promise<boolean>, tell: (left: readonly T[]) => void = () => undefined): Promise<readonly T[]> {
  const known = new Map<string, boolean>();
  const ask = async (part: readonly T[]): Promise<boolean> => {
    const key = part.map((item) => items.indexOf(item)).join(',');
    const answer = known.get(key) ?? (await shows(part));
    known.set(key, answer);
    return answer;
  };
  let current = items;
  let pieces = 2;
  while (current.length > 1) {
    const parts = split(current, pieces);
    const rests = parts.map((part) => current.filter((item) => !part.includes(item)));
    const smaller = await firstOf(parts, ask);
    // With two pieces the rest of one is the other, which is known.
    const rest = smaller === undefined ? await firstOf(rests, ask) : undefined;
    if (smaller) [current, pieces] = [smaller, 2];
    else if (rest) [current, pieces] = [rest, Math.max(2, pieces - 1)];
    else if (pieces >= current.length) break;
    else pieces = Math.min(current.length, 2 * pieces);
    if (smaller ?? rest) tell(current);
  }
  return current;
}

async function firstOf<T>(parts: readonly (readonly T[])[], ask: (part: readonly T[]) => Promise<boolean>): Promise<readonly T[] | undefined> {
  for (const part of parts) if (await ask(part)) return part;
  return undefined;
}

function split<T>(items: readonly T[], pieces: number): readonly (readonly T[])[] {
  const bounds = Array.from({ length: pieces + 1 }, (_, index) => Math.round((index * items.length) / pieces));
  return bounds.slice(1).map((end, index) => items.slice(bounds[index], end));
}
