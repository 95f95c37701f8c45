/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to create a process or a thread, for the probes of next_id. */
#ifndef NEXT_ID_PID_H
#define NEXT_ID_PID_H

#include "next_id.h"

#define BOTH (CAP(CAP_CHECKPOINT_RESTORE) | CAP(CAP_SYS_ADMIN))

/* Returns the id of the new process or thread, which is gone by then, or -errno. */
typedef int (*create_fn)(void);

static inline int create_reap(int pid)
{
	if (pid == -1)
		return -errno;
	return exited_well(pid) ? pid : -ECHILD;
}

static inline int create_fork(void)
{
	int pid = fork();

	if (!pid)
		_exit(0);
	return create_reap(pid);
}

static inline int create_vfork(void)
{
	int pid = vfork();

	if (!pid)
		_exit(0);
	return create_reap(pid);
}

static inline int create_exit(void *arg)
{
	(void)arg;
	return 0;
}

static inline int create_clone(void)
{
	static char stack[16384] __attribute__((aligned(16)));

	return create_reap(clone(create_exit, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD,
				 NULL));
}

static inline int create_clone3(void)
{
	struct next_clone_args args = { .exit_signal = SIGCHLD };
	int pid = next_clone3(&args);

	if (!pid)
		_exit(0);
	return create_reap(pid);
}

static inline void *create_tid(void *arg)
{
	*(int *)arg = next_tid();
	return NULL;
}

static inline int create_thread(void)
{
	pthread_t thread;
	int tid = -ECHILD, err;

	err = pthread_create(&thread, NULL, create_tid, &tid);
	if (err)
		return -err;
	pthread_join(thread, NULL);
	/* its id is in use until the task is gone, a bit after that */
	while (tid > 0 && !access(next_path(getpid(), tid), F_OK))
		probe_sleep_ms(1);
	return tid;
}

/* This way of creation gives exactly this id, and nothing is pending after it. */
static inline bool gives(create_fn create, int want)
{
	int got = create();

	EXPECT(got == want, "expected id %d, got %d, %s", want, got, got < 0 ? strerror(-got) : "");
	return next_is("");
}

/* It fails so, nothing is pending after it, and the next one is as usual, not @chosen. */
static inline bool fails_as(create_fn create, int want, long chosen)
{
	int got = create();

	EXPECT(got == -want, "expected %s, got %d, %s", strerror(want), got,
	       got < 0 ? strerror(-got) : "");
	if (!next_is(""))
		return false;
	got = create();
	EXPECT(got > 0 && got != chosen, "afterwards: expected a usual id, got %d, %s", got,
	       got < 0 ? strerror(-got) : "");
	return true;
}

#endif /* NEXT_ID_PID_H */
