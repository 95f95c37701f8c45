import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realProcesses } from '../../../harness/host/real-processes.js';
import type { PatchRejected, SeenFile, Series } from '../../../harness/model.js';
import { popSeries, pushSeries, tellOffsets, type PushOutcome } from '../../../harness/series/push.js';
import { BASE, SERIES, numbered } from './sample-series.js';
import { fill, git, makePlace, seriesOf, snapshot, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

async function pushed(series: Series, seen?: readonly SeenFile[]): Promise<Extract<PushOutcome, { kind: 'pushed' }>> {
  const outcome = await pushSeries(place.ctx, place.tree, series, seen);
  if (outcome.kind === 'rejected') throw new Error(JSON.stringify(outcome.rejected));
  return outcome;
}

async function rejected(series: Series): Promise<PatchRejected> {
  const before = snapshot(place.tree.src);
  const outcome = await pushSeries(place.ctx, place.tree, series);
  if (outcome.kind === 'pushed') throw new Error('it was taken');
  expect(snapshot(place.tree.src)).toEqual(before);
  expect(existsSync(join(place.tree.home, 'journal'))).toBe(false);
  return outcome.rejected;
}

function read(path: string): string {
  return readFileSync(join(place.tree.src, path), 'utf8');
}

describe('pushSeries and popSeries', () => {
  it('apply a series in place and take it off without a trace', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    const { touched, addedLines } = await pushed(SERIES);
    expect(read('ipc/sem.c')).toBe(
      numbered(30, { 6: 'line six\nline six and a quarter', 20: 'line 20\nline 20.5' }),
    );
    expect(read('ipc/new/deep/file.c')).toBe('one\ntwo\n');
    expect(read('ipc/there.c')).toBe(numbered(11));
    expect(existsSync(join(place.tree.src, 'ipc/old.c'))).toBe(false);
    expect(lstatSync(join(place.tree.src, 'scripts/run.sh')).mode & 0o777).toBe(0o644);
    expect(touched.map(({ path, base, now }) => [path, base !== undefined, now !== undefined])).toEqual([
      ['ipc/moved.c', true, false],
      ['ipc/new/deep/file.c', false, true],
      ['ipc/old.c', true, false],
      ['ipc/sem.c', true, true],
      ['ipc/there.c', false, true],
      ['scripts/run.sh', true, true],
    ]);
    const lines = new Map(addedLines.map(({ path, patchOfLine }) => [path, patchOfLine]));
    expect(lines.get('ipc/sem.c')?.flatMap((patch, line) => (patch > 0 ? [[line, patch]] : []))).toEqual([
      [6, 1],
      [7, 2],
      [22, 2],
    ]);
    expect(lines.get('ipc/new/deep/file.c')).toEqual([0, 1, 1]);
    expect(lines.get('ipc/there.c')?.slice(-2)).toEqual([0, 2]);
    expect(lines.has('ipc/old.c')).toBe(false);
    await popSeries(place.ctx, place.tree);
    expect(snapshot(place.tree.src)).toEqual(before);
    expect(readdirSync(place.tree.home)).toEqual(['src']);
    expect(readdirSync(place.ctx.cache.tmp)).toEqual([]);
  });

  it('leave alone a file that ends as it was', async () => {
    fill(place.tree.src, BASE);
    const before = lstatSync(join(place.tree.src, 'ipc/msg.c'));
    await pushed(SERIES);
    const after = lstatSync(join(place.tree.src, 'ipc/msg.c'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('apply every file of a tree inside a git repository that ignores everything', async () => {
    git(place.root, 'init', '-q', '.');
    writeFileSync(join(place.root, '.gitignore'), '*\n');
    fill(place.tree.src, BASE);
    const { touched } = await pushed(SERIES);
    expect(touched).toHaveLength(6);
  });

  it('take off a series that was left there before the next is pushed', async () => {
    fill(place.tree.src, BASE);
    await pushed(SERIES);
    await pushed(SERIES);
    expect(place.events).toMatchObject([{ type: 'notice', text: expect.stringContaining('test') as string }]);
    await popSeries(place.ctx, place.tree);
    await popSeries(place.ctx, place.tree);
    expect(read('ipc/sem.c')).toBe(BASE['ipc/sem.c']);
  });

  it('do nothing for a series that changes nothing', async () => {
    fill(place.tree.src, BASE);
    const two = SERIES.patches.slice(1, 3).map(({ diff }) => diff.slice(diff.indexOf('diff --git a/ipc/msg.c')));
    expect(await pushed(seriesOf(...two))).toMatchObject({ touched: [], seen: [] });
    expect(readdirSync(place.tree.home)).toEqual(['src']);
  });

  it('keep bytes that are not UTF-8, and files without a last newline', async () => {
    fill(place.tree.src, { 'a.c': Buffer.from('\xe9\nx', 'latin1') });
    const diff = '--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,2 @@\n \xe9\n-x\n\\ No newline at end of file\n+\xea\n';
    const [patch] = seriesOf(diff).patches;
    if (!patch) throw new Error('no patch');
    const { addedLines } = await pushed({ ...SERIES, patches: [{ ...patch, diffEncoding: 'latin1' }] });
    expect(readFileSync(join(place.tree.src, 'a.c'), 'latin1')).toBe('\xe9\n\xea\n');
    expect(addedLines).toEqual([{ path: 'a.c', patchOfLine: [0, 0, 1] }]);
  });

  it('apply binary patches', async () => {
    git(place.root, 'init', '-q', 'made');
    const made = join(place.root, 'made');
    writeFileSync(join(made, 'logo'), Buffer.from([0, 1, 2, 3]));
    git(made, 'add', '.');
    git(made, 'commit', '-qm', 'base');
    writeFileSync(join(made, 'logo'), Buffer.from([0, 9, 9, 9, 9]));
    const diff = git(made, 'diff', '--binary');
    fill(place.tree.src, { logo: Buffer.from([0, 1, 2, 3]) });
    expect((await pushed(seriesOf(diff))).touched).toHaveLength(1);
    expect([...readFileSync(join(place.tree.src, 'logo'))]).toEqual([0, 9, 9, 9, 9]);
  });

  it('tell when a hunk went in at another line', async () => {
    fill(place.tree.src, { ...BASE, 'ipc/sem.c': `first\nsecond\n${BASE['ipc/sem.c']}` });
    const { addedLines, offsets } = await pushed(SERIES);
    tellOffsets(place.ctx, offsets);
    expect(addedLines.find(({ path }) => path === 'ipc/sem.c')?.patchOfLine.slice(7, 10)).toEqual([0, 1, 2]);
    expect(place.events).toMatchObject([{ text: expect.stringMatching(/patch 1 went into ipc\/sem\.c 2 lines further down.* 2 more/) as string }]);
  });
});

describe('what make sees', () => {
  const ONE = seriesOf('--- a/ipc/msg.c\n+++ b/ipc/msg.c\n@@ -1 +1 @@\n-msg\n+one\n');
  const TWO = seriesOf(
    '--- a/ipc/msg.c\n+++ b/ipc/msg.c\n@@ -1 +1 @@\n-msg\n+one\n',
    '--- a/ipc/old.c\n+++ b/ipc/old.c\n@@ -1 +1 @@\n-old\n+two\n',
  );
  const time = (path: string): bigint => lstatSync(join(place.tree.src, path), { bigint: true }).mtimeNs;

  it('is the same time for the same content, push after push', async () => {
    fill(place.tree.src, BASE);
    let { seen } = await pushed(ONE);
    ({ seen } = await pushed(ONE, seen));
    const first = time('ipc/msg.c');
    ({ seen } = await pushed(TWO, seen));
    expect(time('ipc/msg.c')).toBe(first);
    ({ seen } = await pushed(ONE, seen));
    expect(time('ipc/msg.c')).toBe(first);
  });

  it('is a new time for content that is back to the base, until it changes again', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    const old = time('ipc/old.c');
    let { seen } = await pushed(TWO);
    ({ seen } = await pushed(ONE, seen));
    expect(read('ipc/old.c')).toBe('old\n');
    const back = time('ipc/old.c');
    expect(back).toBeGreaterThan(old);
    const third = await pushed(ONE, seen);
    expect(third.touched.map(({ path }) => path)).toEqual(['ipc/msg.c']);
    expect(Math.abs(Number(time('ipc/old.c') - back))).toBeLessThan(2000);
    expect((await pushed(ONE, third.seen)).seen).toEqual(third.seen);
    await popSeries(place.ctx, place.tree);
    expect(snapshot(place.tree.src)).toEqual(before);
  });
});

describe('a rejected series', () => {
  it('says which lines a hunk expects and what the tree has', async () => {
    fill(place.tree.src, { ...BASE, 'ipc/sem.c': `new top\n${numbered(30, { 5: 'line V' })}` });
    expect(await rejected(SERIES)).toEqual({
      patch: 1,
      subject: 'patch 1',
      rejections: [
        {
          file: 'ipc/sem.c',
          hunk: '@@ -4,5 +4,6 @@',
          problem: 'the hunk does not match',
          expected: ['line 4', 'line 5', 'line 6', 'line 7', 'line 8'],
          found: ['line 4', 'line V', 'line 6', 'line 7', 'line 8'],
          line: 5,
        },
      ],
    });
  });

  it('names the patch that fails, seen behind those before it', async () => {
    fill(place.tree.src, { ...BASE, 'ipc/moved.c': 'something else\n' });
    const { patch, rejections } = await rejected(SERIES);
    expect(patch).toBe(2);
    expect(rejections).toMatchObject([{ file: 'ipc/moved.c', found: ['something else'], line: 1 }]);
  });

  it('says when the file is missing, is there already, or has the change already', async () => {
    fill(place.tree.src, { ...BASE, 'ipc/new/deep/file.c': 'one\n', 'ipc/sem.c': numbered(30, { 6: 'line six\nline six and a half' }) });
    expect((await rejected(SERIES)).rejections).toMatchObject([
      { file: 'ipc/sem.c', problem: 'already applied', line: 4 },
      { file: 'ipc/new/deep/file.c', problem: 'the file exists already', hunk: undefined },
    ]);
    fill(place.tree.src, { 'ipc/new/deep/file.c': 'one\ntwo\n' });
    rmSync(join(place.tree.src, 'ipc/sem.c'));
    expect((await rejected(SERIES)).rejections).toMatchObject([
      { file: 'ipc/sem.c', problem: 'the file does not exist' },
      { file: 'ipc/new/deep/file.c', problem: 'already applied' },
    ]);
  });

  it('is what the patches say, whatever attributes they bring and whatever git finds in the environment', async () => {
    const program = join(place.root, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch ${join(place.root, 'ran')}\ncat\n`, { mode: 0o755 });
    const env = {
      ...place.ctx.effects.env,
      ...{ GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'filter.evil.smudge', GIT_CONFIG_VALUE_0: program, GIT_CONFIG_KEY_1: 'filter.evil.clean', GIT_CONFIG_VALUE_1: program },
      ...{ GIT_DIR: join(place.root, 'elsewhere.git'), GIT_WORK_TREE: place.root, GIT_INDEX_FILE: join(place.root, 'index'), GIT_EXTERNAL_DIFF: program, GIT_TRACE: join(place.root, 'trace') },
    };
    fill(place.tree.src, { 'id.c': 'one\n$Id$\n' });
    const attributes = '--- /dev/null\n+++ b/.gitattributes\n@@ -0,0 +1 @@\n+* text eol=crlf ident filter=evil working-tree-encoding=UTF-16\n';
    const change = '--- a/id.c\n+++ b/id.c\n@@ -1,2 +1,3 @@\n one\n $Id$\n+two\n';
    const effects = { ...place.ctx.effects, env, processes: realProcesses(env, new AbortController().signal) };
    const outcome = await pushSeries({ ...place.ctx, effects }, place.tree, seriesOf(attributes, change));
    expect(outcome.kind).toBe('pushed');
    expect(readFileSync(join(place.tree.src, 'id.c'), 'utf8')).toBe('one\n$Id$\ntwo\n');
    for (const name of ['ran', 'index', 'trace', 'elsewhere.git']) expect(existsSync(join(place.root, name))).toBe(false);
  });

  it('is what the patches say also in a repository whose attributes and filters say otherwise', async () => {
    git(place.root, 'init', '-q', '.');
    const program = join(place.root, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch ${join(place.root, 'ran')}\ncat\n`, { mode: 0o755 });
    for (const what of ['smudge', 'clean']) git(place.root, 'config', `filter.evil.${what}`, program);
    fill(place.root, { '.git/info/attributes': '* text eol=crlf filter=evil\n', '.gitattributes': '* text eol=crlf filter=evil\n' });
    fill(place.tree.src, { 'id.c': 'one\n$Id$\n' });
    await pushed(seriesOf('--- /dev/null\n+++ b/.gitattributes\n@@ -0,0 +1 @@\n+* text eol=crlf ident filter=evil\n', '--- a/id.c\n+++ b/id.c\n@@ -1,2 +1,3 @@\n one\n $Id$\n+two\n'));
    expect(read('id.c')).toBe('one\n$Id$\ntwo\n');
    expect(existsSync(join(place.root, 'ran'))).toBe(false);
  });

  it('never follows a symbolic link', async () => {
    const outside = join(place.root, 'outside');
    fill(outside, { 'sem.c': BASE['ipc/sem.c'] });
    mkdirSync(place.tree.src, { recursive: true });
    symlinkSync(outside, join(place.tree.src, 'ipc'));
    const before = snapshot(outside);
    expect((await rejected(SERIES)).rejections[0]).toMatchObject({ problem: 'its path leads through a symbolic link, ipc' });
    expect(snapshot(outside)).toEqual(before);
    rmSync(join(place.tree.src, 'ipc'));
    mkdirSync(join(place.tree.src, 'ipc'));
    symlinkSync(join(outside, 'sem.c'), join(place.tree.src, 'ipc/sem.c'));
    expect((await rejected(SERIES)).rejections[0]).toMatchObject({ problem: 'the file is a symbolic link' });
    expect(snapshot(outside)).toEqual(before);
  });

  it('says when a folder is in the way, or a file', async () => {
    fill(place.tree.src, { 'ipc/sem.c/x': '', 'ipc/new': '' });
    expect((await rejected(SERIES)).rejections).toMatchObject([
      { file: 'ipc/sem.c', problem: 'a folder is there' },
      { file: 'ipc/new/deep/file.c', problem: 'ipc/new is a file, not a folder' },
    ]);
  });

  it('takes no fuzz: a context line that differs is enough', async () => {
    fill(place.tree.src, { ...BASE, 'ipc/sem.c': numbered(30, { 8: 'line  8' }) });
    expect((await rejected(SERIES)).rejections).toMatchObject([{ problem: 'the hunk does not match', line: 4 }]);
  });

  it('is explained also where only git knows why', async () => {
    fill(place.tree.src, { logo: Buffer.from([0, 7]) });
    const diff = `diff --git a/logo b/logo
index ea6ea8c0c0ad93a6d2fd3a4f2d7e4b9f1f3ad61c..f76dd238ade08917e6712764a16a22005a50573d 100644
GIT binary patch
literal 1
IcmZPo000310RR91

literal 1
IcmZPo000310RR91

`;
    expect((await rejected(seriesOf(diff))).rejections).toMatchObject([
      { file: 'logo', problem: expect.stringMatching(/^git apply refuses it: .*logo/) as string },
    ]);
  });

  it('shows a part of a very long hunk, and stays quick in a large file', async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index}`);
    const expected = lines.slice(30_000, 31_000);
    const diff = `--- a/big.c\n+++ b/big.c\n@@ -30001,1000 +30001,1001 @@\n${expected.map((line) => ` ${line}\n`).join('').replace(' line 30600\n', ' line 30600\n+added\n')}`;
    lines[30_500] = 'other';
    fill(place.tree.src, { 'big.c': `shift\n${lines.join('\n')}\n` });
    const [rejection] = (await rejected(seriesOf(diff))).rejections;
    expect(rejection?.expected).toHaveLength(40);
    expect(rejection?.line).toBe(30_492);
    expect(rejection?.expected[10]).toBe('line 30500');
    expect(rejection?.found[10]).toBe('other');
  });
});
