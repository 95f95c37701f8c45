import { describe, expect, it } from 'vitest';
import { faultPatterns, HARMLESS } from '../../../harness/results/fault-patterns.js';
import { findFaults } from '../../../harness/results/faults.js';

const TRACE = '\nCall Trace:\n dump_stack_lvl+0x5d/0x80\n';
const STACK = `${TRACE} outer+0x9/0x40`;
const LOOP = ' inner+0x1/0x2\n __x64_sys_loop+0x1/0x2\n do_syscall_64+0x1/0x2';
const ACQUIRES = '\na/7 is trying to acquire lock:\n';
const TIMER = 'rcu: INFO: rcu_preempt self-detected stall on CPU\nCall Trace:\n rcu_sched_clock_irq+0x1/0x2\n asm_sysvec_apic_timer_interrupt+0x1a/0x20\n';

/** Title, and a report in which the best way to the function is not there, or gives one that only carries the fault. */
const WAYS: readonly (readonly [string, string])[] = [
  ['KASAN: slab-out-of-bounds Read in outer', `BUG: KASAN: slab-out-of-bounds in memcpy+0x1/0x2\nRead of size 4 at addr ffff88${STACK}`],
  ['KASAN: slab-out-of-bounds Read in reads', 'BUG: KASAN: slab-out-of-bounds in reads+0x1/0x2\nRead of size 4 at addr ffff88\n\nAllocated by task 7:\n allocates+0x1/0x2'],
  ['KFENCE: use-after-free read in reads', 'BUG: KFENCE: use-after-free read in reads+0x1/0x2'],
  ['KFENCE: use-after-free read in outer', 'BUG: KFENCE: use-after-free read in memcpy+0x1/0x2\n\nUse-after-free read at 0xffff88 (in kfence-#7):\n memcpy+0x1/0x2\n outer+0x1/0x2'],
  ['KMSAN: uninit-value in uses', 'BUG: KMSAN: uninit-value in uses+0x1/0x2'],
  ['KMSAN: uninit-value in outer', 'BUG: KMSAN: uninit-value in memcpy+0x1/0x2\n memcpy+0x1/0x2\n outer+0x1/0x2'],
  ['possible deadlock in takes', `WARNING: possible circular locking dependency detected${ACQUIRES}ffff88 (&one){+.+.}, at: takes+0x1/0x2${STACK}`],
  ['possible deadlock in outer', `WARNING: possible circular locking dependency detected${ACQUIRES}ffff88 (&one){+.+.}${STACK}`],
  ['possible deadlock in chain', `WARNING: possible circular locking dependency detected${ACQUIRES} (&one), at: mutex_lock+0x1/0x2\n\nbut task is already holding lock:\n (&two), at: mutex_lock+0x1/0x2\n\n-> #1 (&two):\n lock_acquire+0x1/0x2\n chain+0x1/0x2${STACK}`],
  ['possible deadlock in mutex_lock', `WARNING: possible recursive locking detected${ACQUIRES} (&one), at: mutex_lock+0x1/0x2${STACK}`],
  ['possible deadlock in outer', `WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected\na/7 is trying to acquire:\n (&a)${STACK}`],
  ['possible deadlock in takes', `WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected\na/7 is trying to acquire:\n (&a), at: takes+0x1/0x2${STACK}`],
  ['possible deadlock in mutex_lock', `INFO: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected\na/7 is trying to acquire:\n (&a), at: mutex_lock+0x1/0x2${STACK}`],
  ['inconsistent lock state in mutex_lock', `INFO: inconsistent lock state\na/7 takes:\n (&l), at: mutex_lock+0x1/0x2${STACK}`],
  ['bad unlock balance in outer', `WARNING: bad unlock balance detected!\na/7 is trying to release lock (&l) at:\nmutex_lock+0x9/0x20\nbut there are no more locks to release!${STACK}`],
  ['bad unlock balance in outer', `WARNING: bad unlock balance detected!${STACK}`],
  ['suspicious RCU usage in outer', `WARNING: suspicious RCU usage\nrust/a.rs:7 suspicious rcu_dereference_check() usage!${STACK}`],
  ['held lock freed in mutex_lock', `WARNING: held lock freed!\nffff88 (&l), at: mutex_lock+0x1/0x2${STACK}`],
  ['still has locks held in mutex_lock', `WARNING: a/7 still has locks held!\n #0: (&l), at: mutex_lock+0x1/0x2${STACK}`],
  ['RCU stall in sys_loop', `${TIMER}RIP: 0010:spins+0x1/0x2\n${LOOP}`],
  ['RCU stall in sys_loop', `${TIMER}${LOOP}`],
  ['RCU stall in sys_loop', `rcu: INFO: rcu_preempt self-detected stall on CPU\nRIP: 0010:spins+0x1/0x2\nCall Trace:\n${LOOP}`],
  ['RCU stall in sys_loop', `rcu: rcu_preempt kthread starved for 2100 jiffies!\nRIP: 0010:spins+0x1/0x2\nCall Trace:\n${LOOP}`],
  ['kernel stack overflow in sys_loop', `Kernel panic - not syncing: kernel stack overflow\nCall Trace:\n handle_bad_stack+0x1/0x2\n${LOOP}`],
  ['Bad page state in outer', `BUG: Bad page state in process a  pfn:12345${STACK}`],
  ['NULL pointer dereference in outer', `BUG: kernel NULL pointer dereference, address: 0${STACK}`],
  ['double fault in outer', `double fault: 0000 [#1] SMP${STACK}`],
  ['divide error in outer', `divide error: 0000 [#1] SMP${STACK}`],
  ['invalid opcode in outer', `invalid opcode: 0000 [#1] SMP${STACK}`],
  ['WARNING in outer', `WARNING: at fs/a.c:28${STACK}`],
  ['kernel stack is corrupted in outer', `Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ffffffff81234567${STACK}`],
  ['Unhandled fault in outer', 'Unhandled fault: a\n\tBacktrace: \n[<802b3ffc>] (outer) from [<802e1324>] (first+0x6c/0x120)'],
  ['memory leak in keeps', 'unreferenced object 0xffff888100 (size 32):\nbacktrace:\n keeps+0x1/0x2'],
  ['BUG: something is off in outer', `BUG: something is off${STACK}`],
];

