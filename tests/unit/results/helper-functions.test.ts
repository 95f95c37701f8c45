import { describe, expect, it } from 'vitest';
import { dispatchedWork, hangingFunction, isHelper } from '../../../harness/results/helper-functions.js';

/** By why they are in a trace, as harness/results/helper-functions.ts has them. */
const HELPERS: readonly string[] = [
  ...['panic', 'dump_stack', 'show_stack', 'show_regs', 'dump_backtrace', 'walk_stack', 'arch_stack_walk', 'stack_trace_consume_entry', 'stack_trace_save', 'print_report', 'print_usage_bug', 'print_tainted'],
  ...['imbalance_bug', '__warn', 'warn_slowpath_fmt', 'warn_alloc', 'report_bug', 'fixup_bug', 'handle_bug', 'assertfail', 'get_taint'],
  ...['invalid_op', 'do_error', 'do_trap', 'a_trap', 'program_check_exception', 'program_check_common', 'exc_page_fault', 'asm_exc_page_fault', 'do_kernel_fault', 'do_translation_fault', 'do_mem_abort', 'el1_abort', 'el1h_64_sync'],
  ...['__sanitizer_cov', '__asan_load8', 'kasan_report', 'hwasan_a', '__msan_a', 'kmsan_a', 'kcsan_setup_watchpoint', '__tsan_read8', 'check_memory_region', 'check_heap_object', 'check_object', 'read_word_at_a_time'],
  ...['read_once_a_nocheck', 'write_once_nocheck', '__fortify_report', '__phys_addr', 'debug_object_init', 'timer_is_static_object', 'work_is_static_object', 'seqprop_assert', 'ref_tracker_free'],
  ...['kmalloc', 'kzalloc', 'kcalloc', 'krealloc', 'kmem_cache_free', 'slab_alloc', '___slab_alloc', 'memcg_slab_a', 'allocate_slab', 'alloc_pages', 'alloc_frozen_pages', 'folio_alloc', 'folio_unlock', 'kfree', 'kvfree', 'kfree_skb', 'kmemdup', 'strdup', 'strndup'],
  ...['filemap_alloc_folio', 'filemap_get_folio', 'find_or_create_page', 'do_read_cache_folio', 'read_cache_page', 'pagecache_get_page', 'grab_cache_page_write_begin', 'lock_page', 'unlock_page', 'find_lock_entries', 'truncate_inode_pages_range', 'xas_start', 'xas_load', 'xas_find'],
  ...['lockdep_a', 'lock_acquire', 'lock_release', 'lock_class', 'mark_lock', 'reacquire_held_locks', 'mark_held_locks', 'spin_lock', 'spin_trylock', 'read_unlock', 'write_lock', 'raw_spin_rq', 'down', 'down_read', 'down_write', 'down_trylock', 'up_read', 'up_write'],
  ...['mutex_lock', '__mutex_lock', 'rt_mutex_lock', 'owner_on_cpu', 'osq_lock', 'osq_unlock', 'local_bh_enable', 'local_bh_disable', 'trace_hardirqs_on', 'lockdep_softirqs_on', 'trace_softirq_a', 'lock_timer_base', 'cleanup_srcu_struct'],
  ...['might_fault', 'might_sleep', 'might_resched', '__wake_up', 'complete', 'wait_for_completion', 'finish_wait', 'kthread_stop'],
  ...['atomic_dec', 'atomic64_inc', 'atomic_read', 'atomic_set', 'atomic_or', 'atomic_xor', 'atomic_and', 'atomic_add', 'atomic_sub', 'atomic_fetch', 'atomic_xchg', 'atomic_cmpxchg', 'atomic_try', 'set_bit', 'clear_bit', 'change_bit', 'test_bit'],
  ...['refcount_inc', 'kref_put', 'list_add', '__list_del', 'hlist_replace', 'llist_move', 'plist_splice', 'list_lru_add', 'rb_erase', '__rb_a', 'klist_put', 'rhashtable_lookup', 'ida_free'],
  ...['memcpy', 'memcmp', 'memset', 'memchr', 'memmove', 'strcmp', 'strncmp', 'strcpy', 'strncpy', 'strlcpy', 'strscpy', 'strlen', 'strnlen', 'strstr', 'strnstr', 'strchr', 'string', 'pointer', 'snprintf', 'scnprintf', 'kasprintf', 'kvasprintf', 'printk', 'va_format'],
  ...['hex_dump_to_buffer', 'crc32', 'crc_itu_t', 'copy_to_user', 'copy_from_iter', 'copy_page_to_iter', 'copy_folio_from_iter', 'copyin', 'copyout', 'get_user', 'put_user', 'extract_user_to_sg', 'extract_iter_to_sg', '__x86_indirect_thunk_rax'],
  ...['_dev_info', '_dev_warn', '_dev_err', '_dev_emerg', 'readb', 'writew', 'readl', 'writeq', 'logic_in', 'logic_out'],
  ...['del_timer', 'timer_delete_sync', '__mod_timer', 'sk_stop_timer_sync', 'flush_work', 'queue_work', 'insert_work', 'cancel_work', '__queue_delayed_work', 'queue_delayed_work_on', 'try_to_grab_pending', 'flush_workqueue', 'drain_workqueue', 'destroy_workqueue'],
  ...['kobject_put', 'add_uevent_var', 'get_device_parent', 'device_add', 'device_del', 'device_unregister', 'device_destroy', 'device_release', 'device_for_each_child', 'device_remove_file', 'put_device', 'devres_release_all', 'sysfs_remove', 'hwrng_unregister'],
  ...['i2c_del_adapter', '__unregister_client', 'rollback_registered', 'unregister_netdev', 'tty_unregister_device', 'usb_kill_urb', 'usb_kill_anchored_urb', 'usb_control_msg', 'usb_submit_urb', 'usb_hcd_submit_urb', 'dummy_urb_enqueue', 'iput', 'iput_final', 'ihold', 'drop_nlink', 'fast_dput', 'dput'],
  ...['perf_trace', '__kmalloc_node', '_raw_spin_lock_irqsave', 'dump_stack_lvl', 'asm_exc_invalid_op', 'vsnprintf'],
];

