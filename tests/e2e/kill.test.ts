import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { readEvidence } from './evidence.js';
import { processesOf, waitForNone } from './processes.js';
import { imagesOf, useRespin, type Started } from './respin.js';
import { plant, readPatch } from './series.js';
import { fingerprint } from './trees.js';

const respin = useRespin();

/** The promise is 2 s; a machine that has no time is no broken promise. What was measured is printed. */
const GONE_WITHIN_MS = 5000;

const RUN = ['run', 'semundo-v1', '--kernel', '6.12'];

/** The plain lines that tell of the beginning of a stage. */
const STAGES = {
  series: /^series +semundo-v1 …/,
  'build base': /^build +base …/,
  'build tip': /^build +tip …/,
  'boot base': /^boot +base …/,
  'boot tip': /^boot +tip …/,
} as const;

let good: { readonly images: readonly (string | undefined)[]; readonly trees: Readonly<Record<string, string>> };

beforeAll(async () => {
  const report = await respin.judge(RUN.slice(1));
  expect(report.verdict).toBe('good');
  good = { images: imagesOf(await readEvidence(report.evidence)), trees: await fingerprint() };
});

/** The next run, which uses what is known, comes to the same verdict, and the tree is the base. */
afterEach(async () => {
  expect((await respin.judge(RUN.slice(1))).verdict).toBe('good');
  expect(await fingerprint()).toEqual(good.trees);
});

async function expectDead(run: Started, signal: 'SIGINT' | 'SIGKILL', what: string): Promise<void> {
  const working = await processesOf(run.token);
  const begun = performance.now();
  run.kill(signal);
  const { left } = await waitForNone(run.token, GONE_WITHIN_MS);
  process.stdout.write(`${signal} at ${what}: ${working.length} processes, all dead after ${Math.round(performance.now() - begun)} ms\n`);
  expect(left).toEqual([]);
  const done = await run.done;
  if (signal === 'SIGKILL') {
    expect(done.signal).toBe('SIGKILL');
  } else {
    expect({ exitCode: done.exitCode, stdout: done.stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(done.stderr).toContain('respin: interrupted');
  }
}

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  for (const [stage, line] of Object.entries(STAGES)) {
    test(`${signal} at ${stage} leaves nothing behind`, async () => {
      const run = respin.start([...RUN, '--fresh']);
      expect(await run.line(line)).toBeDefined();
      // Stages are at work for seconds. The middle of one is where there is most to leave behind.
      await sleep(stage === 'series' ? 0 : 300);
      await expectDead(run, signal, stage);
    });
  }

  test(`${signal} while the compiler works leaves nothing behind`, async () => {
    // A text that was never compiled, so that there is something to compile.
    const patch = (await readPatch()).replace('" %6d", iter', `" %6d" /* ${randomUUID()} */, iter`);
    const run = respin.start(['run', await plant([patch]), '--kernel', '6.12']);
    expect(await run.line(STAGES['build tip'])).toBeDefined();
    const compiles = async (): Promise<boolean> => (await processesOf(run.token)).some(({ command }) => /\/cc1 .*-o /.test(command));
    while (!(await compiles())) await sleep(20);
    await expectDead(run, signal, 'a compilation');
  });

  test(`after ${signal} at every stage everything can be built and booted anew, to the same bytes`, async () => {
    const out = join(respin.folder(), signal);
    const report = await respin.judge([...RUN.slice(1), '--fresh', '--out', out]);
    expect(report.verdict).toBe('good');
    expect(imagesOf(await readEvidence(out))).toEqual(good.images);
  });
}
