import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { git, growHistory, linuxRepository, planHistory } from './linux-git.js';
import { FILES, plantSeries } from './plants.js';
import { ROOT, useRespin, type BisectReport } from './respin.js';

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

describe('commits of a repository', () => {
  const line = Array.from({ length: 8 }, (_, index) => ({ parents: [index] }));

  test('are found by git bisect run, which is told of each what it is', async () => {
    const linux = await linuxRepository();
    const faults = { 3: 'calls', 5: 'defines', 7: 'test' } as const;
    const commits = await growHistory(linux, line.map((one, index) => ({ ...one, fault: Object.entries(faults).find(([number]) => number === String(index + 1))?.[1] })));
    await git(linux, ['checkout', '--quiet', '--force', 'topic']);
    await git(linux, ['bisect', 'start', 'topic', 'base']);
    const step = [process.execPath, join(ROOT, 'dist', 'cli.js'), 'run', '--bisect', '--suite', 'msgque', '--test', 'msgque'];
    const done = await execa('git', ['bisect', 'run', ...step], { cwd: linux, env: { XDG_STATE_HOME: respin.folder() }, reject: false, all: true });
    expect(done.all).toContain(`${commits[7] ?? ''} is the first bad commit`);
    await git(linux, ['bisect', 'reset']);
  });

  test('stop git when the host fails, and none is blamed', async () => {
    const linux = await linuxRepository();
    await growHistory(linux, line);
    await git(linux, ['checkout', '--quiet', '--force', 'topic']);
    await git(linux, ['bisect', 'start', 'topic', 'base']);
    const step = [process.execPath, join(ROOT, 'dist', 'cli.js'), 'run', '--bisect', '--suite', 'msgque'];
    // No folder for the cache can be made below a file.
    const done = await execa('git', ['bisect', 'run', ...step], { cwd: linux, env: { RESPIN_CACHE: join(linux, 'Makefile', 'cache') }, reject: false, all: true });
    expect(done.exitCode).not.toBe(0);
    expect(done.all).toMatch(/exit code 131/);
    expect(await git(linux, ['bisect', 'log'])).not.toMatch(/^git bisect (?:good|bad|skip) /m);
    await git(linux, ['bisect', 'reset']);
  });

  test('of a history with merges: the commit on a side branch is found, and the log replays', async () => {
    const linux = await linuxRepository();
    const planned = planHistory(20);
    const culprit = planned.findIndex(({ parents }, index) => index > 8 && parents.length === 1 && parents[0] !== index) + 1;
    const commits = await growHistory(linux, planned.map((one, index) => (index + 1 === culprit ? { ...one, fault: 'test' as const } : one)));
    const report = await respin.bisect([`git:${linux}#base..topic`, '--suite', 'msgque', '--test', 'msgque']);
    expect(report).toMatchObject({ verdict: 'found', culprit: commits[culprit]?.slice(0, 12) });
    expect(report.confirmations.slice(0, 2).map(({ held }) => held)).toEqual([true, true]);
    expect(await git(linux, ['bisect', 'replay', join(report.evidence, 'bisect.log')])).toContain(`${commits[culprit] ?? ''} is the first bad commit`);
    await git(linux, ['bisect', 'reset']);
  });
});
