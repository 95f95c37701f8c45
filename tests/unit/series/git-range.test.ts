import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Series } from '../../../harness/model.js';
import { readSeries } from '../../../harness/series/read-series.js';
import { makeRepository, type Repository } from './shapes.js';
import { refusalIn, requestIn } from './shipping.js';
import { makePlace, snapshot, type Place } from './support.js';

let place: Place;
let repo: Repository;

beforeEach(() => {
  place = makePlace();
  mkdirSync(place.ctx.cache.tmp, { recursive: true });
  repo = makeRepository(join(place.root, 'repo'));
});

afterEach(() => {
  place.remove();
});

function read(text: string): Promise<Series> {
  return readSeries(place.ctx, requestIn(place, text));
}

it('the commits of a range are a series on what they are on, and the repository is left as it is', async () => {
  const before = snapshot(repo.root);
  const series = await read('git:repo#main~3..main');
  expect(series).toMatchObject({ name: 'main', origin: `git:${repo.root}/.git#main~3..main`, stated: { baseCommit: repo.git('rev-parse', 'main~3').trim() } });
  expect(series.patches.map(({ subject }) => subject.slice(0, 12))).toEqual(['ipc/sem: grö', 'fs: move it', 'net: add it']);
  expect(snapshot(repo.root)).toEqual(before);
});

it('a worktree, a bare repository, a folder of one, and settings of its own make no difference', async () => {
  const { digest } = await read('git:repo#main~3..main');
  repo.git('worktree', 'add', '-q', '--detach', join(place.root, 'worktree'), 'HEAD');
  repo.git('clone', '-q', '--bare', '.', join(place.root, 'bare.git'));
  expect((await read('git:worktree#HEAD~3..')).digest).toBe(digest);
  expect((await read('git:bare.git#main~3..main')).digest).toBe(digest);
  expect((await read('git:repo/ipc#main~3..main')).digest).toBe(digest);
  const evil = join(place.root, 'evil');
  writeFileSync(join(repo.root, '.git/info/attributes'), '*.c diff=evil\n');
  for (const [name, value] of Object.entries({
    ...{ 'diff.noprefix': 'true', 'diff.mnemonicPrefix': 'true', 'diff.context': '9', 'diff.algorithm': 'patience', 'diff.renames': 'false', 'diff.suppressBlankEmpty': 'true', 'diff.orderFile': 'nowhere' },
    ...{ 'format.attach': 'x', 'format.numbered': 'false', 'format.coverLetter': 'true', 'format.subjectPrefix': 'X', 'format.suffix': '.txt', 'format.signature': 'me', 'format.thread': 'deep', 'format.headers': 'X-Y: z\n' },
    ...{ 'format.outputDirectory': evil, 'format.useAutoBase': 'true', 'format.notes': 'true', 'format.signOff': 'true', 'format.from': 'true', 'format.noprefix': 'true', 'color.ui': 'always', 'core.abbrev': '5', 'diff.external': `touch ${evil}`, 'diff.evil.command': `touch ${evil}`, 'diff.evil.textconv': `touch ${evil}; cat`, 'core.fsmonitor': `touch ${evil}` },
  })) {
    repo.git('config', name, value);
  }
  expect((await read('git:repo#main~3..main')).digest).toBe(digest);
  expect(() => snapshot(evil)).toThrow();
});

it('a merge, a commit without a change and a root are refused by name', async () => {
  repo.git('checkout', '-q', '-b', 'side', 'main~1');
  repo.git('commit', '-q', '--allow-empty', '-m', 'nothing');
  expect((await refusalIn(place, read('git:repo#main~1..side'))).message).toMatch(/main~1\.\.side of .*repo has 1 commit, of which git makes 0 patches/);
  repo.git('merge', '-q', '--no-edit', 'main');
  expect((await refusalIn(place, read('git:repo#main~1..side'))).message).toMatch(/has the merge [0-9a-f]{12}, which is no patch/);
  expect((await refusalIn(place, read('git:repo#main..main~1'))).hint).toMatch(/ancestor/);
  repo.git('checkout', '-q', '--orphan', 'other');
  repo.git('commit', '-q', '-m', 'root');
  expect((await refusalIn(place, read('git:repo#main..other'))).message).toMatch(/begins with [0-9a-f]{12}, which is on nothing/);
});
