import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import { readBuildLimits, type BuildLimits } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { buildKernel } from '../../../harness/kernel/build.js';
import { openSlot } from '../../../harness/kernel/slot.js';
import type { BuildOutcome } from '../../../harness/model.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { fill } from '../series/support.js';

const LIMITS = readBuildLimits({});

/** A tree that make builds in one step: `recipe` makes the file $@. */
async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'respin-build-'));
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(root, 'cache')) };
  const src = join(root, 'src');
  fill(src, { 'scripts/kconfig/merge_config.sh': 'touch .config\n' });
  const source = { provider: 'directory', version: '6.12.1', label: 'test', digest: 'test', checks: [] } as const;
  const build = async (recipe: string, limits: BuildLimits = LIMITS): Promise<BuildOutcome> => {
    fill(src, { Makefile: `allnoconfig:\n\t@touch $(O)/.config\nvmlinux: $(O)/vmlinux\n$(O)/vmlinux:\n\t@${recipe}\n` });
    const slot = await openSlot(ctx, join(root, 'objects'), 'base', { anew: false });
    const done = await buildKernel(ctx, {
      ...{ tree: { home: root, src, source }, slot, fragments: [], sandbox: { kind: 'none', flags: [], detail: '' }, jobs: 2, keepGoing: false, limits },
      ...{ author: undefined, touched: [], addedLines: [], holds: [], ccache: undefined, expectedObjects: 1 },
      ...{ toolchain: { compiler: '', linker: '', make: '', digest: 'd' }, settings: { hasCcache: false, variables: [] } },
    });
    if (done.kind !== 'build') throw new Error(JSON.stringify(done));
    return done.outcome;
  };
  const image = async (outcome: BuildOutcome): Promise<string> => (outcome.kind === 'built' ? readFile(outcome.image.path, 'utf8') : outcome.kind);
  return { build, image, images: ctx.cache.images };
}

describe('a build', () => {
  it.each([
    ['that the host has no space for', 'build.host', LIMITS, 'echo half >$@; echo "ld: final link failed: No space left on device" >&2; exit 1'],
    ['that the host kills', 'build.host', LIMITS, 'echo half >$@; kill -9 $$PPID'],
    ['that takes too much time', 'build.limit-time', { ...LIMITS, timeMs: 1000 }, 'echo half >$@; sleep 600'],
    ['that prints too much', 'build.limit-output', { ...LIMITS, outputBytes: 1000 }, 'echo half >$@; seq 1000000; exit 1'],
  ])('%s is no build that failed, and the next one makes again what it left half', async (_what, code, limits, recipe) => {
    const { build, image } = await setUp();
    // So that only what is built meets a limit.
    expect(await build('exit 1')).toMatchObject({ kind: 'build-failed' });
    await expect(build(recipe, limits)).rejects.toMatchObject({ kind: 'host', code });
    expect(await image(await build('echo whole >$@'))).toBe('whole\n');
  });
});

it('puts a kernel that was built in the place of one that was damaged in the cache', async () => {
  const { build, image } = await setUp();
  const first = await build('echo kernel >$@');
  if (first.kind !== 'built') throw new Error('not built');
  await writeFile(first.image.path, 'kErnel\n');
  expect(await image(await build('exit 1'))).toBe('kernel\n');
});

it('takes no link for vmlinux, and reads nothing through it', async () => {
  const { build, images } = await setUp();
  await expect(build('ln -s /etc/passwd $@')).rejects.toMatchObject({ kind: 'host', code: 'image.not-plain' });
  expect(await readdir(images).catch(() => [])).toEqual([]);
});
