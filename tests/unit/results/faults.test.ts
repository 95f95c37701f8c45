import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findFaults } from '../../../harness/results/faults.js';

function recorded(name: string): string {
  return readFileSync(new URL(`../../fixtures/transcripts/${name}.ttyS0`, import.meta.url), 'latin1');
}

function found(text: string): readonly (readonly [string, string | undefined])[] {
  return findFaults(text).map((finding) => [finding.class, finding.function]);
}

describe('recorded consoles', () => {
  it('finds nothing where nothing is, segfaults of programs included', () => {
    expect(findFaults(recorded('runs-6.12'))).toEqual([]);
    expect(findFaults(recorded('runs-6.1'))).toEqual([]);
  });

  it('finds each fault of a run, its function, and no other', () => {
    expect(found(recorded('oopses'))).toEqual([
      ['warning', 'lkdtm_WARNING'],
      ['warning', 'lkdtm_WARNING_MESSAGE'],
      ['bug', 'lkdtm_BUG'],
      ['null-deref', 'lkdtm_EXCEPTION'],
      ['list', 'lkdtm_CORRUPT_LIST_ADD'],
      ['refcount', 'lkdtm_REFCOUNT_INC_ZERO'],
      ['refcount', 'lkdtm_REFCOUNT_SUB_AND_TEST_NEGATIVE'],
    ]);
  });

  it.each([
    ['hung', 'hung-task', 'lkdtm_HUNG_TASK'],
    ['panic', 'panic', undefined],
  ])('%s', (name, kind, fn) => {
    expect(found(recorded(name))).toEqual([[kind, fn]]);
  });

  it('reports a soft lockup once, however often the kernel does', () => {
    expect(found(recorded('softlockup')).map(([kind]) => kind)).toEqual(['soft-lockup']);
  });
});

/** What a recorded console looks like with another printk: the same faults must be found. */
const disguises: readonly (readonly [string, (line: string, index: number) => string])[] = [
  ['no time stamps', (line) => line.replace(/^\[ *\d+\.\d+\] /, '')],
  ['callers of tasks', (line) => line.replace(/^(\[ *\d+\.\d+\]) /, '$1[   T25] ')],
  ['callers in the time stamp', (line) => line.replace(/^(\[ *\d+\.\d+\]) /, '$1[T25] ')],
  ['levels', (line) => `<4>${line}`],
  ['carriage returns', (line) => `${line}\r`],
  ['colours and NUL', (line) => `\x1b[31m${line}\0\x1b[0m`],
  ['another CPU that talks in between', (line, index) => line.replace(/^(\[ *\d+\.\d+\]) /, `$1[T25] `) + (index % 3 ? '' : '\n[    9.000000][C1] pci 0000:00:01.0: noise')],
];

describe('the same text in other dress', () => {
  it.each(disguises)('%s', (_, disguise) => {
    const text = recorded('oopses').split('\n').map(disguise).join('\n');
    expect(found(text)).toEqual(found(recorded('oopses')));
  });

  it('gives the same fingerprint at other addresses, offsets, CPUs, pids and times', () => {
    const text = recorded('oopses');
    const other = text
      .replace(/^\[ *\d+\.\d+\]/gm, '[  999.123456]')
      .replace(/CPU: 0/g, 'CPU: 7')
      .replace(/PID: \d+/g, 'PID: 4711')
      .replace(/\+0x[0-9a-f]+\/0x[0-9a-f]+/g, '+0xabc/0xdef')
      .replace(/ffffc9[0-9a-f]+/g, 'ffffc9deadbeef00');
    const prints = (console: string): readonly string[] => findFaults(console).map(({ fingerprint }) => fingerprint);
    expect(prints(other)).toEqual(prints(text));
    expect(new Set(prints(text)).size).toBe(prints(text).length);
  });
});

