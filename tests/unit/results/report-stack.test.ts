import { describe, expect, it } from 'vitest';
import { findFaults } from '../../../harness/results/faults.js';
import { attribute, hasWholeStacks, type Route } from '../../../harness/results/report-stack.js';

function blame(lines: readonly string[], routes: readonly Route[]): ReturnType<typeof attribute> {
  return attribute({ lines, messageFunction: undefined }, routes, 'first', undefined);
}

describe('the way to the function', () => {
  it('passes over helpers, to the first of the stack', () => {
    expect(blame(['RIP: 0010:memcpy+0x1/0x2', 'Call Trace:', ' kmalloc_trace+0x1/0x2', ' culprit+0x1/0x2'], [['ip', 'stack']])).toEqual({ function: 'culprit', isUnsure: false });
  });

  it('ends at the next stack', () => {
    expect(blame(['Call Trace:', ' memcpy+0x1/0x2', 'Freed by task 7:', ' other+0x1/0x2'], [['stack']]).function).toBeUndefined();
  });

  it('takes the next route where one gives nothing, and frames that nobody vouches for last', () => {
    expect(blame(['Call Trace:', ' culprit+0x1/0x2'], [['ip', 'stack'], ['stack']])).toEqual({ function: 'culprit', isUnsure: false });
    expect(blame(['Call Trace:', ' ? culprit+0x1/0x2'], [['stack']])).toEqual({ function: 'culprit', isUnsure: true });
  });

  it('is unsure where the failure was provoked before the first frame', () => {
    expect(blame(['Call Trace:', ' should_fail+0x1/0x2', ' culprit+0x1/0x2'], [['stack']]).isUnsure).toBe(true);
  });

  it.each([
    [true, ' should_fail+0x1/0x2'],
    [true, '   should_fail_ex+0x1/0x2'],
    [true, ' should_failslab.part.0+0x1/0x2'],
    [true, ' [<ffffffff81234567>] should_fail+0x1/0x2'],
    [true, ' [ffffffff81234567]should_fail+0x1/0x2'],
    [false, ' it should_fail+0x1/0x2'],
    [false, ' should_fail_all+0x1/0x2'],
  ])('is unsure amid frames of a provoked failure: %s, %s', (isUnsure, line) => {
    expect(blame(['Call Trace:', ' culprit+0x1/0x2', line], [['stack']]).isUnsure).toBe(isUnsure);
  });

  it.each([
    ['RIP: 0010:[<ffffffff81d64236>]  [<ffffffff81d64236>] culprit+0x86/0x1d0'],
    ['RIP: 0010:culprit+0x86/0x1d0'],
    ['EIP: culprit+0x86/0x1d0'],
    ['EIP is at culprit+0x86/0x1d0'],
    ['IP: [<ffffffff810a376f>] culprit.constprop.76+0x1f/0x280'],
    ['NIP [c00000000022d79c] culprit+0x1ac/0x5f0'],
    ['PC is at culprit+0x4c/0x78'],
    ['pc : culprit+0x4c/0x78'],
    ['epc : culprit+0x72/0xb2'],
  ])('reads %s', (line) => {
    expect(blame(['x', line], [['ip']]).function).toBe('culprit');
  });

  it('knows no function of an address of a program', () => {
    expect(blame(['RIP: 0033:0x7fcf5ff66ea7', 'Call Trace:', ' culprit+0x1/0x2'], [['ip', 'stack']]).function).toBe('culprit');
  });
});

