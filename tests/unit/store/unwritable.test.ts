import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { withLock } from '../../../harness/host/lock.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { withScratch } from '../../../harness/series/scratch.js';
import { writeAtomically } from '../../../harness/store/atomic.js';
import { cacheAt } from '../../../harness/store/cache.js';

const done = (): Promise<void> => Promise.resolve();

test.each<[string, (ctx: Context) => Promise<void>]>([
  ['a record', (ctx) => writeAtomically(ctx, join(ctx.cache.builds, 'x.json'), '{}')],
  ['a folder to work in', (ctx) => withScratch(ctx, 'x', done)],
  ['a lock', (ctx) => withLock(ctx, 'x', done)],
])('a cache that cannot be written to is named by what wants to put %s there', async (_what, write) => {
  const root = await mkdtemp(join(tmpdir(), 'respin-unwritable-'));
  onTestFinished(() => rm(root, { recursive: true }));
  // Below a file not even root can make anything.
  const cache = join(root, 'cache');
  await writeFile(cache, '');
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(cache) };
  await expect(write(ctx)).rejects.toMatchObject({
    kind: 'host',
    code: 'file.write',
    message: expect.stringContaining(cache) as string,
    hint: expect.stringContaining('RESPIN_CACHE') as string,
  });
});
