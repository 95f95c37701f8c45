import { describe, expect, it } from 'vitest';
import { faultPatterns, HARMLESS, STARTS } from '../../../harness/results/fault-patterns.js';
import { findFaults } from '../../../harness/results/faults.js';

const STACK = `
Call Trace:
 dump_stack_lvl+0x5d/0x80
 helper_of_none+0x11/0x30
 outer+0x9/0x40
 do_syscall_64+0x5b/0x80`;
const OOPS = `
CPU: 0 PID: 7 Comm: a Not tainted 6.12.0 #1
RIP: 0010:culprit+0x11/0x20
Call Trace:
 <TASK>
 outer+0x9/0x40`;
const WARNED = `
RIP: 0010:checked+0x11/0x20
Call Trace:
 <TASK>
 ? __warn+0x81/0x130
 carrier+0x9/0x40
 outer+0x9/0x40`;
const LOCKS = `
a/7 is trying to acquire lock:
ffff888100 (&one){+.+.}-{4:4}, at: takes+0x1f/0x90

but task is already holding lock:
ffff888200 (&two){+.+.}-{4:4}, at: holds+0x1f/0x90

stack backtrace:
CPU: 0 PID: 7 Comm: a
Call Trace:
 <TASK>
 print_circular_bug+0x1/0x2
 takes+0x1f/0x90`;

