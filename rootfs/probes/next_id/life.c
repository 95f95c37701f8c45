// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of the pending id of a thread when it executes a program,
 * creates children and threads, or exits, and what others see meanwhile.
 */
#include "next_id.h"

#include <sys/resource.h>

/* ---- exec --------------------------------------------------------------- */

static int after_exec(const char *text)
{
	return next_is(text) ? 0 : 1;
}

static void exec_self(const char *text)
{
	execl("/proc/self/exe", "next_id_life", "--after-exec", text, NULL);
}

static bool exec_child(void *arg)
{
	(void)arg;
	WRITE("LONG 5\n");
	exec_self("LONG 5\n");
	return false;
}

static bool survives_exec(void)
{
	return in_child(exec_child, NULL);
}

static pthread_barrier_t meet;

static void *exec_thread(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&meet);
	if (!next_write("LONG 7\n"))
		exec_self("LONG 7\n");
	_exit(1);
}

static bool exec_thread_child(void *arg)
{
	pthread_t thread;

	(void)arg;
	pthread_barrier_init(&meet, NULL, 2);
	EXPECT(!pthread_create(&thread, NULL, exec_thread, NULL), "pthread_create");
	WRITE("LONG 5\n");
	pthread_barrier_wait(&meet);
	pthread_join(thread, NULL);
	return false;
}

/* The thread that executes gets the id of the process, but keeps what it wrote. */
static bool survives_exec_of_thread(void)
{
	return in_child(exec_thread_child, NULL);
}

/* ---- never inherited ---------------------------------------------------- */

static bool shows_nothing(void *arg)
{
	(void)arg;
	return next_is("");
}

static bool not_inherited_fork(void)
{
	WRITE("LONG %d\n", free_pid());
	return in_child(shows_nothing, NULL);
}

static int shows_nothing_code(void *arg)
{
	return shows_nothing(arg) ? 0 : 1;
}

static bool cloned(int flags)
{
	static char stack[65536] __attribute__((aligned(16)));
	int pid;

	WRITE("LONG %d\n", free_pid());
	EXPECT_OK(pid = clone(shows_nothing_code, stack + sizeof(stack), flags | SIGCHLD, NULL));
	return exited_well(pid);
}

static bool not_inherited_vfork(void)
{
	return cloned(CLONE_VM | CLONE_VFORK);
}

static bool not_inherited_clone(void)
{
	return cloned(CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_SYSVSEM);
}

static void *shows_nothing_thread(void *arg)
{
	*(bool *)arg = next_is("");
	return NULL;
}

static bool not_inherited_thread(void)
{
	pthread_t thread;
	bool ok = false;

	WRITE("LONG %d\n", free_pid());
	EXPECT(!pthread_create(&thread, NULL, shows_nothing_thread, &ok), "pthread_create");
	pthread_join(thread, NULL);
	return ok;
}

/* The child of an explicit id has nothing; what the parent wrote is pending on. */
static bool not_inherited_set_tid(void)
{
	int want = free_pid();
	struct next_clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (unsigned long)&want,
		.set_tid_size = 1,
	};
	int pid;

	WRITE("LONG 5\n");
	pid = next_clone3(&args);
	EXPECT(pid != -1, "clone3: %s", strerror(errno));
	if (!pid)
		_exit(shows_nothing(NULL) ? 0 : 1);
	return exited_well(pid) && next_is("LONG 5\n");
}

/* ---- apart from each other ---------------------------------------------- */

static bool child_writes(void *arg)
{
	(void)arg;
	WRITE("LONG 7\n");
	return next_is("LONG 7\n");
}

static bool child_apart(void)
{
	struct peer p;

	if (!peer_start(&p, child_writes, NULL))
		return false;
	WRITE("LONG 5\n");
	if (!next_is("LONG 5\n") || !next_path_is(next_path(p.pid, p.pid), "LONG 7\n"))
		return false;
	return peer_end(&p, true) && next_is("LONG 5\n");
}

