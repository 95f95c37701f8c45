import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { waitForNone } from '../e2e/processes.js';
import { useRespin } from '../e2e/respin.js';
import { tarballOf } from '../e2e/trees.js';

const respin = useRespin();

test('a run that is killed while it unpacks leaves no process and no half tree, and the next one unpacks it', async () => {
  await respin.judge(['semundo-v1', '--kernel', '6.12']);
  const cache = join(respin.folder(), 'cache');
  const trees = join(cache, 'trees');
  const start = async (): Promise<ReturnType<typeof respin.start>> =>
    respin.start(['run', 'semundo-v1', '--kernel', `tar:${await tarballOf('6.12')}`], { env: { RESPIN_CACHE: cache } });
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const run = await start();
    expect(await run.line(/^tree +6\.12\.\d+ …/)).toBeDefined();
    await sleep(1000);
    run.kill(signal);
    expect((await waitForNone(run.token, 5000)).left).toEqual([]);
    expect(await readdir(trees).catch(() => [])).toEqual([]);
  }
  const run = await start();
  expect(await run.line(/^series +semundo-v1: 1 patches apply/)).toBeDefined();
  run.kill('SIGINT');
  expect((await run.done).exitCode).toBe(130);
  expect(await readdir(trees)).toHaveLength(1);
});
