import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../../../harness/context.js';
import { realEffects } from '../../../../harness/host/real-effects.js';
import { treeRecordPath, writeRecord } from '../../../../harness/kernel/source-records.js';
import type { KernelSource, KernelTree } from '../../../../harness/model.js';
import { withCopies } from '../../../../harness/run/bisect/tree-copies.js';
import { cacheAt } from '../../../../harness/store/cache.js';

let ctx: Context;
let tree: KernelTree;
let folder = '';
const SEED = 'objects/plain/tip';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'respin-copies-'));
  ctx = { effects: realEffects(), progress: () => undefined, cache: cacheAt(folder) };
  const source: KernelSource = { provider: 'debian', version: '6.12.1', label: 'x', digest: 'a'.repeat(64), checks: [], content: { kind: 'archive', path: '/none' } };
  const home = join(folder, 'trees', 'one');
  tree = { home, src: join(home, 'src'), source };
  await mkdir(join(home, 'src'), { recursive: true });
  await mkdir(join(home, SEED), { recursive: true });
  await writeFile(join(home, 'src', 'a.c'), 'int a;\n');
  await utimes(join(home, 'src', 'a.c'), 1000, 1000);
  await writeFile(join(home, SEED, 'a.o'), 'object');
  await writeRecord(ctx, treeRecordPath(home), source);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('copies have files, times and build folder of the tree, and are gone in the end', async () => {
  const seen = await withCopies(ctx, tree, 2, SEED, async (copies) => {
    for (const copy of copies) {
      expect(await readFile(join(copy.src, 'a.c'), 'utf8')).toBe('int a;\n');
      expect((await stat(join(copy.src, 'a.c'))).mtimeMs).toBe(1_000_000);
      expect(await readFile(join(copy.home, SEED, 'a.o'), 'utf8')).toBe('object');
    }
    return new Set(copies.map(({ home }) => home)).size;
  });
  expect(seen).toBe(2);
  expect(await readdir(tree.home)).not.toContain('copies');
});

test('they stay for the run that goes on when this one fails, and half a copy is made anew', async () => {
  const failing = withCopies(ctx, tree, 2, SEED, async ([one, two]) => {
    await writeFile(join(one?.home ?? '', 'mine'), '');
    // As a run leaves it that is killed while it copies: without its record.
    await rm(treeRecordPath(two?.home ?? ''));
    await writeFile(join(two?.home ?? '', 'mine'), '');
    throw new Error('killed');
  });
  await expect(failing).rejects.toThrow('killed');
  await withCopies(ctx, tree, 2, SEED, async ([one, two]) => {
    expect(await readdir(one?.home ?? '')).toContain('mine');
    expect(await readdir(two?.home ?? '')).not.toContain('mine');
  });
});

test('a copy of another state of the tree is made anew', async () => {
  await withCopies(ctx, tree, 1, SEED, () => Promise.reject(new Error('x'))).catch(() => undefined);
  const later = { ...tree, source: { ...tree.source, digest: 'b'.repeat(64) } };
  await writeFile(join(tree.src, 'a.c'), 'int b;\n');
  await withCopies(ctx, later, 1, SEED, async ([one]) => {
    expect(await readFile(join(one?.src ?? '', 'a.c'), 'utf8')).toBe('int b;\n');
  });
});

test('without room for them nothing is copied', async () => {
  const files = { ...ctx.effects.files, statfs: (() => Promise.resolve({ bavail: 1000, bsize: 4096 })) as unknown as Context['effects']['files']['statfs'] };
  const full = { ...ctx, effects: { ...ctx.effects, files } };
  await expect(withCopies(full, tree, 3, SEED, () => Promise.resolve())).rejects.toMatchObject({ kind: 'host', code: 'disk.full' });
  expect(await readdir(tree.home)).not.toContain('copies');
});