/** Class, title, and a short report in the words of the kernel's format strings. */
const examples: readonly (readonly [string, string, string])[] = [
  ['kasan', 'KASAN: slab-use-after-free Read in reads', 'BUG: KASAN: slab-use-after-free in reads+0x2b/0x40\nRead of size 4 at addr ffff888100 by task a/7\n' + STACK],
  ['kasan', 'KASAN: invalid-free in frees', 'BUG: KASAN: double-free in frees+0x2b/0x40\nFree of addr ffff888100 by task a/7\n' + STACK],
  ['kasan', 'KASAN: stack-out-of-bounds Write in helper_of_none', 'BUG: KASAN: stack-out-of-bounds on address ffff88\nWrite of size 8 by task a/7' + STACK],
  ['kfence', 'KFENCE: out-of-bounds read in reads', 'BUG: KFENCE: out-of-bounds read in reads+0xa6/0x234\n\nOut-of-bounds read at 0xffff88 (1B left of kfence-#72):\n reads+0xa6/0x234\n outer+0x1/0x2'],
  ['kmsan', 'KMSAN: uninit-value in uses', 'BUG: KMSAN: uninit-value in uses+0x1b/0x30\n uses+0x1b/0x30\n outer+0x1/0x2\n\nUninit was created at:\n allocates+0x1/0x2'],
  ['kmsan', 'KMSAN: kernel-usb-infoleak in sends', 'BUG: KMSAN: kernel-usb-infoleak in usb_submit_urb+0x5c/0x20\n usb_submit_urb+0x5c/0x20\n sends+0x1/0x2\n'],
  ['kcsan', 'KCSAN: data-race in reads / writes', 'BUG: KCSAN: data-race in reads / writes\n\nwrite to 0xffff88 of 4 bytes by task 7 on cpu 1:\n writes+0x1/0x2'],
  ['ubsan', 'UBSAN: undefined-behaviour in helper_of_none', 'UBSAN: Undefined behaviour in fs/a.c:7:9' + STACK],
  ['ubsan', 'UBSAN: shift-out-of-bounds in shifts', 'UBSAN: shift-out-of-bounds in fs/a.c:7:9\nshift exponent 64 is too large\nCall Trace:\n dump_stack_lvl+0x1/0x2\n __ubsan_handle_shift_out_of_bounds+0x1/0x2\n shifts+0x1/0x2'],
  ['lockdep', 'possible deadlock in takes', 'WARNING: possible circular locking dependency detected' + LOCKS],
  ['lockdep', 'possible deadlock in takes', 'WARNING: possible recursive locking detected' + LOCKS],
  ['lockdep', 'possible deadlock in irq_takes', 'WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected\na/7 [HC0[0]] is trying to acquire:\n (&a){+.+.}, at: takes+0x1/0x2\n\nbut this new dependency connects a SOFTIRQ-irq-safe lock:\n (&b){..-.}\n\n... which became SOFTIRQ-irq-safe at:\n  lock_acquire+0x1/0x2\n  irq_takes+0x1/0x2\n\nstack backtrace:\nCall Trace:\n x+0x1/0x2'],
  ['lockdep', 'possible deadlock in takes', 'INFO: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected ]' + LOCKS],
  ['lockdep', 'inconsistent lock state in helper_of_none', 'WARNING: inconsistent lock state\ninconsistent {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W} usage.\na/7 [HC0[0]:SC0[0]] takes:\nffff88 (&l){+.?.}, at: takes+0x1/0x2\n\nstack backtrace:' + STACK],
  ['lockdep', 'inconsistent lock state in takes', '[ INFO: inconsistent lock state ]\na/7 [HC0[0]] takes:\n (&l){+.?.}, at: [<ffffffff81234567>] takes+0x1/0x2\nstack backtrace:' + STACK],
  ['lockdep', 'suspicious RCU usage in helper_of_none', 'WARNING: suspicious RCU usage\n6.12.0 #1 Not tainted\nnet/a.c:7 suspicious rcu_dereference_check() usage!\n\nstack backtrace:' + STACK],
  ['lockdep', 'bad unlock balance in leaves', 'WARNING: bad unlock balance detected!\na/7 is trying to release lock (&l) at:\nleaves+0x9/0x20\nbut there are no more locks to release!\n\nstack backtrace:' + STACK],
  ['lockdep', 'held lock freed in takes', 'WARNING: held lock freed!\na/7 is freeing memory ffff88-ffff89, with a lock still held there!\nffff88 (&l){+.+.}, at: takes+0x1/0x2\n\nstack backtrace:' + STACK],
  ['lockdep', 'still has locks held in takes', 'WARNING: a/7 still has locks held!\n6.12.0\n1 lock held by a/7:\n #0: ffff88 (&l){+.+.}, at: takes+0x1/0x2\nstack backtrace:' + STACK],
  ['lockdep', 'lock held when returning to user space in takes', 'WARNING: lock held when returning to user space!\na/7 is leaving the kernel with locks still held!\n #0: ffff88 (&l){+.+.}, at: takes+0x1/0x2'],
  ['lockdep', 'nested lock was not taken in helper_of_none', 'WARNING: Nested lock was not taken\na/7 is trying to lock:\n' + STACK],
  ['lockdep', 'bad contention detected in helper_of_none', 'WARNING: bad contention detected!\na/7 is trying to contend lock (&l) at:\nx+0x1/0x2\nbut there are no locks held!\n\nstack backtrace:' + STACK],
  ['lockdep', 'chain_key collision in helper_of_none', 'WARNING: chain_key collision\nLocks in cached chain:\nstack backtrace:' + STACK],
  ['lockdep', 'locking bug in helper_of_none', '[ BUG: Invalid wait context ]\na/7 is trying to lock:\nstack backtrace:' + STACK],
  ['lockdep', 'trying to register non-static key in helper_of_none', 'INFO: trying to register non-static key.\nThe code is fine but needs lockdep annotation' + STACK],
  ['lockdep', 'MAX_LOCKDEP_ENTRIES too low', 'BUG: MAX_LOCKDEP_ENTRIES too low!\nturning off the locking correctness validator.' + STACK],
  ['lockdep', 'spinlock bad magic in helper_of_none', 'BUG: spinlock bad magic on CPU#0, a/7\n lock: 0xffff88, .magic: 00000000' + STACK],
  ['lockdep', 'using smp_processor_id() in preemptible code in helper_of_none', 'BUG: using smp_processor_id() in preemptible [00000000] code: a/7\ncaller is x' + STACK],
  ['atomic-sleep', 'sleeping function called from invalid context in helper_of_none', 'BUG: sleeping function called from invalid context at mm/a.c:7\nin_atomic(): 1' + STACK],
  ['atomic-sleep', 'scheduling while atomic in helper_of_none', 'BUG: scheduling while atomic: a/7/0x00000002' + STACK],
  ['atomic-sleep', 'workqueue leaked lock or atomic in works', 'BUG: workqueue leaked lock or atomic: kworker/0:1/0x00000001/7\n     last function: works\n'],
  ['atomic-sleep', 'softirq TIMER leaked a preempt count', 'huh, entered softirq 1 TIMER 00000000abcdef01 with preempt_count 00000100, exited with 00000101?'],
  ['atomic-sleep', 'scheduling from the idle thread in helper_of_none', 'bad: scheduling from the idle thread!' + STACK],
  ['hung-task', 'task hung in reads_disk', 'INFO: task a:7 blocked for more than 122 seconds.\nCall Trace:\n __schedule+0x1/0x2\n schedule+0x1/0x2\n mutex_lock+0x1/0x2\n reads_disk+0x1/0x2'],
  ['hung-task', 'task hung in reads_disk', 'INFO: task a:7 blocked in I/O wait for more than 122 seconds.\nCall Trace:\n __schedule+0x1/0x2\n reads_disk+0x1/0x2'],
  ['double-fault', 'double fault in culprit', 'double fault: 0000 [#1] SMP' + OOPS],
  ['double-fault', 'double fault in culprit', 'Oops: double fault: 0000 [#1] SMP' + OOPS],
  ['usercopy', 'bad usercopy in my_usercopy_a', 'kernel BUG at mm/usercopy.c:102!\nCall Trace:\n my_usercopy_a+0x1/0x2\n copies+0x1/0x2'],
  ['hung-task', 'task cannot die in dies', "INFO: task a:7 can't die for more than 122 seconds.\nCall Trace:\n __schedule+0x1/0x2\n dies+0x1/0x2"],
  ['soft-lockup', 'soft lockup in sys_loop', 'watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [a:7]\nRIP: 0010:spins+0x1/0x2\nCall Trace:\n inner+0x1/0x2\n __x64_sys_loop+0x1/0x2\n do_syscall_64+0x1/0x2'],
  ['hard-lockup', 'hard lockup in sys_loop', 'watchdog: Watchdog detected hard LOCKUP on cpu 0\nRIP: 0010:spins+0x1/0x2\nCall Trace:\n __x64_sys_loop+0x1/0x2\n do_syscall_64+0x1/0x2'],
  ['rcu-stall', 'RCU stall in works', 'rcu: INFO: rcu_preempt self-detected stall on CPU\nrcu: 	0-....: (2099 ticks this GP)\nCall Trace:\n <IRQ>\n rcu_sched_clock_irq+0x1/0x2\n </IRQ>\n asm_sysvec_apic_timer_interrupt+0x1a/0x20\nRIP: 0010:spins+0x1/0x2\n works+0x1/0x2\n process_one_work+0x1/0x2'],
  ['rcu-stall', 'RCU stall in helper_of_none', "rcu: rcu_preempt kthread starved for 2100 jiffies!" + STACK.replace(/ outer.*\n/, '')],
  ['workqueue-lockup', 'workqueue lockup', 'BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 40s!'],
  ['leak', 'memory leak in keeps', 'BUG: memory leak\nunreferenced object 0xffff888100 (size 32):\n  backtrace (crc 0):\n    kmalloc_trace+0x1/0x2\n    keeps+0x1/0x2'],
  ['leak', 'memory leak in keeps', 'unreferenced object 0xffff888100 (size 32):\n  backtrace:\n    [<0000000012345678>] kmemleak_alloc+0x1/0x2\n    [<0000000012345678>] keeps+0x1/0x2'],
  ['leak', 'memory leaks', 'kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'],
  ['list', 'corrupted list in helper_of_none', 'list_add corruption. next->prev should be prev (a), but was b.\n------------[ cut here ]------------\nkernel BUG at lib/list_debug.c:32!' + STACK],
  ['list', 'corrupted list in helper_of_none', 'kernel BUG at lib/list_debug.c:32!' + STACK],
  ['usercopy', 'bad usercopy in copies', 'usercopy: Kernel memory exposure attempt detected from SLUB object (offset 0, size 9)!\nkernel BUG at mm/usercopy.c:102!\nCall Trace:\n __check_heap_object+0x1/0x2\n copies+0x1/0x2'],
  ['usercopy', 'bad usercopy in copies', 'kernel BUG at mm/usercopy.c:102!\nCall Trace:\n __check_object_size+0x1/0x2\n copies+0x1/0x2'],
  ['bad-page', 'Bad page state in owns', 'BUG: Bad page state in process a  pfn:12345\npage_owner tracks the page as allocated\npage last allocated via order 0\n post_alloc_hook+0x1/0x2\n owns+0x1/0x2' + STACK],
  ['bad-page', 'Bad page map', 'BUG: Bad page map in process a  pte:8000 pmd:12345' + STACK],
  ['bad-page', 'Bad rss-counter state', 'BUG: Bad rss-counter state mm:00000000 type:MM_ANONPAGES val:1'],
  ['slab', 'slab: Poison overwritten', 'BUG kmalloc-64 (Not tainted): Poison overwritten\n-----' + STACK],
  ['slab', 'slab: Object already free', 'BUG kmalloc-64: Object already free' + STACK],
  ['slab', 'slab: Freed in owns', 'INFO: Freed in owns+0x9/0x20 age=7 cpu=0 pid=7'],
  ['slab', 'slab: damaged object in carrier', 'WARNING: CPU: 0 PID: 7 at mm/slub.c:1127 object_err+0x1/0x2' + WARNED.replace('checked', 'object_err')],
  ['stack', 'stack guard page was hit in sys_recurse', 'BUG: TASK stack guard page was hit at ffffc9 (stack is ffffc9..ffffca)\nRIP: 0010:recurse+0x1/0x2\nCall Trace:\n recurse+0x1/0x2\n __x64_sys_recurse+0x1/0x2\n do_syscall_64+0x1/0x2'],
  ['stack', 'kernel stack overflow in sys_recurse', 'Kernel panic - not syncing: kernel stack overflow\nCall trace:\n panic+0x1/0x2\n __arm64_sys_recurse+0x1/0x2\n invoke_syscall+0x1/0x2'],
  ['dentry', 'dentry still in use', 'BUG: Dentry ffff88{i=1,n=a}  still in use (1) [unmount of ext4 vda]\nWARNING: CPU: 0 PID: 7 at fs/dcache.c:7 umount_check+0x1/0x2' + STACK],
  ['vfs', 'Busy inodes after unmount', 'VFS: Busy inodes after unmount of vda (ext4)'],
  ['device-leak', 'a network device does not become free', 'unregister_netdevice: waiting for lo to become free. Usage count = 2'],
  ['bad-page', 'pagealloc: memory corruption', 'pagealloc: memory corruption\nffff88: 00 00  ..' + STACK],
  ['slab', 'slab: double free, or memory outside object was overwritten', "slab error in cache_free_debugcheck(): cache `a': double free, or memory outside object was overwritten" + STACK],
  ['slab', 'slab: corruption', 'Slab corruption (Not tainted): kmalloc-64 start=ffff88, len=64\n000: 6b 6b'],
  ['null-deref', 'NULL pointer dereference in culprit', 'BUG: kernel NULL pointer dereference, address: 0000000000000000\n#PF: supervisor read access in kernel mode' + OOPS],
  ['page-fault', 'bad memory access in culprit', 'BUG: unable to handle page fault for address: ffffc9' + OOPS],
  ['page-fault', 'bad memory access in culprit', 'Unable to handle kernel paging request at virtual address dfff8000\nInternal error: Oops: 96000006 [#1] SMP\npc : culprit+0x1c/0x40\nlr : outer+0x1/0x2\nCall trace:\n culprit+0x1c/0x40'],
  ['page-fault', 'bad memory access', 'BUG: unable to handle kernel'],
  ['gpf', 'general protection fault in culprit', 'Oops: general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] SMP' + OOPS],
  ['double-fault', 'double fault in culprit', 'PANIC: double fault, error_code: 0x0' + OOPS],
  ['trap', 'divide error in culprit', 'Oops: divide error: 0000 [#1] SMP' + OOPS],
  ['trap', 'stack segment fault in culprit', 'stack segment: 0000 [#1] SMP' + OOPS],
  ['trap', 'int3 in culprit', 'int3: 0000 [#1] SMP' + OOPS],
  ['trap', 'Unhandled fault in culprit', 'Unhandled fault: page domain fault (0x01b) at 0x00000e30\nPC is at culprit+0x4c/0x78\nBacktrace: \n[<802b3ffc>] (culprit) from [<802e1324>] (outer+0x6c/0x120)'],
  ['trap', 'Internal error in culprit', 'Internal error: synchronous external abort: 96000210 [#1] SMP\npc : culprit+0x1c/0x40\nCall trace:\n culprit+0x1c/0x40'],
  ['trap', 'invalid opcode in culprit', 'invalid opcode: 0000 [#1] SMP' + OOPS],
  ['rust', 'Rust panic in helper_of_none', 'rust_kernel: panicked at drivers/a.rs:7:9:\nattempt to add with overflow' + STACK],
  ['bug', 'kernel BUG in culprit', 'kernel BUG at fs/a.c:7!\nOops: invalid opcode: 0000 [#1] SMP' + OOPS],
  ['bug', 'kernel BUG in culprit', 'Kernel BUG at culprit+0x1/0x2 [a] [verbose debug info unavailable]\nOops: invalid opcode: 0000 [#1] SMP' + OOPS],
  ['cfi', 'CFI failure in calls', 'CFI failure at calls+0x1/0x2 (target: target+0x0/0x10; expected type: 0x7e0c52a5)\nWARNING: CPU: 0 PID: 7 at calls+0x1/0x2' + WARNED],
  ['cfi', 'CFI failure in calls', 'CFI failure at calls+0x1/0x2 (no target information)\nOops: invalid opcode: 0000 [#1] SMP' + OOPS],
  ['warning', 'cannot create a file twice in registers', "sysfs: cannot create duplicate filename '/a'\nCall Trace:\n sysfs_warn_dup+0x1/0x2\n sysfs_create_dir_ns+0x1/0x2\n kobject_add+0x1/0x2\n registers+0x1/0x2"],
  ['bug', 'BUG in mas_next', 'BUG at mas_next:123 (1)\nmaple_tree(0xffff88) flags 7\nPass: 7 Run:8' + STACK],
  ['warning', 'WARNING in mas_walk', 'WARN at mas_walk:123 (1)\nPass: 7 Run:8' + STACK],
  ['warning', 'bogus return value of an interrupt', 'irq event 9: bogus return value 7' + STACK],
  ['warning', 'nobody cared for an interrupt', 'irq 9: nobody cared (try booting with the "irqpoll" option)' + STACK],
  ['odebug', 'ODEBUG bug in carrier', 'WARNING: CPU: 0 PID: 7 at lib/debugobjects.c:7 debug_print_object+0x1/0x2' + WARNED.replace('checked', 'debug_print_object')],
  ['refcount', 'refcount bug in carrier', 'WARNING: CPU: 0 PID: 7 at lib/refcount.c:28 refcount_warn_saturate+0x1/0x2' + WARNED.replace('checked', 'refcount_warn_saturate')],
  ['list', 'corrupted list in carrier', 'WARNING: CPU: 0 PID: 7 at lib/list_debug.c:28 __list_add_valid+0x1/0x2' + WARNED.replace('checked', '__list_add_valid')],
  ['usercopy', 'bad usercopy in carrier', 'WARNING: CPU: 0 PID: 7 at mm/usercopy.c:28 usercopy_warn+0x1/0x2' + WARNED.replace('checked', 'usercopy_warn')],
  ['warning', 'kobject bug in carrier', 'WARNING: CPU: 0 PID: 7 at lib/kobject.c:28 kobject_get+0x1/0x2' + WARNED.replace('checked', 'kobject_get')],
  ['warning', 'proc registration bug in carrier', 'WARNING: CPU: 0 PID: 7 at fs/proc/generic.c:28 proc_register+0x1/0x2' + WARNED.replace('checked', 'proc_register')],
  ['lockdep', 'locking bug in carrier', 'WARNING: CPU: 0 PID: 7 at kernel/locking/lockdep.c:28 lock_release+0x1/0x2' + WARNED.replace('checked', 'lock_release')],
  ['warning', 'kmalloc bug in carrier', 'WARNING: CPU: 0 PID: 7 at mm/slab_common.c:28 kmalloc_slab+0x1/0x2' + WARNED.replace('checked', 'kmalloc_slab')],
  ['warning', 'zero-size vmalloc in carrier', 'WARNING: CPU: 0 PID: 7 at mm/vmalloc.c:28 __vmalloc_node_range+0x1/0x2' + WARNED.replace('checked', '__vmalloc_node_range')],
  ['warning', 'WARNING in carrier', 'WARNING: CPU: 0 PID: 7 at drivers/usb/core/urb.c:28 usb_submit_urb+0x1/0x2' + WARNED.replace('checked', 'usb_submit_urb')],
  ['warning', 'WARNING in checked', 'WARNING: CPU: 0 PID: 7 at fs/a.c:28 checked+0x1/0x2' + WARNED],
  ['warning', 'WARNING in checked', 'WARNING: CPU: 0 PID: 7 at checked+0x1/0x2' + WARNED],
  ['warning', 'WARNING in checked', 'WARNING: at checked+0x1/0x2, CPU#0: a/7' + WARNED],
  ['warning', 'WARNING in checked', 'WARNING: fs/a.c:28 at checked+0x1/0x2, CPU#0: a/7' + WARNED],
  ['stack', 'kernel stack regs has a bad value', "WARNING: kernel stack regs at ffff88 in a:7 has bad 'bp' value ffff89"],
  ['panic', 'corrupted stack end in sys_loop', 'Kernel panic - not syncing: corrupted stack end detected inside scheduler\nCall Trace:\n panic+0x1/0x2\n __schedule+0x1/0x2\n __x64_sys_loop+0x1/0x2\n do_syscall_64+0x1/0x2'],
  ['panic', 'kernel stack is corrupted in smashes', 'Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: smashes+0x1/0x2'],
  ['panic', 'kernel panic: Fatal exception', 'Kernel panic - not syncing: Fatal exception in interrupt'],
  ['panic', 'kernel panic: No working init found.', 'Kernel panic - not syncing: No working init found.' + STACK],
  ['firmware', 'trusty: panic', 'trusty: panic (0x1): ASSERT FAILED at (a.c:7): x'],
  ['oom', 'out of memory', 'a invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0'],
  ['oops', 'Oops in culprit', 'Oops: 0000 [#1] SMP' + OOPS],
  ['bug', 'BUG', 'BUG:'],
  ['warning', 'WARNING', 'WARNING:'],
  ['message', 'INFO', 'INFO:'],
  ['bug', 'BUG: something is off', 'BUG: something is off'],
  ['message', 'WARNING: the battery is low', 'usb 5-1: WARNING: the battery is low'],
];

