// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of adjustments that were written to /proc/self/semundo: at exit,
 * with other operations, and with clone, threads, exec and namespaces.
 */
#include "semundo.h"
#include <pthread.h>
#include <sys/mount.h>

static const int written[2] = { 5, -6 };

static bool shows_written(pid_t pid, int semid)
{
	return semundo_is(pid, &(struct want) { semid, 2, written }, 1);
}

static bool vals_are(int semid, int first, int second)
{
	return sem_val_is(semid, 0, first) && sem_val_is(semid, 1, second);
}

static bool set_of_10_20(int *semid)
{
	EXPECT_OK(*semid = sem_new(2));
	EXPECT_OK(semctl(*semid, 0, SETVAL, 10));
	EXPECT_OK(semctl(*semid, 1, SETVAL, 20));
	return true;
}

/* A peer that writes to its own file, which is then seen by others. */
struct writer {
	int semid;
	bool (*then)(struct writer *w);
};

static bool writer_run(void *arg)
{
	struct writer *w = arg;

	EXPECT_ERR(0, semundo_put("%d 5 -6\n", w->semid));
	return !w->then || w->then(w);
}

/* It had no list. While it lives the semaphores stay, then they change. */
static bool applied_at_exit(struct writer *w)
{
	struct peer p;

	return set_of_10_20(&w->semid) && peer_start(&p, writer_run, w) &&
	       shows_written(p.pid, w->semid) && vals_are(w->semid, 10, 20) &&
	       peer_end(&p, true) && vals_are(w->semid, 15, 14);
}

static bool at_exit(void)
{
	return applied_at_exit(&(struct writer) { .then = NULL });
}

/* No list yet: the write makes one. */
static bool no_list_yet(void)
{
	int a;

	if (!semundo_is(0, NULL, 0) || !set_of_10_20(&a))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	return shows_written(0, a);
}

static bool then_zero(struct writer *w)
{
	EXPECT_OK(sem_undo(w->semid, 0, 3));
	EXPECT_ERR(0, semundo_put("%d 0 0\n", w->semid));
	return true;
}

/* Zeros take back what was to be undone. */
static bool zeros_at_exit(void)
{
	struct writer w = { .then = then_zero };
	struct peer p;

	return set_of_10_20(&w.semid) && peer_start(&p, writer_run, &w) && peer_end(&p, true) &&
	       vals_are(w.semid, 13, 20);
}

/* An operation adds to what was written. */
static bool semop_adds(void)
{
	static const int adj[2] = { 4, -4 };
	int a;

	if (!set_of_10_20(&a))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(sem_undo(a, 1, -2));
	return semundo_is(0, &(struct want) { a, 2, adj }, 1) && vals_are(a, 11, 18);
}

/* The limits of semop hold for what was written as well. */
static bool semop_range(void)
{
	int a;

	if (!set_of_10_20(&a))
		return false;
	EXPECT_ERR(0, semundo_put("%d -32768 32767\n", a));
	EXPECT(sem_undo(a, 0, 1) == -1 && errno == ERANGE, "semop: expected %s, got %s",
	       strerror(ERANGE), strerror(errno));
	EXPECT(sem_undo(a, 1, -1) == -1 && errno == ERANGE, "semop: expected %s, got %s",
	       strerror(ERANGE), strerror(errno));
	return true;
}

/* SETVAL and SETALL clear what was written, as any adjustment. */
static bool setval_clears(void)
{
	static const int half[2] = { 5, 0 }, none[2] = { 0, 0 };
	unsigned short vals[2] = { 1, 1 };
	int a;

	if (!set_of_10_20(&a))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	EXPECT_OK(semctl(a, 1, SETVAL, 1));
	if (!semundo_is(0, &(struct want) { a, 2, half }, 1))
		return false;
	EXPECT_OK(semctl(a, 0, SETALL, vals));
	return semundo_is(0, &(struct want) { a, 2, none }, 1);
}

/* A set that is removed takes along what was written. */
static bool rmid_clears(void)
{
	int a, b;

	if (!set_of_10_20(&a) || !set_of_10_20(&b))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n%d 5 -6\n", a, b));
	EXPECT_OK(semctl(a, 0, IPC_RMID));
	return shows_written(0, b);
}

/* Adjustments of others for the same set are theirs. */
static bool own_values_only(void)
{
	struct target t = { 0 };
	struct peer p;

	if (!target_start(&p, &t))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", t.semid));
	return shows_raised(p.pid, &t) && shows_written(0, t.semid) && peer_end(&p, true) &&
	       shows_written(0, t.semid);
}

