import { describe, expect, it } from 'vitest';
import { addedLines } from '../../../harness/series/added-lines.js';
import { parseDiff, type FileDiff } from '../../../harness/series/diff.js';
import { explainRejection } from '../../../harness/series/explain-rejection.js';
import { spaceDifference } from '../../../harness/series/diagnose/whitespace.js';
import { nearestPlace, placeHunks } from '../../../harness/series/place-hunks.js';
import { linesOf } from '../../../harness/series/text.js';

function filesOf(diff: string): readonly FileDiff[] {
  const parsed = parseDiff(Buffer.from(diff));
  if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed));
  return parsed.files;
}

function patch(...hunks: readonly string[]): readonly FileDiff[] {
  return filesOf(`--- a/x\n+++ b/x\n${hunks.join('')}`);
}

function places(text: string, ...hunks: readonly string[]): readonly (readonly [number, number] | undefined)[] {
  const file = patch(...hunks)[0];
  return placeHunks(linesOf(text), file?.hunks ?? []).map((place) => place && [place.at, place.offset]);
}

const AT_START = '@@ -1,2 +1,3 @@\n+new\n a\n b\n';
const AT_END = '@@ -5,2 +5,3 @@\n a\n b\n+new\n';
const middle = (line: number): string => `@@ -${line},3 +${line},3 @@\n a\n-b\n+B\n a\n`;

describe('placeHunks', () => {
  it('takes the nearest place, and of two as near the one behind', () => {
    expect(places('a\nb\na\nx\nx\nx\na\nb\na\n', middle(2))).toEqual([[0, -1]]);
    expect(places('a\nb\na\nx\nx\nx\na\nb\na\n', middle(4))).toEqual([[6, 3]]);
    expect(places('a\nb\na\nx\nx\nx\na\nb\na\n', middle(6))).toEqual([[6, 1]]);
  });

  it('keeps a hunk at the start or the end of the file where it says so', () => {
    expect(places('a\nb\nc\n', AT_START)).toEqual([[0, 0]]);
    expect(places('c\na\nb\nc\n', AT_START)).toEqual([undefined]);
    expect(places('x\nx\nx\na\nb\n', AT_END)).toEqual([[3, -1]]);
    expect(places('x\nx\nx\nx\na\nb\nc\n', AT_END)).toEqual([undefined]);
  });

  it('places a hunk behind the one before it, and counts what that added', () => {
    expect(places('x\na\nb\na\nb\na\n', middle(2), middle(3))).toEqual([[1, 0], undefined]);
    expect(places('y\nc\na\nb\na\n', '@@ -1,2 +1,4 @@\n y\n+1\n+2\n c\n', '@@ -3,3 +5,3 @@\n a\n-b\n+B\n a\n')).toEqual([
      [0, 0],
      [2, 0],
    ]);
  });
});

describe('addedLines', () => {
  it('follows renames, gives a copy to its patch, and forgets what is gone', () => {
    const base = new Map([
      ['a', '1\n'],
      ['b', '2\n'],
    ]);
    const { files } = addedLines(base, [
      { number: 1, files: filesOf('--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n 1\n+one\n') },
      {
        number: 2,
        files: filesOf('diff --git a/a b/c\nrename from a\nrename to c\ndiff --git a/b b/d\ncopy from b\ncopy to d\n'),
      },
    ]);
    expect(files).toEqual([
      { content: '1\none\n', added: { path: 'c', patchOfLine: [0, 0, 1] } },
      { content: '2\n', added: { path: 'd', patchOfLine: [0, 2] } },
    ]);
  });

  it('leaves out what it cannot follow', () => {
    const { files } = addedLines(new Map([['x', 'b\n']]), [{ number: 1, files: patch('@@ -1 +1 @@\n-a\n+b\n') }]);
    expect(files).toEqual([]);
  });
});

describe('explainRejection', () => {
  const explain = (text: string, hunk: string): readonly unknown[] =>
    explainRejection(patch(hunk), () => text, '').map(({ problem, found, line }) => [problem, found, line]);

  it('shows the place with the most equal lines, the nearest among equals', () => {
    const hunk = '@@ -8,4 +8,4 @@\n p\n q\n-r\n+R\n s\n';
    expect(explain('p\nq\n\ns\n1\n2\n3\n4\n5\np\nq\n\ns\n', hunk)).toEqual([['the hunk does not match', ['p', 'q', '', 's'], 10]]);
    expect(explain('p\nq\nx\ns\n1\n2\n3\n4\n5\np\n', hunk)).toEqual([['the hunk does not match', ['p', 'q', 'x', 's'], 1]]);
    expect(explain('1\n2\n', hunk)).toEqual([['the hunk does not match', ['2'], 2]]);
    expect(explain('', hunk)).toEqual([['the hunk does not match', [], undefined]]);
  });

  it('says when a hunk lacks the context that git wants', () => {
    expect(explain('1\n2\n3\n4\n', '@@ -2 +2 @@\n-2\n+two\n')).toEqual([
      ['the hunk has no context lines around it (made with -U0)', ['2'], 2],
    ]);
  });

  it('takes little time for lines that are all the same', () => {
    const count = 30_000;
    const hunk = `@@ -2,${count} +2,${count} @@\n${' }\n'.repeat(count - 1)}-x\n+y\n`;
    expect(explain('}\n'.repeat(count), hunk)).toHaveLength(1);
  });

  it('has one line of git when it finds nothing itself', () => {
    const [rejection] = explainRejection(patch(middle(1)), () => 'a\nb\na\n', 'error: x: \u001b[31mno\nerror: more\n');
    expect(rejection).toMatchObject({ file: 'x', hunk: undefined, problem: 'git apply refuses it: x:  [31mno' });
  });
});

describe('nearestPlace', () => {
  it('is what trying every place from near to far gives', () => {
    const tried = (lines: readonly string[], wanted: readonly string[], near: number, first: number): number | undefined => {
      const last = lines.length - wanted.length;
      const start = Math.min(Math.max(near, first), last);
      const steps = Array.from({ length: lines.length + 1 }, (_, step) => [start + step, start - step]).flat();
      return last < first ? undefined : steps.find((at) => at >= first && at <= last && wanted.every((line, index) => lines[at + index] === line));
    };
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const letters = (length: number): readonly string[] => Array.from({ length }, () => 'ab'[random(2)] ?? '');
    for (let round = 0; round < 5000; round += 1) {
      const [lines, wanted, near, first] = [letters(random(14)), letters(1 + random(4)), random(16), random(5)] as const;
      expect(nearestPlace(lines, wanted, near, first), JSON.stringify([lines, wanted, near, first])).toBe(tried(lines, wanted, near, first));
    }
  });

  it('takes linear time where lines repeat without end', () => {
    const text = '}\n'.repeat(200_000);
    const files = patch(`@@ -2,100001 +2,100002 @@\n${' }\n'.repeat(100_000)}+y\n z\n`);
    const begun = performance.now();
    expect(explainRejection(files, () => text, '')).toHaveLength(1);
    expect(spaceDifference(files, new Map([['x', text]]))).toBeUndefined();
    // A second or two; trying each place takes hours.
    expect(performance.now() - begun).toBeLessThan(25_000);
  });
});
