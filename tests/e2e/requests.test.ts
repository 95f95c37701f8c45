import { cp, mkdir, mkdtemp, readdir, readFile, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { mountSmall } from './mounts.js';
import { useRespin } from './respin.js';
import { plantFault, readPatch } from './series.js';
import { filesOf, fingerprint, tarballOf, treeOf } from './trees.js';

const respin = useRespin();

let trees: Readonly<Record<string, string>>;

beforeAll(async () => {
  expect((await respin.judge(['semundo-v1', '--kernel', '6.12'])).verdict).toBe('good');
  trees = await fingerprint();
});

/** Whatever was wrong with a request, what there was is as it was, and the next run works. */
afterEach(async () => {
  expect(await fingerprint()).toEqual(trees);
  expect((await respin.judge(['semundo-v1', '--kernel', '6.12'])).verdict).toBe('good');
});

async function folderWith(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(respin.folder(), name);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}

describe('a request that is wrong is refused with the valid choices: exit 2', () => {
  test.each([
    ['a kernel that is no kernel', ['--kernel', 'nonsense'], 'kernel.spec', ['"nonsense"', 'v6.12.9', 'debian:6.12', 'tar:PATH-or-URL', 'dir:PATH', 'git:']],
    ['a kernel that the series has no patches for', ['--kernel', '5.10'], 'series.no-base', ['6.12, 6.1', '5.10']],
    ['a folder that is no kernel', ['--kernel', 'dir:/etc'], 'kernel.directory', ['/etc', 'Kconfig']],
    ['an unknown series', ['semundo-v9'], 'series.unknown', ['semundo-v9', 'did you mean semundo-v1?']],
    ['a path without a series', ['./no/such/folder'], 'series.path-missing', ['no/such/folder']],
    ['an unknown profile', ['--profile', 'lockdeb'], 'profile.unknown', ['did you mean "lockdep"?', 'plain, smp, lockdep, kasan, kmemleak']],
    ['an unknown suite', ['--suite', 'semundi'], 'suite.unknown', ['did you mean "semundo"?', 'msgque, next_id, semundo']],
    ['a duration that is none', ['--timeout', 'soon'], 'duration.invalid', ['"soon"', '90s']],
  ])('%s', async (_what, args, code, words) => {
    const error = await respin.refuse(args);
    expect(error).toMatchObject({ code, kind: 'usage' });
    for (const word of words) expect(`${error.message}\n${error.hint ?? ''}`).toContain(word);
  });

  test.each([
    ['an unknown option', ['run', '--fersh'], ["unknown option '--fersh'", '--fresh']],
    ['a value that an option does not take', ['run', '--accel', 'xen'], ['auto, kvm, tcg']],
    ['an unknown command', ['rum'], ["unknown command 'rum'", 'run']],
  ])('%s', async (_what, args, words) => {
    const done = await respin.run(args);
    expect({ exitCode: done.exitCode, stdout: done.stdout }).toEqual({ exitCode: 2, stdout: '' });
    for (const word of words) expect(done.stderr).toContain(word);
  });

  test('a release that kernel.org does not have', async () => {
    const list = ['6.12.9', '6.12.8', '6.6.1'].map((version) => `${'a'.repeat(64)}  linux-${version}.tar.xz`).join('\n');
    const message = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${list}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
    const server = createServer((_request, response) => response.end(message));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const env = { RESPIN_KERNEL_ORG: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, GNUPGHOME: join(respin.folder(), 'gnupg') };
    const error = await respin.refuse(['--kernel', 'v6.12.9999'], { env });
    expect(error).toMatchObject({ code: 'kernel.unknown', kind: 'usage' });
    for (const word of ['6.12.9999', 'v6.12.9, v6.12.8']) expect(`${error.message}\n${error.hint ?? ''}`).toContain(word);
  });

  test('a patch that is cut off', async () => {
    const patch = await readPatch();
    const folder = await folderWith('cut', { '0001-cut.patch': patch.slice(0, patch.indexOf('\n', patch.length / 2) + 1) });
    const error = await respin.refuse([folder, '--suite', 'semundo']);
    expect(error.kind).toBe('usage');
    expect(error.message).toContain('0001-cut.patch');
  });

  test('a patch that leads out of the tree', async () => {
    const patch = (await readPatch()).replaceAll('ipc/sem.c', '../ipc/sem.c');
    const error = await respin.refuse([await folderWith('out', { '0001-out.patch': patch }), '--suite', 'semundo']);
    expect(error.kind).toBe('usage');
    expect(error.message).toContain('../ipc/sem.c');
  });

  test('patches that no suite is named for', async () => {
    const error = await respin.refuse([await folderWith('plain', { '0001-good.patch': await readPatch() })]);
    expect(error).toMatchObject({ code: 'suite.none', hint: expect.stringContaining('msgque, next_id, semundo') as string });
  });

  test('a series.yaml with a key that is none', async () => {
    const folder = await plantFault('wrong-width');
    const path = join(folder, 'series.yaml');
    await writeFile(path, `${await readFile(path, 'utf8')}promise:\n  x: 1\n`);
    const error = await respin.refuse([folder]);
    expect(error).toMatchObject({ code: 'series.file', message: expect.stringContaining('did you mean "promises"?') as string });
  });

  test('an evidence folder with something in it, which stays', async () => {
    const folder = await folderWith('used', { 'thesis.tex': 'years of work' });
    const error = await respin.refuse(['--out', folder]);
    expect(error).toMatchObject({ code: 'evidence.exists', message: expect.stringContaining(folder) as string });
    expect(await readdir(folder)).toEqual(['thesis.tex']);
    expect(await readFile(join(folder, 'thesis.tex'), 'utf8')).toBe('years of work');
  });
});

describe('a host that fails says nothing about the series: exit 3', () => {
  test('a source that cannot be reached', async () => {
    const error = await respin.refuse(['--kernel', 'tar:http://127.0.0.1:1/linux-6.12.9.tar.xz']);
    expect(error).toMatchObject({ code: 'source.unreachable', kind: 'host', message: expect.stringContaining('127.0.0.1:1') as string });
  });

  test('a QEMU that is too old', async () => {
    const tools = join(respin.folder(), 'old');
    await mkdir(tools);
    await writeFile(join(tools, 'qemu-system-x86_64'), '#!/bin/sh\necho "QEMU emulator version 4.2.1 (Debian 1:4.2-3ubuntu6)"\n', { mode: 0o755 });
    const error = await respin.refuse(['semundo-v1', '--kernel', '6.12'], { env: { PATH: `${tools}:${process.env['PATH'] ?? ''}` } });
    expect(error).toMatchObject({ code: 'qemu.too-old', kind: 'host', message: expect.stringMatching(/4\.2\.1.* needs 6\.0 or later/) as string });
  });

  test('no QEMU', async () => {
    const tools = join(respin.folder(), 'bin');
    await mkdir(tools);
    for (const folder of (process.env['PATH'] ?? '').split(':')) {
      const names = await readdir(folder).catch(() => []);
      // What is first in PATH is what counts.
      for (const name of names.filter((entry) => !entry.startsWith('qemu-system'))) await symlink(join(folder, name), join(tools, name)).catch(() => undefined);
    }
    const options = { env: { PATH: tools } };
    const error = await respin.refuse([], options);
    expect(error).toMatchObject({ code: 'tools.missing', kind: 'host' });
    expect(error.message).toContain('qemu-system-x86_64');
    expect(error.hint).toContain('apt-get install -y --no-install-recommends qemu-system-x86');
    const doctor = await respin.run(['doctor'], options);
    expect(doctor.exitCode).toBe(3);
    expect(doctor.stdout).toMatch(/^MISSING +qemu-system-x86_64 +package qemu-system-x86/m);
  });

  test('a full disk when the evidence is written', async (context) => {
    const out = join(await mountSmall(context, join(respin.folder(), 'evidence-disk'), 'size=64k'), 'evidence');
    const error = await respin.refuse(['semundo-v1', '--kernel', '6.12', '--out', out]);
    expect(error).toMatchObject({ code: 'disk.full', kind: 'host', message: expect.stringContaining(out) as string });
    expect(await readdir(dirname(out))).toEqual([]);
  });

  test('a disk that fills up while a kernel is built', async (context) => {
    const disk = await mountSmall(context, join(respin.folder(), 'build-disk'), 'size=1g');
    const kernel = await brokenKernel();
    const args = ['semundo-v1', '--kernel', `dir:${kernel}`];
    const options = { env: { RESPIN_CACHE: join(disk, 'cache') } };
    expect((await respin.judge(args, options)).verdict).toBe('untestable');
    // With its first file it goes on to the programs that it needs: some megabytes, and one is left.
    await cp(join(await treeOf('6.12'), 'kernel/bounds.c'), join(kernel, 'kernel/bounds.c'));
    const { bavail, bsize } = await statfs(disk);
    await execa('fallocate', ['-l', String(bavail * bsize - 1024 * 1024), join(disk, 'filler')]);
    const error = await respin.refuse(args, options);
    expect(error).toMatchObject({ kind: 'host', code: expect.stringMatching(/^(?:build\.host|disk\.full)$/) as string });
    expect(`${error.message} ${error.hint ?? ''}`).toMatch(/space/);
    await rm(join(disk, 'filler'));
    await writeFile(join(kernel, 'kernel/bounds.c'), '#error no bounds\n');
    expect((await respin.judge(args, options)).verdict).toBe('untestable');
  });

  test('a full disk', async (context) => {
    const disk = await mountSmall(context, join(respin.folder(), 'disk'), 'size=48m');
    const error = await respin.refuse(['--kernel', `tar:${await tarballOf('6.12')}`], { env: { RESPIN_CACHE: join(disk, 'cache') } });
    expect(error).toMatchObject({ code: 'disk.full', kind: 'host', hint: expect.stringContaining('RESPIN_CACHE') as string });
    // Half a tree is no tree.
    expect(await readdir(join(disk, 'cache', 'trees')).catch(() => [])).toEqual([]);
  });
});

/** A folder that has of 6.12 as much as its configuration and its first compilation need, and the latter fails. */
async function brokenKernel(): Promise<string> {
  // The cached tree is only read.
  const src = await treeOf('6.12');
  const broken = await mkdtemp(join(respin.folder(), 'broken-'));
  const needed = ['arch/x86', 'include', 'scripts', 'tools', 'kernel', ...filesOf(await readPatch())];
  const copy = `{ find . -name '[KM]akefile*' -o -name 'Kconfig*' -o -name 'Kbuild*'; find ${needed.join(' ')} -type f -o -type l; } | sort -u | tar cf - -T - | tar xf - -C "$0"`;
  await execa('sh', ['-c', copy, broken], { cwd: src });
  await writeFile(join(broken, 'kernel/bounds.c'), '#error no bounds\n');
  return broken;
}

test('a base that does not build is no fault of the series: exit 125', async () => {
  const broken = await brokenKernel();
  const report = await respin.judge(['semundo-v1', '--kernel', `dir:${broken}`], { env: { RESPIN_CACHE: join(respin.folder(), 'cache') } });
  expect(report).toMatchObject({ verdict: 'untestable', exitCode: 125 });
  expect(new Set(report.reasons.map(({ code }) => code)), JSON.stringify(report.reasons)).toEqual(new Set(['base.build.failed']));
  expect(report.reasons.map(({ text }) => text).join('\n')).toMatch(/the base cannot be judged: vmlinux does not build: kernel\/bounds\.c:1: .*no bounds/);
  expect(report.diagnostics.base).toContainEqual(expect.objectContaining({ file: 'kernel/bounds.c', line: 1, severity: 'error' }));
  // What it was given is not written to.
  expect(await readFile(join(broken, 'kernel/bounds.c'), 'utf8')).toBe('#error no bounds\n');
});
