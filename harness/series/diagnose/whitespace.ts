import type { FileDiff, Hunk } from '../diff.js';
import { oldLinesOf, placeHunks } from '../place-hunks.js';
import { linesOf } from '../text.js';
import type { Contents } from './bench.js';
import type { Explanation } from './situation.js';

/** A line that only white space keeps from being the one that a patch expects. */
export interface SpaceDifference {
  readonly file: string;
  /** In the tree, from 1. */
  readonly line: number;
  readonly what: string;
}

function squeezed(line: string): string {
  return line.replace(/\s+/g, '');
}

function indentOf(line: string): string {
  return /^\s*/.exec(line.trimEnd())?.[0] ?? '';
}

function withoutNewline(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line;
}

function describe(expected: string, found: string): string {
  const [wanted, has] = [withoutNewline(expected), withoutNewline(found)];
  if (`${wanted}\r` === has) return 'the tree has CRLF at the end of its lines, and the patch does not';
  if (wanted === `${has}\r`) return 'the patch has CRLF at the end of its lines, and the tree does not';
  if (wanted.trimEnd() === has.trimEnd()) return wanted.length < has.length ? 'blanks at the end of a line are lost' : 'blanks at the end of a line are too many';
  if (indentOf(has).includes('\t') && !indentOf(wanted).includes('\t')) return 'tabs became blanks';
  if (indentOf(wanted).includes('\t') && !indentOf(has).includes('\t')) return 'the patch has tabs where the tree has blanks';
  return 'the white space is another';
}

/** The first line that differs in white space alone; undefined when a hunk does not fit even so, or all fit as they are. */
export function spaceDifference(files: readonly FileDiff[], contents: Contents): SpaceDifference | undefined {
  let first: SpaceDifference | undefined;
  for (const file of files) {
    if (file.from === undefined) continue;
    const content = contents.get(file.from);
    if (content === undefined || file.binary) return undefined;
    const lines = linesOf(content);
    if (placeHunks(lines, file.hunks).every((place) => place !== undefined)) continue;
    const places = placeHunks(lines.map(squeezed), file.hunks.map(squeezedHunk));
    for (const [index, hunk] of file.hunks.entries()) {
      const place = places[index];
      const old = oldLinesOf(hunk);
      // A hunk of empty lines fits anywhere when white space does not count.
      if (!place || old.every((line) => squeezed(line) === '')) return undefined;
      const differing = old.findIndex((line, offset) => lines[place.at + offset] !== line);
      if (differing < 0) continue;
      const at = place.at + differing;
      first ??= { file: file.from, line: at + 1, what: describe(old[differing] ?? '', lines[at] ?? '') };
    }
  }
  return first;
}

function squeezedHunk(hunk: Hunk): Hunk {
  return { ...hunk, lines: hunk.lines.map(({ kind, text }) => ({ kind, text: squeezed(text) })) };
}

/** Every hunk fits when white space does not count: the patch was damaged on its way. */
export const explainWhitespace: Explanation = ({ refused, before }) => {
  const difference = spaceDifference(refused.files, before);
  if (!difference) return Promise.resolve([]);
  const { file, line, what } = difference;
  return Promise.resolve([
    {
      kind: 'whitespace',
      text: `it was damaged on its way: it applies when white space does not count; ${what}, first at ${file}:${line}`,
      hint: 'get the patch as it was sent (git format-patch, or the raw mail), not from a page or a mailer that changes white space',
    },
  ]);
};
