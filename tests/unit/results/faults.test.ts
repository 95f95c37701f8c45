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
    'MYWARNING:',
    'MY_BUG:',
    'he said double fault: 7',
  ])('is silent on: %s', (line) => {
    expect(findFaults(`[    1.0] ${line}\n`)).toEqual([]);
  });
});

const say = (caller: string, text: string): string => `[    1.000000][${caller}] ${text}\n`;
const warns = (caller: string, name: string): string => say(caller, `WARNING: CPU: 0 PID: 1 at a.c:7 ${name}+0x1/0x2`);

describe('a fingerprint', () => {
  const print = (text: string): string | undefined => findFaults(text)[0]?.fingerprint;

  it('has neither addresses nor numbers', () => {
    expect(print('BUG: it is off at 0xDEADBEEF and ffff888012345678, 17 times by a12')).toBe('bug: BUG: it is off at ADDR and ADDR, N times by aN');
    expect(print('BUG: it is off at beef')).toBe('bug: BUG: it is off at beef');
  });

  it('is of one kind of fault in one function, whatever kind of access it was', () => {
    const access = (how: string): string => `BUG: KASAN: slab-use-after-free in f+0x1/0x2\n${how} of size 8 at addr ffff888012345678 by task a/7\nCall Trace:\n f+0x1/0x2\n`;
    expect([print(access('Read')), print(access('Write'))]).toEqual(['kasan: KASAN: $N %access in f', 'kasan: KASAN: $N %access in f']);
    const page = (what: string): string => `BUG: Bad ${what} in process a  pfn:1\nCall Trace:\n f+0x1/0x2\n`;
    expect(print(page('page state'))).toBe('bad-page: Bad page state in f');
    expect(print(page('page cache'))).toBe('bad-page: Bad page cache in f');
  });

  it('is not endless', () => {
    expect(print(`BUG: ${'far and off '.repeat(40)}`)?.length).toBeLessThanOrEqual(205);
  });
});

describe('what is kept', () => {
  it('of a report 120 lines, and of what a program says 100 characters', () => {
    const [finding] = findFaults(`BUG: scheduling while atomic: a/7\nCall Trace:\n f+0x1/0x2\n${' g+0x1/0x2\n'.repeat(300)}`);
    expect(finding?.lines).toHaveLength(120);
    expect(findFaults(`[    1.000000] hello\npanic: ${'x'.repeat(300)}\n`)).toMatchObject([{ class: 'program', title: `a program died: panic: ${'x'.repeat(93)}`, lines: [`panic: ${'x'.repeat(300)}`] }]);
  });

  it('of 250 faults the first 200', () => {
    const all = findFaults(Array.from({ length: 250 }, (_, index) => warns('T1', `f${'abcdefghij'[index % 10] ?? ''}${'x'.repeat(Math.floor(index / 10))}`)).join(''));
    expect(all).toHaveLength(200);
    const programs = Array.from({ length: 250 }, (_, index) => `panic: ${'abcdefghij'[index % 10] ?? ''}${'x'.repeat(Math.floor(index / 10))}\n`).join('');
    expect(findFaults(`hello\n${programs}`)).toHaveLength(200);
  });

  it('of one fault that was reported twice the first, and all in the order of the console', () => {
    const text = warns('T1', 'f') + warns('T2', 'f') + warns('T2', 'g') + warns('T3', 'h') + warns('T2', 'g');
    expect(findFaults(text).map(({ title, line }) => [title, line])).toEqual([['WARNING in f', 1], ['WARNING in g', 3], ['WARNING in h', 4]]);
  });

  it('of a second kernel on one console what it is, and where', () => {
    const [first] = findFaults('Linux version 6.12\n[    1.000000] words\nLinux version 6.12\n');
    expect(first).toEqual({ class: 'reboot', title: 'unexpected reboot', function: undefined, fingerprint: 'reboot: unexpected reboot', lines: ['Linux version 6.12'], line: 3 });
  });

  it('of a program its words, as those of all programs that say so', () => {
    expect(findFaults('[    1.000000] hello\nfatal error: 17 of them\n')[0]?.fingerprint).toBe('program: a program died: fatal error: N of them');
  });
});

