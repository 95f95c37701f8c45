import { describe, expect, it } from 'vitest';
import { findFaults } from '../../../harness/results/faults.js';
import { dispatchedWork, hangingFunction, isHelper } from '../../../harness/results/helper-functions.js';
import { attribute, hasWholeStacks, type Route } from '../../../harness/results/report-stack.js';
import { parseFrame, sourceName } from '../../../harness/results/trace-frames.js';

describe('a frame', () => {
  it.each([
    [' f+0x1f/0x280', 'f', false],
    [' ? f+0x1f/0x280', 'f', true],
    [' [<ffffffff81234567>] f.isra.3+0x1f/0x280 fs/a.c:7', 'f', false],
    [' [<ffffffff81234567>] ? f+0x1f/0x280', 'f', true],
    [' <EOI>  ? f+0x1f/0x280', undefined, false],
    ['[c00000007a3efa20] [c00000000030a060] f+0x7b0/0x13a0 (unreliable)', 'f', true],
    ['[<ffffffe00008c762>] f+0x72/0xb2', 'f', false],
    ['([<000000000010a0e2>] f+0x72/0xb2)', 'f', false],
    ['[<802b3ffc>] (f) from [<802e1324>] (g+0x6c/0x120)', 'f', false],
    [' f from g+0x6c/0x120', 'f', false],
    [' <crate::Type as Trait>::method+0x1/0x2', '<crate::Type as Trait>::method', false],
    [' __x64_sys_read+0x1/0x2', 'sys_read', false],
    ['\tslab_track+0x1/0x2', undefined, false],
    ['\tkernel::print::call+0xaf/0x1f0', 'kernel::print::call', false],
    ['   k::a+0x1/0x2', 'k::a', false],
    ['<a>::b+0xaf/0x1f0', '<a>::b', false],
    ['at kernel::a+0x1/0x2', undefined, false],
    [' kernel::a b+0x1/0x2', undefined, false],
    [' 7kernel::a+0x1/0x2', undefined, false],
    [' inlined_one fs/a.c:7 [inline]', undefined, false],
    ['RAX: 0000000000000000', undefined, false],
  ])('%s', (line, name, isGuess) => {
    expect(parseFrame(line)).toEqual(name === undefined ? undefined : expect.objectContaining({ name, isGuess }));
  });

  it.each([
    ['f.constprop.0.isra.7', 'f'],
    ['f.cold', 'f'],
    ['SyS_read', 'sys_read'],
    ['__se_compat_sys_read', 'sys_read'],
    ['___sys_sendmsg', 'sys_sendmsg'],
    ['__arm64_sys_read', 'sys_read'],
    ['sys_read', 'sys_read'],
    ['__sys_', '__sys_'],
    ...['__x64_sys_', '__ia32_sys_', '__x32_compat_sys_', '__arm64_sys_', '__riscv_sys_', '__s390_sys_', '__s390x_sys_', '__powerpc_sys_', '__loongarch_sys_', '__mips_sys_'].map((prefix) => [`${prefix}read`, 'sys_read']),
    ...['__do_sys_', '__ia32_compat_sys_', 'SYSC_', 'C_SYSC_', 'compat_SYSC_', 'compat_SyS_', 'ksys_', '__sys_', '____sys_'].map((prefix) => [`${prefix}read`, 'sys_read']),
    ...['my__x64_sys_read', '_sys_read', '_____sys_read', '__x64_sys_7'].map((name) => [name, name]),
  ])('%s is %s in the sources', (symbol, name) => {
    expect(sourceName(symbol)).toBe(name);
  });
});

it('names who called, where a frame says so, and what the compiler appended not', () => {
  expect(parseFrame('[<802b3ffc>] (f) from [<802e1324>] (__se_sys_read+0x6c/0x120)')).toEqual({ name: 'f', isGuess: false, caller: 'sys_read' });
  expect(parseFrame(' <crate::Type as Trait>::method+0x1/0x2')).toEqual({ name: '<crate::Type as Trait>::method', isGuess: false, caller: undefined });
  expect(sourceName('long_name.isra.0.cold')).toBe('long_name');
  expect(sourceName('<crate>::long_name.x')).toBe('<crate>::long_name.x');
});

describe('helpers', () => {
  it.each(['kasan_report', '__kmalloc_node', 'memcpy', '_raw_spin_lock_irqsave', 'mutex_lock', 'dump_stack_lvl', 'asm_exc_invalid_op', 'kobject_put', 'vsnprintf'])('%s', (name) => {
    expect(isHelper(name)).toBe(true);
  });

  it.each(['ext4_read', 'do_exit', 'sem_lock', 'ipc_addid', 'countdown', 'rtnl_lock', 'schedule'])('%s is none', (name) => {
    expect(isHelper(name)).toBe(false);
  });

  it('finds what a stuck CPU was given to do', () => {
    expect(dispatchedWork(['spins', 'inner', 'sys_loop', 'do_syscall_64'])).toBe('sys_loop');
    expect(dispatchedWork(['spins', 'smp_call_function_many_cond', 'on_each_cpu', 'do_syscall_64'])).toBe('smp_call_function');
    expect(dispatchedWork(['process_one_work', 'worker_thread'])).toBe('process_one_work');
    expect(dispatchedWork(['spins', 'inner'])).toBeUndefined();
  });

  it('finds why a task hangs', () => {
    expect(hangingFunction(['__schedule', 'schedule', '__wait_rcu_gp', 'synchronize_net', 'x'])).toBe('synchronize_rcu');
    expect(hangingFunction(['__schedule', 'mutex_lock', 'rtnl_lock', 'x'])).toBe('rtnl_lock');
    expect(hangingFunction(['__schedule', 'rwsem_down_write', 'x'])).toBe('x');
    expect(hangingFunction(['__schedule'])).toBeUndefined();
  });
});

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
