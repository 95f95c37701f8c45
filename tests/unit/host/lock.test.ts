import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withFreeLock, withLock } from '../../../harness/host/lock.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { ProgressEvent } from '../../../harness/progress.js';
import { cacheAt } from '../../../harness/store/cache.js';

async function contextOf(events: ProgressEvent[] = []) {
  const root = await mkdtemp(join(tmpdir(), 'respin-'));
  return { effects: realEffects(), progress: (event: ProgressEvent) => void events.push(event), cache: cacheAt(root) };
}

it('lets one holder in at a time, and tells the other that it waits', async () => {
  const events: ProgressEvent[] = [];
  const ctx = await contextOf(events);
  const order: string[] = [];
  let release = (): void => undefined;
  const entered = new Promise<void>((resolve) => {
    void withLock(ctx, 'tree', async () => {
      order.push('first in');
      resolve();
      await new Promise<void>((done) => (release = done));
      order.push('first out');
    });
  });
  await entered;
  const second = withLock(ctx, 'tree', () => Promise.resolve(order.push('second in')));
  while (!events.some((event) => event.type === 'waiting') && order.length === 1) await ctx.effects.clock.sleep(10);
  release();
  await second;
  expect(order).toEqual(['first in', 'first out', 'second in']);
  expect(events).toContainEqual({ type: 'waiting', what: `tree is in use by process ${process.pid}` });
});

it('is taken without waiting, or not at all', async () => {
  const events: ProgressEvent[] = [];
  const ctx = await contextOf(events);
  expect(await withFreeLock(ctx, 'tree', () => Promise.resolve('in'))).toBe('in');
  expect(await withLock(ctx, 'tree', () => withFreeLock(ctx, 'tree', () => Promise.resolve('in')))).toBeUndefined();
  expect(events).toEqual([]);
});

it('is free again when the body throws', async () => {
  const ctx = await contextOf();
  await expect(withLock(ctx, 'tree', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  await expect(withLock(ctx, 'tree', () => Promise.resolve('in'))).resolves.toBe('in');
});

it('stays held while a program that holds it lives, even when the holder let go', async () => {
  const ctx = await contextOf();
  const order: string[] = [];
  let program = Promise.resolve();
  await withLock(ctx, 'tree', (lock) => {
    program = ctx.effects.processes
      .run({ file: 'sleep', args: ['0.5'], holds: [lock.fd] })
      .then(() => void order.push('program ended'));
    // The program has the descriptor as soon as it is started, which happens before `run` first waits.
    return ctx.effects.clock.sleep(50);
  });
  await withLock(ctx, 'tree', () => Promise.resolve(order.push('next in')));
  await program;
  expect(order).toEqual(['program ended', 'next in']);
});

it('lets shared holders in together and keeps an exclusive one out', async () => {
  const ctx = await contextOf();
  const order: string[] = [];
  let exclusive = Promise.resolve();
  await withLock(
    ctx,
    'cache',
    () =>
      withLock(
        ctx,
        'cache',
        async () => {
          order.push('both in');
          exclusive = withLock(ctx, 'cache', () => Promise.resolve(void order.push('exclusive in')));
          await ctx.effects.clock.sleep(300);
          order.push('both out');
        },
        { mode: 'shared' },
      ),
    { mode: 'shared' },
  );
  await exclusive;
  expect(order).toEqual(['both in', 'both out', 'exclusive in']);
});

it('is not let go of by a program that unlocks what it was given', async () => {
  const events: ProgressEvent[] = [];
  const ctx = await contextOf(events);
  const order: string[] = [];
  await withLock(ctx, 'tree', async (lock) => {
    // Whatever descriptors it finds it unlocks, and writes to: the lock's file names who has it.
    const script = 'for fd in 3 4 5 6 7 8 9 10 11 12; do flock -u $fd; echo nobody >&$fd; done 2>/dev/null; true';
    await ctx.effects.processes.run({ file: 'bash', args: ['-c', script], holds: [lock.fd] });
    const next = withLock(ctx, 'tree', () => Promise.resolve(order.push('next in')));
    while (!events.some((event) => event.type === 'waiting') && order.length === 0) await ctx.effects.clock.sleep(10);
    order.push('first out');
    return { next };
  }).then(({ next }) => next);
  expect(order).toEqual(['first out', 'next in']);
  expect(events).toContainEqual({ type: 'waiting', what: `tree is in use by process ${process.pid}` });
});
