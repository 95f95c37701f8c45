import type { Rejection } from '../model.js';
import type { FileDiff, Hunk } from './diff.js';
import { nearestPlace, newLinesOf, oldLinesOf, placeHunks } from './place-hunks.js';
import { linesOf, oneLine, utf8OfBytes } from './text.js';

/** So many lines of a hunk are shown, around the first that differs. */
const SHOWN_LINES = 40;
const LINES_BEFORE_DIFFERENCE = 10;
const SHOWN_LENGTH = 400;
/** A line that a hunk has more often than this (`}`, an empty one) tells nothing about where the hunk belongs. */
const MAX_REPEATS = 8;

/**
 * Why git apply took none of a patch: one entry for each hunk or file at fault, the file's name and the hunk's lines
 * with control characters as they are.
 * @param read what the tree has at a path before this patch, one byte to a character; undefined when there is nothing
 * @param gitSaid git's own reason, used where this finds none
 */
export function explainRejection(
  files: readonly FileDiff[],
  read: (path: string) => string | undefined,
  gitSaid: string,
): readonly Rejection[] {
  const found = files.flatMap((file) => explainFile(file, read));
  if (found.length > 0) return found;
  const [first] = files;
  return [aboutFile(first?.to ?? first?.from ?? '', `git apply refuses it: ${gitReason(gitSaid)}`)];
}

/** The problem of a file as a whole. */
export function aboutFile(file: string, problem: string): Rejection {
  return { file, hunk: undefined, problem, expected: [], found: [], line: undefined };
}

function gitReason(gitSaid: string): string {
  const line = gitSaid.split('\n').find((text) => text.startsWith('error: ') || text.startsWith('fatal: '));
  return oneLine(line?.replace(/^\w+: /, '') ?? '') || 'without a reason';
}

function explainFile(file: FileDiff, read: (path: string) => string | undefined): readonly Rejection[] {
  const { from, to } = file;
  if (to !== undefined && to !== from) {
    const there = read(to);
    if (there !== undefined) return [aboutFile(to, existsAlready(file, there))];
  }
  if (from === undefined) return [];
  const content = read(from);
  if (content === undefined) return [aboutFile(from, 'the file does not exist')];
  const lines = linesOf(content);
  const places = placeHunks(lines, file.hunks);
  return file.hunks.filter((_, index) => places[index] === undefined).map((hunk) => explainHunk(from, hunk, lines));
}

function existsAlready(file: FileDiff, there: string): string {
  const same = file.kind === 'create' && !file.binary && file.hunks.flatMap(newLinesOf).join('') === there;
  return same ? 'already applied' : 'the file exists already';
}

function explainHunk(file: string, hunk: Hunk, lines: readonly string[]): Rejection {
  const old = oldLinesOf(hunk);
  const after = newLinesOf(hunk);
  const stated = Math.max(0, hunk.oldStart - 1);
  const applied = indexOfLines(lines, after, Math.max(0, hunk.newStart - 1));
  if (applied !== undefined) return compared(file, hunk, 'already applied', old, lines, applied, after.length);
  const at = closestIndex(lines, old, stated);
  const problem =
    hunk.lines.every(({ kind }) => kind !== ' ') && old.length > 0 && indexOfLines(lines, old, stated) !== undefined
      ? 'the hunk has no context lines around it (made with -U0)'
      : 'the hunk does not match';
  return compared(file, hunk, problem, old, lines, at, old.length);
}

/** Where these lines stand, as near as can be to an index; undefined when nowhere. */
function indexOfLines(lines: readonly string[], wanted: readonly string[], near: number): number | undefined {
  return wanted.length === 0 ? undefined : nearestPlace(lines, wanted, near);
}

/**
 * The index at which the most lines equal those wanted, the nearest to `stated` among equals; `stated` itself when not
 * one line does. Each line of the file votes for the places at which it would be right, so this takes linear time.
 */
function closestIndex(lines: readonly string[], wanted: readonly string[], stated: number): number {
  const indexes = new Map<string, number[]>();
  for (const [index, line] of wanted.entries()) {
    const known = indexes.get(line);
    if (known) known.push(index);
    else indexes.set(line, [index]);
  }
  const votes = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const candidates = indexes.get(line);
    if (!candidates || candidates.length > MAX_REPEATS) continue;
    for (const candidate of candidates) votes.set(index - candidate, (votes.get(index - candidate) ?? 0) + 1);
  }
  let best = Math.min(stated, Math.max(0, lines.length - 1));
  let most = votes.get(best) ?? 0;
  for (const [at, count] of votes) {
    const nearer = Math.abs(at - stated) < Math.abs(best - stated);
    if (count > most || (count === most && nearer)) [best, most] = [at, count];
  }
  return best;
}

function compared(
  file: string,
  hunk: Hunk,
  problem: string,
  old: readonly string[],
  lines: readonly string[],
  at: number,
  count: number,
): Rejection {
  const start = Math.max(0, at);
  const here = lines.slice(start, Math.max(start, at + count));
  const cut = start - at;
  const differing = old.findIndex((line, index) => here[index - cut] !== line);
  const length = Math.max(old.length, count);
  const skip = length <= SHOWN_LINES ? 0 : Math.max(0, Math.min(differing - LINES_BEFORE_DIFFERENCE, length - SHOWN_LINES));
  const skipHere = Math.max(0, skip - cut);
  return {
    file,
    hunk: hunk.header,
    problem,
    expected: old.slice(skip, skip + SHOWN_LINES).map(shown),
    found: here.slice(skipHere, skipHere + SHOWN_LINES).map(shown),
    line: here.length === 0 ? undefined : start + skipHere + 1,
  };
}

function shown(line: string): string {
  const text = utf8OfBytes(line.endsWith('\n') ? line.slice(0, -1) : line);
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH - 1)}…`;
}
