import { existsSync, linkSync, lstatSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healTree, popSeries, pushSeries } from '../../../harness/series/push.js';
import { BASE, SERIES } from './sample-series.js';
import { fill, makePlace, snapshot, withFiles, type Place } from './support.js';

let place: Place;

beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  place.remove();
});

async function push(): Promise<void> {
  const { kind } = await pushSeries(place.ctx, place.tree, SERIES);
  expect(kind).toBe('pushed');
}

describe('healTree', () => {
  /** Real files, of which the k-th change and all later ones fail, as if respin had been killed there. */
  function dyingFiles(k: number): { readonly files: typeof place.ctx.effects.files; readonly changes: () => number } {
    const real = place.ctx.effects.files;
    let changes = 0;
    const CHANGING = new Set(['mkdir', 'mkdtemp', 'writeFile', 'rename', 'rm', 'rmdir', 'unlink', 'link', 'utimes', 'chmod']);
    const files = new Proxy(real, {
      get: (target, name, receiver) => {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof name !== 'string' || typeof value !== 'function') return value;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const writes = CHANGING.has(name) || (name === 'open' && args[1] !== 'r');
          if (writes) {
            changes += 1;
            if (changes >= k) throw Object.assign(new Error('killed'), { code: 'EIO' });
          }
          return await (value as (...all: readonly unknown[]) => Promise<unknown>)(...args);
        };
      },
    });
    return { files, changes: () => changes };
  }

  it('restores the base after a death at any step of push', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    let died = 0;
    for (let k = 1; ; k++) {
      const { files, changes } = dyingFiles(k);
      const outcome = await pushSeries(withFiles(place.ctx, files), place.tree, SERIES).catch(() => 'died');
      if (outcome === 'died') died += 1;
      await healTree(place.ctx, place.tree);
      expect(snapshot(place.tree.src), `death at change ${k}`).toEqual(before);
      expect(await healTree(place.ctx, place.tree)).toBe(false);
      if (changes() >= k) continue;
      // A push that nobody killed: one that gives up earlier has not been killed at every step.
      expect(outcome).toMatchObject({ kind: 'pushed' });
      break;
    }
    expect(died).toBeGreaterThan(25);
  });

  it('restores the base after a death at any step of pop, and of the healing itself', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    for (let k = 1; ; k++) {
      await push();
      const first = dyingFiles(k);
      await popSeries(withFiles(place.ctx, first.files), place.tree).catch(() => undefined);
      await healTree(withFiles(place.ctx, dyingFiles(Math.ceil(k / 2)).files), place.tree).catch(() => undefined);
      await healTree(place.ctx, place.tree);
      expect(snapshot(place.tree.src), `death at change ${k}`).toEqual(before);
      if (first.changes() < k) break;
    }
  });

  it('restores also what somebody wrote over or removed since', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    await push();
    writeFileSync(join(place.tree.src, 'ipc/sem.c'), 'scribble');
    writeFileSync(join(place.tree.src, 'ipc/old.c'), 'scribble');
    rmSync(join(place.tree.src, 'scripts'), { recursive: true });
    rmSync(join(place.tree.src, 'ipc/new'), { recursive: true });
    expect(await healTree(place.ctx, place.tree)).toBe(true);
    expect(snapshot(place.tree.src)).toEqual(before);
  });

  it('keeps what somebody put into a new folder', async () => {
    fill(place.tree.src, BASE);
    await push();
    writeFileSync(join(place.tree.src, 'ipc/new/mine'), 'mine');
    await popSeries(place.ctx, place.tree);
    expect(readdirSync(join(place.tree.src, 'ipc/new'))).toEqual(['mine']);
  });

  it.each<[string, (journal: string) => void]>([
    ['an original that was written to', (journal) => { writeFileSync(join(journal, 'original', '2'), 'scribble'); }],
    ['an original that is gone', (journal) => { rmSync(join(journal, 'original', '2')); }],
    ['a journal that is no JSON', (journal) => { writeFileSync(join(journal, 'journal.json'), '{'); }],
    ['a journal of another form', (journal) => { writeFileSync(join(journal, 'journal.json'), '{"version":2}'); }],
    ['a journal without its list', (journal) => { rmSync(join(journal, 'journal.json')); }],
  ])('gives up on %s, and says what to remove', async (_, harm) => {
    fill(place.tree.src, BASE);
    await push();
    harm(join(place.tree.home, 'journal'));
    await expect(healTree(place.ctx, place.tree)).rejects.toMatchObject({
      kind: 'host',
      code: 'tree.damaged',
      hint: expect.stringContaining(`rm -rf ${place.tree.home}`) as string,
    });
    expect(existsSync(join(place.tree.home, 'journal'))).toBe(true);
  });

  it('puts a modification time right that changed behind its back', async () => {
    fill(place.tree.src, BASE);
    linkSync(join(place.tree.src, 'ipc/sem.c'), join(place.root, 'second link'));
    const before = lstatSync(join(place.tree.src, 'ipc/sem.c')).mtimeMs;
    await push();
    utimesSync(join(place.root, 'second link'), 5, 5);
    await popSeries(place.ctx, place.tree);
    expect(lstatSync(join(place.tree.src, 'ipc/sem.c')).mtimeMs).toBeCloseTo(before, 2);
  });

  it('is not needed when the disk fills up in the middle of the change: push itself goes back', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    const real = place.ctx.effects.files;
    let renames = 0;
    const filling = withFiles(place.ctx, {
      ...real,
      rename: async (from, to) => {
        renames += 1;
        if (renames === 3) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        await real.rename(from, to);
      },
    });
    await expect(pushSeries(filling, place.tree, SERIES)).rejects.toMatchObject({ kind: 'host', code: 'disk.full' });
    expect(snapshot(place.tree.src)).toEqual(before);
    expect(readdirSync(place.tree.home)).toEqual(['src']);
  });

  it('reports a full disk as a fault of the host, with the tree as it was', async () => {
    fill(place.tree.src, BASE);
    const before = snapshot(place.tree.src);
    const real = place.ctx.effects.files;
    const full = withFiles(place.ctx, {
      ...real,
      link: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
    });
    await expect(pushSeries(full, place.tree, SERIES)).rejects.toMatchObject({ kind: 'host', code: 'disk.full' });
    expect(snapshot(place.tree.src)).toEqual(before);
    expect(readdirSync(place.ctx.cache.tmp)).toEqual([]);
  });
});