describe('what is a report and what is not', () => {
  it('sees a second kernel start on one console', () => {
    expect(found(`${recorded('runs-6.12')}\n${recorded('runs-6.12')}`)).toEqual([['reboot', undefined]]);
  });

  it('counts the end that a fault brings about as a part of it', () => {
    const text = `${recorded('oopses')}\n[    9.0] Kernel panic - not syncing: Fatal exception\n`;
    expect(found(text)).toEqual(found(recorded('oopses')));
    expect(found('[    9.0] Kernel panic - not syncing: Fatal exception\n')).toEqual([['panic', undefined]]);
  });

  it('takes nothing that another CPU prints in between for a part of it', () => {
    const text = '[1.0][T1] BUG: scheduling while atomic: a/1/0x2\n[1.0][C1] noise+0x1/0x2\n[1.0][T1] Call Trace:\n[1.0][T1]  culprit+0x1/0x2\n';
    expect(findFaults(text)[0]).toMatchObject({ function: 'culprit', lines: expect.not.arrayContaining(['noise+0x1/0x2']) as unknown });
  });

  it('ends a report after some pages: what comes then is not its own', () => {
    const text = `WARNING: CPU: 0 PID: 1 at a.c:1\n${'plain\n'.repeat(300)}Call Trace:\n late+0x1/0x2\nKernel panic - not syncing: Fatal exception\n`;
    expect(found(text)).toEqual([['warning', undefined]]);
  });

  it('gives the line it begins at, and lines without time stamps', () => {
    const [first] = findFaults(recorded('oopses'));
    const raw = recorded('oopses').split('\n')[(first?.line ?? 0) - 1];
    expect(raw).toContain('WARNING: CPU: 0');
    expect(first?.lines[0]).toMatch(/^WARNING: CPU: 0/);
  });

  it.each([
    'traps: prog[12] general protection fault ip:401000 sp:7ffe error:0',
    'segv[42]: segfault at 0 ip 000000000040154c sp 00007ffe82cf8d50 error 6 in segv',
    'WARNING: The mand mount option has been deprecated and',
    'Command line: console=ttyS0 oops=panic kernel.panic_on_warn=1',
    'rcu: Hierarchical RCU implementation.',
    'kmemleak: Kernel memory leak detector initialized (mem pool available: 15679)',
    'ok 1 BUG reporting works',
    'Running test for kernel bugs: WARNINGS are fine',
  ])('is silent on: %s', (line) => {
    expect(findFaults(`[    1.0] ${line}\n`)).toEqual([]);
  });
});

describe('hostile text', () => {
  it.each<[string, string]>([
    ['one line without end', 'x'.repeat(5_000_000)],
    ['brackets', '[ '.repeat(2_000_000)],
    ['starts without reports', '[    1.0] BUG: a\n'.repeat(100_000)],
    ['frames without reports', ' foo+0x1/0x2\n'.repeat(200_000)],
    ...['WARNING: /:1', 'WARNING: at mm/a.c:1 ', 'list_add', 'BUG: Dentry ', 'BUG: ', 'general protection fault ', 'kernel BUG at ', 'UBSAN: a ', 'INFO: task ', ' at: a', 'which became ', 'Freed by task 1', 'WARNING: [a', 'RIP: ', 'a.b', 'login: '].map(
      (word): [string, string] => [`lines of ${word}`, `WARNING: CPU: 0 PID: 1 at a.c:1\nCall Trace:\n${`${word.repeat(2000 / word.length)}\n`.repeat(500)}`],
    ),
    ['many different faults', Array.from({ length: 20_000 }, (_, index) => `WARNING: CPU: 0 PID: 1 at a.c:1 fn_${String.fromCharCode(97 + (index % 26))}${'x'.repeat(index % 40)}+0x1/0x2\n`).join('')],
  ])('is read in linear time, with a bounded answer: %s', (_, text) => {
    expect(findFaults(text).length).toBeLessThanOrEqual(200);
  });
});
