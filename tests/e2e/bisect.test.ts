import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FILES, plantSeries } from './plants.js';
import { useRespin, type BisectReport } from './respin.js';

const respin = useRespin();

const HOW = ['--kernel', '6.12', '--suite', 'msgque'];

/** How many kernels it compiled, beside the base, which other tests may have built. */
function builds({ timings }: BisectReport): number {
  return timings.filter(({ stage, what, outcome }) => stage === 'build' && what !== 'base' && /object|failed/.test(outcome)).length;
}

test('the patch that breaks a test is found and confirmed', async () => {
  const series = await plantSeries({ 6: 'test' });
  const report = await respin.bisect([series, ...HOW, '--test', 'msgque', '--fresh']);
  expect({ ...report, timings: [] }).toMatchObject({ verdict: 'found', reasons: [], exitCode: 0, culprit: 'patch 6', suspects: ['patch 6'] });
  expect(report.confirmations.map(({ held }) => held)).toEqual([true, true, true]);
  expect(report.ends).toMatchObject({ symptom: 'the test msgque does not pass (fail)', needed: 1 });
  // The tip, at most three steps, the tip without it; its parent and itself are known kernels by then.
  expect(builds(report)).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(FILES.length)) + 3);
  expect(await readFile(join(report.evidence, 'patch-6', 'console.log'), 'utf8')).toContain('Linux version 6.12');
});

describe('patches that do not build', () => {
  test('are skipped on the way to the culprit', async () => {
    const series = await plantSeries({ 3: 'calls', 6: 'defines', 7: 'test' });
    const report = await respin.bisect([series, ...HOW, '--test', 'msgque']);
    expect(report).toMatchObject({ verdict: 'found', culprit: 'patch 7' });
    expect(report.steps.filter(({ mark }) => mark === 'unclear').map(({ why }) => why)).not.toEqual([]);
  });

  test('leave a range when the culprit is among them, and it is said', async () => {
    const series = await plantSeries({ 3: 'calls', 4: 'test', 6: 'defines' });
    const report = await respin.bisect([series, ...HOW, '--test', 'msgque']);
    expect(report).toMatchObject({ verdict: 'untestable', exitCode: 125, culprit: null, suspects: ['patch 3', 'patch 4', 'patch 5', 'patch 6'] });
    expect(report.reasons.map(({ code }) => code)).toEqual(['bisect.range']);
  });
});

describe('what is searched for', () => {
  test.each([
    ['a report of the kernel', 'warning', ['--finding', 'planted']],
    ['what does not build', 'build', ['--build']],
    ['what does not boot', 'panic', ['--boot']],
    ['what the ends differ in, when nothing is named', 'warning', []],
  ] as const)('can be %s', async (_, fault, options) => {
    const series = await plantSeries({ 5: fault });
    expect(await respin.bisect([series, ...HOW, ...options])).toMatchObject({ verdict: 'found', culprit: 'patch 5' });
  });

  test('has to be there: an end that does not show it is told', async () => {
    const series = await plantSeries({});
    const report = await respin.bisect([series, ...HOW, '--test', 'msgque']);
    expect(report).toMatchObject({ verdict: 'untestable', exitCode: 125, steps: [] });
    expect(report.reasons.map(({ code }) => code)).toEqual(['bisect.not-shown']);
  });
});
