import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { realEffects } from '../../../harness/host/real-effects.js';
import { hostSlowness, rememberBoot } from '../../../harness/run/host-slowness.js';
import { cacheAt } from '../../../harness/store/cache.js';

test('the limits follow the slowest of the last boots of such a machine, within bounds', async () => {
  const root = await mkdtemp(join(tmpdir(), 'respin-slowness-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const ctx = { effects: realEffects(), cache: cacheAt(root) };
  const plain = { qemu: 'QEMU 7.2', accelerator: 'tcg', profile: 'plain', slowness: 1 };
  const kasan = { ...plain, profile: 'kasan', slowness: 4 };
  expect(await hostSlowness(ctx, plain)).toBe(1.6);
  await rememberBoot(ctx, plain, 600);
  await rememberBoot(ctx, kasan, 6000);
  expect([await hostSlowness(ctx, plain), await hostSlowness(ctx, kasan)]).toEqual([1, 1.5]);
  await rememberBoot(ctx, plain, 100_000);
  await rememberBoot(ctx, plain, 2500);
  expect(await hostSlowness(ctx, plain)).toBe(8);
  for (let boot = 0; boot < 7; boot += 1) await rememberBoot(ctx, plain, 700);
  expect(await hostSlowness(ctx, plain)).toBe(2.5);
});
