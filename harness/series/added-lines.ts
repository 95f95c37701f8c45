import type { AddedLines } from '../model.js';
import type { FileDiff } from './diff.js';
import { placeHunks } from './place-hunks.js';
import { linesOf } from './text.js';

/** What a replay needs of a patch. */
export interface ReplayedPatch {
  readonly number: number;
  readonly files: readonly FileDiff[];
}

/** A hunk that went in at another line than its header says. */
export interface HunkOffset {
  readonly patch: number;
  readonly file: string;
  /** In lines; negative is up. */
  readonly offset: number;
}

export interface Replay {
  /** The files that the patches leave and whose lines could be followed: what they hold now, and whose each line is. */
  readonly files: readonly { readonly content: string; readonly added: AddedLines }[];
  readonly offsets: readonly HunkOffset[];
}

interface Lines {
  readonly text: readonly string[];
  /** For each line the patch that added it, or 0. */
  readonly patch: readonly number[];
}

/**
 * Follows every line of the touched files through patches that apply, to tell which patch added it. A file that cannot
 * be followed (a binary patch, hunks out of order) is left out, so compare `content` with what git made of it.
 * @param base the files of the base that the patches touch, one byte to a character
 */
export function addedLines(base: ReadonlyMap<string, string>, patches: readonly ReplayedPatch[]): Replay {
  let tree = new Map<string, Lines>();
  for (const [path, content] of base) {
    const text = linesOf(content);
    tree.set(path, { text, patch: text.map(() => 0) });
  }
  const touched = new Set<string>();
  const offsets: HunkOffset[] = [];
  for (const { number, files } of patches) {
    // All files of one patch start from what was there before it, as with git apply.
    const next = new Map(tree);
    const seen = new Set<string>();
    for (const file of files) {
      const { from, to } = file;
      const source = from === undefined ? EMPTY : (seen.has(from) ? next : tree).get(from);
      const replayed = source && replayFile(source, file, number, offsets);
      if (from !== undefined && file.kind !== 'copy' && from !== to) next.delete(from);
      if (to === undefined) continue;
      seen.add(to);
      touched.add(to);
      if (replayed) next.set(to, replayed);
      else next.delete(to);
    }
    tree = next;
  }
  const files = [...touched].sort().flatMap((path) => {
    const lines = tree.get(path);
    if (!lines) return [];
    return [{ content: lines.text.join(''), added: { path, patchOfLine: [0, ...lines.patch] } }];
  });
  return { files, offsets };
}

const EMPTY: Lines = { text: [], patch: [] };

function replayFile(source: Lines, file: FileDiff, number: number, offsets: HunkOffset[]): Lines | undefined {
  if (file.binary) return undefined;
  const places = placeHunks(source.text, file.hunks);
  const text: string[] = [];
  const patch: number[] = [];
  // The lines of a copy are new where they are, so they are those of the patch that made it.
  const owner = file.kind === 'copy' ? () => number : (index: number) => source.patch[index] ?? 0;
  let index = 0;
  const keepTo = (end: number): void => {
    for (; index < end; index++) {
      text.push(source.text[index] ?? '');
      patch.push(owner(index));
    }
  };
  for (const [which, hunk] of file.hunks.entries()) {
    const place = places[which];
    if (!place) return undefined;
    if (place.offset !== 0) offsets.push({ patch: number, file: file.from ?? file.to ?? '', offset: place.offset });
    keepTo(place.at);
    for (const line of hunk.lines) {
      if (line.kind === '-') {
        index += 1;
      } else if (line.kind === '+') {
        text.push(line.text);
        patch.push(number);
      } else {
        keepTo(index + 1);
      }
    }
  }
  keepTo(source.text.length);
  return { text, patch };
}