describe('the steps of a way', () => {
  const trace = ['Call Trace:', ' own+0x1/0x2'];
  const from = (lines: readonly string[], routes: readonly Route[], messageFunction?: string): ReturnType<typeof attribute> => attribute({ lines, messageFunction }, routes, 'first', undefined);

  it('go on from where the last one ended', () => {
    expect(from(['RIP: 0010:memcpy+0x1/0x2', 'x', ...trace], [['stack', 'ip'], ['ip', 'rest']]).function).toBe('own');
    expect(from(['Call Trace:', ' memcpy+0x1/0x2', 'Call Trace:', ' other+0x1/0x2'], [['stack', 'stack']]).function).toBe('other');
    expect(from([' memcpy+0x1/0x2', ...trace], [['rest', 'stack']]).function).toBe('own');
  });

  it.each<[string, Route, readonly string[]]>([
    ['ip', ['message', 'ip'], ['RIP: 0010:g+0x1/0x2']],
    ['stack', ['message', 'stack'], ['Call Trace:']],
    ['interrupt', ['message', 'interrupt'], [' asm_sysvec_apic_timer_interrupt+0x1/0x2']],
    ['lock', ['message', 'lock'], ['lock, at: g+0x1/0x2']],
    ['release', ['message', 'release'], ['a/7 is trying to release lock (&l) at:']],
    ['became', ['message', 'became'], ['... which became SOFTIRQ-irq-safe at:']],
    ['allocated', ['message', 'allocated'], ['page last allocated via order 0']],
    ['last-function', ['message', 'last-function'], ['last function: g']],
  ])('a way without its %s is none', (_, route, line) => {
    expect(from([...trace, ...line], [route, ['stack']], 'stated').function).toBe('stated');
    expect(from([' own+0x1/0x2'], [route, ['rest']], 'stated').function).toBe('own');
  });

  it.each<[string, Route, readonly string[]]>([
    ['a lock', ['lock'], ['ffff88 (&l){+.+.}, at: [<ffffffff81234567>] culprit.isra.0+0x1/0x2']],
    ['what releases it', ['release'], ['a/7 is trying to release lock (&l) at:', '[<ffffffff81234567>] culprit.isra.0+0x1/0x2']],
    ['what releases it, by its name alone', ['release'], ['a/7 is trying to release lock (&l) at:', 'culprit.isra.0+0x1/0x2']],
    ['how a lock got its use', ['became'], [' other+0x1/0x2', '... which became SOFTIRQ-irq-safe at:', ' lock_acquire+0x1/0x2', ' culprit+0x1/0x2']],
    ['who allocated', ['allocated'], [' other+0x1/0x2', 'page last allocated via order 0', ' kmalloc+0x1/0x2', ' culprit+0x1/0x2']],
    ['what a queue ran', ['last-function'], ['     last function: culprit']],
    ['what a queue ran, of late', ['last-function'], ['workqueue leaked atomic, workfn=culprit pid=7']],
    ['what a stall interrupted', ['interrupt', 'ip'], ['RIP: 0010:other+0x1/0x2', ' asm_sysvec_apic_timer_interrupt+0x1/0x2', 'RIP: 0010:culprit+0x1/0x2']],
    ['what a stall interrupted on 32-bit ARM', ['interrupt', 'rest'], [' other+0x1/0x2', 'Exception stack(0xc1 to 0xc2)', ' culprit+0x1/0x2']],
    ['what a stall interrupted on arm64', ['interrupt', 'rest'], [' other+0x1/0x2', ' el1h_64_irq+0x1/0x2', ' culprit+0x1/0x2']],
  ])('%s', (_, route, lines) => {
    expect(from([...lines, 'end'], [route])).toEqual({ function: 'culprit', isUnsure: false });
  });

  it('who calls is a frame too, where the kernel tells it', () => {
    const lines = ['Backtrace: ', '[<802b3ffc>] (one) from [<802e1324>] (two+0x6c/0x120)', ' two from three+0x1/0x2', ' four from five+0x1/0x2'];
    const passing = (names: RegExp): string | undefined => attribute({ lines, messageFunction: undefined }, [['stack']], 'first', names).function;
    expect([/^$/, /one/, /one|two/, /one|two|three/, /one|two|three|four/].map(passing)).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('of frames that nobody vouches for only those are taken that are needed', () => {
    expect(from(['Call Trace:', ' ? guess+0x1/0x2', ' own+0x1/0x2'], [['stack']])).toEqual({ function: 'own', isUnsure: false });
  });
});

describe('where no way gives a function', () => {
  const unsure = (name: string | undefined): ReturnType<typeof attribute> => ({ function: name, isUnsure: true });

  it('it is that of the message, helper or not', () => {
    const trace = ['Call Trace:', ' memcpy+0x1/0x2', ' ? guess+0x1/0x2'];
    expect(attribute({ lines: trace, messageFunction: 'memset' }, [['message', 'stack'], ['message'], ['stack']], 'first', undefined)).toEqual(unsure('memset'));
    expect(attribute({ lines: trace, messageFunction: 'memset' }, [['stack']], 'first', undefined)).toEqual(unsure('guess'));
    expect(attribute({ lines: trace, messageFunction: undefined }, [['message', 'stack'], ['message']], 'dispatched', undefined)).toEqual(unsure('guess'));
  });

  it('it is of the frames that nobody vouches for: along the ways, in a stack, or anywhere', () => {
    expect(blame(['Call Trace:', ' f+0x1/0x2', 'which became x at:', ' ? g+0x1/0x2'], [['became']])).toEqual(unsure('g'));
    expect(blame([' ? f+0x1/0x2', 'Call Trace:', ' ? g+0x1/0x2'], [['ip']])).toEqual(unsure('g'));
    expect(blame(['x', ' ? g+0x1/0x2'], [['ip']])).toEqual(unsure('g'));
    expect(blame(['x', ' ? memcpy+0x1/0x2'], [['ip']])).toEqual(unsure(undefined));
  });

  it('it is the first, where none has been given work or waits', () => {
    expect(attribute({ lines: ['Call Trace:', ' f+0x1/0x2', ' g+0x1/0x2'], messageFunction: undefined }, [['stack']], 'dispatched', undefined)).toEqual(unsure('f'));
    expect(attribute({ lines: ['Call Trace:', ' schedule+0x1/0x2'], messageFunction: undefined }, [['stack']], 'hanging', undefined)).toEqual(unsure('schedule'));
  });

  it('it is unsure of a way that is not the best, where that went amid frames of another', () => {
    const lines = ['Call Trace:', ' should_fail+0x1/0x2', 'x', 'last function: culprit'];
    expect(attribute({ lines, messageFunction: undefined }, [['stack'], ['last-function']], 'first', /should_fail/)).toEqual(unsure('culprit'));
  });

  it('it is asked for none', () => {
    expect(blame(['Call Trace:', ' f+0x1/0x2'], [])).toEqual({ function: undefined, isUnsure: false });
  });

  it('any function of the message will do', () => {
    expect(attribute({ lines: [], messageFunction: 'memcpy' }, [['message']], 'any', undefined)).toEqual({ function: 'memcpy', isUnsure: false });
  });
});

describe('whole stacks', () => {
  it.each([
    [true, ['Call Trace:', ' <TASK>', ' f+0x1/0x2']],
    [false, ['nothing']],
    [false, ['Call Trace:', ...Array<string>(20).fill('x'), ' f+0x1/0x2']],
    [false, ['Call Trace:', ' ? f+0x1/0x2']],
    [false, ['Call Trace:', ' f+0x1/0x2', 'Allocated by task 7:', 'Freed by task 8:', ' f+0x1/0x2']],
    [true, ['Call Trace:', ' f+0x1/0x2', 'Allocated by task 7:', '(stack is not available)']],
    [true, ['Call Trace:', ...Array<string>(14).fill('x'), ' f+0x1/0x2']],
    [false, ['Call Trace:', ...Array<string>(15).fill('x'), ' f+0x1/0x2']],
    [true, ['Call Trace:', ...Array<string>(20).fill(' ? g+0x1/0x2'), ' f+0x1/0x2']],
    [true, ['x', 'Backtrace: ', ' f+0x1/0x2']],
    ...['Allocated by task 4711 on cpu 1 at 1.0s:', 'Freed by task 4711 on cpu 1 at 1.0s:', 'Local variable long_name.i created at:'].map((line): [boolean, string[]] => [false, ['Call Trace:', ' f+0x1/0x2', line]]),
    ...['Allocated: some', 'Freed: some'].map((line): [boolean, string[]] => [true, ['Call Trace:', ' f+0x1/0x2', line]]),
    [false, ['x', ' f+0x1/0x2']],
    [false, ['Call Trace:', 'Freed by task 8:', ' f+0x1/0x2']],
    [false, [' f+0x1/0x2', 'Call Trace:']],
    [true, ['Call Trace:', ' f+0x1/0x2', 'Call Trace:']],
    ...['Allocated:', 'Freed:', 'Uninit was created at:', 'Uninit was stored to memory at:', 'Local variable x created at:', 'Last potentially related work creation:', 'status: 0000000000000000 badaddr: 0'].map((line): [boolean, string[]] => [line.startsWith('status'), ['Call Trace:', ' f+0x1/0x2', line]]),
  ])('%s: %j', (whole, lines) => {
    expect(hasWholeStacks(lines)).toBe(whole);
  });
});

const say = (caller: string, text: string): string => `[    1.000000][${caller}] ${text}`;

describe('several reports at once', () => {
  it('tells two tasks apart', () => {
    const text = [
      say('  T1', 'WARNING: CPU: 0 PID: 1 at a.c:7 one+0x1/0x2'),
      say('  T2', 'BUG: sleeping function called from invalid context at a.c:9'),
      say('  T1', 'RIP: 0010:one+0x1/0x2'),
      say('  T2', 'Call Trace:'),
      say('  T2', ' two+0x1/0x2'),
      say('  T1', 'Call Trace:'),
      say('  T1', ' three+0x1/0x2'),
    ].join('\n');
    expect(findFaults(text).map(({ title, corrupt }) => [title, corrupt])).toEqual([
      ['WARNING in one', undefined],
      ['sleeping function called from invalid context in two', undefined],
    ]);
  });

  it('gives a report that ran into a fault the stack of that fault', () => {
    const text = [say('T1', 'WARNING: Nested lock was not taken'), say('T1', 'general protection fault: 0000 [#1]'), say('T1', 'RIP: 0010:__lock_acquire+0x1/0x2'), say('T1', 'Call Trace:'), say('T1', ' culprit+0x1/0x2')].join('\n');
    expect(findFaults(text).map(({ title }) => title)).toEqual(['nested lock was not taken in culprit', 'general protection fault in culprit']);
  });

  it('marks a report as cut that another one ended, where callers are not told', () => {
    const text = '[1.000000] BUG: scheduling while atomic: a/7\n[1.000000] WARNING: CPU: 0 PID: 1 at a.c:7 one+0x1/0x2\n[1.000000] RIP: 0010:one+0x1/0x2\n[1.000000] Call Trace:\n[1.000000]  one+0x1/0x2\n';
    expect(findFaults(text).map(({ title, corrupt }) => [title, corrupt])).toEqual([
      ['scheduling while atomic', true],
      ['WARNING in one', undefined],
    ]);
  });

  it('takes no stack of a failure that was provoked for its own', () => {
    const text = '[1.000000] BUG: scheduling while atomic: a/7\n[1.000000] FAULT_INJECTION: forcing a failure.\n[1.000000] Call Trace:\n[1.000000]  other+0x1/0x2\n';
    expect(findFaults(text)).toMatchObject([{ function: undefined, corrupt: true }]);
  });

  it('reads the stacks of other CPUs that a stall asked for', () => {
    const text = [say('T1', 'rcu: INFO: rcu_sched detected stalls on CPUs/tasks:'), say('T1', 'Sending NMI from CPU 0 to CPUs 1:'), say('C1', 'asm_sysvec_apic_timer_interrupt+0x1/0x2'), say('C1', 'RIP: 0010:spins+0x1/0x2'), say('C1', ' works+0x1/0x2'), say('C1', ' process_one_work+0x1/0x2')].join('\n');
    expect(findFaults(text)).toMatchObject([{ title: 'RCU stall in works' }]);
  });

  it('has no end of open reports', () => {
    const text = Array.from({ length: 5000 }, (_, index) => say(`T${index}`, `WARNING: CPU: 0 PID: 1 at a.c:7 f${'x'.repeat(index % 40)}+0x1/0x2`)).join('\n');
    expect(findFaults(text)).toHaveLength(40);
  });
});

describe('words of programs', () => {
  it('are told as such where they are not of printk', () => {
    expect(findFaults('[    1.000000] hello\nfatal error: all goroutines are asleep\n')).toMatchObject([{ class: 'program' }]);
    expect(findFaults('[    1.000000] panic: in a driver\n')).toEqual([]);
  });

  it('a header without a report is not whole', () => {
    expect(findFaults('[    1.000000] BUG: KASAN: slab-use-after-free in forged+0x1/0x2\n')).toMatchObject([{ class: 'kasan', corrupt: true }]);
  });
});
