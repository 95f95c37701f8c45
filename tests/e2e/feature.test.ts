import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { readEvidence } from './evidence.js';
import { ROOT, sharedCache, statusesOf, useRespin } from './respin.js';

const respin = useRespin();

/** Three patches that add /proc/odometer, with an option of its own and its selftest, as `git format-patch` writes them. */
const PATCHES = join(ROOT, 'tests', 'fixtures', 'feature');
let series: string;
let own: string;

beforeAll(async () => {
  // One path for all runs of this test: the build folder of a series is named by where it lies.
  series = join(sharedCache().root, 'e2e', 'feature');
  await cp(PATCHES, series, { recursive: true });
  own = join(respin.folder(), 'own');
  await mkdir(own);
  await writeFile(join(own, 'reads.sh'), '#!/bin/sh\nset -e\ncd /proc\n[ -r odometer ] || exit 4\ngrep -q "^[0-9]" odometer\necho "$WORD in $(cat "$OLDPWD/note.txt")"\n');
  await writeFile(join(own, 'note.txt'), 'a note\n');
  await writeFile(join(own, 'bad.c'), '#include <stdio.h>\nint main(void) { puts("ok 1"); return 1; }\n');
  await writeFile(join(own, 'static.c'), '#include <stdlib.h>\nint main(int argc, char **argv) { return argc == 2 ? atoi(argv[1]) : 9; }\n');
  await execa('gcc', ['-static', '-o', join(own, 'static'), join(own, 'static.c')]);
});

test('a feature with an option of its own and a selftest that the base does not have', async () => {
  const report = await respin.judge([series, '--kernel', '6.12', '--kselftest', 'odometer']);
  expect({ verdict: report.verdict, reasons: report.reasons }).toEqual({ verdict: 'good', reasons: [] });
  const names = ['odometer.counts', 'odometer.can be set', 'odometer.refuses words', 'odometer.sh'].map((name) => `odometer.${name}`);
  expect(statusesOf(report, 'tip')).toEqual({ ...Object.fromEntries(names.map((name) => [name, 'pass'])), odometer: null });
  expect(statusesOf(report, 'base')).toEqual({ ...Object.fromEntries(names.map((name) => [name, null])), odometer: 'missing' });
  // The base is configured alike as far as it can be, and the tip has the option.
  const { base, tip } = await readEvidence(report.evidence);
  expect([base.config?.misses, tip.config?.misses]).toEqual([[], []]);
  expect(await readFile(join(report.evidence, 'tip', 'config'), 'utf8')).toContain('CONFIG_ODOMETER=y');
});

test('patch by patch: its tests are there from the patch on that brings them', async () => {
  const report = await respin.walk([series, '--kernel', '6.12', '--kselftest', 'odometer']);
  expect(report).toMatchObject({ verdict: 'good', bisectable: true, brings: [{ patch: 3, tests: expect.arrayContaining(['odometer.odometer.counts']) as string[] }] });
});

test('tests of the user: a suite file with arguments, files and expectations, each kernel booted twice', async () => {
  const suite = join(own, 'suite.yaml');
  await writeFile(
    suite,
    `memory: 300M
append: slub_debug=FZ
programs:
  - script: reads.sh
    env: {WORD: read}
    files: [note.txt]
  - program: static
    args: [0]
  - name: static_skips
    program: static
    args: [4]
  - source: bad.c
    expect: {bad: {fails: it always does}}
  - name: mended
    program: static
    args: [0]
    expect: {mended: {fails: it did once}}
`,
  );
  const report = await respin.judge([series, '--kernel', '6.12', '--kselftest', 'odometer:odometer', '--suite', suite, '--repeat', '2']);
  expect({ verdict: report.verdict, reasons: report.reasons }).toEqual({ verdict: 'good', reasons: [] });
  expect(statusesOf(report, 'base')).toMatchObject({ reads: 'skip', static: 'pass', static_skips: 'skip', bad: 'fail', 'odometer.odometer': 'missing' });
  expect(statusesOf(report, 'tip')).toMatchObject({ reads: 'pass', static: 'pass', static_skips: 'skip', bad: 'fail', 'odometer.odometer.counts': 'pass' });
  const { tip, options, profile, verdict } = await readEvidence(report.evidence);
  expect(tip.boots).toHaveLength(2);
  expect(tip.boots[0]?.argv.join(' ')).toContain('slub_debug=FZ');
  expect(profile.memoryMiB).toBe(300);
  expect(options).toMatchObject({ repeat: 2, append: ['slub_debug=FZ'] });
  expect(verdict.notes).toEqual(['mended is expected to fail and passes (it did once)']);
  expect(await readFile(join(report.evidence, 'tip', 'output', 'reads.log'), 'utf8')).toBe('read in a note\n');
});

test('what neither the kernel has nor the series brings is refused before anything is built: exit 2', async () => {
  const known = ['--kernel', '6.12'];
  expect(await respin.refuse([series, ...known, '--kselftest', 'odometre'])).toMatchObject({ code: 'kselftest.unknown', kind: 'usage' });
  expect(await respin.refuse([series, ...known, '--kselftest', 'ipc:msgqueue'])).toMatchObject({ code: 'kselftest.unknown', hint: expect.stringContaining('"msgque"') as string });
  expect(await respin.refuse([series, ...known, '--kselftest', 'odometer', '--config', 'CONFIG_ODOMETRE=y'])).toMatchObject({ code: 'config.unknown' });
  expect(await respin.refuse([series, ...known, '--kselftest', 'odometer', '--qemu-arg=-device', '--qemu-arg=no-such-device'])).toMatchObject({ code: 'qemu.arg', kind: 'usage' });
});

test('a folder has its own respin.yaml: init writes it once, run reads it from below too', async () => {
  const folder = join(respin.folder(), 'work');
  await mkdir(join(folder, 'below'), { recursive: true });
  await cp(PATCHES, join(folder, 'outgoing'), { recursive: true });
  const init = await respin.run(['init'], { cwd: folder });
  expect({ exitCode: init.exitCode, stderr: init.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const written = await readFile(join(folder, 'respin.yaml'), 'utf8');
  expect(written).toMatch(/^series: outgoing$/m);
  const again = await respin.run(['init'], { cwd: folder });
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toContain('respin.yaml is there already');
  expect(await readFile(join(folder, 'respin.yaml'), 'utf8')).toBe(written);

  await writeFile(join(folder, 'respin.yaml'), `${written}kselftests: [odometre]\n`);
  expect(await respin.refuse([], { cwd: join(folder, 'below') })).toMatchObject({ code: 'kselftest.unknown', message: expect.stringContaining('odometre') as string });
  await writeFile(join(folder, 'respin.yaml'), `${written}kselftest: [odometer]\n`);
  expect(await respin.refuse([], { cwd: folder })).toMatchObject({ code: 'request.file', message: expect.stringContaining('did you mean "kselftests"?') as string });
});