/* ---- clone and threads --------------------------------------------------- */

struct share {
	int semid, parent_fd;
	int to_child[2], from_child[2];
};

static int share_child(void *arg)
{
	struct share *s = arg;
	char c = 'r', text[32];

	/* one list, but not its file */
	snprintf(text, sizeof(text), "%d 1 1\n", s->semid);
	if (semundo_put_fd(s->parent_fd, text, strlen(text)) != EPERM)
		return KSFT_FAIL;
	if (semundo_put("%d 5 -6\n", s->semid))
		return KSFT_FAIL;
	if (write(s->from_child[1], &c, 1) != 1 || read(s->to_child[0], &c, 1) != 1)
		return KSFT_FAIL;
	return KSFT_PASS;
}

/* CLONE_SYSVSEM: what one writes both have, and it is due when both have gone. */
static bool clone_sysvsem_shared(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct share s;
	int pid, status;
	char c;

	if (!set_of_10_20(&s.semid))
		return false;
	EXPECT_OK(s.parent_fd = open("/proc/self/semundo", O_RDWR));
	EXPECT_OK(pipe(s.to_child));
	EXPECT_OK(pipe(s.from_child));
	EXPECT_OK(sem_undo(s.semid, 0, 3));
	EXPECT_OK(pid = clone(share_child, stack + sizeof(stack), CLONE_SYSVSEM | SIGCHLD, &s));
	close(s.from_child[1]);
	EXPECT(read(s.from_child[0], &c, 1) == 1, "expected the child to be ready");
	if (!shows_written(0, s.semid) || !shows_written(pid, s.semid))
		return false;
	EXPECT(write(s.to_child[1], "g", 1) == 1, "write: %s", strerror(errno));
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT(!status, "child: expected exit status 0, got %#x", status);
	/* not due yet */
	if (!shows_written(0, s.semid) || !vals_are(s.semid, 13, 20))
		return false;
	EXPECT_OK(unshare(CLONE_SYSVSEM));
	return vals_are(s.semid, 18, 14);
}

static int thread_semid;
static pid_t thread_tid;
static bool thread_ok;

static void *thread_writes(void *arg)
{
	(void)arg;
	thread_ok = !semundo_put("%d 5 -6\n", thread_semid);
	return NULL;
}

static bool run_thread(void *(*fn)(void *))
{
	pthread_t thread;

	EXPECT(!pthread_create(&thread, NULL, fn, NULL), "pthread_create failed");
	EXPECT(!pthread_join(thread, NULL), "pthread_join failed");
	EXPECT(thread_ok, "the thread failed");
	return true;
}

/* A thread writes for all of them, and its end applies nothing. */
static bool thread_shares(void)
{
	return set_of_10_20(&thread_semid) && run_thread(thread_writes) &&
	       shows_written(0, thread_semid) && vals_are(thread_semid, 10, 20);
}

static void *thread_leaves(void *arg)
{
	(void)arg;
	thread_tid = gettid();
	thread_ok = !unshare(CLONE_SYSVSEM) && !semundo_put("%d 5 -6\n", thread_semid) &&
		    vals_are(thread_semid, 13, 20);
	return NULL;
}

/* A thread that left the shared list writes to its own, due when it ends. */
static bool thread_with_own_list(void)
{
	struct target t;
	char path[40];

	if (!set_of_10_20(&thread_semid))
		return false;
	t.semid = thread_semid;
	EXPECT_OK(sem_undo(t.semid, 0, 3));
	if (!run_thread(thread_leaves))
		return false;
	/* the join does not wait for all of its end */
	snprintf(path, sizeof(path), "/proc/self/task/%d", (int)thread_tid);
	while (!access(path, F_OK))
		probe_sleep_ms(1);
	return shows_raised(0, &t) && vals_are(t.semid, 18, 14);
}

/* ---- fork, exec, namespaces ---------------------------------------------- */

static bool nothing(void *arg)
{
	(void)arg;
	return true;
}

static bool fork_starts_empty(void)
{
	struct peer p;
	int a;

	if (!set_of_10_20(&a))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	return peer_start(&p, nothing, NULL) && semundo_is(p.pid, NULL, 0) &&
	       peer_end(&p, true) && shows_written(0, a) && vals_are(a, 10, 20);
}