/** A report that is cut off on its way to the best function, or lacks a line of its own, names the next best. */
const CUT: readonly (readonly [string, string])[] = [
  ['NULL pointer dereference in culprit', 'BUG: kernel NULL pointer dereference, address: 0\nRIP: 0010:culprit+0x11/0x20'],
  ['held lock freed in outer', `WARNING: held lock freed!${STACK}`],
  ['inconsistent lock state in outer', `WARNING: inconsistent lock state${STACK}`],
  ['suspicious RCU usage in outer', `WARNING: suspicious RCU usage\nsaid of net/a.c:7 a${STACK}`],
  ['BUG: a [   12.345678] b in outer', `BUG: a [   12.345678] b${STACK}`],
  ['memory leak in keeps', 'unreferenced object 0xffff888100 (size 32):\nmybacktrace:\n keeps+0x1/0x2'],
  ['Unhandled fault in outer', 'Unhandled fault: a\nno Backtrace: \n[<802b3ffc>] (outer) from [<802e1324>] (first+0x6c/0x120)'],
  ['double fault in culprit', 'double fault: 0000 [#1] SMP\nRIP: 0010:culprit+0x11/0x20'],
  ['inconsistent lock state in takes', 'WARNING: inconsistent lock state\na/7 takes:\n (&l), at: takes+0x1/0x2'],
  ['RCU stall in spins', `${TIMER}RIP: 0010:spins+0x1/0x2`],
  ['slab: Freed in kfree', 'INFO: Freed in kfree+0x1/0x2 age=1'],
];

