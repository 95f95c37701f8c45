import type { CompareEvidence, CutText } from '../../evidence/compare-schema.js';
import type { Patch, Series } from '../../model.js';
import type { PatchMatch } from '../../series/range-diff-lines.js';

/** Of all texts together: a page that shows them stays below 5 MB and opens at once. */
const MOST_LINES = 12_000;
const MOST_CHARACTERS = 1_000_000;
/** Of one text, so that one patch does not take the room of all others. */
const MOST_LINES_OF_ONE = 2000;
const LONGEST_LINE = 2000;

/** Takes as much of each text as there is room for it and for what came before. */
function openRoom(): (all: readonly string[]) => CutText {
  let [lines, characters] = [MOST_LINES, MOST_CHARACTERS];
  return (all) => {
    const kept: string[] = [];
    for (const line of all) {
      const shown = line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
      if (kept.length >= MOST_LINES_OF_ONE || lines < 1 || characters < shown.length) break;
      kept.push(shown);
      lines -= 1;
      characters -= shown.length + 1;
    }
    return { lines: kept, left: all.length - kept.length };
  };
}

function linesOf({ author, subject, message, diff }: Patch): readonly string[] {
  return [...(author === undefined ? [] : [`From: ${author}`]), `Subject: ${subject}`, '', ...message.trimEnd().split('\n'), '---', ...diff.replace(/\n$/, '').split('\n')];
}

/**
 * What is kept of the patches of two versions for a reader: how those that changed differ, then the patches themselves, what is
 * unchanged last. What there is no room for is counted; all of it is in `range-diff.txt`, `old-series/` and `series/`.
 */
export function withTexts(matches: readonly PatchMatch[], older: Pick<Series, 'patches'>, newer: Pick<Series, 'patches'>): CompareEvidence['patches'] {
  const take = openRoom();
  const textOf = ({ patches }: Pick<Series, 'patches'>, number: number | undefined): CutText | undefined => {
    const patch = patches.find((one) => one.number === number);
    return patch && take(linesOf(patch));
  };
  const differences = new Map(matches.filter(({ difference }) => difference.length > 0).map((match) => [match, take(match.difference)]));
  const isQuiet = ({ change }: PatchMatch): boolean => change === 'unchanged';
  const texts = new Map(
    [...matches.filter((match) => !isQuiet(match)), ...matches.filter(isQuiet)].map((match) => [match, { oldText: isQuiet(match) ? undefined : textOf(older, match.old), nowText: textOf(newer, match.now) }]),
  );
  return matches.map((match) => ({ ...match, difference: differences.get(match), ...texts.get(match) }));
}
