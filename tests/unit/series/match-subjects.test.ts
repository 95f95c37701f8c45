import { expect, test } from 'vitest';
import type { Patch } from '../../../harness/model.js';
import { matchBySubject } from '../../../harness/series/match-subjects.js';

function patch(number: number, subject: string, diff: string, message = ''): Patch {
  return { number, subject, author: undefined, message, messageId: undefined, origin: 'test', digest: 'd', diff, files: [] };
}

const at = (line: number, text: string): string => `diff --git a/a.c b/a.c\nindex 111111${line}..2222222 100644\n@@ -${line},1 +${line},2 @@ f\n x\n+${text}\n`;

test('a patch at other lines is the same, one with other lines is changed, and its lines are counted', () => {
  const matches = matchBySubject([patch(1, 'one', at(1, 'a')), patch(2, 'two', at(2, 'b'))], [patch(1, 'one', at(9, 'a')), patch(2, 'two', at(3, 'c'))]);
  expect(matches.map(({ old, now, change, size }) => [old, now, change, size])).toEqual([
    [1, 1, 'unchanged', 0],
    [2, 2, 'changed', 2],
  ]);
});

test('a patch with another subject is found by its diff, and one with another message has changed', () => {
  const matches = matchBySubject([patch(1, 'one', at(1, 'a')), patch(2, 'two', at(2, 'b'), 'why')], [patch(1, 'first', at(1, 'a')), patch(2, 'two', at(2, 'b'), 'because')]);
  expect(matches).toMatchObject([{ old: 1, now: 1, change: 'changed', size: 2 }, { old: 2, now: 2, change: 'changed', size: 2 }]);
});

test('what is in one alone is new or dropped, and what left the order has moved', () => {
  const [a, b, c] = [at(1, 'a'), at(1, 'b'), at(1, 'c')];
  const matches = matchBySubject([patch(1, 'a', a), patch(2, 'b', b), patch(3, 'c', c), patch(4, 'gone', at(1, 'g'))], [patch(1, 'c', c), patch(2, 'a', a), patch(3, 'new', at(1, 'n')), patch(4, 'b', b)]);
  expect(matches.map(({ old, now, change, moved }) => [old, now, change, moved])).toEqual([
    [3, 1, 'unchanged', true],
    [1, 2, 'unchanged', false],
    [undefined, 3, 'new', false],
    [2, 4, 'unchanged', false],
    [4, undefined, 'dropped', false],
  ]);
});

test('two patches with one subject are matched in their order', () => {
  const matches = matchBySubject([patch(1, 'fix', at(1, 'a')), patch(2, 'fix', at(1, 'b'))], [patch(1, 'fix', at(1, 'x')), patch(2, 'fix', at(1, 'b'))]);
  expect(matches.map(({ old, now, change }) => [old, now, change])).toEqual([[1, 1, 'changed'], [2, 2, 'unchanged']]);
});
