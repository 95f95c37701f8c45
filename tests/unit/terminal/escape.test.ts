import { expect, it } from 'vitest';
import { shorten, visible } from '../../../harness/terminal/escape.js';
import { formatBytes, formatMs, formatTable } from '../../../harness/terminal/format.js';

it('shows control characters instead of obeying them', () => {
  expect(visible('\u001b[2J\u001b]0;title\u0007a\rb\u0000\n\u009b31m')).toBe('\\x1b[2J\\x1b]0;title\\x07a\\x0db\\x00\\x0a\\x9b31m');
  expect(visible('a\u202eb\u200bc')).toBe('a\\u202eb\\u200bc');
  expect(visible('tab\there, ümläut, 日本')).toBe('tab\there, ümläut, 日本');
});

it('cuts and pads', () => {
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shorten('abcd', 4)).toBe('abcd');
  expect(formatTable([['A', 'LONG'], ['bcd', 'e']])).toEqual(['A    LONG', 'bcd  e']);
});

it('writes times and sizes for people', () => {
  expect([0, 850, 999, 3200, 59_990, 72_000].map(formatMs)).toEqual(['0 ms', '850 ms', '1.0 s', '3.2 s', '1 m 00 s', '1 m 12 s']);
  expect([512, 1024, 3.4 * 1024 ** 2].map(formatBytes)).toEqual(['512 B', '1.0 KiB', '3.4 MiB']);
});