/** A first line, functions that only carry such a fault, and others with nearly such names. */
const CARRIERS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['BUG: KASAN: invalid-free in frees', ['slab_free', 'kfree', 'vunmap', 'vfree'], ['frees']],
  ['BUG: KASAN: a in b', ['kernel_fault', 'tag_check', 'do_mem_abort', 'el1_abort', 'el1h_64_sync'], ['my_el1_abort', 'my_el1h_64_sync']],
  ['BUG: KMSAN: usb-infoleak in sends', ['alloc_skb', 'usb_submit_urb', 'usb_bulk_msg'], ['sends']],
  ['BUG: KMSAN: a in b', ['alloc_skb', 'netlink_ack', 'netlink_rcv_skb', 'a_encrypt', 'crypto_a', 'cipher_a', 'drbg_a', 'rng_a'], ['a_encrypt_b', 'my_crypto_a', 'encrypt']],
  ['UBSAN: Undefined behaviour in fs/a.c:7:9', ['ubsan_epilogue', '__ubsan_handle', 'val_to_string', 'handle_overflow'], ['my_ubsan_a', 'my_handle_overflow']],
  ['INFO: possible circular locking dependency', ['process_one_work', 'flush_workqueue', 'drain_workqueue', 'destroy_workqueue'], ['my_process_one_work', 'my_flush_workqueue']],
  ['UBSAN: a in fs/a.c:7:9', ['ubsan_epilogue', '__ubsan_handle', 'val_to_string', 'handle_overflow'], ['my_ubsan_a', 'my_handle_overflow']],
  ['INFO: suspicious RCU usage', ['rcu_read', 'srcu_read', '__rcu_read', '__srcu_a', 'lockdep_rcu_suspicious', 'kmem_a', 'slab_a'], ['my_rcu_read', 'reads']],
  ['BUG: Invalid wait context', ['lock_sock', 'release_sock'], ['sock_a']],
  ['INFO: trying to register non-static key.', ['stack_a', 'lock_a', 'IRQ_a'], ['reads']],
  ['BUG: using f() in preemptible', ['preempt_a', 'debug_a', 'check_processor_id', 'this_cpu_a'], ['reads']],
  ["INFO: task a:7 can't die for more than 9 seconds", ['schedule_timeout'], ['reads']],
  ['BUG: memory leak', ['kmemleak_alloc', 'mmap_a', 'kmem_a', 'slab_a', 'alloc_a', 'create_object', 'idr_get_a', 'list_lru_init', 'kvasprintf', 'kasprintf', 'pcpu_create_chunk', 'kstrdup', 'kstrndup', 'kmemdup'], ['keeps']],
  ['usercopy: Bad or missing', ['usercopy_abort', '__check_object_size'], ['my_usercopy_abort']],
  ['kernel BUG at mm/usercopy.c:102!', ['usercopy_abort', '__check_object_size'], ['my_usercopy_abort']],
  ['WARNING: at mm/usercopy.c:7 f+0x1', ['usercopy_warn', '__check_object_size'], ['my_usercopy_warn']],
  ['BUG: Bad page state', ['free_page', 'put_page', 'folio_put', '__folio_put', '_folio_a', 'alloc_a', 'bad_page', 'page_owner_a'], ['my_folio_put', 'my_bad_page']],
  ['VFS: Close: file count is 0', ['filp_close', 'filp_flush'], ['my_filp_close', 'filp_close_all']],
  ['not syncing: kernel stack overflow', ['handle_bad_stack'], ['recurses']],
  ['rust_kernel: panicked at a', ['rust_begin_unwind', 'panic_fmt'], ['adds']],
  ['kernel BUG at fs/a.c:7!', ['skb_panic'], ['my_skb_put']],
  ['WARNING: at kernel/locking/lockdep.c:7 f+0x1', ['lock_sock', 'release_sock'], ['sock_a']],
  ['WARNING: at drivers/usb/core/urb.c:7 usb_submit_urb+0x1', ['usb_submit_urb', 'usb_control_msg'], ['usb_a']],
  ['bad: scheduling from the idle thread!', ['schedule_idle', 'do_idle', 'cpu_idle'], ['do_idle_a']],
  ['WARNING: at lib/kobject.c:7 f+0x1', ['kobject_get'], ['gets']],
  ['WARNING: at mm/slub.c:7 object_err+0x1', ['object_err', '__slab_err'], ['my_object_err', 'object_errs']],
  ['WARNING: at mm/util.c:7 kmalloc+0x1', ['kmalloc_slab', 'krealloc_a', 'slab_a', 'kmem_a'], ['allocates']],
  ["cannot create duplicate filename '/a'", ['sysfs_warn_dup', 'kobject_add'], ['my_sysfs_a', 'my_kobject_a']],
];

