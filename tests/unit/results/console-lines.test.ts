import { expect, it } from 'vitest';
import { cleanLine } from '../../../harness/results/console-lines.js';

it.each<[string, string, string | undefined, boolean]>([
  ['plain words', 'plain words', undefined, false],
  ['[   12.345678] words', 'words', undefined, true],
  ['[12.345678]words', 'words', undefined, true],
  ['[   12.345678][  T123] words', 'words', 'T123', true],
  ['[   12.345678] [C0] words', 'words', 'C0', true],
  ['[   12.345678][  X1] words', '[  X1] words', undefined, true],
  ['<6>[   12.345678] words', 'words', undefined, true],
  ['<6>words', 'words', undefined, true],
  ['<12>words', 'words', undefined, true],
  ['a <6>words', 'a <6>words', undefined, false],
  ['\x1bM[   12.345678] words\x1b[2;5H', 'words', undefined, true],
  ['[   12.345678] of kmemleak: unreferenced object 0x', 'of kmemleak: unreferenced object 0x', undefined, true],
  ['<1234>words', '<1234>words', undefined, false],
  ['[words] of a program', '[words] of a program', undefined, false],
  ['<words> of a program', '<words> of a program', undefined, false],
  ['box login: [   12.345678] words', 'words', undefined, true],
  ['box login: <6>[   12.345678] words', 'words', undefined, true],
  ['** 17 printk messages dropped ** [   12.345678] words', 'words', undefined, true],
  ['** 17 printk messages dropped **box login: [   12.345678][ T1] words', 'words', 'T1', true],
  ['** 17 printk messages dropped **[   12.345678] words', 'words', undefined, true],
  ['box login: <12>[   12.345678] words', 'words', undefined, true],
  [`${'x'.repeat(100)} login: [   12.345678] words`, `${'x'.repeat(100)} login: [   12.345678] words`, undefined, false],
  ['a program [   12.345678] words', 'a program [   12.345678] words', undefined, false],
  ['\x1b[31m[   12.345678] red\x1b[0m words\r', 'red words', undefined, true],
  ['[   12.345678]  with\ttab\x00 and\x7f more', ' with\ttab and more', undefined, true],
  ['[   12.345678] kmemleak: unreferenced object 0xffff', 'unreferenced object 0xffff', undefined, true],
  ['[   12.345678] kmemleak:   comm "a"', '  comm "a"', undefined, true],
  ['[   12.345678] kmemleak: 7 new suspected memory leaks', 'kmemleak: 7 new suspected memory leaks', undefined, true],
  ['', '', undefined, false],
])('%j', (raw, text, caller, isPrintk) => {
  expect(cleanLine(raw)).toEqual({ text, caller, isPrintk });
});

it('looks at the first 2000 characters of a line', () => {
  expect(cleanLine('x'.repeat(2000)).text).toHaveLength(2000);
  expect(cleanLine(`${'x'.repeat(2000)}y`).text).toBe('x'.repeat(2000));
});
