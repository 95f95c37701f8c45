import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { archiveFormat, archiveVersion, unpackArchive } from '../../../harness/kernel/archive.js';
import { withLock } from '../../../harness/host/lock.js';
import { realProcesses } from '../../../harness/host/real-processes.js';
import { compressed, kernelMembers, tarOf, testContext, type TarMember, type TestContext } from './source-support.js';

async function unpack(ctx: TestContext, bytes: Buffer, maxBytes = 1024 ** 3): Promise<string> {
  const archive = join(ctx.folder, 'archive');
  const into = join(ctx.folder, 'safe', 'into');
  await mkdir(into, { recursive: true });
  await writeFile(archive, bytes);
  return await withLock(ctx, 'test', (lock) => unpackArchive(ctx, { archive, into, maxBytes, lock }));
}

/** Names that appeared outside of the folder that was unpacked into. */
async function escaped(ctx: TestContext): Promise<readonly string[]> {
  return [...(await readdir(ctx.folder)), ...(await readdir(join(ctx.folder, 'safe')))].filter((name) => !['archive', 'cache', 'into', 'safe'].includes(name));
}

test('an archive is known by its bytes', () => {
  expect(archiveFormat(Buffer.from('BZh91AY'))).toBe('bz2');
  expect(archiveFormat(tarOf([{ name: 'a' }]).subarray(0, 512))).toBe('tar');
  expect(archiveFormat(Buffer.from('<!DOCTYPE html>'))).toBeUndefined();
  expect(archiveFormat(Buffer.alloc(0))).toBeUndefined();
});

test.each([
  ['tar', (bytes: Buffer) => Promise.resolve(bytes)],
  ['gzip', (bytes: Buffer) => Promise.resolve(gzipSync(bytes))],
  ['bzip2', (bytes: Buffer) => compressed('bzip2', bytes)],
  ['xz', (bytes: Buffer) => compressed('xz', bytes)],
  ['zstd', (bytes: Buffer) => compressed('zstd', bytes)],
])('%s: the top folder comes out, with the times of the archive', async (_name, compress) => {
  const ctx = await testContext();
  const top = await unpack(ctx, await compress(tarOf([...kernelMembers('linux-6.12.9'), { name: 'linux-6.12.9/k', type: '2', link: 'Kconfig' }])));
  expect(top).toBe(join(ctx.folder, 'safe', 'into', 'linux-6.12.9'));
  expect(await readFile(join(top, 'k'), 'utf8')).toContain('mainmenu');
  expect((await stat(join(top, 'Makefile'))).mtimeMs).toBe(1_700_000_000_000);
  expect(await archiveVersion(ctx, join(ctx.folder, 'archive'))).toBe('6.12.9');
});

test('an archive without a top folder is its own top', async () => {
  const ctx = await testContext();
  const members = [{ name: './', type: '5', mode: 0o755 }, ...kernelMembers('.')];
  expect(await unpack(ctx, tarOf(members))).toBe(join(ctx.folder, 'safe', 'into'));
  expect(await archiveVersion(ctx, join(ctx.folder, 'archive'))).toBe('6.12.9');
});

test.each<readonly [string, readonly TarMember[], string]>([
  ['a name with ..', [{ name: 'linux/../../../evil', text: 'x' }], 'archive.escape'],
  ['an absolute name', [{ name: '/tmp/respin-evil', text: 'x' }], 'archive.escape'],
  ['a write through a symbolic link', [{ name: 'linux/s', type: '2', link: '../../..' }, { name: 'linux/s/evil', text: 'x' }], 'archive.corrupt'],
  ['a symbolic link that stays', [{ name: 'linux/s', type: '2', link: '/etc' }], 'archive.escape'],
  ['a symbolic link through another', [{ name: 'linux/t', type: '2', link: '.' }, { name: 'linux/s', type: '2', link: 't/../x' }], 'archive.escape'],
  ['a hard link to the outside', [{ name: 'linux/h', type: '1', link: '/etc/hostname' }], 'archive.escape'],
  ['a FIFO', [{ name: 'linux/p', type: '6' }], 'archive.escape'],
  ['one name twice', [{ name: 'linux/Makefile', text: 'all:\n' }], 'archive.corrupt'],
  ['a second top folder', [{ name: 'other/a', text: 'x' }], 'archive.not-a-kernel'],
])('refuses %s', async (_what, members, code) => {
  const ctx = await testContext();
  await expect(unpack(ctx, tarOf([...kernelMembers('linux'), ...members]))).rejects.toMatchObject({ kind: 'host', code });
  expect(await escaped(ctx)).toEqual([]);
});

test('hard links within the tree are taken', async () => {
  const ctx = await testContext();
  const top = await unpack(ctx, tarOf([...kernelMembers('linux'), { name: 'linux/h', type: '1', link: 'linux/Makefile' }]));
  expect(await readFile(join(top, 'h'), 'utf8')).toContain('VERSION');
});

test('set-id modes do not come out', async () => {
  const ctx = await testContext();
  const top = await unpack(ctx, tarOf([...kernelMembers('linux'), { name: 'linux/su', text: 'x', mode: 0o6755 }]));
  expect((await stat(join(top, 'su'))).mode & 0o7000).toBe(0);
});

test.each([
  ['xz', 0.5],
  ['xz', 0.98],
  ['gzip', 0.9],
])('refuses a %s archive that is cut at %f of its length', async (program, share) => {
  const ctx = await testContext();
  const noise = Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 10_007).join(' ');
  const bytes = await compressed(program, tarOf([...kernelMembers('linux'), { name: 'linux/noise', text: noise }]));
  await expect(unpack(ctx, bytes.subarray(0, Math.floor(bytes.length * share)))).rejects.toMatchObject({ code: 'archive.corrupt' });
});

test('refuses what is no archive', async () => {
  const ctx = await testContext();
  await expect(unpack(ctx, Buffer.from('<html>please log in</html>'))).rejects.toMatchObject({ code: 'archive.format' });
});

test('refuses a bomb', async () => {
  const ctx = await testContext();
  const zeros = Buffer.concat([tarOf(kernelMembers('linux')).subarray(0, -1024), tarOf([{ name: 'linux/zeros', text: '\0'.repeat(25 * 1024 ** 2) }])]);
  await expect(unpack(ctx, gzipSync(zeros, { level: 1 }), 12 * 1024 ** 2)).rejects.toMatchObject({ code: 'archive.oversized' });
});

test("the user's TAR_OPTIONS and XZ_OPT do not matter", async () => {
  const ctx = await testContext();
  const env = { ...ctx.effects.env, TAR_OPTIONS: '--exclude=*', XZ_OPT: '--nonsense' };
  const bytes = await compressed('xz', tarOf(kernelMembers('linux')));
  const processes = realProcesses(env, ctx.effects.interrupted);
  const top = await unpack({ ...ctx, effects: { ...ctx.effects, env, processes } }, bytes);
  expect(await readdir(top)).toContain('Makefile');
});