const OPEN = 'BUG: kernel NULL pointer dereference, address: 0\nRIP: 0010:culprit+0x1/0x2\nCall Trace:\n first+0x1/0x2\n';

/** Lines that are a part of the report that is open. */
const FOLLOWING: readonly string[] = [
  ...['rcu: rcu_preempt kthread starved for 2100 jiffies!', 'kmemleak: 2 new suspected memory leaks', 'INFO: Slab 0xffff objects=1', 'INFO: Freed in frees+0x1/0x2 age=1'],
  ...['unregister_netdevice: waiting for lo to become free. Usage count = 2', 'PANIC: double fault, error_code: 0x0', 'double fault: 0000 [#1] SMP', 'Internal error: Oops: 96000006 [#1] SMP', 'invalid opcode: 0000 [#1] SMP'],
  ...['WARNING: CPU: 0 PID: 7 at lib/list_debug.c:28 __list_add_valid+0x1/0x2', 'WARNING: CPU: 0 PID: 7 at mm/slub.c:1127 object_err+0x1/0x2'],
  ...['corrupted stack end detected', 'stack-protector: Kernel stack is corrupted in: f+0x1/0x2', 'Fatal exception', 'No working init found.'].map((why) => `Kernel panic - not syncing: ${why}`),
  ...['Oops: 0000 [#1] SMP', 'BUG:', 'WARNING:', 'INFO:', 'BUG: something is off', 'usb 5-1: WARNING: the battery is low'],
];

/** Lines that begin a report of their own, whatever is open. */
const OWN: readonly string[] = [
  ...['BUG: KASAN: slab-out-of-bounds in reads+0x1/0x2', 'UBSAN: shift-out-of-bounds in fs/a.c:7:9', 'WARNING: suspicious RCU usage', 'BUG: scheduling while atomic: a/7/0x00000002', 'bad: scheduling from the idle thread!'],
  ...['INFO: task a:7 blocked for more than 122 seconds.', 'watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [a:7]', 'rcu: INFO: rcu_preempt self-detected stall on CPU', 'unreferenced object 0xffff888100 (size 32):'],
  ...['list_add corruption. next->prev should be prev (a), but was b.', 'pagealloc: memory corruption', 'BUG kmalloc-64 (Not tainted): Poison overwritten', 'kernel BUG at fs/a.c:7!', 'general protection fault: 0000 [#1] SMP'],
  ...['WARNING: CPU: 0 PID: 7 at fs/a.c:28 checked+0x1/0x2', 'WARNING: CPU: 0 PID: 7 at checked+0x1/0x2', 'CFI failure at calls+0x1/0x2 (no target information)', 'irq 9: nobody cared'],
];

/** Lines that only follow something else, which was lost, however whole their stack is. */
const EFFECTS: readonly (readonly [string, string])[] = [
  ['INFO: Freed in frees+0x1/0x2 age=1', 'slab: Freed in frees'],
  ['BUG: unable to handle kernel', 'bad memory access in outer'],
  ['Kernel panic - not syncing: Fatal exception', 'kernel panic: Fatal exception'],
  ...['BUG', 'WARNING', 'INFO'].map((word) => [`${word}:`, word] as const),
];

