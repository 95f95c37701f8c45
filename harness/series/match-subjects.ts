import type { Patch } from '../model.js';
import { withMoves, type PatchMatch } from './range-diff-lines.js';

/** A diff without what changes when only its surroundings do: line numbers and the ids of blobs. */
function bareLines({ diff }: Patch): readonly string[] {
  return diff
    .split('\n')
    .filter((line) => !/^index [0-9a-f]+\.\.[0-9a-f]+/.test(line))
    .map((line) => line.replace(/^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@.*$/, '@@'));
}

function linesOf(patch: Patch): readonly string[] {
  return [...patch.message.split('\n'), ...bareLines(patch)];
}

/** How many lines only one of two texts has. */
function linesApart(some: readonly string[], others: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of some) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts.values()].reduce((sum, left) => sum + Math.abs(left), 0);
}

/**
 * Matches the patches of two versions that cannot both be made commits of, because one does not apply: first those with the
 * same diff, then those with the same subject. In the order of the new version, then what it dropped.
 */
export function matchBySubject(older: readonly Patch[], newer: readonly Patch[]): readonly PatchMatch[] {
  const left = new Set(older);
  const taken = new Map<Patch, Patch>();
  const pair = (isSame: (one: Patch, other: Patch) => boolean): void => {
    for (const patch of newer) {
      const found = taken.has(patch) ? undefined : [...left].find((one) => isSame(one, patch));
      if (!found) continue;
      taken.set(patch, found);
      left.delete(found);
    }
  };
  const bare = new Map([...older, ...newer].map((patch) => [patch, bareLines(patch).join('\n')]));
  pair((one, other) => one.subject === other.subject && bare.get(one) === bare.get(other));
  pair((one, other) => bare.get(one) === bare.get(other));
  pair((one, other) => one.subject === other.subject);
  return withMoves([
    ...newer.map((patch): Omit<PatchMatch, 'moved'> => {
      const old = taken.get(patch);
      if (!old) return { change: 'new', old: undefined, now: patch.number, subject: patch.subject, size: 0, difference: [] };
      const size = linesApart(linesOf(old), linesOf(patch)) + (old.subject === patch.subject ? 0 : 2);
      return { change: size === 0 ? 'unchanged' : 'changed', old: old.number, now: patch.number, subject: patch.subject, size, difference: [] };
    }),
    ...older.filter((patch) => left.has(patch)).map(({ number, subject }) => ({ change: 'dropped' as const, old: number, now: undefined, subject, size: 0, difference: [] })),
  ]);
}
