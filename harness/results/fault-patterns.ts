/** Where the function of a report is to be found, in the order in which the places are tried. */
export type Place =
  /** The group `fn` of the pattern. */
  | 'message'
  /** The instruction pointer: `RIP:`, `EIP is at`, `pc :`, `PC is at`. */
  | 'ip'
  /** What a stuck CPU was given to do. */
  | 'work'
  /** `at: function` of the lock that was being taken, of a lockdep report. */
  | 'lock'
  /** The first frame of the call trace that is more than a carrier. */
  | 'trace';

export interface FaultPattern {
  readonly class: string;
  /** Matches the line that starts a report. Its text comes without prefix. Groups are used by `title`; `fn` is a function. */
  readonly start: RegExp;
  /** `$1` … stand for groups; `%access` for Read or Write, where a later line tells. ` in FUNCTION` is appended. */
  readonly title: string;
  readonly places: readonly Place[];
  /** Only a start where no report is open: inside of one it is a part of it. */
  readonly isFollowUp?: boolean;
}

const FN = '(?<fn>[A-Za-z_][\\w.$]*)(?:\\+0x|$|\\s)';

function pattern(
  name: string,
  start: RegExp,
  title: string,
  places: readonly Place[],
  isFollowUp = false,
): FaultPattern {
  return { class: name, start, title, places, isFollowUp };
}

/**
 * What the kernel says when something is wrong with it, the special before the general: the first that matches counts.
 * One more kind is one more line.
 */
