import { parseDiff, type FileDiff } from './diff.js';

/** Where lines of a file are behind a patch: what it removes is gone, what it adds is new. */
function through(before: ReadonlySet<number>, { hunks }: FileDiff): Set<number> {
  const after = new Set<number>();
  const kept = [...before].sort((a, b) => a - b);
  let next = 0;
  let shift = 0;
  const keepTo = (end: number): void => {
    for (; next < kept.length && (kept[next] ?? 0) < end; next += 1) after.add((kept[next] ?? 0) + shift);
  };
  for (const { oldStart, oldCount, lines } of hunks) {
    // A hunk without old lines stands behind the line that it names.
    let old = oldCount === 0 ? oldStart + 1 : oldStart;
    for (const { kind } of lines) {
      keepTo(old);
      if (kind === '+') {
        after.add(old + shift);
        shift += 1;
        continue;
      }
      if (kind === '-') {
        if (kept[next] === old) next += 1;
        shift -= 1;
      } else if (kept[next] === old) {
        after.add(old + shift);
        next += 1;
      }
      old += 1;
    }
  }
  keepTo(Infinity);
  return after;
}

/**
 * The lines that patches add to each file, as they are numbered behind all of them, by the headers of their hunks: true where
 * each applies at the line that it says. What cannot be read as a patch adds nothing.
 * @param patches mails or diffs, in the order of application
 */
export function addedByPatches(patches: readonly Uint8Array[]): ReadonlyMap<string, ReadonlySet<number>> {
  const files = new Map<string, Set<number>>();
  for (const patch of patches) {
    const parsed = parseDiff(patch);
    if (parsed.kind !== 'parsed') continue;
    for (const file of parsed.files) {
      const before = file.from === undefined ? undefined : files.get(file.from);
      if (file.from !== undefined && file.kind !== 'copy') files.delete(file.from);
      if (file.to !== undefined) files.set(file.to, through(before ?? new Set(), file));
    }
  }
  return files;
}
