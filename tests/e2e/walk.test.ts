import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedCache, useRespin, type WalkReport } from './respin.js';
import { treeOf } from './trees.js';

const respin = useRespin();

/** What four patches leave at the end of ipc/msgutil.c, one after the other. */
const STEPS: readonly (readonly string[])[] = [
  ['/* a comment changes no byte of the kernel */'],
  ['/* a comment changes no byte of the kernel */', 'int planted_value = not_declared_anywhere;'],
  ['static int __init planted(void)', '{', '\tWARN(1, "planted in the middle");', '\treturn 0;', '}', 'late_initcall(planted);'],
  ['static int __init planted(void)', '{', '\treturn 0;', '}', 'late_initcall(planted);'],
];

function patchOf(lines: readonly string[], step: number): string {
  const before = STEPS[step - 2] ?? [];
  const after = STEPS[step - 1] ?? [];
  const context = lines.slice(-3);
  const first = lines.length - context.length + 1;
  const head = `From: A B <a@example.org>\nSubject: [PATCH ${step}/${STEPS.length}] ipc: step ${step}\n\n---\n`;
  return [
    `${head}diff --git a/ipc/msgutil.c b/ipc/msgutil.c`,
    '--- a/ipc/msgutil.c',
    '+++ b/ipc/msgutil.c',
    `@@ -${first},${context.length + before.length} +${first},${context.length + after.length} @@`,
    ...context.map((line) => ` ${line}`),
    ...before.map((line) => `-${line}`),
    ...after.map((line) => `+${line}`),
    '',
  ].join('\n');
}

/** A series that builds, does not build, warns, and is well again. */
async function plantSteps(): Promise<string> {
  const lines = (await readFile(join(await treeOf('6.12'), 'ipc/msgutil.c'), 'utf8')).replace(/\n$/, '').split('\n');
  const folder = join(sharedCache().root, 'e2e', 'steps');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const index of STEPS.keys()) await writeFile(join(folder, `000${index + 1}.patch`), patchOf(lines, index + 1));
  return folder;
}

function cells({ tests }: WalkReport, name: string): readonly string[] {
  return tests.find((test) => test.name === name)?.results.map(({ status }) => status) ?? [];
}

test('a shipped series keeps its promises on both sides', async () => {
  const report = await respin.walk(['semundo-v1', '--kernel', '6.12']);
  expect(report).toMatchObject({ verdict: 'good', reasons: [], bisectable: true });
  expect(cells(report, 'semundo.read.format')).toEqual(['fail', 'pass']);
  expect(report.brings.map(({ patch }) => patch)).toEqual([1]);
});

test('each patch is judged: what does not build, what warns, and what is the same kernel', async () => {
  const series = await plantSteps();
  const report = await respin.walk([series, '--kernel', '6.12', '--suite', 'semundo']);
  expect(report).toMatchObject({ verdict: 'bad', bisectable: false });
  expect(report.points.map(({ outcome }) => outcome)).toEqual(['ran', 'ran', 'build-failed', 'ran', 'ran']);
  expect(report.points.map(({ sameAs }) => sameAs)).toEqual([null, 0, null, null, null]);
  expect(report.points[1]?.vmlinux).toBe(report.points[0]?.vmlinux);
  // Where the kernel reports something, and on the last one before that, it is looked for four times.
  const again = [2, 3, 4].flatMap((round) => ['base', 'patch 3'].map((what) => `${what}, boot ${round}`));
  expect(report.timings.filter(({ stage }) => stage === 'boot').map(({ what }) => what)).toEqual(['base', 'patch 3', 'patch 4', ...again]);
  expect(cells(report, 'msgque')).toEqual(['pass', 'pass', 'not built', 'pass', 'pass']);
  expect(report.reasons).toEqual([
    expect.objectContaining({ code: 'build.failed', text: expect.stringMatching(/patch 2 "ipc: step 2".*not_declared_anywhere/) }),
    expect.objectContaining({ code: 'finding.new', text: expect.stringContaining('patch 3 "ipc: step 3": the kernel reports: WARNING') }),
  ]);

  const part = await respin.walk([series, '--kernel', '6.12', '--suite', 'semundo', '--from', '3', '--to', '4']);
  expect(part).toMatchObject({ verdict: 'good', reasons: [], bisectable: true });
  expect(part.points.map(({ patch }) => patch)).toEqual([3, 4]);

  const text = await respin.run(['walk', series, '--kernel', '6.12', '--suite', 'semundo']);
  expect(text.exitCode).toBe(1);
  expect(text.stdout).toMatch(/^TEST +base +1 +2 +3 +4$/m);
  expect(text.stdout).toMatch(/^msgque +pass +pass +-- +pass +pass$/m);
  expect(text.stdout).toMatch(/^patch 1 ipc: step 1 \(the same kernel as the base\)$/m);
  expect(text.stdout).toMatch(/^cannot be bisected from the base to patch 4$/m);
});

test('a range that is none is refused', async () => {
  for (const range of [['--from', '1', '--to', '0'], ['--to', '9'], ['--from', 'x']]) {
    const done = await respin.run(['walk', 'semundo-v1', '--kernel', '6.12', ...range]);
    expect({ range, exitCode: done.exitCode }).toEqual({ range, exitCode: 2 });
  }
});
