import { mkdir, mkdtemp, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { checkObjects, recordObjects } from '../../../harness/kernel/object-records.js';
import type { ProgressEvent } from '../../../harness/progress.js';
import { cacheAt } from '../../../harness/store/cache.js';

const FILES = ['vmlinux', 'ipc/sem.o', 'ipc/built-in.a', 'ipc/sem.c', 'tools/vmlinux', 'ipc/a \n.o'];

async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'respin-'));
  const told: ProgressEvent[] = [];
  const ctx: Context = { effects: realEffects(), progress: (event) => void told.push(event), cache: cacheAt(join(root, 'cache')) };
  const home = join(root, 'slot');
  const objects = join(home, 'objects');
  for (const folder of ['ipc', 'tools']) await mkdir(join(objects, folder), { recursive: true });
  for (const name of FILES) await writeFile(join(objects, name), `content of ${name}`);
  const there = async (): Promise<readonly string[]> => (await readdir(objects, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(objects.length + 1)).sort();
  return { ctx, told, slot: { home, objects }, there };
}

const but = (...names: readonly string[]): readonly string[] => FILES.filter((name) => !names.includes(name)).sort();

it('leaves alone what is as the last build left it', async () => {
  const { ctx, told, slot, there } = await setUp();
  await recordObjects(ctx, slot, undefined);
  const left = await checkObjects(ctx, slot);
  expect(Object.keys(left ?? {}).sort()).toEqual(['./ipc/a \n.o', './ipc/built-in.a', './ipc/sem.o', './vmlinux']);
  expect(await there()).toEqual(but());
  expect(told).toEqual([]);
});

it.each(['ipc/sem.o', 'ipc/built-in.a', 'vmlinux', 'ipc/a \n.o'])('removes %j when a byte of it is another, whatever its time', async (name) => {
  const { ctx, told, slot, there } = await setUp();
  const path = join(slot.objects, name);
  await utimes(path, 1000, 1000);
  await recordObjects(ctx, slot, undefined);
  const content = await readFile(path);
  content[3] = 0;
  await writeFile(path, content);
  await utimes(path, 1000, 1000);
  expect(await checkObjects(ctx, slot)).toBeUndefined();
  expect(await there()).toEqual(but(name));
  expect(told).toEqual([expect.objectContaining({ type: 'notice', level: 'warning', text: expect.stringContaining(`./${name}`) as string })]);
});

it('removes an object that no build left, and does not follow links', async () => {
  const { ctx, slot, there } = await setUp();
  await recordObjects(ctx, slot, undefined);
  await writeFile(join(slot.objects, 'ipc', 'planted.o'), 'x');
  await symlink('/etc/passwd', join(slot.objects, 'ipc', 'link.o'));
  await checkObjects(ctx, slot);
  expect(await there()).toEqual([...but(), 'ipc/link.o'].sort());
});

it('removes what a build that was cut off wrote last, and nothing before', async () => {
  const { ctx, told, slot, there } = await setUp();
  for (const [index, name] of ['ipc/built-in.a', 'vmlinux', 'ipc/sem.o', 'ipc/a \n.o'].entries()) await utimes(join(slot.objects, name), 1000 + index, 1000 + index);
  await recordObjects(ctx, slot, undefined);
  await checkObjects(ctx, slot);
  // make was killed here.
  expect(await checkObjects(ctx, slot)).toBeUndefined();
  expect(await there()).toEqual(but('vmlinux', 'ipc/sem.o', 'ipc/a \n.o'));
  expect(told).toEqual([]);
});

it('takes what is known when make had nothing to do', async () => {
  const { ctx, slot } = await setUp();
  await recordObjects(ctx, slot, { './vmlinux': 'known' });
  expect(JSON.parse(await readFile(join(slot.home, 'objects.json'), 'utf8'))).toEqual({ './vmlinux': 'known' });
});

it('has nothing to do in an empty folder', async () => {
  const { ctx, slot } = await setUp();
  const objects = join(slot.home, 'empty');
  await mkdir(objects);
  expect(await checkObjects(ctx, { home: slot.home, objects })).toBeUndefined();
  await recordObjects(ctx, { home: slot.home, objects }, undefined);
  expect(await checkObjects(ctx, { home: slot.home, objects })).toEqual({});
});