/** Culprits, and names that have a helper's in theirs where that has to be all of it, or the beginning, or the end. */
const OTHERS: readonly string[] = [
  ...['forget_taint', 'get_tainted', 'a_trap_b', 'my_exc_a', 'my_el1_abort', 'my_el1h_64_sync', 'my__tsan_a', 'my_slab_a', 'my_kfree', 'kfree_all', 'kvfree_all', 'my_lock_page', 'my_xas_start', 'shutdown', 'down_all', 'my_mutex_a', 'my_rt_mutex'],
  ...['my_complete', 'my_rt_mutex_lock', 'complete_all', 'my_refcount_a', 'my_kref_a', 'my_list_add', 'list_all', 'my_rb_a', 'my_klist_a', 'my_crc32', 'crc_all', 'my_copyin', 'copyin_all', 'readx', 'readb_all', 'output_device', 'put_device_all', 'my_iput', 'iput_all', 'my_ihold', 'ihold_all'],
  ...['imbalance', 'warn_once', 'wait_all', 'device_all', 'might', 'atomic_all', 'filemap_all', 'usb_all', 'trace_irq', 'flush_all', 'stack_trace_print'],
  ...['ext4_read', 'do_exit', 'sem_lock', 'ipc_addid', 'countdown', 'rtnl_lock', 'schedule'],
];

describe('a function that is only in a trace because of others', () => {
  it.each(HELPERS)('%s', (name) => {
    expect(isHelper(name)).toBe(true);
  });

  it.each(OTHERS)('is not %s', (name) => {
    expect(isHelper(name)).toBe(false);
  });
});

