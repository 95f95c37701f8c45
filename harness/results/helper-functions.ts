/** Functions that only detect, report or carry a fault: the fault is in who called them. */
interface HelperGroup {
  /** Why these are in a call trace. */
  readonly why: string;
  /** Matches anywhere in the name where it is not anchored: a helper's variants have its name in theirs. */
  readonly names: RegExp;
}

const HELPERS: readonly HelperGroup[] = [
  {
    why: 'prints the report',
    names: /panic|dump_stack|show_(?:stack|regs)|dump_backtrace|walk_stack|arch_stack_walk|stack_trace_(?:consume_entry|save)|print_(?:report|address_description|usage_bug|unlock|tainted|hex_dump)|imbalance_bug|__warn|warn_(?:slowpath|alloc|bogus)|(?:report|fixup|handle)_bug|assertfail|^get_taint$/,
  },
  {
    why: 'is the exception by which the report came about',
    names: /invalid_op|do_error|do_trap|_trap$|program_check_(?:exception|common)|^(?:asm_)?exc_|do_(?:kernel|translation)_fault|do_mem_abort|^el1_abort|^el1h_64_sync/,
  },
  {
    why: 'belongs to a sanitizer or checks its caller',
    names: /__sanitizer|__asan|kasan|hwasan|__msan|kmsan|kcsan_setup_watchpoint|^__tsan_|check_memory_region|check_(?:heap_)?object|read_word_at_a_time|(?:read|write)_once_.*nocheck|__fortify_report|__phys_addr|debug_object|(?:timer|work)_is_static_object|seqprop_assert|ref_tracker/,
  },
  {
    why: 'hands out or takes back memory: its user is at fault, not the allocator',
    names: /[mzc]alloc|krealloc|kmem_cache|^_*slab_|memcg_slab_|allocate_slab|alloc_page|alloc_frozen_pages|folio_(?:alloc|unlock)|^kv?free$|kfree_skb|memdup|strn?dup/,
  },
  {
    why: 'is the page cache on behalf of a file system',
    names: /filemap_(?:alloc|get)_folio|find_or_create_page|do_read_cache_folio|read_cache_page|pagecache_get_page|grab_cache_page_write_begin|^(?:un)?lock_page|find_lock_entries|truncate_inode_pages_range|^xas_(?:start|load|find)/,
  },
  {
    why: 'takes, leaves or checks a lock',
    names: /lockdep|lock_(?:acquire|release|class)|mark_lock|(?:reacquire|mark)_held_locks|(?:spin|read|write)_(?:try|un)?lock|raw_spin_rq|^down$|down_(?:read|write|trylock)|up_(?:read|write)|^(?:__)?mutex_|^rt_mutex_|owner_on_cpu|osq_(?:un)?lock|bh_(?:en|dis)able|(?:trace|lockdep)_(?:hard|soft)irq|lock_timer_base|cleanup_srcu_struct/,
  },
  {
    why: 'sleeps, wakes or waits on behalf of its caller',
    names: /might_(?:fault|sleep|resched)|__wake_up|^complete$|wait_for_completion|finish_wait|kthread_stop/,
  },
  {
    why: 'is an operation on a counter, a bit, a list or a tree',
    names: /atomic(?:64)?_(?:dec|inc|read|set|x?or|and|add|sub|fetch|xchg|cmpxchg|try)|(?:set|clear|change|test)_bit|^refcount_|^kref_|^_*[hlp]?list_(?:lru_)?(?:add|del|replace|move|splice)|^(?:__)?rb_|^klist_|rhashtable_lookup|ida_free/,
  },
  {
    why: 'copies, compares or formats what it is given',
    names: /mem(?:cpy|cmp|set|chr|move)|str(?:n?cmp|[nl]?cpy|scpy|n?len|n?str|chr)|string|pointer|s[nc]+printf|k(?:v)?asprintf|printk|va_format|hex_dump_to_buffer|^crc\d+|crc_itu_t|copy_(?:to|from)_(?:user|iter)|copy_(?:page|folio)_(?:to|from)_iter|^copy(?:in|out)$|(?:get|put)_user|extract_(?:user|iter)_to_sg|_indirect_thunk_/,
  },
  { why: 'prints for a device, or reads and writes its registers', names: /dev_(?:info|notice|warn|err|alert|crit|emerg)|(?:read|write)[bwlq]$|logic_(?:in|out)/ },
  {
    why: 'queues, cancels or flushes work or a timer of its caller',
    names: /del_timer|timer_delete_sync|__mod_timer|sk_stop_timer_sync|(?:flush|queue|insert)_work|cancel_work|__queue_delayed_work|queue_delayed_work_on|try_to_grab_pending|(?:flush|drain|destroy)_workqueue/,
  },
  {
    why: 'adds or removes an object of the device model or of a file system',
    names: /kobject_|add_uevent_var|get_device_parent|device_(?:add|del|unregister|destroy|release|for_each_child|remove_file)|^put_device$|devres_release_all|sysfs_remove|hwrng_unregister|i2c_del_adapter|__unregister_client|rollback_registered|unregister_netdev|tty_unregister_device|usb_(?:kill_(?:anchored_)?urb|control_msg|(?:hcd_)?submit_urb)|dummy_urb_enqueue|^iput(?:_final)?$|^ihold$|drop_nlink|fast_dput|dput/,
  },
  { why: 'is an event of tracing', names: /perf_trace/ },
];

