import { mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { addedByPatches } from '../../../harness/series/added-by-patches.js';

it('says of each line what git blame says', async () => {
  const repository = await mkdtemp(join(tmpdir(), 'respin-blame-'));
  const git = async (...args: readonly string[]) => execa('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: repository });
  const write = async (name: string, lines: readonly string[]) => writeFile(join(repository, name), lines.map((line) => `${line}\n`).join(''));
  const commit = async (subject: string) => {
    await git('add', '-A');
    await git('commit', '-qm', subject);
  };
  await git('init', '-q');
  const base = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  await write('a.c', base);
  await write('b.c', base);
  await commit('base');
  const first = [...base.slice(0, 5), 'one', 'two', ...base.slice(7, 30), 'three', ...base.slice(30)];
  await write('a.c', first);
  await write('new.c', ['x', 'y', 'z']);
  await commit('first');
  // Removes a line that was added, adds above and below, and at both ends.
  await write('a.c', ['top', ...first.filter((line) => line !== 'two' && line !== 'line 3'), 'bottom']);
  await write('new.c', ['x', 'w', 'z']);
  await commit('second');
  await rename(join(repository, 'b.c'), join(repository, 'c.c'));
  await write('c.c', [...base.slice(0, 20), 'inside', ...base.slice(20)]);
  await commit('third');
  await git('format-patch', '-q', '-M', '-o', 'out', 'HEAD~3');
  const names = (await readdir(join(repository, 'out'))).sort();
  const added = addedByPatches(await Promise.all(names.map((name) => readFile(join(repository, 'out', name)))));
  const { stdout: root } = await git('rev-list', '--max-parents=0', 'HEAD');
  for (const path of ['a.c', 'new.c', 'c.c']) {
    const { stdout } = await git('blame', '-l', '-s', '-M0', '--root', path);
    const expected = stdout.split('\n').flatMap((line, index) => (line.startsWith(root) ? [] : [index + 1]));
    expect([...(added.get(path) ?? [])].sort((a, b) => a - b), path).toEqual(expected);
  }
  expect(added.has('b.c')).toBe(false);
});

it('takes what is no patch for nothing', () => {
  expect(addedByPatches([Buffer.from('hello\n'), Buffer.from('--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n broken')]).size).toBe(0);
});
