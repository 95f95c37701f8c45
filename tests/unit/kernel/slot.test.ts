import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { hostError } from '../../../harness/errors.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { looksOld, openSlot, saveState, unlessSpoilt } from '../../../harness/kernel/slot.js';
import { cacheAt } from '../../../harness/store/cache.js';

async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'respin-'));
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(root) };
  return { ctx, folder: join(root, 'objects') };
}

it('makes an empty folder, and finds it again with its state', async () => {
  const { ctx, folder } = await setUp();
  const slot = await openSlot(ctx, folder, 'base', { anew: false });
  await saveState(ctx, slot, { seen: [{ path: 'a.c', digest: 'd', mtimeMs: 5 }], diagnostics: {}, objects: 7 });
  await writeFile(join(slot.objects, 'a.o'), 'object');
  const again = await openSlot(ctx, folder, 'base', { anew: false });
  expect(again.state).toMatchObject({ objects: 7, seen: [{ path: 'a.c', digest: 'd', mtimeMs: 5 }] });
  expect(await readFile(join(again.objects, 'a.o'), 'utf8')).toBe('object');
});

it('copies the seed with its times', async () => {
  const { ctx, folder } = await setUp();
  const base = await openSlot(ctx, folder, 'base', { anew: false });
  await writeFile(join(base.objects, 'a.o'), 'object');
  await ctx.effects.files.utimes(join(base.objects, 'a.o'), 1000, 1000);
  const tip = await openSlot(ctx, folder, 'tip', { seed: 'base', anew: false });
  expect((await ctx.effects.files.stat(join(tip.objects, 'a.o'))).mtimeMs).toBe(1_000_000);
  await writeFile(join(tip.objects, 'a.o'), 'other');
  expect(await readFile(join(base.objects, 'a.o'), 'utf8')).toBe('object');
});

it.each([
  ['without a state', ''],
  ['with a state that is no JSON', '{'],
  ['with the state of another version', '{"savedAt":0}'],
  ['that was written in the future', JSON.stringify({ savedAt: 9e15, seen: [], diagnostics: {}, objects: 1 })],
])('does not trust a folder %s', async (_what, state) => {
  const { ctx, folder } = await setUp();
  await mkdir(join(folder, 'tip'), { recursive: true });
  await writeFile(join(folder, 'tip', 'stale.o'), 'x');
  if (state !== '') await writeFile(join(folder, 'tip', 'state.json'), state);
  const slot = await openSlot(ctx, folder, 'tip', { anew: false });
  expect(slot.state.objects).toBe(0);
  expect(await readdir(slot.objects)).toEqual([]);
  expect(await readdir(slot.home)).toEqual(['objects', 'state.json']);
});

it('starts from nothing when asked, even where there is a seed', async () => {
  const { ctx, folder } = await setUp();
  const base = await openSlot(ctx, folder, 'base', { anew: false });
  await writeFile(join(base.objects, 'a.o'), 'object');
  const tip = await openSlot(ctx, folder, 'tip', { seed: 'base', anew: true });
  expect(await readdir(tip.objects)).toEqual([]);
});

it('does not trust a folder whose objects are younger than the clock, which was put back while make was at work', async () => {
  const { ctx, folder } = await setUp();
  const clock = (ms: number): Context => ({ ...ctx, effects: { ...ctx.effects, clock: { ...ctx.effects.clock, date: () => new Date(ms) } } });
  const slot = await openSlot(clock(1_000_000), folder, 'tip', { anew: false });
  await writeFile(join(slot.objects, 'a.o'), 'object');
  await saveState(clock(500_000), slot, { seen: [], diagnostics: {}, objects: 7 }, 1_060_000);
  expect((await openSlot(clock(1_060_000), folder, 'tip', { anew: false })).state.objects).toBe(7);
  const again = await openSlot(clock(1_059_999), folder, 'tip', { anew: false });
  expect({ state: again.state.objects, files: await readdir(again.objects) }).toEqual({ state: 0, files: [] });
});

it('sees that what was changed just now looks older than the objects', () => {
  const state = { savedAt: 1_000_000, seen: [{ path: 'a.c', digest: 'd', mtimeMs: 5 }], diagnostics: {}, objects: 1 };
  const old = (mtimeMs: number | undefined, path = 'a.c'): boolean => looksOld({ state }, [{ path, digest: 'e', mtimeMs }]);
  expect([old(999_900), old(5, 'b.c')]).toEqual([true, true]);
  // As it was before, now, within a tick, and a file that is gone.
  expect([old(5), old(1_000_001), old(999_990), old(undefined)]).toEqual([false, false, false, false]);
});

it('keeps its state where no build gets to it', async () => {
  const { ctx, folder } = await setUp();
  const { home, objects } = await openSlot(ctx, folder, 'tip', { anew: false });
  const seen = [{ path: '../../../victim', digest: 'd', mtimeMs: 5 }];
  for (const name of ['state.json', '.respin-slot.json']) await writeFile(join(objects, name), JSON.stringify({ savedAt: 0, seen, diagnostics: {}, objects: 99 }));
  expect(await openSlot(ctx, folder, 'tip', { anew: false })).toEqual({ home, objects, state: expect.objectContaining({ seen: [], objects: 0 }) as unknown });
});

it('lets nobody else reach what a build leaves, which may have set-id modes', async () => {
  const { ctx, folder } = await setUp();
  await openSlot(ctx, folder, 'tip', { anew: false });
  expect(((await ctx.effects.files.stat(folder)).mode & 0o777).toString(8)).toBe('700');
});

it.each(['build.limit-space', 'build.limit-files', 'file.not-plain', 'file.too-large', 'image.not-plain'])('throws away a folder that a build spoilt, and no other: %s', async (spoilt) => {
  const { ctx, folder } = await setUp();
  const slot = await openSlot(ctx, folder, 'tip', { anew: false });
  await saveState(ctx, slot, { seen: [], diagnostics: {}, objects: 7 });
  const ends = async (code: string): Promise<number> => {
    await expect(unlessSpoilt(ctx, slot, () => Promise.reject(hostError(code, 'x')))).rejects.toMatchObject({ code });
    return (await openSlot(ctx, folder, 'tip', { anew: false })).state.objects;
  };
  expect(await ends('build.limit-time')).toBe(7);
  expect(await ends(spoilt)).toBe(0);
});

it('removes what a build made hard to remove', async () => {
  const { ctx, folder } = await setUp();
  const { objects } = await openSlot(ctx, folder, 'tip', { anew: false });
  // Deeper than a path may be long, and closed to an ordinary user.
  const deep = `cd '${objects}' && for i in $(seq 30); do mkdir ${'d'.repeat(200)} && cd ${'d'.repeat(200)}; done; mkdir '${objects}/closed' '${objects}/closed/in' && chmod 0 '${objects}/closed'`;
  expect((await ctx.effects.processes.run({ file: 'bash', args: ['-c', deep] })).exitCode).toBe(0);
  expect(await readdir((await openSlot(ctx, folder, 'tip', { anew: true })).objects)).toEqual([]);
  expect(await readdir(ctx.cache.tmp)).toEqual([]);
});
