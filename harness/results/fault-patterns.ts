import type { Choice, Route } from './report-stack.js';

export interface FaultPattern {
  readonly class: string;
  /** Matches the line that starts a report. Its text comes without prefix. Groups are used by `title`; `fn` is a function. */
  readonly start: RegExp;
  /** `$1` … stand for groups, `%access` for Read or Write, where a later line tells. ` in FUNCTION` is appended. */
  readonly title: string;
  /** Where the function stands that is to blame; the first route that gives one counts. None: the report names no function. */
  readonly routes: readonly Route[];
  /** Which function of those on the route; default `first`. */
  readonly choice: Choice;
  /** Functions that are to blame in other reports, and in this kind only carry the fault. */
  readonly alsoHelpers: RegExp | undefined;
  /** Without a call trace the report is cut. */
  readonly hasStack: boolean;
  /** Only a start where no report is open: inside of one it is a part of it. */
  readonly isFollowUp: boolean;
  /** What it says only follows another report: where none is seen, that one was lost. */
  readonly isEffect: boolean;
  /** It is printed before a WARN or a BUG, which belongs to it. */
  readonly isAnnouncement: boolean;
  /** A line that the whole report has. */
  readonly needs: RegExp | undefined;
}

type Options = Partial<Pick<FaultPattern, 'choice' | 'alsoHelpers' | 'hasStack' | 'isFollowUp' | 'isEffect' | 'isAnnouncement' | 'needs'>>;

function pattern(name: string, start: RegExp | string, title: string, routes: readonly Route[], options: Options = {}): FaultPattern {
  return {
    ...{ class: name, start: typeof start === 'string' ? new RegExp(start) : start, title, routes },
    ...{ choice: 'first', alsoHelpers: undefined, hasStack: routes.length > 0, isFollowUp: false, isEffect: false, isAnnouncement: false, needs: undefined, ...options },
  };
}

const FN = String.raw`(?<fn>[A-Za-z_][\w$]*)(?=[.+]|$|\s)`;
/** What a warning has before its file: `CPU: 0 PID: 1 at `, or the condition in brackets (since 6.19). */
const WARNED_AT = String.raw`WARNING: (?:CPU: \d+ PID: \d+ )?(?:\[[^\]]{0,200}\] )?(?:at )?`;
/**
 * `at FILE:LINE FUNCTION` of a warning, or `FILE:LINE at FUNCTION` (since 6.19). Here and below nothing of any length is
 * followed by another: a line that somebody made up must not cost more than one of the kernel's.
 */
function warning(file: string, fn = ''): string {
  return String.raw`${WARNED_AT}(?:[^\s:]{0,150}\/)?${file}:\d+ (?:at )?${fn}`;
}

const TRACE: readonly Route[] = [['stack']];
const MESSAGE: readonly Route[] = [['message', 'stack'], ['message']];
const FAULT: readonly Route[] = [['ip', 'stack'], ['ip'], ['stack']];
const WARN: readonly Route[] = [['ip', 'rest'], ['stack']];
const LOCK: readonly Route[] = [['lock']];
const STALL: readonly Route[] = [['interrupt', 'ip', 'rest'], ['interrupt', 'rest'], ['ip', 'stack']];

const ALLOCATION = /kmemleak|mmap|kmem|slab|alloc|create_object|idr_get|list_lru_init|kv?asprintf|pcpu_create|strn?dup|memdup/;
const URB = /usb_(?:submit_urb|start_wait_urb|bulk_msg|interrupt_msg|control_msg)/;

/**
 * What the kernel says when something is wrong with it, the special before the general: the first that matches counts.
 * One more kind is one more line.
 */
