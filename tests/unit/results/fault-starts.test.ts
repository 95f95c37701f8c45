import { describe, expect, it } from 'vitest';
import { faultPatterns, HARMLESS, STARTS } from '../../../harness/results/fault-patterns.js';

/** Titles of the rows that take a line, in their order, the function it names, and such lines. */
const TAKEN: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ['KASAN: invalid-free | KASAN: $1 %access | BUG: $1', 'frees', ['BUG: KASAN: double-free or invalid-free in frees+0x1/0x2']],
  ['KASAN: invalid-free | KASAN: $1 %access | KASAN: $1 %access | BUG: $1', 'frees', [
    'BUG: KASAN: invalid-free in frees+0x1/0x2', 'BUG: KASAN: double-free in frees.cold+0x1/0x2', 'BUG: KASAN: double-free in frees',
  ]],
  ['KASAN: invalid-free | KASAN: $1 %access | KASAN: $1 %access | BUG: $1', '_frees$2', ['BUG: KASAN: double-free in _frees$2 of a']],
  ['KASAN: $1 %access | BUG: $1', undefined, ['BUG: KASAN: double-free in 9frees+0x1', 'BUG: KASAN: double-free in frees-9', 'BUG: KASAN: wild-memory-access on address dead0000']],
  ['KASAN: $1 %access | KASAN: $1 %access | BUG: $1', 'reads', ['BUG: KASAN: slab-out-of-bounds in reads+0x1/0x2', 'BUG: KASAN: use-after-free in reads']],
  ['BUG: $1', undefined, [
    'BUG: KASAN: UAF in reads+0x1', 'BUG: KASAN:', 'BUG: KFENCE: use-after-free read', 'BUG: KFENCE: 9 in reads', 'BUG: KMSAN: 9 in copies', 'BUG: KCSAN: data-race', 'BUG: MAX_ too low!',
    'BUG: mutex bad magic', 'BUG: using a-b() in preemptible', 'BUG: workqueue leaked memory', 'BUG: Bad page', 'BUG: non-zero on freeing mm', 'BUG: stack guard page', 'BUG: Dentry is in use',
    'BUG: something is off', 'BUG:something is off',
  ]],
  ['KFENCE: $1 | BUG: $1', 'reads', ['BUG: KFENCE: out-of-bounds read in reads+0x1/0x2', 'BUG: KFENCE: memory corruption in reads.cold+0x1']],
  ['KFENCE: $1 | BUG: $1', 'frees', ['BUG: KFENCE: invalid free in frees']],
  ['KMSAN: $1 | KMSAN: $1 | BUG: $1', 'sends', ['BUG: KMSAN: kernel-usb-infoleak in sends+0x1/0x2', 'BUG: KMSAN: kernel-usb-infoleak-after-free in sends', 'BUG: KMSAN: usb-infoleak in sends']],
  ['KMSAN: $1 | BUG: $1', 'uses', ['BUG: KMSAN: uninit-value in uses+0x1/0x2']],
  ['KMSAN: $1 | BUG: $1', 'copies', ['BUG: KMSAN: kernel-infoleak in copies']],
  ['KCSAN: $1 | BUG: $1', 'reads / writes', ['BUG: KCSAN: data-race in reads / writes', 'BUG: KCSAN: assert: race in reads / writes']],
  ['KCSAN: $1 | BUG: $1', 'reads.isra.0 / writes.part.0', ['BUG: KCSAN: data-race in reads.isra.0 / writes.part.0']],
  ['KCSAN: $1 | BUG: $1', 'reads', ['BUG: KCSAN: data-race in reads']],
  ['UBSAN: undefined-behaviour', undefined, ['UBSAN: Undefined behaviour in fs/a.c:7:9']],
  ['UBSAN: $1', undefined, ['UBSAN: array-index-out-of-bounds in fs/a.c:7:9', 'UBSAN: invalid load in fs/a.c:7:9']],
  ['possible deadlock', undefined, [
    'INFO: possible circular locking dependency detected', 'INFO: possible recursive locking detected', 'INFO: possible irq lock inversion dependency detected ]',
    'INFO: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected',
  ]],
  ['possible deadlock | WARNING: $1', undefined, [
    'WARNING: possible circular locking dependency detected', 'WARNING: possible recursive locking detected', 'WARNING: possible irq lock inversion dependency detected',
    'WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected', 'WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected',
  ]],
  ['possible deadlock | BUG: $1', undefined, ['BUG: possible circular locking dependency detected', 'BUG: possible recursive locking detected']],
  ['WARNING: $1', undefined, [
    'WARNING: possible deadlock', 'WARNING: safe -> unsafe lock order detected', 'WARNING: lock held when asleep', 'WARNING: a', 'WARNING: kernel stack at ffff88 has bad value',
    'usb 5-1: WARNING: the battery is low', 'WARNING: the battery is low', 'a.b_c-9: WARNING: x', 'WARNING: CPU: a PID: 7 at checked+0x1/0x2', 'WARNING: CPU: 0 PID: a at checked+0x1/0x2',
  ]],
  ['inconsistent lock state | WARNING: $1', undefined, ['WARNING: inconsistent lock state']],
  ['inconsistent lock state', undefined, ['INFO: inconsistent lock state ]']],
  ['suspicious RCU usage | WARNING: $1', undefined, ['WARNING: suspicious RCU usage']],
  ['suspicious RCU usage', undefined, ['INFO: suspicious RCU usage. ]']],
  ['bad unlock balance | WARNING: $1', undefined, ['WARNING: bad unlock balance detected!']],
  ['bad unlock balance | BUG: $1', undefined, ['BUG: bad unlock balance detected! ]']],
  ['held lock freed | WARNING: $1', undefined, ['WARNING: held lock freed!']],
  ['held lock freed | BUG: $1', undefined, ['BUG: held lock freed! ]']],
  ['still has locks held | WARNING: $1', undefined, ['WARNING: a/7 still has locks held!', 'WARNING: still has locks held']],
  ['still has locks held | BUG: $1', undefined, ['BUG: a/7 still has locks held! ]']],
  ['lock held $1 | WARNING: $1', undefined, ['WARNING: lock held when returning to user space!', 'WARNING: lock held at task exit time!']],
  ['lock held $1 | BUG: $1', undefined, ['BUG: lock held when returning to user space! ]']],
  ['nested lock was not taken | WARNING: $1', undefined, ['WARNING: Nested lock was not taken', 'WARNING: nested lock was not taken']],
  ['locking bug | BUG: $1', undefined, ['BUG: Invalid wait context ]']],
  ['trying to register non-static key', undefined, ['INFO: trying to register non-static key.']],
  ['$1 too low | BUG: $1', undefined, ['BUG: MAX_LOCKDEP_CHAINS too low!']],
  ['$1 | BUG: $1', undefined, [
    'BUG: spinlock bad magic on CPU#0, a/7', 'BUG: spinlock lockup suspected on CPU#0, a/7', 'BUG: spinlock lockup on CPU#0, a/7', 'BUG: spinlock recursion on CPU#0, a/7',
    'BUG: spinlock wrong owner on CPU#0, a/7', 'BUG: spinlock wrong CPU on CPU#0, a/7', 'BUG: spinlock already unlocked on CPU#0, a/7', 'BUG: spinlock trylock failure on UP on CPU#0, a/7',
    'BUG: spinlock uninitialized on CPU#0, a/7', 'BUG: rwlock bad magic on CPU#0, a/7', 'BUG: rwlock cpu recursion on CPU#0, a/7', 'BUG: Bad page state in process a  pfn:12345',
    'BUG: Bad page cache in process a  pfn:12345', 'BUG: Bad page map in process a  pte:8000 pmd:12345', 'BUG: Bad rss-counter state mm:00000000 type:MM_ANONPAGES val:1',
    'BUG: non-zero pgtables_bytes on freeing mm: 4096',
  ]],
  ['$1 in preemptible code | BUG: $1', undefined, ['BUG: using smp_processor_id() in preemptible [00000000] code: a/7', 'BUG: using __this_cpu_read() in preemptible [00000000] code: a/7']],
  ['sleeping function called from invalid context | BUG: $1', undefined, ['BUG: sleeping function called from invalid context at mm/a.c:7']],
  ['scheduling while atomic | BUG: $1', undefined, ['BUG: scheduling while atomic: a/7/0x00000002']],
  ['workqueue leaked lock or atomic | BUG: $1', undefined, [
    'BUG: workqueue leaked lock or atomic: kworker/0:1/0x00000001/7', 'BUG: workqueue leaked atomic, lock or RCU: kworker/0:1', 'BUG: workqueue leaked lock',
  ]],
  ['task hung', undefined, [
    'INFO: task a:7 blocked for more than 122 seconds.', 'INFO: task a b:7 blocked in I/O wait for more than 9 seconds.', 'INFO: task a:7 blocked in x for more than 122 seconds.',
  ]],
  ['task cannot die', undefined, ["INFO: task :7 can't die for more than 122 seconds.", "INFO: task a:7 can't die for more than 9 seconds."]],
  ['soft lockup | BUG: $1', undefined, ['watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [a:7]']],
  ['hard lockup', undefined, ['watchdog: Watchdog detected hard LOCKUP on cpu 0', 'NMI watchdog: Watchdog detected hard LOCKUP on cpu 0']],
  ['RCU stall', undefined, [
    'rcu: INFO: rcu_preempt self-detected stall on CPU', 'rcu: INFO: rcu_sched detected stalls on CPUs/tasks:', 'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {',
    'rcu: INFO: rcu detected stall on CPU 1', 'INFO: rcu_preempt_state detected stalls on CPUs/tasks', 'INFO: rcu self-detected stall on CPU', 'INFO: rcu_tasks detected stalls on tasks:',
    'INFO: rcu_a bc self-detected stalls', 'rcu: rcu_preempt kthread starved for 2100 jiffies!', "rcu: rcu_sched kthread timer wakeup didn't happen for 2100 jiffies!",
  ]],
  ['workqueue lockup | BUG: $1', undefined, ['BUG: workqueue lockup - pool cpus=0']],
  ['memory leak | BUG: $1', undefined, ['BUG: memory leak']],
  ['memory leak', undefined, ['unreferenced object 0xffff888100 (size 32):']],
  ['memory leaks', undefined, ['kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)', 'kmemleak: 12 new suspected memory leaks']],
  ['corrupted list', undefined, [
    'list_add corruption. next->prev should be prev (a), but was b.', 'list_add double add: new=a, prev=b, next=c.', 'list_del corruption, a->next is LIST_POISON1 (b)',
    'list_add_valid_or_report: x list_del_a_b corruption',
  ]],
  ['corrupted list | kernel BUG', undefined, ['kernel BUG at lib/list_debug.c:32!']],
  ['kernel BUG', undefined, [
    'kernel BUG at lib/list_debugXc:32!', 'kernel BUG at fs/a.c:7!', 'Kernel BUG at fs/a.c:7', 'kernel BUG at 0000000012345678 [verbose debug info unavailable]',
    'Kernel BUG at culprit+0x1/0x2 [a] [verbose debug info unavailable]', 'kernel BUG at culprit+0x1/0x2 [verbose debug info unavailable]',
  ]],
  ['bad usercopy', undefined, [
    'usercopy: Kernel memory exposure attempt detected from SLUB object', 'usercopy: kernel memory overwrite attempt detected to a',
    'usercopy: Bad or missing usercopy whitelist? Kernel memory exposure attempt',
  ]],
  ['bad usercopy | kernel BUG', undefined, ['kernel BUG at mm/usercopy.c:102!']],
  ['slab: $2', undefined, ['BUG kmalloc-64 (Not tainted): Poison overwritten', 'BUG a (b (c)): x', 'BUG kmalloc-64: Object already free']],
  ['slab: $1', 'frees', ['INFO: Freed in frees+0x1/0x2 age=1']],
  ['slab: $1', 'allocates', ['INFO: Allocated in allocates+0x1/0x2 age=1']],
  ['slab: $1', undefined, [
    'INFO: Slab 0xffff objects=1', 'INFO: Object 0xffff @offset=1', "slab error in verify_redzone_free(): cache `a': double free detected", "slab error in f(): cache `': b",
    'Slab corruption (Not tainted): kmalloc-64 start=ffff88, len=64',
  ]],
  ['stack guard page was hit | BUG: $1', undefined, ['BUG: TASK stack guard page was hit at ffffc9', 'BUG: stack guard page was hit']],
  ['kernel stack overflow | kernel panic: $1', undefined, ['Kernel panic - not syncing: kernel stack overflow']],
  ['dentry still in use | BUG: $1', undefined, ['BUG: Dentry ffff88{i=1,n=a}  still in use (1) [unmount of ext4 vda]']],
  ['$1', undefined, [
    'VFS: Close: file count is 0', 'VFS: Close: file count is zero', 'VFS: Busy inodes after unmount of vda (ext4)', 'int3: 0000 [#1] SMP', 'overflow: 0000 [#1] SMP', 'bounds: 0000 [#1] SMP',
    'alignment check: 0000 [#1] SMP', 'control protection: 0003 [#1] SMP', 'segment not present: 00ff [#1] SMP', 'invalid TSS: 0000 [#1] SMP',
    'Unhandled fault: page domain fault (0x01b) at 0x00000e30', '8<--- cut here ---: Unhandled fault: alignment', 'Alignment trap: a (7)', 'Internal error: Oops: 96000006 [#1] SMP', 'INFO:',
    'bad: scheduling from the idle thread!', 'pagealloc: memory corruption', 'pagealloc: single bit error',
  ]],
  ['a network device does not become free', undefined, ['unregister_netdevice: waiting for lo to become free. Usage count = 2']],
  ['NULL pointer dereference | BUG: $1', undefined, [
    'BUG: kernel NULL pointer dereference, address: 0000000000000000', 'BUG: Kernel NULL pointer dereference at 0x00000000', 'BUG: unable to handle Kernel NULL pointer dereference at 0',
  ]],
  ['NULL pointer dereference | bad memory access | BUG: $1', undefined, ['BUG: unable to handle kernel NULL pointer dereference at 0']],
  ['NULL pointer dereference', undefined, ['Unable to handle kernel NULL pointer dereference at virtual address 0']],
  ['bad memory access | BUG: $1', undefined, ['BUG: unable to handle page fault for address: ffffc9', 'BUG: unable to handle kernel', 'BUG: Unable to handle kernel']],
  ['bad memory access | bad memory access | BUG: $1', undefined, [
    'BUG: Unable to handle kernel paging request at ffffc9', 'BUG: unable to handle kernel access at ffffc9', 'BUG: Unable to handle kernel data access on read at 0x0',
    'BUG: Unable to handle kernel instruction fetch',
  ]],
  ['bad memory access', undefined, [
    'Unable to handle kernel paging request at virtual address dfff8000', 'Unable to handle kernel access to user memory outside uaccess routines at virtual address 0',
    'Unable to handle kernel read from unreadable memory at virtual address 0', 'Unable to handle kernel write to read-only memory at virtual address 0',
    'Unable to handle kernel execute from non-executable memory at virtual address 0', 'Unable to handle kernel execution of user memory at virtual address 0',
  ]],
  ['general protection fault', undefined, [
    'general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] SMP', 'general protection fault: 0000 [#1] SMP', 'general protection fault for a',
  ]],
  ['general protection fault | Oops', undefined, ['Oops: general protection fault']],
  ['double fault', undefined, ['PANIC: double fault, error_code: 0x0', 'double fault: 0000 [#1] SMP']],
  ['double fault | Oops', undefined, ['Oops: double fault: 0000 [#1] SMP']],
  ['divide error', undefined, ['divide error: 0000 [#1] SMP', 'divide_error: 0000 [#1] SMP']],
  ['divide error | Oops', undefined, ['Oops: divide error: 0000 [#1] SMP']],
  ['stack segment fault', undefined, ['stack segment: 0000 [#1] SMP']],
  ['stack segment fault | Oops', undefined, ['Oops: stack segment: 0000 [#1] SMP']],
  ['$1 | Oops', undefined, ['Oops: int3: 0000 [#1] SMP']],
  ['Rust panic', undefined, ['rust_kernel: panicked at drivers/a.rs:7:9:']],
  ['invalid opcode', undefined, ['invalid opcode: 0000 [#1] SMP', 'invalid op: 0000 [#1] SMP']],
  ['invalid opcode | Oops', undefined, ['Oops: invalid opcode: 0000 [#1] SMP']],
  ['ODEBUG bug | WARNING | WARNING | WARNING: $1', undefined, [
    'WARNING: CPU: 0 PID: 7 at lib/debugobjects.c:7 debug_print_object+0x1/0x2', 'WARNING: CPU: 12 PID: 4711 at lib/debugobjects.c:512 debug_print_object+0x1/0x2',
    'WARNING: CPU: 0 PID: 7 at /build/linux-6.12/lib/debugobjects.c:7 debug_print_object+0x1',
  ]],
  ['ODEBUG bug | WARNING', undefined, ['WARNING: lib/debugobjects.c:7 at debug_print_object+0x1/0x2, CPU#0: a/7', 'WARNING: at lib/debugobjects.c:7 debug_print_object+0x1/0x2()']],
  ['ODEBUG bug | WARNING | WARNING: $1', undefined, ['WARNING: [a != b] lib/debugobjects.c:7 at debug_print_object+0x1/0x2, CPU#0: a/7']],
  ['WARNING | WARNING: $1', undefined, [
    'WARNING: CPU: 0 PID: 7 at /build/my lib/debugobjects.c:7 debug_print_object+0x1', 'WARNING: CPU: 0 PID: 7 at lib/debugobjects.c f+0x1/0x2', 'WARNING: CPU: 0 PID: 7 at 0xffffffff81234567',
  ]],
  ['WARNING | WARNING | WARNING: $1', 'debug_print_object', ['WARNING: CPU: 0 PID: 7 at mylib/debugobjects.c:7 debug_print_object+0x1']],
  ['WARNING | WARNING | WARNING: $1', 'f', ['WARNING: CPU: 0 PID: 7 at lib/debugobjectsXc:7 f+0x1/0x2']],
  ['refcount bug | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at lib/refcount.c:28 refcount_warn_saturate+0x1/0x2']],
  ['corrupted list | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at lib/list_debug.c:28 __list_add_valid+0x1/0x2']],
  ['bad usercopy | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at mm/usercopy.c:28 usercopy_warn+0x1/0x2']],
  ['kobject bug | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at lib/kobject.c:28 kobject_get+0x1/0x2']],
  ['proc registration bug | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at fs/proc/generic.c:28 proc_register+0x1/0x2']],
  ['locking bug | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at kernel/locking/lockdep.c:28 lock_release+0x1/0x2']],
  ['slab: damaged object | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at mm/slub.c:1127 object_err+0x1/0x2', 'WARNING: CPU: 0 PID: 7 at mm/slub.c:1127 _slab_err+0x1/0x2']],
  ['slab: damaged object | WARNING', undefined, ['WARNING: mm/slub.c:1127 at __slab_err+0x1/0x2, CPU#0: a/7']],
  ['WARNING | WARNING | WARNING: $1', 'frees', ['WARNING: CPU: 0 PID: 7 at mm/slub.c:1127 frees+0x1/0x2']],
  ['kmalloc bug | WARNING | WARNING | WARNING: $1', undefined, [
    'WARNING: CPU: 0 PID: 7 at mm/slab_common.c:28 kmalloc_slab+0x1/0x2', 'WARNING: CPU: 0 PID: 7 at mm/util.c:28 kvmalloc_node+0x1/0x2', 'WARNING: CPU: 0 PID: 7 at mm/util.c:28 malloc+0x1/0x2',
  ]],
  ['WARNING | WARNING | WARNING: $1', 'k__malloc', ['WARNING: CPU: 0 PID: 7 at mm/util.c:28 k__malloc+0x1/0x2']],
  ['WARNING | WARNING | WARNING: $1', 'kvmalloc_node', ['WARNING: CPU: 0 PID: 7 at fs/util.c:28 kvmalloc_node+0x1/0x2']],
  ['zero-size vmalloc | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at mm/vmalloc.c:28 __vmalloc_node_range+0x1/0x2']],
  ['WARNING | WARNING | WARNING: $1', 'vmap', ['WARNING: CPU: 0 PID: 7 at mm/vmalloc.c:28 vmap+0x1/0x2']],
  ['WARNING | WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at drivers/usb/core/urb.c:28 usb_submit_urb+0x1/0x2']],
  ['WARNING | WARNING | WARNING: $1', 'checked', ['WARNING: CPU: 0 PID: 7 at fs/a.c:28 checked+0x1/0x2']],
  ['WARNING | WARNING | WARNING: $1', undefined, ['WARNING: CPU: 0 PID: 7 at fs/a.c:28']],
  ['WARNING', 'checked', [
    'WARNING: fs/a.c:28 at checked.cold+0x1/0x2, CPU#0: a/7', 'WARNING: at checked+0x1/0x2, CPU#0: a/7', 'WARNING: at checked.cold+0x1/0x2, CPU#0: a/7',
    'WARNING: at checked+0x1/0x2 [a], CPU#0: a/7',
  ]],
  ['WARNING', undefined, ['WARNING: at fs/a.c:28', 'WARNING:', 'WARNING: at 0xffffffff81234567, CPU#0: a/7']],
  ['kernel stack $1 has a bad value | WARNING: $1', undefined, [
    "WARNING: kernel stack regs at ffff88 in a:7 has bad 'bp' value ffff89", 'WARNING: kernel stack frame pointer at ffff88 in a:7 has bad value ffff89',
  ]],
  ['corrupted stack end | kernel panic: $1', undefined, [
    'Kernel panic - not syncing: corrupted stack end detected inside scheduler', 'Kernel panic - not syncing: schedule: corrupted stack end detected inside scheduler',
  ]],
  ['kernel stack is corrupted | kernel panic: $1', 'smashes', ['Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: smashes+0x1/0x2']],
  ['kernel stack is corrupted | kernel panic: $1', undefined, [
    'Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ffffffff81234567', 'Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: abcdefab',
  ]],
  ['kernel stack is corrupted | kernel panic: $1', 'abcdef', ['Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: abcdef']],
  ['kernel panic: $1 | kernel panic: $1', undefined, [
    'Kernel panic - not syncing: Fatal exception', 'Kernel panic - not syncing: Fatal exception in interrupt', 'Kernel panic - not syncing: panic_on_warn set ...',
    'Kernel panic - not syncing: kernel: panic_on_warn set ...', 'Kernel panic - not syncing: panic_on_oops set', 'Kernel panic - not syncing: hung_task: blocked tasks',
  ]],
  ['kernel panic: $1', undefined, ['Kernel panic - not syncing: No working init found.']],
  ['trusty: panic', undefined, ['trusty: panic (0x1): ASSERT FAILED at (a.c:7): x']],
  ['out of memory', undefined, ['a invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=0', 'Out of memory: Killed process 7 (a)', 'Out of memory: Kill process 7 (a)']],
  ['Oops', undefined, ['Oops: 0000 [#1] SMP', 'Oops - undefined instruction: 0 [#1]']],
  ['BUG | BUG: $1', undefined, ['BUG:', 'x BUG: ']],
  ['softirq $1 leaked a preempt count', undefined, [
    'huh, entered softirq 1 TIMER 00000000abcdef01 with preempt_count 00000100, exited with 00000101?', 'huh, entered softirq 10 RCU 00000000abcdef01',
  ]],
  ['CFI failure', 'calls', ['CFI failure at calls+0x1/0x2 (no target information)', 'CFI failure at calls.cold+0x1/0x2 [a] (target: b+0x0/0x10; expected type: 0x0)']],
  ['WARNING | WARNING: $1', 'checked', ['WARNING: CPU: 0 PID: 7 at checked+0x1/0x2', 'WARNING: CPU: 12 PID: 4711 at checked+0x1/0x2 [a]']],
  ['cannot create a file twice', undefined, ["sysfs: cannot create duplicate filename '/a/b'", "cannot create duplicate filename '/a/b'"]],
  ['$1 | WARNING: $1', undefined, ['WARNING: bad contention detected!', 'WARNING: chain_key collision']],
  ['BUG', 'mas_next', ['BUG at mas_next:123 (1)', 'BUG at mas_next:7 (12)', 'BUG at mas_next:123']],
  ['WARNING', 'mas_walk', ['WARN at mas_walk:123 (1)', 'WARN at mas_walk:7 (12)']],
  ['bogus return value of an interrupt', undefined, ['irq event 9: bogus return value 7', 'irq event 129: bogus return value ff']],
  ['nobody cared for an interrupt', undefined, ['irq 9: nobody cared (try booting with the "irqpoll" option)', 'irq 129: nobody cared']],
];

