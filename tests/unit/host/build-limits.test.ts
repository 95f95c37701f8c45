import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { limitExceeded, readBuildLimits, runWatched, type BuildLimits, type Watched } from '../../../harness/host/build-limits.js';
import { realEffects } from '../../../harness/host/real-effects.js';

const MIB = 1024 ** 2;

async function watched(script: string, limits: Partial<BuildLimits> = {}, effects = realEffects()): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'respin-limits-'));
  const ctx = { effects };
  return runWatched(ctx, { file: 'bash', args: ['-c', script], cwd: folder, keepBytes: 1000, onLine: () => undefined }, { folder, limits: { ...readBuildLimits({}), ...limits } });
}

describe('a program that is watched', () => {
  it('ends by itself', async () => {
    expect(await watched('head -c 1M /dev/zero >f; echo out; exit 3')).toMatchObject({ exitCode: 3, stdout: 'out\n', exceeded: undefined });
  });

  it.each([
    ['does not end', 'sleep 15', { timeMs: 300 }, { what: 'time', limit: 300 }],
    ['fills its folder', 'while :; do fallocate -l 8M f$((n += 1)); sleep 0.01; done', { folderBytes: 64 * MIB }, { what: 'space', limit: 64 * MIB }],
    ['filled its folder before anybody looked', 'fallocate -l 80M f', { folderBytes: 64 * MIB }, { what: 'space', limit: 64 * MIB }],
    ['prints for ever', 'yes', { outputBytes: MIB, timeMs: 15_000 }, { what: 'output', limit: MIB }],
    ['prints a line without an end', 'head -c 64M /dev/zero', { outputBytes: MIB }, { what: 'output', limit: MIB }],
  ] as const)('is ended when it %s', async (_what, script, limits, exceeded) => {
    const done = await watched(script, limits);
    expect(done.exceeded).toEqual(exceeded);
    expect(done.stdout.length).toBeLessThan(2 * MIB);
  });

  it('is ended when it fills half of what was free', async () => {
    const effects = realEffects();
    const { files } = effects;
    // A disk with little room: what is in use on it is as it is.
    const statfs = (async (path: string) => files.statfs(path).then((found) => Object.assign(found, { bavail: (1200 * MIB) / found.bsize }))) as typeof files.statfs;
    const done = await watched('fallocate -l 650M f', {}, { ...effects, files: { ...files, statfs } });
    expect(done.exceeded).toEqual({ what: 'space', limit: 600 * MIB });
  });

  it('is not taken for what somebody else writes on the same disk', async () => {
    const other = await mkdtemp(join(tmpdir(), 'respin-limits-other-'));
    const done = await watched(`fallocate -l 200M '${other}/f'; sleep 0.7; rm '${other}/f'`, { folderBytes: 64 * MIB });
    expect(done).toMatchObject({ exitCode: 0, exceeded: undefined });
  });
});

describe('limits', () => {
  it('come from the environment', () => {
    expect(readBuildLimits({ RESPIN_BUILD_MINUTES: '1.5', RESPIN_BUILD_GIB: '2' })).toMatchObject({ timeMs: 90_000, folderBytes: 2 * 1024 ** 3 });
  });

  it.each(['0', '-1', 'many', '1e9', ' 5'])('are no %s', (text) => {
    expect(() => readBuildLimits({ RESPIN_BUILD_GIB: text })).toThrow('RESPIN_BUILD_GIB');
  });

  it('are the host\'s when they end a build, and say what to do', () => {
    expect(limitExceeded('building the kernel', { what: 'space', limit: 3 * 1024 ** 3 })).toMatchObject({
      kind: 'host',
      code: 'build.limit-space',
      message: 'building the kernel was ended: its folder grew beyond 3.0 GiB; this says nothing about the series',
      hint: expect.stringContaining('RESPIN_BUILD_GIB=50') as string,
    });
  });
});
