import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { readBuildLimits } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { buildKernel, type ConfiguredBuild } from '../../../harness/kernel/build.js';
import { openSlot } from '../../../harness/kernel/slot.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { fill } from '../series/support.js';

/** Builds a tree whose makefile makes `vmlinux` like this. */
async function built(recipe: string): Promise<{ readonly ctx: Context; readonly build: Promise<ConfiguredBuild> }> {
  const root = await mkdtemp(join(tmpdir(), 'respin-build-'));
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(root, 'cache')) };
  const src = join(root, 'src');
  fill(src, { 'scripts/kconfig/merge_config.sh': 'touch .config\n', Makefile: `allnoconfig:\n\t@touch $(O)/.config\nvmlinux:\n\t@${recipe}\n` });
  const build = buildKernel(ctx, {
    ...{ tree: { home: root, src, source: { provider: 'directory', version: '6.12.1', label: 'test', digest: 'test', checks: [] } } },
    ...{ slot: await openSlot(ctx, join(root, 'slots'), 'tip', { anew: false }), author: 'tip', limits: readBuildLimits({}), fragments: [], jobs: 1, keepGoing: false, holds: [] },
    ...{ toolchain: { compiler: '', linker: '', make: '', digest: 'd' }, sandbox: { kind: 'none', flags: [], detail: '' }, settings: { hasCcache: false, variables: [] }, ccache: undefined },
    ...{ touched: [], addedLines: [], expectedObjects: 1 },
  });
  return { ctx, build };
}

it('keeps what a build made', async () => {
  const { build } = await built('echo kernel >$(O)/vmlinux');
  await expect(build).resolves.toMatchObject({ outcome: { kind: 'built', image: { bytes: 7 } } });
});

it('takes no link for vmlinux, and reads nothing through it', async () => {
  const { ctx, build } = await built('ln -s /etc/passwd $(O)/vmlinux');
  await expect(build).rejects.toMatchObject({ kind: 'host', code: 'image.not-plain' });
  expect(await readdir(ctx.cache.images).catch(() => [])).toEqual([]);
});
