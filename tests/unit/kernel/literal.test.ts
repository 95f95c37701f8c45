import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { literalGlob, literalPattern } from '../../../harness/kernel/literal.js';

const ODD = 'a.*+?^${}()|[b]\\c';

it('is a pattern of itself alone', () => {
  expect(new RegExp(`^${literalPattern(ODD)}$`).test(ODD)).toBe(true);
  expect(new RegExp(`^${literalPattern('a.c')}$`).test('abc')).toBe(false);
});

it('is a name that find finds, and no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'literal-'));
  for (const name of [ODD, 'a.b', 'a.c', 'ab']) writeFileSync(join(folder, name), '');
  const found = (name: string): string => execFileSync('find', [folder, '-type', 'f', '-name', literalGlob(name), '-printf', '%f'], { encoding: 'utf8' });
  expect([found(ODD), found('a?b'), found('a*'), found('a[.]b')]).toEqual([ODD, '', '', '']);
  rmSync(folder, { recursive: true });
});