const SAY_NOTHING: readonly string[] = [
  ...['DEBUG: a BUG: b', 'BUG: no syscalls can create resource a', 'INFO: lockdep is turned off.', 'INFO: Stall ended before state dump start', 'INFO: NMI handler (a) took too long to run', 'perf: interrupt took too long'],
  ...['traps: a[7] general protection fault ip:7f00 sp:7f01 error:0', 'a[12] general protection fault in b error:12 in c', 'WARNING: workqueue cpumask: online intersect > possible intersect', 'WARNING: /etc/ssh/moduli does not exist'],
  ...['WARNING: The mand mount option has been deprecated', 'WARNING: the mand mount option is being deprecated', 'WARNING: Unsupported flag value', 'WARNING: Unprivileged eBPF is enabled', 'WARNING: fbcon: a', 'WARNING: See https'],
  ...['WARNING: kernel not compiled with a', 'EXT4-fs (vda): BUG: a', 'EXT4-FS BUG: a', 'XFS (vda1): BUG: a', 'a uses wireless extensions BUG: b', "a uses deprecated v2 capabilities: BUG: b", 'Command line: BUG: a', 'Kernel command line: BUG: a'],
];
const SAY_SOMETHING: readonly string[] = ['EXT3-fs (vda): BUG: a', 'XFS BUG: a', 'XFS (a-b): BUG: a', 'My Command line: BUG: a', 'My Kernel command line: BUG: a', 'general protection fault in a', 'general protection fault error:a in b'];

describe('the function that is to blame', () => {
  it.each(WAYS)('is that of: %s', (title, text) => {
    expect(findFaults(text).map((finding) => [finding.title, finding.corrupt])).toEqual([[title, undefined]]);
  });

  it.each(CUT)('is the next best where the report is cut: %s', (title, text) => {
    expect(findFaults(text).map((finding) => [finding.title, finding.corrupt])).toEqual([[title, true]]);
  });

  it.each(CARRIERS)('of "%s" is none of %j, and may be one of %j', (first, carriers, others) => {
    const row = faultPatterns.find(({ start }) => start.test(first));
    expect(carriers.filter((name) => row?.alsoHelpers?.test(name) !== true)).toEqual([]);
    expect(others.filter((name) => row?.alsoHelpers?.test(name) === true)).toEqual([]);
  });
});

/** Ends that a fault brings about, however long after it. */
const CONSEQUENCES: readonly string[] = [
  ...['Fatal exception', 'Fatal hardware exception', 'panic_on_warn set ...', 'panic_on_oops set', 'kernel: panic_on_warn set', 'kernel: panic_on_oops set', 'KASAN: panic_on_warn set', 'UBSAN: panic_on_warn set ...', 'hung_task: blocked tasks'],
  ...['softlockup: hung tasks', 'Attempted to kill init!', 'kasan.fault=panic set', 'KASAN: panic', 'kmsan.panic set', 'RCU Stall', 'Hard LOCKUP'],
];

describe('long after a report', () => {
  const panics = (why: string): readonly string[] => findFaults(`${OPEN}${'noise\n'.repeat(300)}Kernel panic - not syncing: ${why}`).map(({ title }) => title);

  it.each(CONSEQUENCES)('a panic says nothing new: %j', (why) => {
    expect(panics(why)).toEqual(['NULL pointer dereference in culprit']);
  });

  it('another panic does', () => {
    expect(panics('No working init found.')).toEqual(['NULL pointer dereference in culprit', 'kernel panic: No working init found.']);
  });
});

describe('while a report is open', () => {
  it.each(FOLLOWING)('it has as a part of it %j', (line) => {
    expect(findFaults(`${OPEN}${line}`).map(({ title }) => title)).toEqual(['NULL pointer dereference in culprit']);
  });

  it.each(OWN)('%j begins another one', (line) => {
    expect(findFaults(`${OPEN}${line}`)).toHaveLength(2);
  });

  it.each(EFFECTS)('%j is not whole without one', (line, title) => {
    expect(findFaults(`${line}${STACK}`)).toMatchObject([{ title, corrupt: true }]);
  });
});

describe('a line with the words of a fault', () => {
  it.each(SAY_NOTHING)('says nothing of one: %j', (line) => {
    expect(HARMLESS.test(line)).toBe(true);
  });

  it.each(SAY_SOMETHING)('says something: %j', (line) => {
    expect(HARMLESS.test(line)).toBe(false);
  });
});
