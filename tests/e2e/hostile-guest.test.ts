import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEvidence } from './evidence.js';
import { plantSeries } from './plants.js';
import { useRespin, type Report } from './respin.js';

const respin = useRespin();

/** A test of the user's own that does something to its guest, beside msgque, which passes. */
async function judgeScript(lines: readonly string[]): Promise<Report> {
  const suite = join(respin.folder(), 'hostile.yaml');
  await writeFile(join(respin.folder(), 'hostile.sh'), `${lines.join('\n')}\n`);
  await writeFile(suite, 'programs:\n  - {script: hostile.sh, timeout: 5s}\n');
  return respin.judge([await plantSeries({}, 1), '--kernel', '6.12', '--suite', 'msgque', '--suite', suite]);
}

/** What an init call does to the init of the guest (fs/init.c). */
function removesInit(declaration: string, call: string): string {
  return `extern int ${declaration}; extern void wait_for_initramfs(void); wait_for_initramfs(); ${call};`;
}

/** A frame of the result stream with a nonce that nobody gave. */
const FORGED = 'respin1 ffffffffffffffffffffffffffffffff 2 end 8 exit 0 1 00000000';

/** Major 4, minor 65 is ttyS1 (Documentation/admin-guide/devices.txt). */
const OWN_NODE = 'mknod tty c 4 65';

test.each<[string, readonly string[], string, RegExp]>([
  ['a reboot', ['reboot -f'], 'base.boot.reset', /it reset the machine in the tests/],
  ['a frame of its own on the result stream', [OWN_NODE, `echo '${FORGED}' >tty`, 'exit 0'], 'base.boot.corrupt', /a frame with another nonce/],
  ['a piece of a frame, and a reboot', [OWN_NODE, `printf 'respin1 ' >tty`, 'reboot -f'], 'base.boot.reset', /it reset the machine in the tests/],
  ['bytes that are no text on the result stream', [OWN_NODE, 'head -c 20000 /dev/urandom >tty', 'exit 0'], 'base.boot.corrupt', /result stream is broken/],
])('%s leaves nothing to judge, and is told', async (_, lines, code, text) => {
  const { verdict, exitCode, reasons } = await judgeScript(lines);
  expect({ verdict, exitCode, codes: reasons.map((reason) => reason.code) }).toEqual({ verdict: 'untestable', exitCode: 125, codes: [code] });
  expect(reasons[0]?.text).toMatch(text);
});

test.each<[string, readonly string[], string, RegExp]>([
  ['TAP by printk and on the console', ['for to in /dev/kmsg /dev/console; do', '  printf "TAP version 13\\n1..1\\nok 1 hostile\\n" >$to', 'done', 'exit 1'], 'fail', /exit code 1/],
  ['its end, with everything else', ['kill -9 -1', 'kill -9 $$'], 'crash', /killed by signal 9/],
  ['nothing, for ever', ['while :; do sleep 1; done'], 'timeout', /longer than/],
  ['output, for ever', ['yes'], 'timeout', /longer than/],
  ['results, cut in the middle', ['printf "TAP version 13\\n1..2\\nok 1 one\\nno"'], 'fail', /planned|plan/],
])('a test that does %s fails, and takes no other with it', async (_, lines, status, reason) => {
  const { verdict, tests } = await judgeScript(lines);
  expect(verdict).not.toBe('bad');
  expect(tests).toContainEqual(expect.objectContaining({ name: 'msgque', base: 'pass', tip: 'pass' }));
  expect(tests).toContainEqual(expect.objectContaining({ name: 'hostile', base: status, tip: status, reason: expect.stringMatching(reason) as string }));
});

test('a clock that jumps changes nothing', async () => {
  const { verdict, tests } = await judgeScript(['date -s 2040-01-01', 'date -s 1971-01-01', 'sleep 1', 'exit 0']);
  expect(verdict).toBe('good');
  expect(tests.map(({ tip }) => tip)).toEqual(['pass', 'pass']);
});

test.each<[string, string, string, RegExp, number]>([
  ['a triple fault', 'asm volatile("pushq $0; pushq $0; lidt (%rsp); int3");', 'boot.reset', /it reset the machine before its init spoke/, 2],
  // The kernel then tries /sbin/init, which is busybox here and waits for somebody at the console.
  ['an init that is not there', removesInit('init_unlink(const char *)', 'init_unlink("/init")'), 'boot.overtime', /before its init spoke/, 2],
  ['an init that is not executable', removesInit('init_chmod(const char *, umode_t)', 'init_chmod("/init", 0600)'), 'boot.overtime', /before its init spoke/, 2],
  ['an init call that prints for ever', 'for (;;) pr_info("planted: and on\\n");', 'boot.overtime', /did not come to an end within .* before its init spoke/, 2],
])('%s', async (_, statement, code, text, boots) => {
  const folder = await plantSeries({ 1: 'panic' }, 1);
  const patch = join(folder, '0001.patch');
  await writeFile(patch, (await readFile(patch, 'utf8')).replace('panic("planted");', () => statement));
  const report = await respin.judge([folder, '--kernel', '6.12', '--suite', 'msgque', '--timeout', '10s']);
  expect(report.verdict).toBe('bad');
  expect(report.reasons.map((reason) => reason.code)).toContain(code);
  expect(report.reasons.map((reason) => reason.text).join('\n')).toMatch(text);
  expect((await readEvidence(report.evidence)).tip.boots).toHaveLength(boots);
});

test('an initramfs that is too big for the memory leaves nothing to judge, and is told', async () => {
  const suite = join(respin.folder(), 'big.yaml');
  await writeFile(join(respin.folder(), 'big'), Buffer.alloc(60 * 1024 * 1024, 1));
  await writeFile(join(respin.folder(), 'big.sh'), 'exit 0\n');
  await writeFile(suite, 'programs:\n  - {script: big.sh, files: [big]}\n');
  const done = await respin.run(['run', '--json', await plantSeries({}, 1), '--kernel', '6.12', '--suite', suite, '--memory', '64M']);
  // The guest runs what it was overwritten with, and QEMU 7.2 has an assertion that this can make fail (translator_access): no verdict either.
  if (done.exitCode === 3) {
    expect(respin.refusal(done)).toMatchObject({ code: 'qemu.failed', message: expect.stringContaining('translator_access') as string });
    return;
  }
  const { verdict, exitCode, reasons, tests } = respin.report(done);
  expect({ verdict, exitCode }).toEqual({ verdict: 'untestable', exitCode: 125 });
  expect(reasons[0]?.code).toMatch(/^base\.boot\./);
  expect(tests.filter(({ tip }) => tip === 'pass')).toEqual([]);
});
