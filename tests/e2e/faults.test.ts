import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Evidence } from '../../harness/evidence/schema.js';
import { readEvidence } from './evidence.js';
import { statusesOf, useRespin, type Report } from './respin.js';
import { plantFault, readPatch } from './series.js';
import { filesOf, fingerprint, treeOf } from './trees.js';

const respin = useRespin();

let good: Evidence;
let trees: Readonly<Record<string, string>>;

beforeAll(async () => {
  const report = await respin.judge(['semundo-v1', '--kernel', '6.12']);
  good = await readEvidence(report.evidence);
  trees = await fingerprint();
});

afterEach(async () => {
  expect(await fingerprint()).toEqual(trees);
});

async function judgeFault(fault: string, ...options: readonly string[]): Promise<Report> {
  const report = await respin.judge([await plantFault(fault), '--kernel', '6.12', ...options]);
  expect({ verdict: report.verdict, exitCode: report.exitCode }, JSON.stringify(report.reasons)).toEqual({ verdict: 'bad', exitCode: 1 });
  return report;
}

function codesOf({ reasons }: Report): readonly string[] {
  return [...new Set(reasons.map(({ code }) => code))];
}

function textOf({ reasons }: Report): string {
  return reasons.map(({ text }) => text).join('\n');
}

function passing(report: Report): readonly string[] {
  return Object.entries(statusesOf(report, 'tip')).flatMap(([name, status]) => (status === 'pass' ? [name] : []));
}

/** Every test that passes on the series as it is shipped but these. */
function allBut(...names: readonly string[]): readonly string[] {
  return good.verdict.tests.flatMap(({ name, tip }) => (tip === 'pass' && !names.includes(name) ? [name] : []));
}

test('a wrong width in the output: the probes that read it fail, and say what they read', async () => {
  const report = await judgeFault('wrong-width');
  expect(codesOf(report)).toEqual(['promise.broken']);
  expect(report.findings).toEqual([]);
  // tests/fixtures/faults/README.md names the five that do not look at the width.
  const blind = ['mode', 'write_bit', 'not_in_task_dir', 'no_undo_list_is_empty', 'does_not_delay_undo'].map((name) => `semundo.read.${name}`);
  expect([...passing(report)].sort()).toEqual(['msgque', ...blind].sort());
  expect(textOf(report)).toMatch(/semundo\.read\.format is promised from patch 1 and does not pass \(fail\): \S/);
  const { base, tip } = await readEvidence(report.evidence);
  // Seen as often as a fault is that may come at random.
  expect([base.boots.length, tip.boots.length]).toEqual([4, 4]);
  const format = tip.boots[0]?.results.find(({ name }) => name === 'semundo.read.format');
  expect(format?.lines.join('\n')).toContain('got an unexpected line (17 bytes): "         0 32767\\n"');
});

test('a warning of the kernel makes a series bad that passes every test', async () => {
  // Lines are told of the kernel that the build folder holds.
  const report = await judgeFault('warn-on', '--fresh');
  expect(codesOf(report)).toEqual(['finding.new']);
  expect(passing(report)).toEqual(allBut());
  expect(report.findings).toHaveLength(1);
  expect(report.findings[0]).toMatchObject({ on: 'tip', class: 'warning', title: 'WARNING in semundo_show' });
  expect(report.findings[0]?.lines[0]).toMatch(/^WARNING: CPU: \d+ PID: \d+ at ipc\/sem\.c:\d+ semundo_show/);
  // The line of the instruction pointer is the one that the kernel itself tells, and the series added it.
  const [finding] = report.findings;
  const told = Number(/sem\.c:(\d+)/.exec(finding?.lines[0] ?? '')?.[1]);
  const pointer = finding?.lines.findIndex((line) => line.startsWith('RIP: ')) ?? -1;
  expect(finding?.places).toContainEqual({ index: pointer, file: 'ipc/sem.c', line: told, patch: 1 });
  // What is neither blamed nor touched is not compiled again.
  expect(finding?.places?.map(({ file }) => file)).not.toContain('fs/seq_file.c');
  // The verdict is told before the lines are looked up.
  const lines = report.timings.find(({ stage }) => stage === 'verdict');
  expect(lines?.what).toMatch(/^bad: .*WARNING in semundo_show/);
  expect(lines?.outcome).toMatch(/^source lines of \d+ places?$/);
});

