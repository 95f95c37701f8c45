import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readEvidence } from '../e2e/evidence.js';
import { processesOf, waitForNone } from '../e2e/processes.js';
import { imagesOf, useRespin, type Report } from '../e2e/respin.js';
import { fingerprint } from '../e2e/trees.js';
import { numbersFrom } from './seeded.js';

const respin = useRespin();

/** `RESPIN_SEED=… RESPIN_TIMES=5 npx vitest run --project=full tests/full/kill-random.test.ts` repeats the first moments of a run. */
const SEED = Number(process.env['RESPIN_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const TIMES = Number(process.env['RESPIN_TIMES'] ?? 50);
const GONE_WITHIN_MS = 5000;

async function digestsOf({ evidence }: Report): Promise<unknown> {
  const read = await readEvidence(evidence);
  return { images: imagesOf(read), initramfs: [read.base.initramfs, read.tip.initramfs], tests: read.verdict.tests.map(({ name, tip }) => [name, tip]) };
}

test(`kill -9 at ${TIMES} random moments leaves nothing, and the next run comes to the same`, async () => {
  const random = numbersFrom(SEED);
  process.stdout.write(`seed ${SEED}\n`);
  const args = ['semundo-v1', '--kernel', '6.12', '--fresh'];
  expect((await respin.judge(args)).verdict).toBe('good');
  const begun = performance.now();
  const good = await respin.judge(args);
  const wholeMs = performance.now() - begun;
  const digests = await digestsOf(good);
  const trees = await fingerprint();
  for (let time = 1; time <= TIMES; time += 1) {
    const run = respin.start(['run', ...args]);
    run.stdin.end();
    const afterMs = (random() / 2 ** 32) * wholeMs;
    await sleep(afterMs);
    const working = await processesOf(run.token);
    run.kill('SIGKILL');
    const { left, ms } = await waitForNone(run.token, GONE_WITHIN_MS);
    process.stdout.write(`${time}: killed after ${Math.round(afterMs)} ms, ${working.length} processes, gone after ${Math.round(ms)} ms\n`);
    expect(left).toEqual([]);
    // Every second time what the killed run left is used, else it is made anew.
    const next = await respin.judge(time % 2 === 0 ? args : args.slice(0, -1));
    expect({ verdict: next.verdict, digests: await digestsOf(next) }).toEqual({ verdict: 'good', digests });
    expect(await fingerprint()).toEqual(trees);
  }
});
