import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realProcesses } from '../../../harness/host/real-processes.js';
import { resolveSource, type ResolveOptions } from '../../../harness/kernel/resolve.js';
import { openTree } from '../../../harness/kernel/tree.js';
import { digestOf } from '../../../harness/store/digest.js';
import { compressed, kernelMembers, run, tarOf, testContext, type TestContext } from './source-support.js';

const DEBIAN: ResolveOptions = { distribution: 'debian' };

/**
 * A machine whose apt-cache and apt-get are small programs over a folder: `system` and `own` hold what `apt-cache show`
 * prints for a package, and apt-get update copies `archive` to `own`.
 */
async function machine(): Promise<TestContext & { readonly apt: string }> {
  const ctx = await testContext();
  const apt = join(ctx.folder, 'apt');
  const bin = join(apt, 'bin');
  for (const folder of ['bin', 'system', 'own', 'archive']) await mkdir(join(apt, folder), { recursive: true });
  const lists = `lists=${apt}/system; case "$*" in *Dir::State::lists*) lists=${apt}/own;; esac`;
  const last = 'for last; do :; done';
  const programs = {
    'apt-cache': `${lists}; ${last}; case "$*" in *pkgnames*) ls "$lists" ;; *) cat "$lists/$last" 2>/dev/null || exit 100 ;; esac`,
    'apt-get': `${lists}; ${last}; echo "$*" >>${apt}/calls
case "$*" in
*update) [ -e ${apt}/offline ] && { echo 'W: Failed to fetch http://x' >&2; exit 0; }; cp ${apt}/archive/* ${apt}/own/ 2>/dev/null; exit 0 ;;
*download*) [ -e ${apt}/offline ] && { echo 'E: Failed to fetch http://x' >&2; exit 100; }
  echo 'dlstatus:1:50.0:Retrieving'; cp "${apt}/$(echo "$last" | tr '=' '_').deb" . ;;
esac`,
  };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const env = { ...ctx.effects.env, PATH: `${bin}:${ctx.effects.env['PATH'] ?? ''}` };
  const processes = realProcesses(env, ctx.effects.interrupted);
  return { ...ctx, effects: { ...ctx.effects, env, processes }, apt };
}

/** Builds the package, and says in `lists` what apt knows of it. */
async function addPackage(apt: string, version: string, lists: readonly string[]): Promise<void> {
  const root = join(apt, `root-${version}`);
  await mkdir(join(root, 'DEBIAN'), { recursive: true });
  await mkdir(join(root, 'usr/src'), { recursive: true });
  const control = ['Package: linux-source-6.12', `Version: ${version}`, 'Architecture: all', 'Maintainer: a <a@b>', 'Description: test'];
  await writeFile(join(root, 'DEBIAN/control'), `${control.join('\n')}\n`);
  await writeFile(join(root, 'usr/src/linux-source-6.12.tar.xz'), await compressed('xz', tarOf(kernelMembers('linux-source-6.12'))));
  const deb = join(apt, `linux-source-6.12_${version}.deb`);
  await run('dpkg-deb', ['-b', root, deb]);
  const bytes = await readFile(deb);
  const shown = `${control.slice(0, 2).join('\n')}\nSize: ${bytes.length}\nSHA256: ${digestOf(bytes)}\n`;
  for (const list of lists) await writeFile(join(apt, list, 'linux-source-6.12'), shown);
}

const SPEC = { kind: 'distribution', distribution: 'debian', line: '6.12' } as const;

test('the package that apt knows is downloaded, and its tarball kept under its digest', async () => {
  const ctx = await machine();
  await addPackage(ctx.apt, '6.12.9-1~deb12u1', ['system']);
  const source = await resolveSource(ctx, SPEC, DEBIAN);
  expect(source).toMatchObject({ provider: 'debian', version: '6.12.9', label: 'debian 6.12.9-1~deb12u1' });
  expect(source.checks.every(({ made }) => made)).toBe(true);
  expect(source.content).toEqual({ kind: 'archive', path: join(ctx.cache.downloads, source.digest, 'linux-source-6.12.tar.xz') });
  expect(ctx.events).toContainEqual(expect.objectContaining({ type: 'download', what: 'linux-source-6.12 6.12.9-1~deb12u1' }));
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
  await openTree(ctx, source);
  const calls = await readFile(join(ctx.apt, 'calls'), 'utf8');
  expect(calls).toContain('APT::Get::AllowUnauthenticated=false');
  expect(await resolveSource(ctx, SPEC, DEBIAN)).toEqual(source);
  expect(await readFile(join(ctx.apt, 'calls'), 'utf8')).toBe(calls);
});

test('where apt has no lists, lists of our own are fetched', async () => {
  const ctx = await machine();
  await addPackage(ctx.apt, '6.12.9-1', ['archive']);
  expect(await resolveSource(ctx, SPEC, DEBIAN)).toMatchObject({ label: 'debian 6.12.9-1' });
});

test('where the lists are older than the archive, lists of our own are fetched', async () => {
  const ctx = await machine();
  await addPackage(ctx.apt, '6.12.8-1', ['system']);
  await run('rm', [join(ctx.apt, 'linux-source-6.12_6.12.8-1.deb')]);
  await addPackage(ctx.apt, '6.12.9-1', ['archive']);
  expect(await resolveSource(ctx, SPEC, DEBIAN)).toMatchObject({ label: 'debian 6.12.9-1' });
});

test('an unknown version is a wrong request, with the packages there are, also without a network', async () => {
  const ctx = await machine();
  await addPackage(ctx.apt, '6.12.9-1', ['system']);
  await writeFile(join(ctx.apt, 'offline'), '');
  await expect(resolveSource(ctx, { ...SPEC, line: '9.9' }, DEBIAN)).rejects.toMatchObject({
    kind: 'usage',
    code: 'kernel.unknown',
    message: 'there is no kernel debian:9.9; there are debian:6.12',
  });
});

test('without lists and without a network the host is at fault', async () => {
  const ctx = await machine();
  await writeFile(join(ctx.apt, 'offline'), '');
  await expect(resolveSource(ctx, SPEC, DEBIAN)).rejects.toMatchObject({ kind: 'host', code: 'source.unreachable', output: expect.stringContaining('Failed to fetch') as string });
});

test('a package that is not what the index says is refused and removed', async () => {
  const ctx = await machine();
  await addPackage(ctx.apt, '6.12.9-1', ['system']);
  await writeFile(join(ctx.apt, 'linux-source-6.12_6.12.9-1.deb'), 'something else');
  await expect(resolveSource(ctx, SPEC, DEBIAN)).rejects.toMatchObject({ kind: 'host', code: 'download.digest' });
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
});

test.each([
  ['of another distribution', { distribution: 'ubuntu' }, 'distribution.other'],
  ['without a distribution that is known', { distribution: undefined }, 'distribution.other'],
] as const)('on a machine %s the host is at fault', async (_what, options, code) => {
  await expect(resolveSource(await machine(), SPEC, options)).rejects.toMatchObject({ kind: 'host', code });
});

test('on a machine without apt the host is at fault', async () => {
  const ctx = await testContext();
  const bin = join(ctx.folder, 'bin');
  await mkdir(bin);
  const env = { ...ctx.effects.env, PATH: bin };
  const bare = { ...ctx, effects: { ...ctx.effects, env, processes: realProcesses(env, ctx.effects.interrupted) } };
  await expect(resolveSource(bare, SPEC, DEBIAN)).rejects.toMatchObject({ kind: 'host', code: 'process.missing' });
});
