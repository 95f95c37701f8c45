import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../harness/context.js';
import type { Evidence } from '../../../harness/evidence/schema.js';
import { evidenceHome, evidenceName, refuseUsedFolder, writeEvidence } from '../../../harness/evidence/write.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import { cacheAt } from '../../../harness/store/cache.js';
import { sampleEvidence } from './sample.js';

async function setUp() {
  const root = await mkdtemp(join(tmpdir(), 'respin-'));
  const ctx: Context = { effects: realEffects(), progress: () => undefined, cache: cacheAt(join(root, 'cache')) };
  return { root, ctx };
}

describe('writeEvidence', () => {
  it('writes the whole folder', async () => {
    const { root, ctx } = await setUp();
    const folder = join(root, 'deep', 'run');
    await writeEvidence(ctx, folder, sampleEvidence(), [{ path: 'tip/console.log', content: Buffer.from([0xff, 0x0a]) }]);
    expect(await readdir(folder)).toEqual(['evidence.json', 'tip']);
    expect(JSON.parse(await readFile(join(folder, 'evidence.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(sampleEvidence())));
    expect([...(await readFile(join(folder, 'tip/console.log')))]).toEqual([0xff, 0x0a]);
  });

  it('leaves nothing when a file cannot be written, and says that the disk is full', async () => {
    const { root, ctx } = await setUp();
    const full: Context = {
      ...ctx,
      effects: {
        ...ctx.effects,
        files: { ...ctx.effects.files, writeFile: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) },
      },
    };
    await expect(writeEvidence(full, join(root, 'run'), sampleEvidence(), [])).rejects.toMatchObject({ kind: 'host', code: 'disk.full' });
    expect(await readdir(root)).toEqual([]);
  });

  it('does not write what does not fit the schema', async () => {
    const { root, ctx } = await setUp();
    const wrong = { ...sampleEvidence(), totalMs: 'long' } as unknown as Evidence;
    await expect(writeEvidence(ctx, join(root, 'run'), wrong, [])).rejects.toThrow(/totalMs/);
    expect(await readdir(root)).toEqual([]);
  });

  it('never replaces a folder that holds something', async () => {
    const { root, ctx } = await setUp();
    await mkdir(join(root, 'run'));
    await writeFile(join(root, 'run', 'mine'), 'x');
    await expect(refuseUsedFolder(ctx, join(root, 'run'))).rejects.toMatchObject({ kind: 'usage', code: 'evidence.exists' });
    await expect(writeEvidence(ctx, join(root, 'run'), sampleEvidence(), [])).rejects.toMatchObject({ kind: 'host' });
    expect(await readFile(join(root, 'run', 'mine'), 'utf8')).toBe('x');
    await expect(refuseUsedFolder(ctx, join(root, 'new'))).resolves.toBeUndefined();
  });
});

it('names folders that sort by time and hold nothing but safe characters', () => {
  expect(evidenceName(new Date('2026-11-20T23:45:12Z'), ['a b/../c', '6.12.117'])).toMatch(/^20261120-234512-a_b_\.\._c-6\.12\.117-[0-9a-f]{4}$/);
});

it('keeps evidence where XDG says', async () => {
  const { ctx } = await setUp();
  const at = (env: Record<string, string>): string => evidenceHome({ ...ctx, effects: { ...ctx.effects, env } });
  expect(at({ XDG_STATE_HOME: '/s', HOME: '/h' })).toBe('/s/respin/runs');
  expect(at({ HOME: '/h' })).toBe('/h/.local/state/respin/runs');
});