static bool then_exec(struct writer *w)
{
	char in[12], out[12], fd[12], id[12];

	snprintf(in, sizeof(in), "%d", peer_in);
	snprintf(out, sizeof(out), "%d", peer_out);
	/* zeros through this one, after the exec, then again what it was */
	snprintf(fd, sizeof(fd), "%d", open("/proc/self/semundo", O_RDWR));
	snprintf(id, sizeof(id), "%d", w->semid);
	EXPECT_OK(execl("/proc/self/exe", "semundo_write_whose", "--after-exec", in, out, fd, id,
			NULL));
	return false;
}

/* What was written is kept by exec, and a descriptor stays that of the process. */
static bool exec_keeps(void)
{
	/* the new program says that it is ready: see after_exec() */
	return applied_at_exit(&(struct writer) { .then = then_exec });
}

static int after_exec(int fd, int semid)
{
	static const int other[2] = { 1, 2 };
	char text[32];

	if (!shows_written(0, semid))
		return KSFT_FAIL;
	snprintf(text, sizeof(text), "%d 1 2\n", semid);
	if (semundo_put_fd(fd, text, strlen(text)) ||
	    !semundo_is(0, &(struct want) { semid, 2, other }, 1))
		return KSFT_FAIL;
	snprintf(text, sizeof(text), "%d 5 -6\n", semid);
	if (semundo_put_fd(fd, text, strlen(text)))
		return KSFT_FAIL;
	return peer_pause() ? KSFT_PASS : KSFT_FAIL;
}

/* The set is that of the writer's IPC namespace, where another has the same id. */
static bool own_namespace(void)
{
	int a, i;

	EXPECT_OK(unshare(CLONE_NEWIPC));
	for (i = 0; i < 3; i++)
		EXPECT_OK(a = semget(IPC_PRIVATE, 1, 0600));
	EXPECT_ERR(0, semundo_put("%d 7\n", a));
	EXPECT_OK(unshare(CLONE_NEWIPC));
	if (!semundo_is(0, NULL, 0))
		return false;
	for (i = 0; i < 3; i++)
		EXPECT_OK(a = semget(IPC_PRIVATE, 2, 0600));
	EXPECT_ERR(EINVAL, semundo_put("%d 7\n", a));
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	return shows_written(0, a);
}

#define NEST_DEPTH 3

/* Through the /proc of the outermost PID namespace, and one of the innermost. */
static bool nested_run(void *arg)
{
	int semid = *(int *)arg, depth, status;
	pid_t pid;

	for (depth = 0; depth < NEST_DEPTH; depth++) {
		EXPECT_OK(unshare(CLONE_NEWPID));
		EXPECT_OK(pid = fork());
		if (pid)
			_exit(waitpid(pid, &status, 0) == pid && !status ? KSFT_PASS : KSFT_FAIL);
	}
	EXPECT_ERR(0, semundo_put("%d 1 2\n", semid));
	EXPECT_OK(unshare(CLONE_NEWNS));
	EXPECT_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mount("proc", "/proc", "proc", 0, NULL));
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", semid));
	return shows_written(1, semid);
}

static bool nested_pid_namespace(void)
{
	struct peer p;
	int a;

	return set_of_10_20(&a) && peer_start(&p, nested_run, &a) && vals_are(a, 10, 20) &&
	       peer_end(&p, true) && vals_are(a, 15, 14);
}

static const struct probe_case cases[] = {
	{ "semundo.write.at_exit", at_exit },
	{ "semundo.write.no_list_yet", no_list_yet },
	{ "semundo.write.zeros_at_exit", zeros_at_exit },
	{ "semundo.write.semop_adds", semop_adds },
	{ "semundo.write.semop_range", semop_range },
	{ "semundo.write.setval_clears", setval_clears },
	{ "semundo.write.rmid_clears", rmid_clears },
	{ "semundo.write.own_values_only", own_values_only },
	{ "semundo.write.clone_sysvsem_shared", clone_sysvsem_shared },
	{ "semundo.write.thread_shares", thread_shares },
	{ "semundo.write.thread_with_own_list", thread_with_own_list },
	{ "semundo.write.fork_starts_empty", fork_starts_empty },
	{ "semundo.write.exec_keeps", exec_keeps },
	{ "semundo.write.own_namespace", own_namespace },
	{ "semundo.write.nested_pid_namespace", nested_pid_namespace },
};

int main(int argc, char **argv)
{
	/* the program that exec_keeps becomes */
	if (argc == 6 && !strcmp(argv[1], "--after-exec")) {
		peer_in = atoi(argv[2]);
		peer_out = atoi(argv[3]);
		return after_exec(atoi(argv[4]), atoi(argv[5]));
	}
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_writable);
}
