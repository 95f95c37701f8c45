import { expect, test } from 'vitest';
import { firstLinkOutside, leavesTree } from '../../../harness/kernel/source-links.js';

test.each([
  ['a link of the kernel', { 'scripts/dtc/include-prefixes/arm': '../../../arch/arm/boot/dts' }, undefined],
  ['a dangling link inside', { a: 'nowhere/at/all' }, undefined],
  ['an absolute target', { a: '/etc/passwd' }, 'a'],
  ['too many ..', { 'x/a': '../../etc' }, 'x/a'],
  ['out and in again', { 'x/a': '../../tree/b' }, 'x/a'],
  ['through another link', { s: 'deep/er', 'deep/er/up': '../..', l: 's/up/../x' }, 'l'],
  ['a link to the top', { s: '.', q: 's/../etc' }, 'q'],
  ['a loop', { a: 'b', b: 'a' }, 'a'],
] as const)('%s', (_title, links, outside) => {
  expect(firstLinkOutside(new Map(Object.entries(links)))).toBe(outside);
});

test('a path without links stays inside', () => {
  expect(leavesTree('a/./b//c', new Map())).toBe(false);
});