test('a patch that does not apply: file, hunk, what it expects and what is there', async () => {
  const report = await judgeFault('does-not-apply');
  expect(codesOf(report)).toEqual(['patch.rejected']);
  expect(textOf(report)).toContain('ipc/sem.c');
  expect(report.rejected).toMatchObject({ patch: 1, subject: 'ipc/sem: per <pid> semundo file in procfs' });
  expect(report.rejected?.rejections).toHaveLength(1);
  const [rejection] = report.rejected?.rejections ?? [];
  expect(rejection?.file).toBe('ipc/sem.c');
  expect(rejection?.hunk).toMatch(/^@@ -\d+,\d+ \+\d+,\d+ @@/);
  expect(rejection?.expected).toContain('\tif (!atomic_dec_and_test(&ulp->refcnt))');
  expect(rejection?.found).toContain('\tif (!refcount_dec_and_test(&ulp->refcnt))');
  const source = (await readFile(join(await treeOf('6.12'), 'ipc/sem.c'), 'utf8')).split('\n');
  const from = (rejection?.line ?? 0) - 1;
  expect(source.slice(from, from + (rejection?.found.length ?? 0))).toEqual(rejection?.found);
  expect(report.timings.map(({ stage }) => stage)).not.toContain('build');
});

test('a patch that does not compile: diagnostic, file, line and patch', async () => {
  const report = await judgeFault('does-not-compile');
  expect(codesOf(report)).toEqual(['build.failed']);
  const [error] = report.diagnostics.tip.filter(({ severity }) => severity === 'error');
  expect(error).toMatchObject({ file: 'ipc/sem.c', patch: 1, message: expect.stringMatching(/target_pid.*undeclared/) as string });
  expect(textOf(report)).toContain(`ipc/sem.c:${String(error?.line)}`);
  // The line is that of the file as git makes it.
  const copy = join(respin.folder(), 'applied');
  const src = await treeOf('6.12');
  for (const path of filesOf(await readPatch())) {
    await mkdir(join(copy, path, '..'), { recursive: true });
    await cp(join(src, path), join(copy, path));
  }
  await execa('git', ['apply', '-'], { cwd: copy, input: await readPatch('does-not-compile'), env: { GIT_CEILING_DIRECTORIES: respin.folder() } });
  expect((await readFile(join(copy, 'ipc/sem.c'), 'utf8')).split('\n')[(error?.line ?? 0) - 1]).toContain('target_pid');
  expect(report.timings.filter(({ stage, what }) => stage === 'boot' && what === 'tip')).toEqual([]);
});

test('a panic at boot', async () => {
  const report = await judgeFault('boot-panic');
  expect(codesOf(report)).toContain('boot.panic');
  expect(textOf(report)).toContain('semundo: no undo lists');
  expect(passing(report)).toEqual([]);
});

test('an init call that never ends: a hang before init, seen twice', async () => {
  const report = await judgeFault('boot-loop', '--timeout', '5s');
  expect(codesOf(report)).toContain('boot.overtime');
  expect(textOf(report)).toContain('before its init spoke');
  expect((await readEvidence(report.evidence)).tip.boots).toHaveLength(2);
});

test('a guest that hangs in a test: what was tested before keeps its result', async () => {
  const report = await judgeFault('guest-hang', '--timeout', '12s');
  expect(codesOf(report)).toEqual(expect.arrayContaining(['boot.overtime', 'promise.broken']));
  expect(textOf(report)).toContain('in the tests');
  const names = allBut();
  const hangs = names.indexOf('semundo.read.many_semaphores');
  expect(hangs).toBeGreaterThan(10);
  expect(passing(report)).toEqual(names.slice(0, hangs));
  expect(textOf(report)).toContain('semundo.read.many_semaphores is promised from patch 1 and does not pass');
});

test('a probe that hangs: the other tests keep their results', async () => {
  const report = await judgeFault('probe-hang');
  expect(passing(report)).toEqual(allBut('semundo.read.many_semaphores'));
  expect(codesOf(report)).toContain('promise.broken');
  expect(textOf(report)).toMatch(/semundo\.read\.many_semaphores is promised from patch 1 and does not pass \((fail|timeout)\): \S/);
});