/** Of which something else is the cause, or that do not tell whose fault they are. */
const EFFECTS = ['RCU stall in helper_of_none', 'slab: Freed in owns', 'bad memory access', 'kernel panic: Fatal exception', 'BUG', 'WARNING', 'INFO'];
/** Such as their first line tells whole. */
const OF_ONE_LINE = [
  ...['KFENCE: out-of-bounds read in reads', 'KMSAN: uninit-value in uses', 'KCSAN: data-race in reads / writes', 'lock held when returning to user space in takes', 'MAX_LOCKDEP_ENTRIES too low', 'workqueue leaked lock or atomic in works'],
  ...['softirq TIMER leaked a preempt count', 'workqueue lockup', 'memory leaks', 'Bad rss-counter state', 'Busy inodes after unmount', 'a network device does not become free', 'slab: corruption', 'kernel stack regs has a bad value'],
  ...['kernel stack is corrupted in smashes', 'trusty: panic', 'out of memory', 'BUG: something is off', 'WARNING: the battery is low'],
];

function patternOf(text: string): number {
  const [line = ''] = text.split('\n');
  return STARTS.test(line) && !HARMLESS.test(line) ? faultPatterns.findIndex(({ start }) => start.test(line)) : -1;
}

describe('the table of patterns', () => {
  it.each(examples)('%s: %s', (kind, title, text) => {
    const [first, ...others] = findFaults(text);
    expect(first).toMatchObject({ class: kind, title });
    expect(first?.corrupt === true).toBe(EFFECTS.includes(title));
    expect(others).toEqual([]);
  });

  it('takes a report that is cut behind its first line for whole where that is all there is', () => {
    const whole = examples.filter(([, , text]) => findFaults(text.split('\n')[0] ?? '')[0]?.corrupt !== true).map(([, title]) => title);
    expect([...new Set(whole)]).toEqual(OF_ONE_LINE);
  });

  it.each([
    ['WARNING in checked', 'WARNING: fs/a.c:28 at checked+0x1/0x2, CPU#0: a/7'],
    ['WARNING in checked', 'WARNING: CPU: 0 PID: 7 at fs/a.c:28 checked+0x1/0x2'],
    ['WARNING in checked', 'WARNING: at checked.cold+0x1/0x2, CPU#0: a/7'],
    ['WARNING', 'WARNING: at fs/a.c:28'],
    ['WARNING', 'WARNING: CPU: 0 PID: 7 at 0xffffffff81234567'],
    ['WARNING', 'WARNING: at 0xffffffff81234567 [a], CPU#0: a/7'],
    ['WARNING', 'WARNING: CPU: 0 PID: 7 at /build/my linux/fs/a.c:28 checked+0x1/0x2'],
  ])('names the function, as %s, where the first line is all there is: %s', (title, line) => {
    expect(findFaults(line)).toMatchObject([{ class: 'warning', title, corrupt: true }]);
  });

  it('has an example of each pattern', () => {
    const shown = new Set(examples.map(([, , text]) => patternOf(text)));
    const unshown = faultPatterns.flatMap(({ class: kind, start }, index) => (shown.has(index) ? [] : [`${kind}: ${start.source}`]));
    expect(unshown).toEqual([]);
  });

  it.each(examples)('%s: %s, as printk writes it, with callers and with another CPU in between', (_kind, _title, text) => {
    const dressed = text.split('\n').flatMap((line, index) => [`[   12.${String(345_678 + index)}][  T7] ${line}`, `[   12.345678][  C1] noise+0x1/0x2`]);
    const bare = ({ title, class: kind, fingerprint, corrupt }: ReturnType<typeof findFaults>[number]): object => ({ title, kind, fingerprint, corrupt });
    expect(findFaults(dressed.join('\n')).map(bare)).toEqual(findFaults(text).map(bare));
  });

  it('gives two kinds of fault two fingerprints', () => {
    const prints = examples.map(([kind, title, text]) => [`${kind} ${title}`, findFaults(text)[0]?.fingerprint] as const);
    expect(new Set(prints.map(([, print]) => print)).size).toBe(new Set(prints.map(([what]) => what.replace(/ (?:Read|Write|read|write) /, ' '))).size);
  });
});
