import { randomUUID } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { FILES, flakyTest, plantSeries } from './plants.js';
import { ROOT, useRespin, type BisectReport } from './respin.js';
import { treeOf } from './trees.js';

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

test('a different crash in the middle is not the culprit', async () => {
  const series = await plantSeries({ 3: 'crashes', 5: 'mends', 7: 'test' });
  const report = await respin.bisect([series, ...HOW, '--test', 'msgque']);
  expect(report).toMatchObject({ verdict: 'found', culprit: 'patch 7' });
  expect(report.steps.find(({ point }) => point === 'patch 4')).toMatchObject({ mark: 'unclear' });
});

test('several patches at once give the same answer, on copies of the tree that are gone then', async () => {
  const series = await plantSeries({ 6: 'test' });
  const report = await respin.bisect([series, ...HOW, '--test', 'msgque', '--jobs', '2', '--fresh']);
  expect(report).toMatchObject({ verdict: 'found', culprit: 'patch 6' });
  expect(report.confirmations.map(({ held }) => held)).toEqual([true, true, true]);
  // The copies go on from the build folder that there is.
  const compiled = report.timings.flatMap(({ stage, outcome }) => (stage === 'build' ? [Number(/^(\d+) objects?$/.exec(outcome)?.[1] ?? 0)] : []));
  expect(Math.max(...compiled)).toBeLessThan(100);
  expect(await readdir(dirname(await treeOf('6.12')))).not.toContain('copies');
});

describe('a test that comes and goes', () => {
  const LITTLE = ['--kernel', '6.12', '--suite', 'msgque'];

  // What comes at random may stay away at the bad end, too: at this confidence once in a hundred, and never twice.
  test('is booted as often as the confidence asks for, and its patch is found', { retry: 1 }, async () => {
    const series = await plantSeries({ 2: 'marks' }, 3);
    const flaky = await flakyTest(respin.folder(), 2, { salt: randomUUID() });
    const report = await respin.bisect([series, ...LITTLE, '--test', flaky, '--test', 'flaky', '--confidence', '0.99']);
    expect(report).toMatchObject({ verdict: 'found', culprit: 'patch 2' });
    expect(report.ends?.needed).toBeGreaterThan(4);
    // A good kernel was without it so often, and no less.
    for (const { runs } of report.steps.filter(({ mark, sameAs }) => mark === 'absent' && sameAs === null)) expect(runs).toBe(report.ends?.needed);
  });

  test('on every kernel tells nothing: 125, and it is said', async () => {
    const series = await plantSeries({ 2: 'marks' }, 3);
    const flaky = await flakyTest(respin.folder(), 2, { everywhere: true, salt: randomUUID() });
    const report = await respin.bisect([series, ...LITTLE, '--test', flaky, '--test', 'flaky']);
    expect(report).toMatchObject({ verdict: 'untestable', exitCode: 125 });
    expect(report.reasons.map(({ code }) => code)).toEqual(['bisect.good-end']);
    expect(report.reasons[0]?.text).toContain('shows it too');
  });
});

test('killed between steps, it goes on behind them and comes to the same answer', async () => {
  const series = await plantSeries({ 6: 'test' });
  const args = ['bisect', '--json', series, ...HOW, '--test', 'msgque', '--fresh'];
  const first = respin.start(args);
  // The ends and patch 4 are known when the next one is begun.
  expect(await first.line(/^build +patch 6 …/)).toBeDefined();
  first.kill('SIGKILL');
  await first.done;
  const report = await respin.bisect(args.slice(2));
  expect(report).toMatchObject({ verdict: 'found', culprit: 'patch 6' });
  expect(report.steps.slice(0, 3).map(({ point }) => point)).toEqual(['patch 8', 'base', 'patch 4']);
  const again = report.timings.filter(({ stage, what }) => stage === 'build' || (stage === 'boot' && !what.includes(','))).map(({ what }) => what);
  expect(again.filter((what) => ['patch 8', 'base', 'patch 4'].includes(what))).toEqual([]);
});

describe('two configurations', () => {
  test('differ in two options that make it together, among others', async () => {
    const file = async (name: string, lines: readonly string[]): Promise<string> => {
      await writeFile(join(respin.folder(), name), `${lines.join('\n')}\n`);
      return join(respin.folder(), name);
    };
    const good = await file('good.config', ['# CONFIG_MAGIC_SYSRQ is not set', 'CONFIG_LOG_BUF_SHIFT=16']);
    const bad = await file('bad.config', ['CONFIG_MAGIC_SYSRQ=y', 'CONFIG_MAGIC_SYSRQ_SERIAL=y', 'CONFIG_LOG_BUF_SHIFT=17', 'CONFIG_PROC_PAGE_MONITOR=y', 'CONFIG_PROC_CHILDREN=y']);
    const both = await file('both.sh', ['#!/bin/sh', '[ ! -e /proc/sysrq-trigger ] || [ ! -e /proc/kpagecount ]']);
    const report = await respin.bisect([...HOW, '--config-good', good, '--config-bad', bad, '--test', both, '--test', 'both']);
    expect(report).toMatchObject({ verdict: 'found', exitCode: 0 });
    expect(report.difference?.map(({ option, without }) => [option, without])).toEqual([
      ['CONFIG_MAGIC_SYSRQ', 'absent'],
      ['CONFIG_PROC_PAGE_MONITOR', 'absent'],
    ]);
    // Without the two, MAGIC_SYSRQ_SERIAL cannot come out, so that the third cannot be seen.
    expect(report.confirmations.map(({ held }) => held)).toEqual([true, true, null]);
  });
});

test('a program that lacks a package has failed, and blames no commit', async () => {
  const broken = join(respin.folder(), 'broken');
  await cp(join(ROOT, 'dist'), join(broken, 'dist'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(broken, 'package.json'));
  const exit = async (...args: readonly string[]) => (await execa(process.execPath, [join(broken, 'dist', 'cli.js'), ...args], { reject: false })).exitCode;
  expect([await exit('run', '--bisect', '--suite', 'msgque'), await exit('run', '--suite', 'msgque')]).toEqual([131, 3]);
});