#define THREADS 4
#define ROUNDS 100

static void *own_only(void *arg)
{
	char text[32];
	bool ok = true;
	int i;

	pthread_barrier_wait(&meet);
	for (i = 0; i < ROUNDS && ok; i++) {
		snprintf(text, sizeof(text), "LONG %d\n", (int)next_tid() * 1000 + i);
		ok = !next_write(text);
		sched_yield();
		ok = ok && next_is(text);
	}
	*(bool *)arg = ok;
	return NULL;
}

static bool threads_apart(void)
{
	pthread_t threads[THREADS];
	bool ok[THREADS] = { 0 };
	int i;

	pthread_barrier_init(&meet, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, own_only, &ok[i]), "pthread_create");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < THREADS; i++)
		EXPECT(ok[i], "thread %d: expected what it wrote", i);
	return next_is("");
}

/* ---- freed -------------------------------------------------------------- */

static bool dies(void *arg)
{
	(void)arg;
	WRITE("LONG 5\n");
	return !raise(SIGKILL);
}

static void *exits(void *arg)
{
	*(bool *)arg = !next_write("LONG 5\n");
	return NULL;
}

/* What this leaves behind, kmemleak finds; what it frees twice, KASAN. */
static bool freed_at_exit(void)
{
	int i, pid, status;

	for (i = 0; i < 20; i++) {
		pthread_t thread;
		bool ok = false;

		if (!in_child(child_writes, NULL))
			return false;
		pid = fork();
		EXPECT(pid >= 0, "fork: %s", strerror(errno));
		if (!pid)
			_exit(dies(NULL));
		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT(WIFSIGNALED(status), "expected a child that was killed, got %#x", status);
		EXPECT(!pthread_create(&thread, NULL, exits, &ok), "pthread_create");
		pthread_join(thread, NULL);
		EXPECT(ok, "expected to write in a thread");
	}
	return next_is("");
}

static bool freed_when_replaced(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		WRITE("LONG %d\n", i);
		if (i % 3 == 0)
			WRITE("\n");
		WRITE_FAILS(EINVAL, "LONG 5 5\n");
	}
	/* the last of them was cleared */
	return next_is("");
}

/*
 * A fork that fails after the copy of the task: what the parent wrote must not
 * be freed with the copy.
 */
static bool failed_fork(void)
{
	struct rlimit none = { 0, 0 };
	int i, pid;

	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
	if (!become_nobody())
		return false;
	EXPECT_OK(caps_keep(CAP(CAP_CHECKPOINT_RESTORE)));
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	EXPECT_OK(setrlimit(RLIMIT_NPROC, &none));
	for (i = 0; i < 20; i++) {
		WRITE("LONG %d\n", 1000 + i);
		pid = fork();
		if (!pid)
			_exit(0);
		EXPECT(pid == -1 && errno == EAGAIN, "fork: expected %s, got %d, %s",
		       strerror(EAGAIN), pid, strerror(errno));
	}
	WRITE("LONG 5\n");
	return next_is("LONG 5\n");
}

static const struct probe_case cases[] = {
	{ "next_id.file.survives_exec", survives_exec },
	{ "next_id.file.survives_exec_of_thread", survives_exec_of_thread },
	{ "next_id.file.not_inherited_fork", not_inherited_fork },
	{ "next_id.file.not_inherited_vfork", not_inherited_vfork },
	{ "next_id.file.not_inherited_clone", not_inherited_clone },
	{ "next_id.file.not_inherited_thread", not_inherited_thread },
	{ "next_id.file.not_inherited_set_tid", not_inherited_set_tid },
	{ "next_id.file.child_apart", child_apart },
	{ "next_id.file.threads_apart", threads_apart },
	{ "next_id.file.freed_at_exit", freed_at_exit },
	{ "next_id.file.freed_when_replaced", freed_when_replaced },
	{ "next_id.file.failed_fork", failed_fork },
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--after-exec"))
		return after_exec(argv[2]);
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
