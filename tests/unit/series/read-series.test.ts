import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HarnessError } from '../../../harness/errors.js';
import type { Series } from '../../../harness/model.js';
import { diffBytes } from '../../../harness/series/patches.js';
import { listSeries, readSeries } from '../../../harness/series/read-series.js';
import { prefixOf, stackOf } from '../../../harness/series/prefix.js';
import { readSubject } from '../../../harness/series/subject.js';
import { diff, mail, refusalIn, requestIn, shipIn, writeIn } from './shipping.js';
import { git, makePlace, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

function read(text: string): Promise<Series> {
  return readSeries(place.ctx, requestIn(place, text));
}
const refusal = (action: Promise<unknown>): Promise<HarnessError> => refusalIn(place, action);
const write = (path: string, content: string | Buffer): string => writeIn(place, path, content);
const ship = (name: string, changes: Readonly<Record<string, string>> = {}, more = ''): void => {
  shipIn(place, name, changes, more);
};

describe('a shipped series', () => {
  it('is read by name, from the folder for the kernel', async () => {
    ship('semundo-v1');
    const series = await read('semundo-v1');
    expect(series).toMatchObject({
      name: 'semundo-v1',
      title: 'A title',
      origin: 'shipped:semundo-v1/6.12',
      suites: ['ipc'],
      promises: { one: 1, two: 2 },
    });
    expect(series.patches.map(({ number, subject, author, files }) => [number, subject, author, files])).toEqual([
      [1, 'ipc: a', 'A B <a@example.org>', [{ from: 'semundo-v1/a', to: 'semundo-v1/a' }]],
      [2, 'ipc: b', 'A B <a@example.org>', [{ from: 'semundo-v1/b', to: 'semundo-v1/b' }]],
    ]);
    expect(series.patches[0]?.diff).toBe(diff('semundo-v1/a'));
  });

  it('brings the patches that it is built on, which are none of its own', async () => {
    ship('semundo-v1', { 'patches: "6.12"': 'patches: "6.12", prerequisites: before/6.12' });
    write('kernel-patches/semundo-v1/before/6.12/0001-x.patch', mail('[PATCH] ipc: take it out', diff('x')));
    const series = await read('semundo-v1');
    expect(series.prerequisites.map(({ number, subject }) => [number, subject])).toEqual([[0, 'ipc: take it out']]);
    expect(series.patches.map(({ number }) => number)).toEqual([1, 2]);
    expect(stackOf(prefixOf(series, 1)).map(({ subject }) => subject)).toEqual(['ipc: take it out', 'ipc: a']);
    write('kernel-patches/semundo-v1/before/6.12/0001-x.patch', mail('[PATCH] ipc: take it out', diff('x', 'c')));
    expect((await read('semundo-v1')).digest).not.toBe(series.digest);
  });

  it('that has no patches for the kernel is refused with those it is for', async () => {
    ship('semundo-v1');
    const error = await refusal(readSeries(place.ctx, { ...requestIn(place, 'semundo-v1'), kernelVersion: '6.6.3' }));
    expect([error.code, error.message]).toEqual([
      'series.no-base',
      'the series semundo-v1 has patches for 6.12, 6.1, not for 6.6.3',
    ]);
  });

  it('must not promise a patch that it does not have', async () => {
    ship('semundo-v1');
    const error = await refusal(readSeries(place.ctx, { ...requestIn(place, 'semundo-v1'), kernelVersion: '6.1.9' }));
    expect(error.message).toMatch(/series\.yaml: promises\.two names patch 2; old has 1$/);
  });

  it('is unknown by another name, with the nearest and the other forms', async () => {
    ship('semundo-v1');
    ship('next-id');
    const error = await refusal(read('semundo-v2'));
    expect(error.message).toMatch(/unknown series "semundo-v2"; shipped are next-id, semundo-v1; a series is one of\n[^]* mbox/);
    expect(error.hint).toBe('did you mean semundo-v1?');
    expect((await refusal(read(''))).code).toBe('series.unknown');
  });

  it('is listed', async () => {
    ship('semundo-v1');
    ship('next-id');
    write('kernel-patches/README.md', '');
    expect((await listSeries(place.ctx, place.root)).map(({ name }) => name)).toEqual(['next-id', 'semundo-v1']);
    expect(await listSeries(place.ctx, join(place.root, 'nowhere'))).toEqual([]);
  });

  it('can be copied and read from there', async () => {
    ship('semundo-v1');
    expect(await read('./kernel-patches/semundo-v1')).toMatchObject({
      name: 'semundo-v1',
      origin: join(place.root, 'kernel-patches/semundo-v1/6.12'),
      promises: { one: 1, two: 2 },
    });
  });
});

describe('a path', () => {
  it('reads what git format-patch writes: encodings, renames, modes, binary files, bytes', async () => {
    const repository = join(place.root, 'repository');
    mkdirSync(repository);
    git(repository, 'init', '-q', '-b', 'main', '.');
    writeFileSync(join(repository, 'a.c'), Buffer.from('caf\xe9\nb\n', 'latin1'));
    writeFileSync(join(repository, 'dos.c'), 'a\r\nb\r\n');
    writeFileSync(join(repository, 'with blank.c'), 'x\n'.repeat(20));
    git(repository, 'add', '.');
    git(repository, 'commit', '-qm', 'base');
    const commit = (message: string): void => {
      git(repository, 'add', '-A');
      git(repository, 'commit', '-qm', message);
    };
    writeFileSync(join(repository, 'a.c'), Buffer.from('caf\xe9s\nb\n', 'latin1'));
    commit('größer: ein sehr langer Betreff, der in der Post umgebrochen wird, weil er so lang ist\n\nText.');
    writeFileSync(join(repository, 'dos.c'), 'a\r\nB\r\n');
    commit('dos: keep its line ends');
    git(repository, 'mv', 'with blank.c', 'moved ö.c');
    writeFileSync(join(repository, 'logo'), Buffer.from([0, 255, 0, 13, 10]));
    commit('move it');
    const folder = join(place.root, 'out');
    git(repository, 'format-patch', '-q', '-o', folder, '--cover-letter', '--binary', '-3');
    const series = await read('out');
    expect(series.name).toBe('out');
    expect(series.patches.map(({ subject }) => subject)).toEqual([
      'größer: ein sehr langer Betreff, der in der Post umgebrochen wird, weil er so lang ist',
      'dos: keep its line ends',
      'move it',
    ]);
    expect(series.patches[0]).toMatchObject({ diffEncoding: 'latin1', author: 'T <t@example.org>' });
    expect(series.patches[1]?.diff).toContain('+B\r\n');
    expect(series.patches[2]?.files).toEqual([
      { from: undefined, to: 'logo' },
      { from: 'with blank.c', to: 'moved ö.c' },
    ]);
    for (const [index, patch] of series.patches.entries()) {
      const mine = Buffer.from(diffBytes(patch)).toString('latin1');
      expect(git(repository, 'diff', '-M', '--binary', `HEAD~${3 - index}`, `HEAD~${2 - index}`)).toBe(mine);
    }

    const mbox = write('all.mbox', Buffer.from(git(repository, 'format-patch', '--stdout', '--cover-letter', '--binary', '-3'), 'latin1'));
    const same = await read(mbox);
    expect(same.digest).toBe(series.digest);
    expect([same.name, same.origin, same.patches[1]?.origin]).toEqual(['all', mbox, `${mbox} message 3`]);
  });

  it('reads quoted-printable and base64', async () => {
    const body = `Text.\n\n---\n${diff('a.c', 'caf\xe9 = 1', 'caf\xe8 = 2')}`;
    const header = 'From: =?utf-8?q?J=C3=B6?= <j@example.org>\nSubject: [PATCH] =?utf-8?b?w7Y=?=: x\nMIME-Version: 1.0\n';
    const quoted = body.replace(/=/g, '=3D').replace(/\xe9/g, '=E9').replace(/\xe8/g, '=E8');
    write('q.patch', `${header}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n${quoted}`);
    const base64 = Buffer.from(body, 'latin1').toString('base64').replace(/.{76}/g, '$&\n');
    write('b.patch', `${header}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n${base64}\n`);
    for (const name of ['q.patch', 'b.patch']) {
      const [patch] = (await read(name)).patches;
      expect([patch?.author, patch?.subject]).toEqual(['Jö <j@example.org>', 'ö: x']);
      expect(patch?.diff).toBe(diff('a.c', 'caf\xe9 = 1', 'caf\xe8 = 2'));
    }
  });

  it('reads a mail that was saved with CRLF, and a diff without a mail', async () => {
    write('crlf.patch', mail('[PATCH] x', diff('a.c')).replace(/\n/g, '\r\n'));
    write('bare.patch', diff('a.c'));
    const crlf = await read('crlf.patch');
    const bare = await read('bare.patch');
    expect(crlf.patches[0]?.diff).toBe(diff('a.c'));
    expect(bare.digest).toBe(crlf.digest);
    expect(bare.patches[0]?.subject).toBe('patch 1');
  });

  it('puts numbered patches in order, whatever their files are called', async () => {
    write('p/a.patch', mail('[RFC PATCH net-next v2 2/2] second', diff('b')));
    write('p/b.patch', mail('[RFC PATCH net-next v2 1/2] first', diff('a')));
    expect((await read('p')).patches.map(({ number, subject }) => [number, subject])).toEqual([
      [1, 'first'],
      [2, 'second'],
    ]);
  });

  it('has another digest for another diff or promise, and the same for another message', async () => {
    const one = (await read(write('1.patch', mail('[PATCH] a', diff('x'))))).digest;
    expect((await read(write('2.patch', mail('[PATCH] b', diff('x'))))).digest).toBe(one);
    expect((await read(write('3.patch', mail('[PATCH] a', diff('y'))))).digest).not.toBe(one);
    ship('semundo-v1');
    const shipped = (await read('semundo-v1')).digest;
    ship('semundo-v1', { PROMISES: 'one: 1, two: 1' });
    expect((await read('semundo-v1')).digest).not.toBe(shipped);
  });

  it.each<[string, Readonly<Record<string, string | Buffer>>, string, RegExp]>([
    ['that is not there', {}, 'series.path-missing', /there is no .*\/p\/?; a series is one of\n {2}NAME /],
    ['to a folder without patches', { 'p/README': '' }, 'series.empty', /p has no patches; expected files such as 0001/],
    ['to a cover letter alone', { 'p/0.patch': mail('[PATCH 0/1] x', '') }, 'series.empty', /no patch beside its cover letter/],
    ['to a mail without a diff', { 'p/1.patch': mail('[PATCH] x', '') }, 'series.malformed', /1\.patch has no diff \(subject: "x"\)/],
    ['to an empty file', { 'p/1.patch': '\n' }, 'series.mail', /1\.patch is empty/],
    ['to a gzip file that is cut off', { 'p/1.patch': gzipSync(mail('[PATCH] x', diff('x'))).subarray(0, 100) }, 'series.mail', /1\.patch is compressed with gzip and cannot be unpacked: unexpected end of file/],
    ['to a file that xz wrote', { 'p/1.patch': Buffer.from('\xfd7zXZ\0\0', 'latin1') }, 'series.mail', /1\.patch is compressed with xz/],
    [
      'to a patch that is cut off',
      { 'p/1.patch': mail('[PATCH] x', diff('x').replace('+b\n', '')) },
      'series.malformed',
      /p\/1\.patch:14: malformed patch: the hunk "@@ -1 \+1 @@" announces 1 old and 1 new lines; it ends here/,
    ],
    [
      'to a number that is there twice',
      { 'p/1.patch': mail('[PATCH 1/2] x', diff('x')), 'p/2.patch': mail('[PATCH 1/2] y', diff('y')) },
      'series.numbers',
      /patch 1\/2 is there twice: .*1\.patch and .*2\.patch/,
    ],
    ['to a number that is missing', { 'p/1.patch': mail('[PATCH 2/3] x', diff('x')) }, 'series.numbers', /of 3 patches, these are missing: 1, 3/],
    [
      'to patches of two series',
      { 'p/1.patch': mail('[PATCH 1/2] x', diff('x')), 'p/2.patch': mail('[PATCH 2/3] y', diff('y')) },
      'series.numbers',
      /mixes \[PATCH n\/2\] and \[PATCH n\/3\] \(.*2\.patch\)/,
    ],
    [
      'to a patch without a number among others',
      { 'p/1.patch': mail('[PATCH 1/1] x', diff('x')), 'p/2.patch': mail('[PATCH] y', diff('y')) },
      'series.numbers',
      /2\.patch has no number/,
    ],
    ['to a patch out of the tree', { 'p/1.patch': mail('[PATCH] x', diff('../x')) }, 'series.path', /1\.patch:9: a patch may not touch "\.\.\/x": it has ".."/],
    ['to a patch of .git', { 'p/1.patch': mail('[PATCH] x', diff('x/.GIT/config')) }, 'series.path', /it leads into \.git/],
    ['to a patch of an absolute path', { 'p/1.patch': '--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-a\n+b\n' }, 'series.path', /1\.patch:1: .*it is absolute/],
    [
      'to a patch of a name with a newline',
      { 'p/1.patch': mail('[PATCH] x', 'diff --git "a/x\\ny" "b/x\\ny"\nnew file mode 100644\n') },
      'series.path',
      /may not touch "x y": it has a control character/,
    ],
    [
      'to a symbolic link',
      { 'p/1.patch': mail('[PATCH] x', 'diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n') },
      'series.special',
      /1\.patch:9: x is a symbolic link/,
    ],
    [
      'to a submodule',
      { 'p/1.patch': mail('[PATCH] x', `diff --git a/x b/x\nnew file mode 160000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+Subproject commit ${'1'.repeat(40)}\n`) },
      'series.special',
      /1\.patch:9: x is a submodule/,
    ],
    ['to a device', { 'p/1.patch': mail('[PATCH] x', 'diff --git a/x b/x\nnew file mode 020666\n') }, 'series.special', /1\.patch:9: x is a file of mode 020666/],
  ])('%s is refused', async (_, files, code, message) => {
    mkdirSync(place.ctx.cache.tmp, { recursive: true });
    for (const [path, content] of Object.entries(files)) write(path, content);
    const error = await refusal(read('./p'));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('names the line in the middle of an mbox', async () => {
    const text = mail('[PATCH 1/2] x', diff('x')) + mail('[PATCH 2/2] y', diff('y').replace('@@ -1 +1', '@@ -1,5 +1'));
    const path = write('s.mbox', text);
    const line = text.split('\n').lastIndexOf('-- ') + 1;
    expect((await refusal(read(path))).message).toContain(`${path}:${line}: malformed`);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('keeps terminal codes of a mail away from messages', async () => {
    write('p/1.patch', mail('[PATCH] \u001b[31mx\u0007', ''));
    expect((await refusal(read('./p'))).message).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe('readSubject', () => {
  it.each([
    ['[PATCH] a', { subject: 'a', position: undefined }],
    ['[RFC PATCH v2 net-next 03/12] a [b] 1/2', { subject: 'a [b] 1/2', position: { number: 3, total: 12 } }],
    ['[PATCHv3 0/2] cover', { subject: 'cover', position: { number: 0, total: 2 } }],
    ['Re: [PATCH 1/2] a', { subject: 'a', position: { number: 1, total: 2 } }],
    ['[mm] a', { subject: '[mm] a', position: undefined }],
    ['[PATCH 2024/01/02] a', { subject: 'a', position: undefined }],
    ['', { subject: '', position: undefined }],
  ])('parts %j', (text, parts) => {
    expect(readSubject(text)).toMatchObject(parts);
  });
});