export const faultPatterns: readonly FaultPattern[] = [
  // mm/kasan/report.c, mm/kfence/report.c, mm/kmsan/report.c, kernel/kcsan/report.c, lib/ubsan.c
  pattern('kasan', new RegExp(`BUG: KASAN: (?:double-free or )?(invalid-free|double-free) in ${FN}`), 'KASAN: $1', ['message', 'trace']),
  pattern('kasan', new RegExp(`BUG: KASAN: ([a-z-]+) in ${FN}`), 'KASAN: $1 %access', ['message', 'trace']),
  pattern('kasan', /BUG: KASAN: ([a-z-]+)/, 'KASAN: $1 %access', ['trace']),
  pattern('kfence', new RegExp(`BUG: KFENCE: ([a-z -]+?) in ${FN}`), 'KFENCE: $1', ['message', 'trace']),
  pattern('kmsan', new RegExp(`BUG: KMSAN: ([a-z-]+) in ${FN}`), 'KMSAN: $1', ['message', 'trace']),
  pattern('kcsan', /BUG: KCSAN: ([a-z-]+) in (?<fn>[\w.]+(?: \/ [\w.]+)?)/, 'KCSAN: $1', ['message']),
  pattern('ubsan', /UBSAN: Undefined behaviour in/, 'UBSAN: undefined-behaviour', ['trace']),
  pattern('ubsan', /UBSAN: ([a-z -]+) in \S+:\d+/, 'UBSAN: $1', ['trace']),

  // kernel/locking/lockdep.c; before 4.16 between brackets and as INFO
  pattern('lockdep', /(?:INFO|WARNING|BUG): possible (?:circular locking dependency|recursive locking|irq lock inversion dependency)/, 'possible deadlock', ['lock', 'trace']),
  pattern('lockdep', /(?:INFO|WARNING): [A-Z_]+-safe -> [A-Z_]+-unsafe lock order detected/i, 'possible deadlock', ['lock', 'trace']),
  pattern('lockdep', /(?:INFO|WARNING): inconsistent lock state/, 'inconsistent lock state', ['lock', 'trace']),
  pattern('lockdep', /(?:INFO|WARNING): suspicious RCU usage/, 'suspicious RCU usage', ['trace']),
  pattern('lockdep', /(?:INFO|WARNING|BUG): (bad unlock balance|held lock freed|bad contention|[Nn]ested lock was not taken|(?:\S+ )?still has locks held|lock held when returning to user space|lock held at task exit time|Invalid wait context)/, 'lockdep: $1', ['message', 'trace']),
  pattern('lockdep', /INFO: trying to register non-static key/, 'lockdep: trying to register non-static key', ['trace']),
  pattern('lockdep', /BUG: (MAX_\w+|looking up) .*(?:too low|class)/, 'lockdep: $1', ['trace']),
  pattern('lockdep', /BUG: ((?:spinlock|rwlock) (?:bad magic|lockup suspected|recursion|wrong owner|wrong CPU|already unlocked|cpu recursion|trylock failure on UP|uninitialized))/, '$1', ['trace']),
  pattern('lockdep', /BUG: (using \S+\(\)) in preemptible/, '$1 in preemptible code', ['trace']),

  // kernel/sched/core.c
  pattern('atomic-sleep', /BUG: sleeping function called from invalid context/, 'sleeping function called from invalid context', ['trace']),
  pattern('atomic-sleep', /BUG: scheduling while atomic/, 'scheduling while atomic', ['trace']),
  pattern('atomic-sleep', /BUG: workqueue leaked (?:lock or )?atomic/, 'workqueue leaked lock or atomic', ['trace']),

  // kernel/hung_task.c, kernel/watchdog.c, kernel/rcu/tree_stall.h, kernel/workqueue.c
  pattern('hung-task', /INFO: task \S.* blocked (?:for|in \S.* for) more than \d+ seconds/, 'task hung', ['trace']),
  pattern('hung-task', /INFO: task \S.* can't die for more than \d+ seconds/, 'task cannot die', ['trace']),
  pattern('soft-lockup', /BUG: soft lockup/, 'soft lockup', ['work', 'trace']),
  pattern('hard-lockup', /Watchdog detected hard LOCKUP/, 'hard lockup', ['work', 'trace']),
  pattern('rcu-stall', /INFO: rcu\w* (?:\S+ )?(?:self-)?detected (?:expedited )?stalls?/, 'RCU stall', ['work', 'trace']),
  pattern('rcu-stall', /rcu: \S+ kthread (?:starved|timer wakeup didn't happen)/, 'RCU stall', ['work', 'trace'], true),
  pattern('workqueue-lockup', /BUG: workqueue lockup/, 'workqueue lockup', []),

  // mm/kmemleak.c
  pattern('leak', /^BUG: memory leak|^(?:kmemleak: )?unreferenced object 0x/, 'memory leak', ['trace']),
  pattern('leak', /^kmemleak: \d+ new suspected memory leaks/, 'memory leaks', [], true),

  // lib/list_debug.c, mm/, fs/dcache.c
  pattern('list', /\blist_(?:add|del)\S* (?:corruption|double add)/, 'corrupted list', ['trace']),
  pattern('usercopy', /usercopy: (?:[Kk]ernel memory \w+ attempt|Bad or missing)/, 'bad usercopy', ['trace']),
  pattern('bad-page', /BUG: (Bad page (?:state|map|cache)|Bad rss-counter state|non-zero \w+ on freeing mm)/, '$1', ['trace']),
  pattern('slab', /^BUG (\S+) \(.*\): (.+)/, 'slab: $2', ['trace']),
  pattern('stack', /BUG: (?:TASK |IRQ |NMI |\S+ )?stack guard page was hit|kernel stack overflow/, 'kernel stack overflow', ['ip', 'trace']),

  // arch/*/mm/fault.c, arch/*/kernel/traps.c
  pattern('null-deref', /(?:BUG: (?:unable to handle )?kernel|Unable to handle kernel) NULL pointer dereference/, 'NULL pointer dereference', ['ip', 'trace']),
  pattern('page-fault', /BUG: [Uu]nable to handle (?:page fault|kernel (?:paging request|access|data access|instruction fetch))/, 'bad memory access', ['ip', 'trace']),
  pattern('page-fault', /^Unable to handle kernel (?:paging request|access to user memory|read from unreadable memory|write to read-only memory|execut\w+)/, 'bad memory access', ['ip', 'trace']),
  pattern('gpf', /^(?:Oops: )?general protection fault(?:,|:|$| for )/, 'general protection fault', ['ip', 'trace']),
  pattern('double-fault', /PANIC: double fault|^(?:Oops: )?double fault:/, 'double fault', ['ip', 'trace']),
  pattern('trap', /^(?:Oops: )?(divide error|stack segment|int3|overflow|bounds|alignment check|control protection|segment not present|invalid TSS): [0-9a-f]{4} \[#/, '$1', ['ip', 'trace']),
  pattern('trap', /^(Unhandled fault|Alignment trap|Internal error): /, '$1', ['ip', 'trace'], true),
  pattern('bug', /kernel BUG at (\S+?)!?$/, 'kernel BUG', ['ip', 'trace']),
  pattern('trap', /^(?:Oops: )?(invalid opcode|invalid op): [0-9a-f]{4} \[#/, '$1', ['ip', 'trace'], true),

  // lib/refcount.c, lib/debugobjects.c through WARN; then WARN itself (kernel/panic.c)
  pattern('refcount', new RegExp(`^WARNING: .*\\blib/refcount\\.c:\\d+ (?:at )?${FN}`), 'refcount bug', ['trace']),
  pattern('odebug', new RegExp(`^WARNING: .*\\blib/debugobjects\\.c:\\d+ (?:at )?${FN}`), 'ODEBUG bug', ['trace']),
  pattern('list', new RegExp(`^WARNING: .*\\blib/list_debug\\.c:\\d+ (?:at )?${FN}`), 'corrupted list', ['trace'], true),
  pattern('lockdep', new RegExp(`^WARNING: .*\\bkernel/locking/lockdep\\.c:\\d+ (?:at )?${FN}`), 'locking bug', ['trace'], true),
  pattern('warning', new RegExp(`^WARNING: (?:CPU: \\d+ PID: \\d+ )?(?:at )?\\S+:\\d+ (?:at )?${FN}`), 'WARNING', ['message', 'trace']),
  pattern('warning', /^WARNING: (?:CPU: \d+ PID: \d+ )?at \S+:\d+/, 'WARNING', ['trace']),
  pattern('stack', /^WARNING: kernel stack (?:regs|frame pointer)/, 'WARNING: bad kernel stack', []),

  pattern('panic', /Kernel panic - not syncing: (?:corrupted stack end|stack-protector: Kernel stack is corrupted in: (?<fn>[\w.]+))/, 'kernel stack is corrupted', ['message', 'trace'], true),
  pattern('panic', /Kernel panic - not syncing: (.*)/, 'kernel panic: $1', [], true),
  pattern('vfs', /^VFS: (Close: file count is zero|Busy inodes after unmount)/, '$1', ['trace']),
  pattern('oom', /^(?:\S+ invoked oom-killer:|Out of memory: Kill)/, 'out of memory', []),
  pattern('oops', /^(?:Internal error: )?Oops\b.*[:#]/, 'Oops', ['ip', 'trace'], true),
  pattern('bug', /^BUG: (.*)/, 'BUG: $1', ['trace'], true),
];

/** Every start has one of these words: a line without is not looked at further. */
export const STARTS =
  /BUG|WARNING: |INFO: |UBSAN|kernel (?:stack|NULL|paging|access|read from|write to|execut)|ernel panic|unreferenced object|corruption|double add|usercopy: |(?:page|protection|double|Unhandled) fault|PANIC|divide error|segment|int3: |invalid (?:op|TSS)|overflow: |bounds: |Alignment trap|Oops|Internal error|LOCKUP|kmemleak: |oom-killer|Out of memory|rcu: |alignment check|control protection|VFS: /;
