import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { hostError } from '../../../harness/errors.js';
import type { ResolveOptions } from '../../../harness/kernel/resolve.js';
import { listKernels, resolveSource } from '../../../harness/kernel/resolve.js';
import { readStatus } from '../../../harness/kernel/source-signature.js';
import { DOWNLOAD_LIMITS } from '../../../harness/kernel/source-transfer.js';
import { openTree, listTrees } from '../../../harness/kernel/tree.js';
import { digestOf } from '../../../harness/store/digest.js';
import { compressed, kernelMembers, run, serve, tarOf, testContext, type TestContext } from './source-support.js';

const LIMITS = { ...DOWNLOAD_LIMITS, connectMs: 20_000, attempts: 1 };
const OFFLINE: ResolveOptions = { distribution: undefined, limits: LIMITS };

let tarball: Buffer;

beforeAll(async () => {
  const folder = await mkdirTemporary();
  const tar = join(folder, 'tar');
  await writeFile(tar, tarOf(kernelMembers('linux-6.12.9')));
  await run('xz', ['-k', tar]);
  tarball = await readFile(`${tar}.xz`);
  await rm(folder, { recursive: true });
});

async function mkdirTemporary(): Promise<string> {
  return (await run('mktemp', ['-d'])).stdout.trim();
}