describe('the end of a report', () => {
  const START = 'BUG: scheduling while atomic: a/7\n';
  const blamed = (text: string): string | undefined => findFaults(text)[0]?.function;

  it('is where 250 lines have neither a frame nor a stack', () => {
    const stack = 'Call Trace:\n f+0x1/0x2\n';
    expect(blamed(START + 'noise\n'.repeat(248) + stack)).toBe('f');
    expect(blamed(START + 'noise\n'.repeat(250) + stack)).toBeUndefined();
    expect(blamed(START + ('noise\n'.repeat(200) + 'odd+0x1\n').repeat(2) + stack)).toBe('f');
  });

  it.each(['---[ end trace 0000000000000000 ]---', '---[ end Kernel panic - not syncing: x ]---', 'Rebooting in 5 seconds..', 'Rebooting in 15 seconds..'])('is %j', (end) => {
    expect(blamed(`${START}${end}\nCall Trace:\n f+0x1/0x2\n`)).toBeUndefined();
    expect(blamed(`${START}Call Trace:\n f+0x1/0x2\n${end}\n`)).toBe('f');
    expect(blamed(`${START}no ${end}\nCall Trace:\n f+0x1/0x2\n`)).toBe('f');
  });

  it('is a panic behind a report that has its own stack', () => {
    const panic = 'Kernel panic - not syncing: Fatal exception\nCall Trace:\n panic+0x1/0x2\n other+0x1/0x2\n';
    expect(blamed(`${START}${'noise\n'.repeat(22)}${panic}`)).toBeUndefined();
    expect(blamed(`${START}${'noise\n'.repeat(21)}${panic}`)).toBe('other');
  });

  it('is not the line by which lockdep says that it stops', () => {
    expect(findFaults(`${START}Disabling lock debugging due to kernel taint\nCall Trace:\n f+0x1/0x2\n`)[0]?.lines).toEqual([START.trim(), 'Call Trace:', ' f+0x1/0x2']);
  });
});

describe('a report that is not whole', () => {
  const START = 'BUG: scheduling while atomic: a/7\n';
  const isMarked = (text: string): readonly (readonly [string, boolean])[] => findFaults(text).map(({ title, corrupt }) => [title, corrupt === true]);

  it.each<[string, string, string, boolean]>([
    ['one with a frame', `${START}Call Trace:\n f+0x1/0x2\n`, 'scheduling while atomic in f', false],
    ['without a stack', START, 'scheduling while atomic', true],
    ['with frames that nobody vouches for', `${START}Call Trace:\n ? f+0x1/0x2\n`, 'scheduling while atomic in f', true],
    ['with frames of helpers only', `${START}Call Trace:\n dump_stack+0x1/0x2\n`, 'scheduling while atomic', true],
    ['amid frames of a failure that was provoked', `${START}Call Trace:\n f+0x1/0x2\n should_fail+0x1/0x2\n`, 'scheduling while atomic in f', true],
    ['with a second stack that has no frame', `${START}Call Trace:\n f+0x1/0x2\nFreed by task 7:\n`, 'scheduling while atomic in f', true],
    ['of a kind without a stack, with one that nobody vouches for', 'BUG: it is off\nCall Trace:\n ? f+0x1/0x2\n', 'BUG: it is off in f', true],
    ['of a kind without a stack', 'BUG: it is off\n', 'BUG: it is off', false],
    ['with a time stamp amid its words', 'BUG: it is [    1.000000] off\n', 'BUG: it is [    1.000000] off', true],
    ['of a bad access that does not say which', 'BUG: KASAN: slab-use-after-free in f+0x1/0x2\nCall Trace:\n f+0x1/0x2\n', 'KASAN: slab-use-after-free in f', true],
    ['of a bad access that does', 'BUG: KASAN: slab-use-after-free in f+0x1/0x2\nRead at addr f\nCall Trace:\n f+0x1/0x2\n', 'KASAN: slab-use-after-free Read in f', false],
    ['of a lock that is not said to be taken', 'WARNING: possible circular locking dependency detected\nlock, at: f+0x1/0x2\nCall Trace:\n f+0x1/0x2\n', 'possible deadlock in f', true],
  ])('%s', (_, text, title, corrupt) => {
    expect(isMarked(text)).toEqual([[title, corrupt]]);
  });

  it('names both functions of a race as they are in the sources', () => {
    expect(isMarked('BUG: KCSAN: data-race in __x64_sys_read / f.isra.0\n')).toEqual([['KCSAN: data-race in sys_read / f', false]]);
  });
});

