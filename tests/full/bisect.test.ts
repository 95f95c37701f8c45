import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { git, growHistory, linuxRepository, planHistory } from './linux-git.js';
import { FILES, flakyTest, plantSeries, type Fault } from '../e2e/plants.js';
import { sharedCache, useRespin, type BisectReport } from '../e2e/respin.js';
import { numbersFrom } from './seeded.js';

const respin = useRespin();
const told: string[] = [];

/** The same plants again: RESPIN_SEED=N. Fewer or more of them: RESPIN_PLANTS=N, RESPIN_TIMES=N. */
const SEED = Number(process.env['RESPIN_SEED'] ?? randomInt(1_000_000));
const PLANTS = Number(process.env['RESPIN_PLANTS'] ?? 30);
const TIMES = Number(process.env['RESPIN_TIMES'] ?? 20);
console.log(`bisect: RESPIN_SEED=${SEED}`);

afterAll(() => {
  console.log(['', `bisect: RESPIN_SEED=${SEED}`, ...told].join('\n'));
});

const KINDS = ['test', 'warning', 'build', 'panic', 'hang'] as const;
const OPTIONS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  test: ['--test', 'msgque'],
  warning: ['--finding', 'planted'],
  build: ['--build'],
  panic: ['--boot'],
  hang: ['--boot', '--timeout', '15s'],
};
const HOW = ['--kernel', '6.12', '--suite', 'msgque'];
const COUNT = 2 * FILES.length;

/** How many kernels it made or tried to make, known ones included. */
function builds({ timings }: BisectReport): number {
  return new Set(timings.filter(({ stage }) => stage === 'build').map(({ what }) => what)).size;
}

describe('random plants', () => {
  const random = numbersFrom(SEED);
  const plants = Array.from({ length: PLANTS }, (_, index) => ({ index, kind: KINDS[index % KINDS.length] ?? 'test', at: 1 + (random() % COUNT), broken: index % 3 === 2 ? 1 + (random() % (COUNT - 1)) : undefined }));

  test.each(plants)('plant $index: $kind in patch $at, a build that is broken from $broken', async ({ kind, at, broken }) => {
    // The break is mended by the patch behind it; where the plant is one of the two, there is none.
    const isBroken = broken !== undefined && broken !== at && broken + 1 !== at && kind !== 'build';
    const faults: Record<number, Fault> = { ...(isBroken ? { [broken]: 'calls', [broken + 1]: 'defines' } : {}), [at]: kind };
    const series = await plantSeries(faults, COUNT);
    const report = await respin.bisect([series, ...HOW, ...OPTIONS[kind]]);
    told.push(`${kind} in patch ${at}${isBroken ? `, patch ${broken} does not build` : ''}: ${report.culprit ?? report.suspects.join(' or ')}, ${builds(report)} kernels`);
    expect({ verdict: report.verdict, reasons: report.reasons, culprit: report.culprit }).toEqual({ verdict: 'found', reasons: [], culprit: `patch ${at}` });
    // The two ends, the halvings, the tip without it; its parent and itself are among them. A skip costs more.
    if (!isBroken) expect(builds(report)).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(COUNT)) + 1);
  });

  test('a plant among patches that do not build is told as one of them', async () => {
    const at = 3 + (random() % 4);
    const series = await plantSeries({ [at - 1]: 'calls', [at]: 'test', [at + 2]: 'defines' }, COUNT);
    const report = await respin.bisect([series, ...HOW, '--test', 'msgque']);
    expect(report).toMatchObject({ verdict: 'untestable', exitCode: 125, culprit: null, suspects: [-1, 0, 1, 2].map((step) => `patch ${at + step}`) });
  });
});

