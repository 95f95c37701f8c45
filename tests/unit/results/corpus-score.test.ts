import { describe, expect, it } from 'vitest';
import { corpusTypes, readCorpusLog, scoreLog, titleFunction } from '../../../harness/results/corpus-score.js';
import type { Finding } from '../../../harness/model.js';

function finding(kind: string, title: string, fn?: string, corrupt?: boolean): Finding {
  return { class: kind, title, function: fn, fingerprint: title, lines: [], line: 1, corrupt };
}

const RIGHT = { noticed: true, silent: undefined, classRight: true, functionRight: true, corruptRight: true };

describe('a log with what is known of it', () => {
  it('is header, empty line, log, and a report that is left out', () => {
    expect(readCorpusLog('TITLE: WARNING in f\nALT: x\nTYPE: WARNING\nCORRUPTED: Y\n\n[1.0] a\n\nb\nREPORT:\nc\n')).toEqual({
      ...{ title: 'WARNING in f', type: 'WARNING', isCorrupt: true },
      log: '[1.0] a\n\nb\n',
    });
    expect(readCorpusLog('TITLE: \n\nx\n')).toEqual({ title: '', type: undefined, isCorrupt: false, log: 'x\n' });
    expect(readCorpusLog('TITLE: x')).toMatchObject({ title: 'x', log: '' });
    expect(readCorpusLog('ALT: x\n\nTITLE: y\nTYPE: z\n')).toEqual({ title: '', type: undefined, isCorrupt: false, log: 'TITLE: y\nTYPE: z\n' });
    expect(readCorpusLog('TITLE: x\n\nno REPORT:\nREPORT: none\nREPORT:\na\n').log).toBe('no REPORT:\nREPORT: none\n');
  });

  it.each([
    ['WARNING in f', 'f'],
    ['KASAN: slab-out-of-bounds in f at addr ADDR', 'f'],
    ['BUG: using smp_processor_id() in preemptible code in f', 'f'],
    ['WARNING in caller/usb_submit_urb', 'caller'],
    ['KCSAN: data-race in f / g', 'f / g'],
    ['KCSAN: data-race in reads / writes', 'reads / writes'],
    ['KCSAN: data-race in reads / writes at ADDR', 'reads'],
    ['attempt to add in <a::B as c::D>::mmap', '<a::B as c::D>::mmap'],
    ['WARNING in corrupted', undefined],
    ['BUG: Dentry still in use in unmount', undefined],
    ['BUG: workqueue lockup', undefined],
  ])('names in its title %s the function %s', (title, fn) => {
    expect(titleFunction(title)).toBe(fn);
  });
});

describe('our classes by the names of syzkaller', () => {
  it.each<[string, readonly string[]]>([
    ...(['soft-lockup', 'hard-lockup', 'rcu-stall', 'hung-task'].map((kind) => [kind, ['HANG']]) satisfies [string, string[]][]),
    ...(['firmware', 'device-leak', 'rust', 'slab', 'vfs', 'gpf', 'double-fault', 'trap', 'panic', 'oops'].map((kind) => [kind, ['DoS']]) satisfies [string, string[]][]),
    ...(['message', 'odebug', 'warning'].map((kind) => [kind, ['WARNING']]) satisfies [string, string[]][]),
    ...(['list', 'page-fault'].map((kind) => [kind, ['MEMORY_SAFETY_BUG']]) satisfies [string, string[]][]),
    ['kcsan', ['KCSAN-DATARACE', 'KCSAN-ASSERT']],
    ['ubsan', ['UBSAN', 'MEMORY_SAFETY_UBSAN']],
    ['lockdep', ['LOCKDEP']],
    ['atomic-sleep', ['ATOMIC_SLEEP']],
    ['leak', ['LEAK']],
    ['usercopy', ['BUG', 'WARNING']],
    ['program', ['DoS', 'SYZ_FAILURE']],
    ['stack', ['DoS', 'WARNING']],
    ['null-deref', ['NULL-POINTER-DEREFERENCE']],
    ['bug', ['BUG']],
    ['refcount', ['REFCOUNT_WARNING']],
    ['reboot', ['REBOOT']],
    ['of no name', []],
  ])('%s: %j', (kind, types) => {
    expect(corpusTypes(finding(kind, 'x'))).toEqual(types);
  });
});

describe('the score', () => {
  const log = { title: 'WARNING in sys_mount', type: 'WARNING', isCorrupt: false, log: '' };

  it('is of the first finding', () => {
    const right = finding('warning', 'WARNING in sys_mount', 'sys_mount');
    const wrong = finding('gpf', 'general protection fault in g', 'g', true);
    expect(scoreLog(log, [right, wrong])).toEqual(RIGHT);
    expect(scoreLog(log, [wrong, right])).toEqual({ ...RIGHT, classRight: false, functionRight: false, corruptRight: false });
    expect(scoreLog(log, [])).toEqual({ noticed: false, silent: undefined, classRight: false, functionRight: false, corruptRight: false });
  });

  it('knows a system call by any of its names', () => {
    expect(scoreLog({ ...log, title: 'WARNING in mount' }, [finding('warning', 'x', 'sys_mount')]).functionRight).toBe(true);
    expect(scoreLog({ ...log, title: 'WARNING in mount' }, [finding('warning', 'x', 'umount')]).functionRight).toBe(false);
    expect(scoreLog({ ...log, title: 'WARNING in do_mount' }, [finding('warning', 'x', 'do_sys_mount')]).functionRight).toBe(false);
    expect(scoreLog({ ...log, title: 'KCSAN: data-race in ab / c' }, [finding('kcsan', 'x', 'a / bc')]).functionRight).toBe(false);
  });

  it('asks of a log only what is known of it', () => {
    expect(scoreLog({ ...log, title: '', type: undefined }, [])).toEqual({ noticed: undefined, silent: true, classRight: undefined, functionRight: undefined, corruptRight: undefined });
    expect(scoreLog({ ...log, title: '', type: undefined }, [finding('bug', 'BUG')]).silent).toBe(false);
    expect(scoreLog({ ...log, title: 'WARNING in corrupted', type: undefined, isCorrupt: true }, [finding('warning', 'WARNING', undefined, true)])).toEqual({
      ...{ noticed: true, silent: undefined, classRight: undefined, functionRight: undefined, corruptRight: true },
    });
  });

  it.each([
    ['kasan', 'KASAN: slab-use-after-free Write in f', ['KASAN-USE-AFTER-FREE-WRITE']],
    ['kasan', 'KASAN: slab-out-of-bounds Read in f', ['KASAN-READ']],
    ['kasan', 'KASAN: null-ptr-deref Write in f', ['KASAN-NULL-POINTER-DEREFERENCE-WRITE']],
    ['kasan', 'KASAN: invalid-free in f', ['KASAN-INVALID-FREE']],
    ['kfence', 'KFENCE: memory corruption in f', ['KFENCE-MEMORY-CORRUPTION']],
    ['kmsan', 'KMSAN: uninit-value in f', ['KMSAN-UNINIT-VALUE']],
    ['kmsan', 'KMSAN: kernel-infoleak in f', ['KMSAN-INFO-LEAK']],
    ['kmsan', 'KMSAN: kernel-infoleak-after-free in f', ['KMSAN-USE-AFTER-FREE-READ']],
    ['rcu-stall', 'RCU stall in f', ['HANG']],
    ['oom', 'out of memory', []],
  ])('calls %s, %s: %s', (kind, title, types) => {
    expect(corpusTypes(finding(kind, title))).toEqual(types);
  });
});
