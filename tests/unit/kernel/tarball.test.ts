import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveSource } from '../../../harness/kernel/resolve.js';
import { openTree } from '../../../harness/kernel/tree.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { digestOf } from '../../../harness/store/digest.js';
import { mountSmall } from '../../e2e/mounts.js';
import { compressed, kernelMembers, serve, tarOf, testContext } from './source-support.js';

test("the user's tarball is read where it is", async () => {
  const ctx = await testContext();
  const bytes = tarOf(kernelMembers('mine'));
  await writeFile(join(ctx.folder, 'k.tar'), bytes);
  const source = await resolveSource(ctx, { kind: 'tarball', location: 'k.tar' }, { cwd: ctx.folder });
  expect(source).toMatchObject({ provider: 'tarball', version: '6.12.9', digest: digestOf(bytes), content: { kind: 'archive', path: join(ctx.folder, 'k.tar') } });
  expect((await openTree(ctx, source)).source.checks).toMatchObject([{ made: false }]);
  await writeFile(join(ctx.folder, 'k.tar'), tarOf([...kernelMembers('mine'), { name: 'mine/new', text: 'x' }]));
  const changed = await resolveSource(ctx, { kind: 'tarball', location: 'k.tar' }, { cwd: ctx.folder });
  expect(changed.digest).not.toBe(source.digest);
});

test("the user's tarball stays where it is when it is bad", async () => {
  const ctx = await testContext();
  const path = join(ctx.folder, 'k.tar');
  await writeFile(path, tarOf([...kernelMembers('mine'), { name: 'mine/out', type: '2', link: '/etc' }]));
  const source = await resolveSource(ctx, { kind: 'tarball', location: path });
  await expect(openTree(ctx, source)).rejects.toMatchObject({ kind: 'host', code: 'archive.escape' });
  await access(path);
});

test('half a tree is no tree when the disk fills up while it is unpacked', async (context) => {
  const base = await testContext();
  const ctx = { ...base, cache: cacheAt(join(await mountSmall(context, join(base.folder, 'disk'), 'size=1m'), 'cache')) };
  const path = join(ctx.folder, 'k.tar');
  await writeFile(path, tarOf([...kernelMembers('mine'), { name: 'mine/large', text: 'x'.repeat(2 * 1024 ** 2) }]));
  const source = await resolveSource(ctx, { kind: 'tarball', location: path });
  await expect(openTree(ctx, source)).rejects.toMatchObject({ kind: 'host', code: 'disk.full', hint: expect.stringContaining('RESPIN_CACHE') as string });
  expect(await readdir(ctx.cache.trees).catch(() => [])).toEqual([]);
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
});

test('a tarball by URL is fetched once', async () => {
  const ctx = await testContext();
  const bytes = await compressed('gzip', tarOf(kernelMembers('mine')));
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.end(bytes);
  });
  const spec = { kind: 'tarball', location: `${url}/a/my%20kernel.tar.gz?x=1` } as const;
  const source = await resolveSource(ctx, spec);
  expect(source.content).toEqual({ kind: 'archive', path: join(ctx.cache.downloads, digestOf(bytes), 'my_20kernel.tar.gz') });
  const tree = await openTree(ctx, source);
  expect(await readFile(join(tree.src, 'Kconfig'), 'utf8')).toContain('mainmenu');
  expect(await resolveSource(ctx, spec)).toEqual(source);
  expect(requests).toBe(1);
});

test('a page by URL is no kernel, and is not kept', async () => {
  const ctx = await testContext();
  const page = '<html>not here</html>';
  const url = await serve((_request, response) => {
    response.end(page);
  });
  await expect(resolveSource(ctx, { kind: 'tarball', location: url })).rejects.toMatchObject({ kind: 'host', code: 'archive.format' });
  await expect(access(join(ctx.cache.downloads, digestOf(page), 'kernel.tar'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('another archive is no kernel', async () => {
  const ctx = await testContext();
  await writeFile(join(ctx.folder, 'k.tar'), tarOf([{ name: 'a/b', text: 'x' }]));
  await expect(resolveSource(ctx, { kind: 'tarball', location: join(ctx.folder, 'k.tar') })).rejects.toMatchObject({ code: 'archive.not-a-kernel' });
});

test('a file that is not there is a wrong request', async () => {
  await expect(resolveSource(await testContext(), { kind: 'tarball', location: '/nowhere.tar' })).rejects.toMatchObject({ kind: 'usage', code: 'kernel.tarball' });
});
