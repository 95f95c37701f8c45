import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { realEffects } from '../../../harness/host/real-effects.js';
import { readJson, writeAtomically, type StoreContext } from '../../../harness/store/atomic.js';
import { cacheAt } from '../../../harness/store/cache.js';

async function storeContext(files: Partial<StoreContext['effects']['files']> = {}): Promise<StoreContext & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'respin-store-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const effects = realEffects();
  return { root, cache: cacheAt(join(root, 'cache')), effects: { ...effects, files: { ...effects.files, ...files } } };
}

test('a file appears whole, with its folders, and nothing temporary stays', async () => {
  const ctx = await storeContext();
  const path = join(ctx.cache.builds, 'deep', 'x.json');
  await writeAtomically(ctx, path, 'one');
  await writeAtomically(ctx, path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
});

test('of many writers at once one wins as a whole', async () => {
  const ctx = await storeContext();
  const path = join(ctx.cache.builds, 'x');
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(texts.map((text) => writeAtomically(ctx, path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
});

test('a full disk is a fault of the host that leaves the old file and nothing temporary', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const ctx = await storeContext({
    writeFile: async (path, data, options) => {
      await writeFile(path, typeof data === 'string' ? data.slice(0, 1) : '', options);
      throw full;
    },
  });
  const path = join(ctx.cache.builds, 'x');
  await mkdir(ctx.cache.builds, { recursive: true });
  await writeFile(path, 'old');
  await expect(writeAtomically(ctx, path, 'text')).rejects.toMatchObject({ kind: 'host', code: 'disk.full' });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
});

test('JSON that is absent, cut or of another shape is undefined; a file that cannot be read is an error', async () => {
  const ctx = await storeContext();
  const schema = z.object({ a: z.number() });
  const path = join(ctx.root, 'x.json');
  expect(await readJson(ctx, path, schema)).toBeUndefined();
  expect(await readJson(ctx, join(path, 'below'), schema)).toBeUndefined();
  await writeFile(path, '{"a": 1');
  expect(await readJson(ctx, path, schema)).toBeUndefined();
  await writeFile(path, '{"a": "1"}');
  expect(await readJson(ctx, path, schema)).toBeUndefined();
  await writeFile(path, '{"a": 1}');
  expect(await readJson(ctx, path, schema)).toEqual({ a: 1 });
  await expect(readJson(ctx, ctx.root, schema)).rejects.toMatchObject({ code: 'file.read' });
});
