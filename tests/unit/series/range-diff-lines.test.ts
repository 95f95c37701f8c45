import { expect, test } from 'vitest';
import { parseRangeDiff } from '../../../harness/series/range-diff-lines.js';

test('pairs of patches, with the size of a change', () => {
  const text = [
    '1:  1111111 = 1:  aaaaaaa ipc: one',
    '2:  2222222 ! 2:  bbbbbbb ipc: two',
    '    @@ Metadata',
    '      ## Commit message ##',
    '     -    ipc: two',
    '    -+int a;',
    '    ++int b;',
    '-:  ------- > 3:  ccccccc ipc: new',
    '3:  3333333 < -:  ------- ipc: dropped',
    '',
  ].join('\n');
  expect(parseRangeDiff(text)).toEqual([
    { change: 'unchanged', old: 1, now: 1, subject: 'ipc: one', moved: false, size: 0, difference: [] },
    { change: 'changed', old: 2, now: 2, subject: 'ipc: two', moved: false, size: 2, difference: ['@@ Metadata', '  ## Commit message ##', ' -    ipc: two', '-+int a;', '++int b;'] },
    { change: 'new', old: undefined, now: 3, subject: 'ipc: new', moved: false, size: 0, difference: [] },
    { change: 'dropped', old: 3, now: undefined, subject: 'ipc: dropped', moved: false, size: 0, difference: [] },
  ]);
});

test('a patch that left the order of the others has moved, and they have not', () => {
  const text = ['3:  3333333 = 1:  aaaaaaa c', '1:  1111111 = 2:  bbbbbbb a', '2:  2222222 = 3:  ccccccc b'].join('\n');
  expect(parseRangeDiff(text).filter(({ moved }) => moved)).toEqual([{ change: 'unchanged', old: 3, now: 1, subject: 'c', moved: true, size: 0, difference: [] }]);
});

test('numbers of two digits are aligned', () => {
  expect(parseRangeDiff(' 9:  1111111 =  9:  aaaaaaa nine\n10:  2222222 = 10:  bbbbbbb ten\n').map(({ now }) => now)).toEqual([9, 10]);
});

test('nothing is nothing', () => {
  expect(parseRangeDiff('')).toEqual([]);
});