/** Names recur in every trace; what a name is does not change. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 10_000;

/** Whether a function is only in a trace because it detects, reports or carries faults of others. */
export function isHelper(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const is = HELPERS.some(({ names }) => names.test(name));
  if (known.size < MAX_KNOWN) known.set(name, is);
  return is;
}

/**
 * Functions that hand work to others: system call entry, work queues, timers, the stacks of files and packets. Where a CPU
 * is stuck, what it does at the moment is chance; what was handed to it is not.
 */
const DISPATCHERS: readonly HelperGroup[] = [
  { why: 'enters the kernel', names: /do_syscall_|do_fast_syscall_|sysenter_dispatch|tracesys_phase2|el0_svc_handler|invoke_syscall|ret_fast_syscall|__do_fault|do_page_fault|^page_fault$/ },
  { why: 'runs what was queued', names: /process_one_work|call_timer_fn|_run_timers|run_timer_softirq|hrtimer_run|do_softirq|^handle_softirqs$|run_ksoftirqd|tasklet_(?:hi_)?action|smpboot_thread_fn|^kthread$|ret_from_fork|task_work_run|exit_to_user_?mode|__fput/ },
  { why: 'runs an idle CPU', names: /start_secondary|cpu_startup_entry/ },
  { why: 'calls into a file system or a driver', names: /vfs_(?:iter_)?(?:read|write)|do_iter_(?:read|write|readv_writev)|call_(?:read|write)_iter|new_sync_(?:read|write)|vfs_ioctl|ksys_ioctl|compat_ioctl|compat_sys_ioctl|blkdev_(?:driver_)?ioctl|^call_mmap|mmap_region|do_mmap|do_dentry_open|vfs_open|^proc_reg_|^sys_(?:socketpair|connect|ioctl)/ },
  { why: 'calls into a protocol', names: /netif_receive_skb|^sock_(?:sendmsg|recvmsg|release|mmap|do_ioctl|ioctl)|^__sock_release|^compat_sock_ioctl|^sys_(?:setsockopt|listen|accept)$|kernel_(?:setsockopt|listen|accept)|sock_common_setsockopt|sk_common_release|^nfnetlink_rcv_msg|^rtnetlink_rcv_msg|^netlink_dump/ },
];

/** What all CPUs are asked to do: the one that waits for the others is known by this, not by what it wanted of them. */
const CROSS_CALL = 'smp_call_function';

/**
 * What a stuck CPU was given to do: the function that the innermost dispatcher called; undefined without a dispatcher.
 * @param names a call trace without helpers, the innermost first
 */
export function dispatchedWork(names: readonly string[]): string | undefined {
  for (const [index, name] of names.entries()) {
    if (name.includes(CROSS_CALL)) return CROSS_CALL;
    if (DISPATCHERS.some((group) => group.names.test(name))) return names[index - 1] ?? name;
  }
  return undefined;
}

/** What tasks wait for, wherever they are: a grace period of RCU, the lock of the network configuration. */
const WAITED_FOR: readonly (readonly [RegExp, string | undefined])[] = [
  [/rtnl_lock/, undefined],
  [/synchronize_(?:s?rcu|net|sched)/, 'synchronize_rcu'],
];
const WAITING = /sched|_lock|_slowlock|down|rwsem|completion|kthread|wait|synchronize|context_switch|__switch_to|cancel_delayed_work|rcu_barrier/;

/** Why a task hangs: what it waits for where many do, else the function that went to sleep. */
export function hangingFunction(names: readonly string[]): string | undefined {
  for (const name of names) {
    const waited = WAITED_FOR.find(([pattern]) => pattern.test(name));
    if (waited) return waited[1] ?? name;
  }
  return names.find((name) => !WAITING.test(name));
}