export const faultPatterns: readonly FaultPattern[] = [
  // mm/kasan/report.c, mm/kfence/report.c, mm/kmsan/report.c, kernel/kcsan/report.c, lib/ubsan.c
  pattern('kasan', `BUG: KASAN: (?:double-free or )?(?:invalid-free|double-free) in ${FN}`, 'KASAN: invalid-free', MESSAGE, { alsoHelpers: /slab_|kfree|vunmap|vfree/ }),
  pattern('kasan', `BUG: KASAN: ([a-z-]+) in ${FN}`, 'KASAN: $1 %access', MESSAGE, { alsoHelpers: /kernel_fault|tag_check|mem_abort|^el1_|^el1h_/, needs: /(?:Read|Write) (?:of size|at addr) [0-9a-f]/ }),
  pattern('kasan', /BUG: KASAN: ([a-z-]+)/, 'KASAN: $1 %access', TRACE),
  pattern('kfence', `BUG: KFENCE: ([a-z -]+?) in ${FN}`, 'KFENCE: $1', [['message', 'rest']], { hasStack: false }),
  pattern('kmsan', `BUG: KMSAN: ([a-z-]*usb-infoleak[a-z-]*) in ${FN}`, 'KMSAN: $1', [['rest'], ['message']], { hasStack: false, alsoHelpers: new RegExp(`alloc_skb|${URB.source}`) }),
  pattern('kmsan', `BUG: KMSAN: ([a-z-]+) in ${FN}`, 'KMSAN: $1', [['rest'], ['message']], { hasStack: false, alsoHelpers: /alloc_skb|netlink_ack|netlink_rcv_skb|_encrypt$|^(?:crypto|cipher|drbg|rng)_/ }),
  pattern('kcsan', /BUG: KCSAN: ([a-z-]+|assert: race) in (?<fn>[\w.]+(?: \/ [\w.]+)?)/, 'KCSAN: $1', [['message']], { choice: 'any', hasStack: false }),
  pattern('ubsan', /UBSAN: Undefined behaviour in/, 'UBSAN: undefined-behaviour', TRACE, { alsoHelpers: /^_*(?:val_to_string|ubsan_)|^handle_overflow/ }),
  pattern('ubsan', /UBSAN: ([a-z -]+) in /, 'UBSAN: $1', TRACE, { alsoHelpers: /^_*(?:val_to_string|ubsan_)|^handle_overflow/ }),

  // kernel/locking/lockdep.c; before 4.16 between brackets and as INFO
  pattern('lockdep', /(?:INFO|WARNING|BUG): possible circular locking dependency/, 'possible deadlock', [['lock', 'lock', 'rest'], ['lock'], ['stack']], { alsoHelpers: /^(?:process_one_work|(?:flush|drain|destroy)_workqueue)/, needs: /is trying to acquire lock/ }),
  pattern('lockdep', /(?:INFO|WARNING|BUG): possible (?:recursive locking|irq lock inversion dependency)/, 'possible deadlock', LOCK, { choice: 'any', needs: /is trying to acquire lock|just changed the state of lock/ }),
  pattern('lockdep', /WARNING: \S+-safe -> \S+-unsafe lock order detected/, 'possible deadlock', [['became'], ['lock'], ['stack']]),
  pattern('lockdep', /INFO: \S+-safe -> \S+-unsafe lock order detected/, 'possible deadlock', LOCK, { choice: 'any' }),
  pattern('lockdep', /WARNING: inconsistent lock state/, 'inconsistent lock state', [['stack'], ['lock']], { needs: /takes/ }),
  pattern('lockdep', /INFO: inconsistent lock state/, 'inconsistent lock state', LOCK, { choice: 'any', needs: /takes/ }),
  pattern('lockdep', /(?:INFO|WARNING): suspicious RCU usage/, 'suspicious RCU usage', TRACE, { alsoHelpers: /^_*s?rcu_|_rcu_suspicious|kmem|slab/, needs: /^\S+\.[a-z]+:\d+ / }),
  pattern('lockdep', /(?:WARNING|BUG): bad unlock balance/, 'bad unlock balance', [['release', 'stack'], ['stack']]),
  pattern('lockdep', /(?:WARNING|BUG): held lock freed/, 'held lock freed', LOCK, { choice: 'any' }),
  pattern('lockdep', /(?:WARNING|BUG): .{0,80}still has locks held/, 'still has locks held', LOCK, { choice: 'any' }),
  pattern('lockdep', /(?:WARNING|BUG): lock held (when returning to user space|at task exit time)/, 'lock held $1', LOCK, { choice: 'any', hasStack: false }),
  pattern('lockdep', /WARNING: [Nn]ested lock was not taken/, 'nested lock was not taken', WARN),
  pattern('lockdep', /WARNING: (bad contention detected|chain_key collision)/, '$1', TRACE),
  pattern('lockdep', /BUG: Invalid wait context/, 'locking bug', TRACE, { alsoHelpers: /(?:lock|release)_sock/ }),
  pattern('lockdep', /INFO: trying to register non-static key/, 'trying to register non-static key', TRACE, { alsoHelpers: /stack|lock|IRQ/ }),
  pattern('lockdep', /BUG: (MAX_\w+) too low/, '$1 too low', []),
  pattern('lockdep', /BUG: ((?:spinlock|rwlock) (?:bad magic|lockup suspected|lockup|recursion|wrong owner|wrong CPU|already unlocked|cpu recursion|trylock failure on UP|uninitialized))/, '$1', TRACE, { alsoHelpers: /spin_|_lock|_unlock|task_rq_lock/ }),
  pattern('lockdep', /BUG: (using \w+\(\)) in preemptible/, '$1 in preemptible code', TRACE, { alsoHelpers: /preempt|debug_|processor_id|this_cpu/ }),

  // kernel/sched/core.c, kernel/sched/idle.c, kernel/softirq.c
  pattern('atomic-sleep', /BUG: sleeping function called from invalid context/, 'sleeping function called from invalid context', TRACE),
  pattern('atomic-sleep', /BUG: scheduling while atomic/, 'scheduling while atomic', TRACE, { alsoHelpers: /^_*(?:io_|preempt_)?schedule(?:_|$)/ }),
  pattern('atomic-sleep', /^bad: (scheduling from the idle thread)/, '$1', TRACE, { alsoHelpers: /schedule|_idle$/ }),
  pattern('atomic-sleep', /^huh, entered softirq \d+ (\w+) /, 'softirq $1 leaked a preempt count', []),
  pattern('atomic-sleep', /BUG: workqueue leaked (?:lock or )?atomic|BUG: workqueue leaked lock/, 'workqueue leaked lock or atomic', [['last-function']], { choice: 'any', hasStack: false }),

  // kernel/hung_task.c, kernel/watchdog.c, kernel/rcu/tree_stall.h, kernel/workqueue.c
  pattern('hung-task', /INFO: task .{1,80} blocked (?:for|in \S.{0,40} for) more than \d+ seconds/, 'task hung', TRACE, { choice: 'hanging' }),
  pattern('hung-task', /INFO: task .{1,80} can't die for more than \d+ seconds/, 'task cannot die', TRACE, { alsoHelpers: /schedule/ }),
  pattern('soft-lockup', /BUG: soft lockup/, 'soft lockup', FAULT, { choice: 'dispatched' }),
  pattern('hard-lockup', /Watchdog detected hard LOCKUP/, 'hard lockup', FAULT, { choice: 'dispatched' }),
  pattern('rcu-stall', /INFO: rcu\w*(?: \S+)? (?:self-)?detected (?:expedited )?stalls?/, 'RCU stall', STALL, { choice: 'dispatched', alsoHelpers: /apic_timer_interrupt|rcu/ }),
  pattern('rcu-stall', /rcu: \S+ kthread (?:starved|timer wakeup didn't happen)/, 'RCU stall', STALL, { choice: 'dispatched', alsoHelpers: /apic_timer_interrupt|rcu/, isFollowUp: true }),
  pattern('workqueue-lockup', /BUG: workqueue lockup/, 'workqueue lockup', []),

  // mm/kmemleak.c
  pattern('leak', /BUG: memory leak/, 'memory leak', TRACE, { isAnnouncement: true, alsoHelpers: ALLOCATION }),
  pattern('leak', /\bunreferenced object 0x/, 'memory leak', TRACE, { alsoHelpers: ALLOCATION }),
  pattern('leak', /^kmemleak: \d+ new suspected memory leaks/, 'memory leaks', [], { isFollowUp: true }),

  // lib/list_debug.c, mm/, fs/dcache.c, fs/super.c, fs/open.c
  pattern('list', /\blist_(?:add|del)\S{0,30} (?:corruption|double add)/, 'corrupted list', TRACE, { isAnnouncement: true }),
  pattern('list', /kernel BUG at lib\/list_debug\.c/, 'corrupted list', TRACE),
  pattern('usercopy', /usercopy: (?:[Kk]ernel memory \w+ attempt|Bad or missing)/, 'bad usercopy', TRACE, { isAnnouncement: true, alsoHelpers: /^usercopy_|__check/ }),
  pattern('usercopy', /kernel BUG at mm\/usercopy\.c/, 'bad usercopy', TRACE, { alsoHelpers: /^usercopy_|__check/ }),
  pattern('bad-page', /BUG: (Bad page (?:state|cache))/, '$1', [['allocated'], ['stack']], { alsoHelpers: /(?:free|put|get|update|release)_page|free_unref|free_pcppages_bulk|free_the_page|^_*folio|truncate_inode_pages|page_frag_free|alloc|vmap|page_owner|^bad_page/ }),
  pattern('bad-page', /BUG: (Bad page map)/, '$1', [], { hasStack: true }),
  pattern('bad-page', /BUG: (Bad rss-counter state|non-zero \w+ on freeing mm)/, '$1', []),
  // mm/page_poison.c: who gets the page is not to blame.
  pattern('bad-page', /^(pagealloc: (?:memory corruption|single bit error))/, '$1', [], { hasStack: true }),
  pattern('slab', /^BUG (\S+) \(.*\): (.+)/, 'slab: $2', [], { hasStack: true }),
  pattern('slab', /^BUG (\S+): (Object already free)/, 'slab: $2', [], { hasStack: true }),
  // mm/slab.c, until 6.7
  pattern('slab', /^slab error in \w{1,80}\(\): cache .{1,80}': (.+)/, 'slab: $1', [], { hasStack: true }),
  pattern('slab', /^Slab (corruption) \(/, 'slab: $1', []),
  pattern('slab', /^INFO: (Freed|Allocated|Slab|Object) (?:in (?<fn>\w+)|0x)/, 'slab: $1', [['message']], { choice: 'any', isFollowUp: true, isEffect: true }),
  pattern('stack', /BUG: .{0,80}stack guard page was hit/, 'stack guard page was hit', FAULT, { choice: 'dispatched' }),
  pattern('stack', /not syncing: kernel stack overflow/, 'kernel stack overflow', TRACE, { choice: 'dispatched', alsoHelpers: /bad_stack/ }),
  pattern('dentry', /BUG: Dentry .{0,300} still in use/, 'dentry still in use', [], { hasStack: true, isAnnouncement: true }),
  pattern('vfs', /^VFS: (Close: file count is (?:zero|0)|Busy inodes after unmount)/, '$1', [['stack']], { hasStack: false, isAnnouncement: true, alsoHelpers: /^filp_(?:close|flush)$/ }),
  pattern('device-leak', /unregister_netdevice: waiting for \S+ to become free/, 'a network device does not become free', [], { isFollowUp: true }),

  // arch/*/mm/fault.c, arch/*/kernel/traps.c
  pattern('null-deref', /(?:BUG: (?:unable to handle )?[Kk]ernel|Unable to handle kernel) NULL pointer dereference/, 'NULL pointer dereference', FAULT),
  pattern('page-fault', /BUG: [Uu]nable to handle (?:page fault|kernel (?:paging request|access|data access|instruction fetch))/, 'bad memory access', FAULT),
  pattern('page-fault', /^Unable to handle kernel (?:paging request|access to user memory|read from unreadable memory|write to read-only memory|execut\w+)/, 'bad memory access', FAULT),
  pattern('page-fault', /BUG: [Uu]nable to handle kernel/, 'bad memory access', FAULT, { isEffect: true }),
  pattern('gpf', /general protection fault(?:,|:|$| for )/, 'general protection fault', FAULT),
  pattern('double-fault', /PANIC: double fault|^(?:Oops: )?double fault:/, 'double fault', [['ip'], ['stack']], { isFollowUp: true }),
  pattern('trap', /^(?:Oops: )?divide[ _]error: /, 'divide error', [['ip'], ['stack']]),
  pattern('trap', /^(?:Oops: )?stack segment: /, 'stack segment fault', FAULT),
  pattern('trap', /^(?:Oops: )?(int3|overflow|bounds|alignment check|control protection|segment not present|invalid TSS): [0-9a-f]{4} \[#/, '$1', FAULT),
  pattern('trap', /(?:^|: )(Unhandled fault|Alignment trap): /, '$1', FAULT),
  pattern('trap', /^(Internal error): /, '$1', FAULT, { isFollowUp: true }),
  pattern('rust', /rust_kernel: panicked at/, 'Rust panic', TRACE, { alsoHelpers: /rust_begin_unwind|panic/ }),
  // kernel/cfi.c; what comes next is a WARN or a trap.
  pattern('cfi', `^CFI failure at ${FN}`, 'CFI failure', [['message']], { hasStack: true, isAnnouncement: true }),
  // lib/bug.c; without CONFIG_DEBUG_BUGVERBOSE it knows no file
  pattern('bug', /[Kk]ernel BUG at (?:\S+|.{1,200} \[verbose debug info unavailable\])$/, 'kernel BUG', FAULT, { alsoHelpers: /^skb_/ }),
  // include/linux/maple_tree.h
  pattern('bug', /^BUG at (?<fn>\w+):\d+(?: \(\d+\))?$/, 'BUG', [['message']], { hasStack: true }),
  pattern('warning', /^WARN at (?<fn>\w+):\d+ \(\d+\)$/, 'WARNING', [['message']], { hasStack: true }),
  pattern('trap', /^(?:Oops: )?(?:invalid opcode|invalid op): [0-9a-f]{4} \[#/, 'invalid opcode', [['ip'], ['stack']], { isFollowUp: true }),

  // WARN (kernel/panic.c), by the file that warns about what others do with it
  pattern('odebug', warning(String.raw`lib/debugobjects\.c`), 'ODEBUG bug', WARN, { alsoHelpers: /debug_|rcu|hrtimer_|timer_|work_|percpu_|vunmap|vfree|__free_|kobject_/ }),
  pattern('refcount', warning(String.raw`lib/refcount\.c`), 'refcount bug', WARN, { alsoHelpers: /^_*refcount_|kobject_/ }),
  pattern('list', warning(String.raw`lib/list_debug\.c`), 'corrupted list', WARN, { isFollowUp: true }),
  pattern('usercopy', warning(String.raw`mm/usercopy\.c`), 'bad usercopy', WARN, { alsoHelpers: /^usercopy_|__check/ }),
  pattern('warning', warning(String.raw`lib/kobject\.c`), 'kobject bug', WARN, { alsoHelpers: /kobject_/ }),
  pattern('warning', warning(String.raw`fs/proc/generic\.c`), 'proc registration bug', WARN, { alsoHelpers: /proc_/ }),
  pattern('lockdep', warning(String.raw`kernel/locking/lockdep\.c`), 'locking bug', WARN, { alsoHelpers: /(?:lock|release)_sock/ }),
  // The end of a report of a damaged object (object_err of mm/slub.c, of late).
  pattern('slab', warning(String.raw`mm/slub\.c`, '_*(?:object|slab)_err'), 'slab: damaged object', WARN, { isFollowUp: true, alsoHelpers: /^_*(?:object|slab)_err$/ }),
  pattern('warning', warning(String.raw`mm/[^\s:]{1,60}\.c`, 'k?.?malloc'), 'kmalloc bug', WARN, { alsoHelpers: /kmalloc|krealloc|slab|kmem/ }),
  pattern('warning', warning(String.raw`mm/vmalloc\.c`, '__vmalloc_node'), 'zero-size vmalloc', WARN),
  pattern('warning', warning(String.raw`[^\s:]{1,60}`, 'usb_submit_urb'), 'WARNING', WARN, { alsoHelpers: URB }),
  pattern('warning', new RegExp(String.raw`${WARNED_AT}[^\s:]{1,250}:\d+(?: (?:at )?${FN})?`), 'WARNING', [...WARN, ['message']]),
  // Without CONFIG_DEBUG_BUGVERBOSE, and of CFI, it knows no file.
  pattern('warning', String.raw`WARNING: (?:CPU: \d+ PID: \d+ at |at (?=\S+(?: \[[^\]]{1,60}\])?, CPU#\d))(?:${FN})?`, 'WARNING', [...WARN, ['message']]),
  pattern('stack', /WARNING: kernel stack (regs|frame pointer) .{0,120}has bad '?(\w*)'? ?value/, 'kernel stack $1 has a bad value', []),

  // fs/sysfs/dir.c, kernel/irq/spurious.c
  pattern('warning', /\bcannot create duplicate filename '/, 'cannot create a file twice', TRACE, { alsoHelpers: /^(?:sysfs|kobject)_/ }),
  pattern('warning', /^irq event \d+: bogus return value /, 'bogus return value of an interrupt', [], { hasStack: true }),
  pattern('warning', /^irq \d+: nobody cared/, 'nobody cared for an interrupt', [], { hasStack: true }),

  pattern('panic', /not syncing: (?:\S+: )?corrupted stack end/, 'corrupted stack end', TRACE, { choice: 'dispatched', alsoHelpers: /schedule|retint_kernel/, isFollowUp: true }),
  pattern('panic', new RegExp(String.raw`not syncing: stack-protector: Kernel stack is corrupted in: (?:${FN.replace('[A-Za-z_]', '(?![0-9a-f]{8,}$)[A-Za-z_]')})?`), 'kernel stack is corrupted', [['message'], ['stack']], { alsoHelpers: /stack_chk/, hasStack: false, isFollowUp: true }),
  pattern('panic', /not syncing: (Fatal exception|(?:kernel: )?panic_on_(?:warn|oops)|hung_task: blocked)/, 'kernel panic: $1', [], { isFollowUp: true, isEffect: true }),
  pattern('panic', /Kernel panic - not syncing: (.*)/, 'kernel panic: $1', [], { isFollowUp: true, hasStack: true }),
  pattern('firmware', /^trusty: panic/, 'trusty: panic', []),
  pattern('oom', /^(?:\S+ invoked oom-killer:|Out of memory: Kill)/, 'out of memory', []),
  pattern('oops', /^Oops\b.*[:#]/, 'Oops', FAULT, { isFollowUp: true }),
  pattern('bug', /(?:^|[^A-Za-z_])BUG:\s*$/, 'BUG', [], { isFollowUp: true, isEffect: true }),
  pattern('warning', /(?:^|[^A-Za-z_])WARNING:\s*$/, 'WARNING', [], { isFollowUp: true, isEffect: true }),
  pattern('message', /(?:^|[^A-Za-z_])(INFO):\s*$/, '$1', [], { isFollowUp: true, isEffect: true }),
  pattern('bug', /(?:^|[^A-Za-z_])BUG: *(.*)/, 'BUG: $1', [['stack']], { isFollowUp: true, hasStack: false }),
  pattern('message', /^(?:[a-z][\w.: -]{0,40}: )?WARNING: (?!at |\S+:\d)(.+)/, 'WARNING: $1', [], { isFollowUp: true }),
];

/** Every start has one of these words: a line without is not looked at further. */
export const STARTS =
  /BUG|WARNING:|INFO:|UBSAN|kernel (?:stack|NULL|paging|access|read from|write to|execut)|ernel panic|unreferenced object|corruption|double add|usercopy: |(?:page|protection|double|Unhandled) fault|PANIC|divide[ _]error|stack segment|segment not|int3: |invalid (?:op|TSS)|overflow: |bounds: |Alignment trap|Oops|Internal error|LOCKUP|kmemleak: |oom-killer|Out of memory|rcu: |alignment check|control protection|VFS: |unregister_netdevice: |pagealloc: |slab error|idle thread|entered softirq|CFI failure|duplicate filename|nobody cared|bogus return|WARN at |rust_kernel: |trusty: /;

/** Lines with such words that say nothing of a fault. */
export const HARMLESS =
  /DEBUG:|BUG: no syscalls can create resource|INFO: lockdep is turned off|INFO: Stall ended before state dump start|INFO: NMI handler|took too long|general protection fault (?:ip:|.{0,200} error:\d+ in )|WARNING: (?:workqueue cpumask: online|\/etc\/ssh\/moduli|[Tt]he mand mount option|Unsupported flag value|Unprivileged eBPF is enabled|fbcon: |See https|kernel not compiled with)|EXT4-[Ff][Ss]|XFS \(\w+\): |(?:deprecated v2 capabilities|uses wireless extensions)|^Command line: |^Kernel command line: /;