describe('what is a part of a report', () => {
  const START = 'BUG: scheduling while atomic: a/7\n';
  const frames = (count: number): string => ' f+0x1/0x2\n'.repeat(count);
  const titles = (text: string): readonly string[] => findFaults(text).map(({ title }) => title);

  it('is an oops within 250 lines', () => {
    expect(titles(`${START}${frames(248)}Oops: 0000 [#1]\n`)).toHaveLength(1);
    expect(titles(`${START}${frames(249)}Oops: 0000 [#1]\n`)).toHaveLength(2);
  });

  it('is behind its end a panic, and nothing else', () => {
    const ended = `${START}Call Trace:\n${frames(1)}---[ end trace 0000000000000000 ]---\n`;
    expect(titles(`${ended}Kernel panic - not syncing: another\n`)).toHaveLength(1);
    expect(titles(`${ended}Oops: 0000 [#1]\n`)).toEqual(['scheduling while atomic in f', 'Oops']);
  });

  it.each(['WARNING: CPU: 0 PID: 7 at fs/a.c:7 g+0x1/0x2', 'kernel BUG at fs/a.c:7!', 'unreferenced object 0xffff888100 (size 32):'])('is %j within ten lines of what announces it', (line) => {
    const announced = (lines: number): readonly string[] => titles(`list_add corruption. next->prev should be prev\n${'noise\n'.repeat(lines)}${line}\nCall Trace:\n${frames(1)}`);
    expect(announced(8)).toEqual(['corrupted list in f']);
    expect(announced(9)).toHaveLength(2);
  });

  it('is no report that nothing announces, and none of another kind', () => {
    expect(titles(`${START}kernel BUG at fs/a.c:7!\nCall Trace:\n${frames(1)}`)).toHaveLength(2);
    expect(titles(`list_add corruption. next->prev should be prev\n${START}Call Trace:\n${frames(1)}`)).toHaveLength(2);
    expect(titles(`list_add corruption. next->prev should be prev\nanother: kernel BUG at fs/a.c:7!\nCall Trace:\n${frames(1)}`)).toHaveLength(2);
  });

  it('is the beginning of another one of the same task, as long as it has no stack', () => {
    const warned = say('T1', 'WARNING: CPU: 0 PID: 1 at a.c:7 one+0x1/0x2');
    const gpf = say('T1', 'general protection fault: 0000 [#1]');
    const stack = say('T1', 'Call Trace:') + say('T1', ' culprit+0x1/0x2');
    const [outer] = findFaults(say('T1', 'WARNING: Nested lock was not taken') + gpf + stack);
    expect(outer?.lines).toContain('general protection fault: 0000 [#1]');
    const before = say('T1', 'Call Trace:') + say('T1', ' first+0x1/0x2');
    const both = say('T1', START.trim()) + before + gpf + stack;
    expect(found(both)).toEqual([['atomic-sleep', 'first'], ['gpf', 'culprit']]);
    expect(findFaults(both)[0]?.lines).toEqual([START.trim(), 'Call Trace:', ' first+0x1/0x2']);
    expect(found(say('T1', 'BUG: it is off') + gpf + stack)).toEqual([['bug', undefined], ['gpf', 'culprit']]);
    expect(found(warned + gpf + say('T1', START.trim()) + stack)).toEqual([['warning', 'one'], ['gpf', undefined], ['atomic-sleep', 'culprit']]);
  });

  it.each<[string, string]>([['nothing', ''], ['only the time', '[    1.000000] ']])('is no other one where the kernel says of who prints %s', (_, prefix) => {
    const text = ['BUG: scheduling while atomic: a/7', 'general protection fault: 0000 [#1]', 'Call Trace:', ' culprit+0x1/0x2'].map((line) => `${prefix}${line}\n`).join('');
    expect(found(text)).toEqual([['atomic-sleep', undefined], ['gpf', 'culprit']]);
  });

  it('is nothing of the next kernel', () => {
    expect(found(`[    1.000000] hello\n${START}Linux version 6.12\nCall Trace:\n${frames(1)}`)).toEqual([['atomic-sleep', undefined], ['reboot', undefined]]);
  });

  it('is the stack behind a provoked failure, where the same task prints both', () => {
    const text = say('T1', START.trim()) + say('T1', 'FAULT_INJECTION: forcing a failure.') + say('T1', 'Call Trace:') + say('T1', ' f+0x1/0x2');
    expect(found(text)).toEqual([['atomic-sleep', 'f']]);
  });

  it('is of at most 2000 lines', () => {
    const long = (lines: number): string => `${START}${'odd+0x1\n'.repeat(lines)}Call Trace:\n${frames(1)}`;
    expect(found(long(1997))).toEqual([['atomic-sleep', 'f']]);
    expect(found(long(1998))).toEqual([['atomic-sleep', undefined]]);
  });

  it('is a stack within 250 lines of the last one', () => {
    expect(found(`${START}${'noise\n'.repeat(200)}Call Trace:\n${'noise\n'.repeat(200)}${frames(1)}`)).toEqual([['atomic-sleep', 'f']]);
  });
});