describe('a history of at least 60 commits with merges', () => {
  const planned = planHistory(60);
  const random = numbersFrom(SEED + 1);
  const ordinary = planned.flatMap(({ parents }, index) => (parents.length === 1 ? [index + 1] : []));
  const times = Array.from({ length: TIMES }, (_, index) => ({ index, at: ordinary[random() % ordinary.length] ?? 1 }));

  test.each(times)('time $index: commit $at is found, and the log replays', async ({ at }) => {
    const linux = await linuxRepository();
    const commits = await growHistory(linux, planned.map((one, index) => (index + 1 === at ? { ...one, fault: 'test' as const } : one)));
    const report = await respin.bisect([`git:${linux}#base..topic`, '--suite', 'msgque', '--test', 'msgque']);
    told.push(`commit ${at} of ${planned.length}: ${report.culprit ?? '-'}, ${report.steps.length} steps`);
    expect(report).toMatchObject({ verdict: 'found', culprit: commits[at]?.slice(0, 12) });
    expect(await git(linux, ['bisect', 'replay', join(report.evidence, 'bisect.log')])).toContain(`${commits[at] ?? ''} is the first bad commit`);
    await git(linux, ['bisect', 'reset']);
  });
});

describe('a test that fails in one run of four', () => {
  const random = numbersFrom(SEED + 2);
  const times = Array.from({ length: TIMES }, (_, index) => ({ index, at: 1 + (random() % 4) }));

  test.each(times)('time $index: patch $at is found at confidence 0.99', async ({ index, at }) => {
    const series = await plantSeries({ [at]: 'marks' }, 4);
    const flaky = await flakyTest(respin.folder(), 4, { salt: `${SEED} ${index}` });
    const report = await respin.bisect([series, ...HOW, '--test', flaky, '--test', 'flaky', '--confidence', '0.99']);
    told.push(`flaky in patch ${at}: ${report.culprit ?? '-'}, shown in ${report.ends?.shown ?? 0} of ${report.ends?.runs ?? 0}, ${report.ends?.needed ?? 0} boots of a good kernel`);
    expect(report).toMatchObject({ verdict: 'found', culprit: `patch ${at}` });
  });
});

const journalSchema = z.object({ steps: z.array(z.object({ point: z.string() })) });

/** The points that open bisections have finished. */
async function finished(): Promise<readonly string[]> {
  const { bisections } = sharedCache();
  const keys = await readdir(bisections).catch(() => []);
  const journals = await Promise.all(keys.map(async (key) => readFile(join(bisections, key, 'journal.json'), 'utf8').catch(() => '{"steps": []}')));
  return journals.flatMap((text) => journalSchema.parse(JSON.parse(text)).steps.map(({ point }) => point));
}

test('killed at every stage of every step, it comes to the same answer and repeats no step', async () => {
  const series = await plantSeries({ 6: 'test' });
  const args = ['bisect', '--json', series, ...HOW, '--test', 'msgque', '--fresh'];
  const points = ['patch 8', 'base', 'patch 4', 'patch 6', 'patch 5', 'the tip without patch 6'];
  const before = await finished();
  for (const [stage, point] of points.flatMap((name) => [['build', name], ['boot', name]] as const)) {
    const done = (await finished()).filter((name) => !before.includes(name));
    const run = respin.start(args);
    const first = await run.line(/^build +(?!base …).* …/);
    const begun = /^build +(.*) …/.exec(first ?? '')?.[1] ?? '';
    // Once the culprit is known it is looked at again, and its parent.
    if (!(done.includes('patch 5') && done.includes('patch 6'))) expect(done).not.toContain(begun);
    expect(await run.line(new RegExp(`^${stage} +${point}(?:, boot \\d+)? …`)), `${stage} of ${point}`).toBeDefined();
    run.kill('SIGKILL');
    await run.done;
  }
  const report = await respin.bisect(args.slice(2));
  expect(report).toMatchObject({ verdict: 'found', culprit: 'patch 6' });
  expect(report.steps.map(({ point }) => point)).toEqual(['patch 8', 'base', 'patch 4', 'patch 6', 'patch 5']);
});
