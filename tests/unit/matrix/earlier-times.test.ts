import { join } from 'node:path';
import { expect, it } from 'vitest';
import { timesIfThere, timesIn } from '../../../harness/matrix/earlier-times.js';
import { put, runOf, setUp } from './sample.js';

it('reads evidence of runs, of the cells of a matrix, and nothing else', async () => {
  const { root, ctx } = await setUp();
  const at = (kernel: string) => runOf({ kernel, profile: 'plain' });
  await put(root, {
    'runs/a/evidence.json': at('6.12'),
    'runs/m/evidence.json': { kind: 'matrix' },
    'runs/m/cells/c/evidence.json': at('6.1'),
    'runs/broken/evidence.json': '{',
    'runs/.respin-x/evidence.json': at('unfinished'),
    'runs/check/evidence.json': { kind: 'check' },
    'runs/file': 'text',
  });
  const specs = async (folder: string) => (await timesIn(ctx, [join(root, folder)])).map(({ kernel }) => kernel.spec).sort();
  expect(await specs('runs')).toEqual(['6.1', '6.12']);
  expect(await specs('runs/a')).toEqual(['6.12']);
  await expect(timesIn(ctx, [join(root, 'none')])).rejects.toMatchObject({ code: 'plan.times', kind: 'usage' });
  expect(await timesIfThere(ctx, join(root, 'none'))).toEqual([]);
});