function message(sums: string): string {
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${sums}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`;
}

function sums(): string {
  return [`${digestOf(tarball)}  linux-6.12.9.tar.xz`, `${'b'.repeat(64)}  linux-6.12.8.tar.xz`, `${'c'.repeat(64)}  linux-6.6.1.tar.xz`].join('\n');
}

/** A mirror of kernel.org, and a context that uses it and no key ring. */
async function mirrorContext(signed: string, body: () => Buffer = () => tarball): Promise<TestContext & { readonly requests: readonly string[] }> {
  const requests: string[] = [];
  const url = await serve((request, response) => {
    requests.push(request.url ?? '');
    if (request.url === '/v6.x/sha256sums.asc') response.end(signed);
    else if (request.url === '/v6.x/linux-6.12.9.tar.xz') response.end(body());
    else response.writeHead(404).end();
  });
  const ctx = await testContext();
  const env = { ...ctx.effects.env, RESPIN_KERNEL_ORG: `${url}/`, GNUPGHOME: join(ctx.folder, 'gnupg') };
  return { ...ctx, effects: { ...ctx.effects, env }, requests };
}

test('6.12 is the newest 6.12.y, checked against the list; the tree is unpacked once', async () => {
  const ctx = await mirrorContext(message(sums()));
  const source = await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE);
  expect(source).toMatchObject({ provider: 'kernel.org', version: '6.12.9', label: 'kernel.org v6.12.9', digest: digestOf(tarball) });
  expect(source.checks.map(({ made }) => made)).toEqual([true, false]);
  expect(source.checks[1]?.detail).toContain('no key ring');
  const tree = await openTree(ctx, source);
  expect(await readFile(join(tree.src, 'ipc/msg.c'), 'utf8')).toBe('int msg;\n');
  expect(await readdir(ctx.cache.tmp)).toEqual([]);

  // Neither the network nor the archive is needed again.
  const asked = ctx.requests.length;
  await rm(ctx.cache.downloads, { recursive: true });
  const again = await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE);
  expect(await openTree(ctx, again)).toEqual(tree);
  expect(ctx.requests).toHaveLength(asked);
  expect(await listTrees(ctx)).toEqual([tree]);
});

test('runs that open one tree at the same time unpack it once', async () => {
  const ctx = await mirrorContext(message(sums()));
  const source = await resolveSource(ctx, { kind: 'release', version: '6.12.9' }, OFFLINE);
  let unpacked = 0;
  const start: typeof ctx.effects.processes.start = async (command, channels) => {
    unpacked += Number(command.file === 'tar');
    return await ctx.effects.processes.start(command, channels);
  };
  const counting = { ...ctx, effects: { ...ctx.effects, processes: { ...ctx.effects.processes, start } } };
  const trees = await Promise.all([1, 2, 3].map(() => openTree(counting, source)));
  expect(new Set(trees.map(({ src }) => src)).size).toBe(1);
  expect(unpacked).toBe(1);
});

test.each([
  [{ kind: 'release', version: '6.12.77' }, ['v6.12.9', 'v6.12.8']],
  [{ kind: 'line', line: '6.99' }, ['6.12', '6.6']],
  [{ kind: 'line', line: '9.9' }, []],
] as const)('%o is unknown, and the choices are named', async (spec, choices) => {
  const ctx = await mirrorContext(message(sums()));
  const thrown: unknown = await resolveSource(ctx, spec, OFFLINE).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ kind: 'usage', code: 'kernel.unknown' });
  expect((thrown as Error).message).toContain(choices.join(', '));
});

test('a tarball with another digest is refused and removed', async () => {
  const ctx = await mirrorContext(message(sums()), () => Buffer.concat([tarball, Buffer.from('x')]));
  await expect(resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE)).rejects.toMatchObject({ kind: 'host', code: 'download.digest' });
  expect(await readdir(join(ctx.cache.downloads, 'partial'))).toEqual([]);
});

test('a login page instead of the list is no kernel.org', async () => {
  const ctx = await mirrorContext('<html>please log in</html>');
  await expect(resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE)).rejects.toMatchObject({ kind: 'host', code: 'source.unreachable' });
});

test('an archive of the cache that is bad is removed, and fetched again by the next run', async () => {
  const ctx = await mirrorContext(message(sums()));
  const source = await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE);
  if (source.content.kind !== 'archive') throw new Error('no archive');
  await writeFile(source.content.path, tarball.subarray(0, 100));
  await expect(openTree(ctx, source)).rejects.toMatchObject({ kind: 'host', code: 'archive.corrupt' });
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
  await openTree(ctx, await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE));
});

test('an archive of the cache that was exchanged for another good one is refused', async () => {
  const ctx = await mirrorContext(message(sums()));
  const source = await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE);
  if (source.content.kind !== 'archive') throw new Error('no archive');
  await writeFile(source.content.path, tarOf([...kernelMembers('linux-6.12.9'), { name: 'linux-6.12.9/evil.c', text: 'x' }]));
  await expect(openTree(ctx, source)).rejects.toMatchObject({ kind: 'host', code: 'archive.corrupt' });
});

test('an archive that is another kernel than its name says is refused', async () => {
  const other = await compressed('xz', tarOf(kernelMembers('linux-6.12.8')));
  const ctx = await mirrorContext(message(`${digestOf(other)}  linux-6.12.8.tar.xz`));
  const fetch: typeof ctx.effects.fetch = async (url, init) => (url instanceof URL && url.pathname.endsWith('6.12.8.tar.xz') ? new Response(other) : await ctx.effects.fetch(url, init));
  const source = await resolveSource({ ...ctx, effects: { ...ctx.effects, fetch } }, { kind: 'line', line: '6.12' }, OFFLINE);
  await expect(openTree(ctx, source)).rejects.toMatchObject({ code: 'archive.not-a-kernel' });
});

test('what a killed run left behind is no hindrance', async () => {
  const ctx = await mirrorContext(message(sums()));
  const source = await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE);
  const id = `kernel.org-6.12.9-${source.digest.slice(0, 16)}`;
  await mkdir(join(ctx.cache.tmp, `tree-${id}`, 'unpacked', 'linux-6.12.9'), { recursive: true });
  await writeFile(join(ctx.cache.tmp, `tree-${id}`, 'unpacked', 'linux-6.12.9', 'Makefile'), 'half');
  await mkdir(join(ctx.cache.trees, id, 'src'), { recursive: true });
  const tree = await openTree(ctx, source);
  expect(await readFile(join(tree.src, 'Makefile'), 'utf8')).toContain('VERSION');
});

test('what can be had is listed; without a network what is in the cache is', async () => {
  const ctx = await mirrorContext(message(sums()));
  expect((await listKernels(ctx, OFFLINE)).map(({ spec, where }) => [spec, where])).toEqual([
    ['6.12', 'kernel.org'],
    ['6.6', 'kernel.org'],
  ]);
  await resolveSource(ctx, { kind: 'line', line: '6.12' }, OFFLINE);
  const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
  expect(await listKernels({ ...ctx, effects: { ...ctx.effects, fetch } }, OFFLINE)).toEqual([
    { spec: 'v6.12.9', label: 'kernel.org v6.12.9', where: 'cache', detail: 'downloaded' },
  ]);
});

/** A key ring with one key in it, and what signs with it. */
async function signer(ring: string): Promise<{ readonly fingerprint: string; readonly sign: (text: string) => Promise<string> }> {
  await mkdir(ring, { recursive: true, mode: 0o700 });
  const gpg = async (...args: readonly string[]): Promise<string> =>
    (await run('gpg', ['--homedir', ring, '--batch', '--no-tty', '--passphrase', '', '--pinentry-mode', 'loopback', ...args])).stdout;
  onTestFinished(async () => {
    await run('gpgconf', ['--homedir', ring, '--kill', 'all']);
  });
  await gpg('--quick-generate-key', 'mirror', 'ed25519', 'sign', 'never');
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg('--with-colons', '--list-keys'))?.[1] ?? '';
  return {
    fingerprint,
    sign: async (text) => {
      await writeFile(join(ring, 'text'), text);
      return await gpg('--output', '-', '--clearsign', join(ring, 'text'));
    },
  };
}

test('a signature is checked with the keys that gpg has', async () => {
  const keys = await testContext();
  const ring = join(keys.folder, 'ring');
  const { fingerprint, sign } = await signer(ring);
  const signed = await sign(`${sums()}\n`);
  const withRing = async (text: string): Promise<TestContext> => {
    const ctx = await mirrorContext(text);
    return { ...ctx, effects: { ...ctx.effects, env: { ...ctx.effects.env, GNUPGHOME: ring } } };
  };
  const spec = { kind: 'line', line: '6.12' } as const;

  const good = await resolveSource(await withRing(signed), spec, { ...OFFLINE, signers: [fingerprint] });
  expect(good.checks[1]).toEqual({ name: 'signature of sha256sums.asc', made: true, detail: `gpg: good, by ${fingerprint}` });

  const stranger = await resolveSource(await withRing(signed), spec, OFFLINE);
  expect(stranger.checks[1]).toMatchObject({ made: false, detail: expect.stringContaining(`signed by ${fingerprint}`) as string });

  const forged = await withRing(signed.replace('6.6.1', '6.6.2'));
  await expect(resolveSource(forged, spec, { ...OFFLINE, signers: [fingerprint] })).rejects.toMatchObject({ kind: 'host', code: 'source.signature' });
});

test('a forged list is not passed over by asking the distribution', async () => {
  const ctx = await testContext();
  const error = hostError('source.signature', 'forged');
  const forged = { title: 'a', serves: () => true, resolve: () => Promise.reject(error), list: () => Promise.resolve([]) };
  const other = { ...forged, resolve: () => Promise.reject(new Error('must not be asked')) };
  await expect(resolveSource(ctx, { kind: 'line', line: '6.12' }, { providers: { forged, other } })).rejects.toBe(error);
});

const KEY = 'B8868C80BA62A1FFFAF5FDA9632D3A06589DA6B1';
const valid = (primary: string): string => `[GNUPG:] VALIDSIG 0000 2026-11-01 1 0 4 0 1 8 01 ${primary}`;

test.each([
  [`[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 632D3A06589DA6B1 x\n${valid(KEY)}\n`, 'good'],
  [`[GNUPG:] GOODSIG 632D3A06589DA6B1 x\n${valid('A'.repeat(40))}\n`, 'unproven'],
  [`[GNUPG:] EXPKEYSIG 632D3A06589DA6B1 x\n${valid(KEY)}\n`, 'unproven'],
  [`[GNUPG:] REVKEYSIG 632D3A06589DA6B1 x\n${valid(KEY)}\n`, 'bad'],
  ['[GNUPG:] BADSIG 632D3A06589DA6B1 x\n', 'bad'],
  ['[GNUPG:] ERRSIG 632D3A06589DA6B1 1 8 01 1 9 -\n[GNUPG:] NO_PUBKEY 632D3A06589DA6B1\n', 'unproven'],
  [`gpg: [GNUPG:] GOODSIG x\ngpg: ${valid(KEY)}\n`, 'unproven'],
  ['', 'unproven'],
])('the status %j is %s', (status, kind) => {
  expect(readStatus(status, [KEY]).kind).toBe(kind);
});