describe('sixteen reports at once', () => {
  it.each([[16, 'late'], [17, undefined]])('of %i the first is still open or not: %s', (count, fn) => {
    const starts = Array.from({ length: count }, (_, index) => say(`T${index}`, `BUG: workqueue leaked ${'x'.repeat(index)}`.replace('BUG: workqueue leaked ', index === 0 ? 'BUG: scheduling while atomic: a' : 'BUG: off ')));
    expect(findFaults(starts.join('') + say('T0', 'Call Trace:') + say('T0', ' late+0x1/0x2'))[0]?.function).toBe(fn);
  });

  it('are told in the order in which they began', () => {
    const text = warns('T1', 'one') + warns('T2', 'two') + say('T2', 'Call Trace:') + warns('T2', 'three') + warns('T3', 'four');
    expect(findFaults(text).map(({ title }) => title)).toEqual(['WARNING in one', 'WARNING in two', 'WARNING in three', 'WARNING in four']);
  });
});

describe('the stacks of other CPUs', () => {
  const STALL = 'rcu: INFO: rcu_sched detected stalls on CPUs/tasks:';
  const NMI = 'Sending NMI from CPU 0 to CPUs 1:';

  it('are taken from CPUs, not from tasks, and only where they were asked for', () => {
    const lines = (text: string): readonly string[] | undefined => findFaults(text)[0]?.lines;
    expect(lines(say('T1', STALL) + say('T1', NMI) + say('C1', 'its words') + say('T2', 'other words'))).toEqual([STALL, NMI, 'its words']);
    expect(lines(say('T1', STALL) + say('C1', 'its words') + say('T1', NMI))).toEqual([STALL, NMI]);
  });

  it('are taken once where a CPU prints the report', () => {
    expect(findFaults(say('C0', STALL) + say('C0', NMI) + say('C0', 'its words'))[0]?.lines).toEqual([STALL, NMI, 'its words']);
  });
});

describe('where there is nothing to look at', () => {
  it('lines are passed over, and counted', () => {
    const text = `hello\n\n${'noise\n'.repeat(3)}${warns('T1', 'f')}${say('T1', 'noise').repeat(250)}${'noise\n'.repeat(20)}\n${warns('T1', 'g')}`;
    expect(findFaults(text).map(({ title, line }) => [title, line])).toEqual([['WARNING in f', 6], ['WARNING in g', 278]]);
  });

  it('an empty line may be the first', () => {
    expect(findFaults('\nBUG: scheduling while atomic: a\n\n')).toMatchObject([{ line: 2, lines: ['BUG: scheduling while atomic: a', ''] }]);
  });

  it('a control amid the words does not hide them', () => {
    expect(found('hello\nB\x00UG: scheduling while atomic: a\n')).toEqual([['atomic-sleep', undefined]]);
  });

  it.each(['Linux version 6.12', 'Linux version 10.2', 'SeaBIOS (version 1.16)', 'early console in extract_kernel', 'Booting the kernel'])('%j is the next kernel', (line) => {
    expect(found(`hello\nnoise\n${line}\n`)).toEqual([['reboot', undefined]]);
    expect(found(`${line}\nhello\n`)).toEqual([]);
    expect(found(`hello\nno ${line}\n`)).toEqual([]);
  });

  it('words of a kernel may have those of the firmware in them', () => {
    expect(found('it is Booting\nLinux version 6.12\n')).toEqual([['reboot', undefined]]);
  });

  it('the words of the firmware come before a kernel', () => {
    expect(found('SeaBIOS (version 1.16)\n\nBooting from ROM..\nLoading\nearly console in extract_kernel\nLinux version 6.12\nhello\n')).toEqual([]);
  });

  it.each(['fatal error: x', 'panic: x', 'runtime: x', 'SYZFAIL: x', 'SYZFATAL: x'])('%j is of a program that died', (line) => {
    expect(findFaults(`hello\nnoise\n${line}\n`)).toMatchObject([{ class: 'program', line: 3 }]);
    expect(found(`hello\nhe said ${line}\n`)).toEqual([]);
  });
});
