import { describe, expect, it } from 'vitest';
import { stripLevel } from '../../../harness/series/diff-level.js';
import { linesOf } from '../../../harness/series/text.js';

const level = (text: string): ReturnType<typeof stripLevel> => stripLevel(linesOf(text));
const plain = (from: string, to: string): string => `--- ${from}\n+++ ${to}\n@@ -1 +1 @@\n-a\n+b\n`;

describe('stripLevel', () => {
  it.each<[string, string, 0 | 1]>([
    ['a and b', plain('a/fs/x', 'b/fs/x'), 1],
    ['two trees', plain('linux.orig/fs/x', 'linux/fs/x'), 1],
    ['one tree', plain('linux/fs/x', 'linux/fs/x'), 1],
    ['svn', plain('fs/x\t(revision 1)', 'fs/x\t(working copy)'), 0],
    ['a copy beside it', plain('fs/x.c.orig', 'fs/x.c'), 0],
    ['a file at the top', plain('Makefile', 'Makefile'), 0],
    ['a new file without prefix', '--- /dev/null\n+++ fs/x\n@@ -0,0 +1 @@\n+a\n', 0],
    ['a new file with prefix', '--- /dev/null\n+++ b/fs/x\n@@ -0,0 +1 @@\n+a\n', 1],
    ['kernel/', plain('kernel/fork.c', 'kernel/fork.c'), 0],
    ['kernel/ beside a file that tells', `${plain('kernel/fs/x', 'kernel/fs/x')}${plain('mm/x', 'mm/x')}`, 0],
    ['a rename without prefix', 'diff --git fs/x fs/y\nsimilarity index 100%\nrename from fs/x\nrename to fs/y\n', 0],
    ['a rename with prefix', 'diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n', 1],
    ['what only looks like a header, in a hunk', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n--- fs/x\n+++ fs/x\n a\n b\n', 1],
  ])('of %s', (_, text, wanted) => {
    expect(level(text)).toEqual({ level: wanted });
  });

  it('is no guess', () => {
    expect(level(plain('kernel/fs/x', 'kernel/fs/x'))).toMatchObject({ line: 1, problem: expect.stringMatching(/with their first folder or without/) });
    expect(level(plain('a/fs/x', 'b/fs/x') + plain('mm/x', 'mm/x'))).toMatchObject({ line: 6, problem: expect.stringMatching(/mixes/) });
  });
});
