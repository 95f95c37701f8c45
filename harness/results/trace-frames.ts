/** `name+0x1f/0x280`, perhaps behind an address, a blank and a question mark; and what ARM prints instead. */
const FRAME =
  /^\s*(?:\[<[0-9a-f]+>\]|\[[0-9a-f]{8,}\] \[[0-9a-f]{8,}\]|\[<\s*inline\s*>\]|#\d+:?)?\s*(\? )?\(?([A-Za-z_][\w.$]*)(?:\+0x[0-9a-f]+\/0x[0-9a-f]+\)?|\) from|(?= from [\w.$]+\+0x)|(?= \S+:\d+ \[inline\]|\s+\S+:\d+$))/;

/** A function in a call trace. */
export interface TraceFrame {
  readonly name: string;
  /** The unwinder could not vouch for it (`?`). */
  readonly isGuess: boolean;
}

/** What the wrappers of a system call put in front of its name, by architecture and age. */
const SYSCALL = /^(?:__(?:x64|ia32|x32|arm64|riscv|s390x?|powerpc|loongarch|mips)_(?:compat_)?sys_|__(?:se|do|ia32)_(?:compat_)?sys_|SyS_|SYSC_|C_SYSC_|compat_SyS_|ksys_|system_call_)(?=[a-z])/;

/**
 * A function's name as it is in the sources, the same on every architecture: without what the compiler appended
 * (`.isra.0`, `.constprop.5`, `.part.1`, `.cold`, `.llvm.123`), and a system call as `sys_NAME`.
 */
export function sourceName(symbol: string): string {
  return symbol.replace(/\.(?:isra|constprop|part|cold|llvm|lto_priv)\b.*$/, '').replace(SYSCALL, 'sys_');
}

/** The frame that a line of a call trace holds; undefined for another line. */
export function parseFrame(text: string): TraceFrame | undefined {
  const match = FRAME.exec(text);
  if (!match?.[2]) return undefined;
  return { name: sourceName(match[2]), isGuess: match[1] !== undefined };
}

/**
 * Functions that only carry, detect or report a fault: the fault is in who called them. Grouped by why they are in a
 * trace.
 */
const CARRIERS: readonly RegExp[] = [
  // printing of the report itself
  /^(?:_*dump_stack(?:_lvl)?|show_stack|show_regs|dump_backtrace|unwind_\w*|__show_regs|print_\w+|_?printk\w*|vprintk\w*|printk_sprint)$/,
  /^(?:panic|vpanic|nmi_panic|__?warn\w*|warn_slowpath\w*|report_bug|handle_bug|__report_bug|fixup_bug\w*|die\w*|__die\w*|oops_\w+|__stack_chk_fail)$/,
  // exceptions on their way to it
  /^(?:asm_exc_\w+|exc_\w+|asm_sysvec_\w+|sysvec_\w+|__sysvec_\w+|asm_common_interrupt|common_interrupt\w*|do_error_trap|do_trap\w*|do_invalid_op|invalid_op|do_general_protection|general_protection|do_page_fault|__do_page_fault|do_user_addr_fault|do_kern_addr_fault|handle_page_fault|page_fault(?:_oops)?|async_page_fault|no_context|__?bad_area\w*|mm_fault_error|do_double_fault|double_fault|error_entry|error_code|do_int3|int3|trace_hardirqs_\w+|el1_\w+|el1h_\w+|el0_\w+|do_mem_abort|do_translation_fault|do_undefinstr|__do_kernel_fault|kernelmode_fixup\w*|call_break_hook|brk_handler|do_debug_exception|do_el1_\w+|ret_from_\w*exception\w*|__bug_\w*)$/,
  // sanitizers and object debugging
  /^(?:_*kasan_\w+|_*asan_\w+|__hwasan_\w+|check_memory_region\w*|check_region_inline|address_is_poisoned|memory_is_\w+|describe_\w+|end_report|complete_report_info|_*kmsan_\w+|_*msan_\w+|_*kcsan_\w+|__tsan_\w+|kfence_\w+|__kfence_\w+|ubsan_\w+|__ubsan_\w+|handle_overflow|val_to_string|debug_object\w*|__debug_object\w*|debug_print_object|debug_check_no_obj_freed|__debug_check_no_obj_freed|debug_check_no_locks_freed|object_err|slab_err|slab_fix|check_(?:slab|object|bytes)\w*|free_debug_processing|kasan\w*|kcov_\w+|__sanitizer_\w+|instrument_\w+)$/,
  // memory: the owner is at fault, not the allocator
  /^(?:_*k[mzcv]+alloc\w*|__do_kmalloc\w*|kvfree\w*|kzfree|_*kfree\w*|___?cache_free|kmem_cache_\w+|slab_\w+|___?slab_\w+|__slab_\w+|do_slab_free|__cache_\w+|cache_alloc\w*|new_slab\w*|allocate_slab|kmemdup\w*|kstrdup\w*|kmemleak_\w+|krealloc\w*|__?vmalloc\w*|vzalloc\w*|__alloc_pages\w*|alloc_pages\w*|__get_free_pages|get_free_pages\w*|__usercopy_\w+|usercopy_\w+|__check_\w*object\w*|check_object_size|check_heap_object|__check_heap_object|set_track\w*|save_stack\w*|stack_trace_\w+|stack_depot_\w+|__unwind_start|kvmalloc\w*|pcpu_alloc\w*|__alloc_percpu\w*|alloc_skb\w*|__alloc_skb|qlink_free|quarantine_\w+|should_failslab|should_fail\w*|fail_dump|__should_failslab)$/,
  // library: strings, lists, counters, bits
  /^(?:_*mem(?:cpy|set|move|cmp|chr|chr_inv)\w*|str(?:n?len|n?cmp|l?cpy|l?cat|nchr|chr|rchr|n?casecmp|scpy|str|ncpy|sep|spn|pbrk)\w*|__str\w+|_*copy_(?:to|from|user)\w*|copy_page\w*|__?list_(?:add|del)\w*|list_(?:add|del|move|splice|empty)\w*|hlist_\w+|__hlist_\w+|_*refcount_\w+|kref_\w+|kobject_(?:get|put)|_*atomic\w*|arch_atomic\w*|raw_atomic\w*|_*(?:test|set|clear|find|change)_\w*bit\w*|variable_test_bit|constant_test_bit|READ_ONCE\w*|__read_once\w*|__write_once\w*|_*rb_(?:insert|erase|next|prev|first|last|link)\w*|csum_partial\w*|bitmap_\w+|_?find_\w*bit\w*|fortify_panic|__fortify_panic|bcmp|crc\w+_\w*|idr_\w+|radix_tree_\w+|xa_\w+|xas_\w+|__xa_\w+|vsnprintf|snprintf|sprintf|string|string_nocheck|pointer|number|hex_string|__get_user\w*|__put_user\w*|get_user\w*|put_user\w*|_?__?ratelimit\w*|percpu_\w+|this_cpu_\w+|__this_cpu_\w+|__rcu_read\w*)$/,
  // locks and their checking
  /^(?:lock_\w+|__lock_\w+|_*raw_(?:spin|read|write)_\w+|_*(?:spin|read|write)_(?:un|try)?lock\w*|do_raw_\w+|queued_\w+|native_queued_\w+|__pv_queued_\w+|pv_\w+|lockdep_\w+|validate_chain|check_(?:noncircular|prevs?_add|deadlock\w*|irq_usage|usage\w*|flags|wait_context|preemption_disabled|redundant|path)\w*|mark_(?:lock|held)\w*|register_lock_class|assign_lock_key|look_up_lock_class|find_lock_\w+|spin_bug|spin_dump|rwlock_bug|_*mutex_(?:un|try)?lock\w*|mutex_\w+|rwsem_\w+|_*down_(?:read|write|interruptible|killable|trylock|timeout)\w*|down|up|__up|__down|_*up_(?:read|write)\w*|percpu_(?:down|up)\w*|rt_mutex\w*|rtlock_\w+|rt_spin_\w+|__rt_\w+|ww_mutex\w*|seqcount_\w+|do_write_seqcount\w*|write_seqlock\w*|debug_(?:spin|rt|smp)\w*|verify_lock_unused|rcu_lock_acquire|rcu_read_(?:un)?lock\w*|rcu_lockdep\w*|local_(?:un)?lock\w*|local_bh_\w+|__local_bh_\w+|bit_spin_\w+|inode_lock\w*|hlock_\w+|add_lock_to_list|__bfs|usage_\w+|bad_unlock\w*|nested_lock\w*|warn_bogus\w*)$/,
  // helpers of subsystems that check what their caller gives them
  /^(?:skb_(?:panic|over_panic|under_panic|pull|push|put|trim|copy_\w+)|_*skb_\w*pull\w*|kobject_\w+|__?kobject_\w+|sysfs_(?:remove|create|add)_\w+|kernfs_remove\w*|internal_create_group\w*|usb_(?:submit|kill|start_wait|control_msg|bulk_msg|interrupt_msg|unlink|poison|anchor_urb|kill_anchored)\w*|_*(?:flush|queue|cancel|mod_delayed)_(?:delayed_)?work\w*|_*flush_workqueue|_*cancel_work\w*|drain_workqueue|destroy_workqueue|_*(?:del|mod|add|init|try_to_del)_timer\w*|timer_(?:delete|init|shutdown)\w*|_*timer_\w*_sync|ida_\w+|perf_trace_\w+|trace_event_\w+|__traceiter_\w+|__x86_indirect_\w+|__x86_return_\w+|_*wake_up\w*|try_to_wake_up|complete(?:_all)?|swake_up\w*|_*v(?:un)?map\w*|vfree|_*vmalloc\w*|_*vunmap|warn_alloc\w*|check_panic_on_warn|_*call_rcu\w*|kfree_call_rcu|kvfree_call_rcu|_*free_pages\w*|free_(?:unref|the|large)_\w*page\w*|__free_one_page|post_alloc_hook|prep_new_page|get_page_from_freelist|rmqueue\w*|_*set_page_owner|bad_page|free_page_is_bad\w*|(?:folio|page)_(?:put|unlock|wake|get)\w*|unlock_page|put_page|sk_(?:alloc|prot_alloc|free|destruct)|__sk_(?:free|destruct)|create_object|kthread_(?:stop|create)\w*|device_(?:del|add|unregister)|kernel_fpu_\w+|_*phys_addr\w*|_*virt_to_\w+|__seqprop\w*|v?s?c?n?printf|vscnprintf|va_format|hex_dump\w*|console_(?:lock|unlock|trylock)|hash_\w+|aes_\w+|crc\d+\w*|alloc_\w*folio\w*|__alloc_\w+|alloc_page\w*|read_word_at_a_time|preempt_(?:count|disable|enable)\w*|retint_\w+|debug_check\w*|reacquire_held_locks|ref_tracker_\w+|rhashtable_\w+|__?rhashtable_\w+|fast_dput|_*dput)$/,
  // sleeping and waiting
  /^(?:_*schedule\w*|preempt_schedule\w*|__cond_resched\w*|_?cond_resched\w*|context_switch|__switch_to\w*|io_schedule\w*|_*might_(?:sleep|resched|fault)\w*|___might_sleep|wait_for_completion\w*|wait_for_common|do_wait_for_common|__wait_for_common|wait_on_\w+|__wait_on_\w+|out_of_line_wait\w*|bit_wait\w*|prepare_to_wait\w*|wake_up_q|percpu_rwsem_wait|__wait_rcu_gp|folio_wait_\w+|wait_(?:woken|event)\w*|do_nanosleep|hrtimer_nanosleep|msleep\w*|completion_done|__rcu_\w*gp\w*|__schedule_bug|schedule_debug|check_preempt\w*|usleep_range\w*|rcu_barrier\w*)$/,
];

/**
 * Functions that hand work to others: system call entry, work queues, timers, the stacks of files and packets. Where a CPU
 * is stuck, what it does at the moment is chance; what was handed to it is not.
 */
const DISPATCHERS =
  /^(?:do_syscall\w*|do_fast_syscall\w*|entry_SYSCALL\w*|entry_INT80\w*|system_call\w*|sysenter_\w+|tracesys\w*|el0_svc\w*|invoke_syscall|ret_fast_syscall|syscall_\w+|process_one_work|process_scheduled_works|worker_thread|kthread|ret_from_fork\w*|_*do_softirq\w*|handle_softirqs|run_ksoftirqd|smpboot_thread_fn|irq_exit\w*|call_timer_fn|expire_timers|_*run_timers|run_timer_softirq|_*hrtimer_run\w*|tasklet_action\w*|net_rx_action|_*napi_poll|_*netif_receive_skb\w*|process_backlog|sock_sendmsg\w*|_*sock_sendmsg|vfs_(?:read|write|ioctl)\w*|do_vfs_ioctl|sys_ioctl|_*vfs_write|new_sync_(?:read|write)|call_write_iter|do_iter_\w+|do_sys_open\w*|do_dentry_open|task_work_run|exit_to_user\w*|prepare_exit_to\w*|start_secondary|cpu_startup_entry|do_idle|rest_init|start_kernel|rcu_do_batch|rcu_core\w*|rcu_process_callbacks)$/;

/** What runs on any CPU because of the report or of the clock, above the work that was interrupted. */
const INTERRUPTION =
  /^(?:nmi_\w+|_*nmi\w*|trigger_\w*backtrace\w*|arch_trigger_\w+|rcu_\w+|_*rcu_\w+|print_\w+|sched_show_task|show_\w+|dump_\w+|check_cpu_stall|update_process_times|tick_\w+|_*hrtimer_\w+|local_apic_timer\w*|smp_apic_timer\w*|apic_timer_interrupt|watchdog\w*|lockup_\w+|timer_\w*interrupt|arch_timer_\w+|handle_(?:percpu|domain|irq|fasteoi)\w*|generic_handle_\w+|gic_\w+|end_repeat_nmi|default_do_nmi|do_nmi|irq_work_\w*|perf_event_\w*overflow\w*|check_hung\w*|asm_\w+|smp_\w*interrupt|exiting_irq|entering_irq|__handle_domain_irq|ipi_\w+|sysvec_\w+|_*sysvec_\w+)$/;

/**
 * What a stuck CPU was given to do: the function that the innermost dispatcher called.
 * @param names a call trace, the innermost first
 */
export function dispatchedWork(names: readonly string[]): string | undefined {
  const first = names.findIndex((name) => !INTERRUPTION.test(name) && !isCarrier(name));
  if (first < 0) return undefined;
  const dispatcher = names.findIndex((name, index) => index > first && DISPATCHERS.test(name));
  const work = names.slice(first, dispatcher < 0 ? undefined : dispatcher).at(dispatcher < 0 ? 0 : -1);
  return work === undefined || DISPATCHERS.test(work) ? undefined : work;
}

/** Whether a function is only in a trace because it detects, reports or carries faults of others. */
export function isCarrier(name: string): boolean {
  return DISPATCHERS.test(name) || INTERRUPTION.test(name) || CARRIERS.some((pattern) => pattern.test(name));
}