/** Lines that are near one of a fault, and are none. */
const NOT_TAKEN: readonly string[] = [
  'UBSAN: 9 in fs/a.c:7:9', 'INFO: -safe -> -unsafe lock order detected', 'INFO: task a:7 blocked on a mutex', 'INFO: task a:7 blocked for more than a minute',
  "INFO: task a:7 can't die for more than a minute", 'INFO: rcu_a b c detected stalls', 'rcu: kthread starved', 'my_unreferenced object 0xffff888100', 'x kmemleak: 2 new suspected memory leaks',
  'kmemleak: many new suspected memory leaks', 'my_list_del corruption', 'list_move corruption', 'usercopy: my memory exposure attempt', 'BUG kmalloc-64 (Tainted): ',
  'x BUG kmalloc-64 (Not tainted): Poison overwritten', 'x BUG kmalloc-64: Object already free', 'BUG kmalloc-64: Object', 'INFO: Object is here', 'x INFO: Slab 0xffff', 'VFS: Mounted root', 'x VFS: Busy inodes after unmount',
  'unregister_netdevice: waiting for  to become free', 'x Unable to handle kernel paging request', 'Unable to handle kernel execut', 'general protection fault in a', 'x double fault: 0000',
  'x divide error: 0000', 'x stack segment: 0000', 'int3: 000 [#1] SMP', 'int3: xyzw [#1] SMP', 'x int3: 0000 [#1] SMP', 'x Unhandled fault: a', 'x Internal error: Oops',
  'invalid opcode: 000g [#1] SMP', 'x invalid opcode: 0000 [#1] SMP', 'panic - not syncing', 'x trusty: panic', 'a b invoked oom-killer: gfp_mask=0xcc0', 'x Out of memory: Killed process 7',
  'Oops, something', 'My Oops: 0000 [#1] SMP', 'Oopses: 0000 [#1]', 'DEBUG:', 'MY_WARNING:', 'MYINFO:', 'WARNING:x', 'INFO:x', 'MY_BUG: something is off', 'Usb 5-1: WARNING: the battery is low',
  'usb 5-1: WARNING: at a', 'x', 'x bad: scheduling from the idle thread!', 'x huh, entered softirq 1 TIMER 0', 'huh, entered softirq a TIMER 0', "slab error in f(): cache `a'",
  "x slab error in f(): cache `a': b", 'x Slab corruption (Not tainted): a', 'Slab corruption: a', 'pagealloc: corrupted page details', 'x pagealloc: memory corruption',
  'x CFI failure at calls+0x1/0x2', 'kernel BUG at culprit+0x1/0x2 [a]', 'WARNING: at checked', 'WARNING: at the end', 'cannot create duplicate filename', 'x irq 9: nobody cared',
  'irq a: nobody cared', 'irq event a: bogus return value 7', 'x irq event 9: bogus return value 7',
  'x BUG at mas_next:123 (1)', 'BUG at mas_next:a (1)', 'BUG at mas_next:123 of', 'x WARN at mas_next:123 (1)', 'WARN at mas_next:a (1)', 'WARN at mas_next:123 (a)', 'WARN at mas_next:123 (1) of', 'WARNING: at checked+0x1/0x2 [a] b, CPU#0: a/7',
];

describe('the first line of a report', () => {
  it.each(TAKEN.flatMap(([titles, fn, lines]) => lines.map((line) => [line, titles, fn] as const)))('%j is one of: %s, in %s', (line, titles, fn) => {
    expect(STARTS.test(line) && !HARMLESS.test(line)).toBe(true);
    const rows = faultPatterns.filter(({ start }) => start.test(line));
    expect(rows.map(({ title }) => title).join(' | ')).toBe(titles);
    expect(rows[0]?.start.exec(line)?.groups?.['fn']).toBe(fn);
  });

  it.each(NOT_TAKEN)('is not %j', (line) => {
    expect(faultPatterns.filter(({ start }) => start.test(line)).map(({ title }) => title)).toEqual([]);
  });
});