const DISPATCHERS: readonly string[] = [
  ...['do_syscall_64', 'do_fast_syscall_32', 'sysenter_dispatch', 'tracesys_phase2', 'el0_svc_handler', 'invoke_syscall', 'ret_fast_syscall', '__do_fault', 'do_page_fault', 'page_fault'],
  ...['process_one_work', 'call_timer_fn', '__run_timers', 'run_timer_softirq', 'hrtimer_run_queues', 'do_softirq', 'handle_softirqs', 'run_ksoftirqd', 'tasklet_action', 'tasklet_hi_action', 'smpboot_thread_fn', 'kthread', 'ret_from_fork', 'task_work_run'],
  ...['exit_to_user_mode', 'exit_to_usermode', '__fput', 'start_secondary', 'cpu_startup_entry'],
  ...['vfs_read', 'vfs_iter_write', 'do_iter_read', 'do_iter_readv_writev', 'call_read_iter', 'new_sync_write', 'vfs_ioctl', 'ksys_ioctl', 'compat_ioctl', 'compat_sys_ioctl', 'blkdev_ioctl', 'blkdev_driver_ioctl', 'call_mmap', 'mmap_region', 'do_mmap', 'do_dentry_open', 'vfs_open', 'proc_reg_read'],
  ...['sys_socketpair', 'sys_connect', 'sys_ioctl', '__netif_receive_skb', 'sock_sendmsg', 'sock_recvmsg', 'sock_release', 'sock_mmap', 'sock_do_ioctl', 'sock_ioctl', '__sock_release', 'compat_sock_ioctl', 'sys_setsockopt', 'sys_listen', 'sys_accept'],
  ...['kernel_setsockopt', 'kernel_listen', 'kernel_accept', 'sock_common_setsockopt', 'sk_common_release', 'nfnetlink_rcv_msg', 'rtnetlink_rcv_msg', 'netlink_dump'],
];

const NO_DISPATCHERS: readonly string[] = [
  ...['my_page_fault', 'page_faults', 'my_handle_softirqs', 'handle_softirqs_all', 'my_kthread', 'kthread_all', 'tasklet_all', 'exit_to_user', 'my_call_mmap', 'my_proc_reg_a', 'my_sys_connect', 'my_sock_sendmsg', 'my__sock_release', 'my_compat_sock_ioctl'],
  ...['my_sys_listen', 'sys_listen_all', 'my_nfnetlink_rcv_msg', 'my_rtnetlink_rcv_msg', 'my_netlink_dump', 'vfs_all', 'do_iter_all', 'sock_all', 'kernel_all'],
];

describe('a function that hands work to others', () => {
  it.each(DISPATCHERS)('%s', (name) => {
    expect(dispatchedWork(['inner', 'work', name])).toBe('work');
  });

  it.each(NO_DISPATCHERS)('is not %s', (name) => {
    expect(dispatchedWork(['inner', 'work', name])).toBeUndefined();
  });
});

describe('a task that hangs', () => {
  it.each(['__schedule', 'a_lock', 'rt_slowlock', 'down', 'rwsem_a', 'completion', 'kthread_a', 'wait_a', 'synchronize_a', 'context_switch', '__switch_to', 'cancel_delayed_work', 'rcu_barrier'])('only waits in %s', (name) => {
    expect(hangingFunction([name, 'culprit'])).toBe('culprit');
  });

  it.each([['synchronize_rcu', 'synchronize_rcu'], ['synchronize_srcu', 'synchronize_rcu'], ['synchronize_net', 'synchronize_rcu'], ['synchronize_sched', 'synchronize_rcu'], ['rtnl_lock_killable', 'rtnl_lock_killable']])('waits for what all wait for in %s: %s', (name, told) => {
    expect(hangingFunction(['schedule', name, 'culprit'])).toBe(told);
  });
});

describe('a whole trace', () => {
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
