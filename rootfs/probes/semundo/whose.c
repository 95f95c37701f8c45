// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/semundo: whose adjustments it shows. Namespaces, threads, and what
 * clone, fork, exec and unshare make of the list.
 */
#include "semundo.h"
#include <pthread.h>
#include <sys/mount.h>

/* ---- IPC namespaces ----------------------------------------------------- */

struct ns_target {
	int *shared_id;		/* the set in the new namespace */
};

static bool ns_run(void *arg)
{
	struct ns_target *t = arg;

	EXPECT_OK(unshare(CLONE_NEWIPC));
	EXPECT_OK(*t->shared_id = semget(IPC_PRIVATE, 3, 0600));
	EXPECT_OK(sem_undo(*t->shared_id, 2, 8));
	return true;
}

/*
 * The target has a set in an IPC namespace of its own. The reader has sets with
 * all low ids, of another size, so that a look-up in the wrong namespace shows.
 */
static bool target_namespace(void)
{
	static const int inner[3] = { 0, 0, -8 };
	struct ns_target t;
	struct want w = { 0, 3, inner };
	struct peer p;
	int i, fd, id = -1;

	t.shared_id = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(t.shared_id != MAP_FAILED, "mmap: %s", strerror(errno));
	EXPECT_OK(unshare(CLONE_NEWIPC));
	for (i = 0; i < 4; i++)
		EXPECT_OK(id = semget(IPC_PRIVATE, 1, 0600));
	EXPECT_OK(semctl(id, 0, IPC_RMID));

	if (!peer_start(&p, ns_run, &t))
		return false;
	w.semid = *t.shared_id;
	EXPECT(semctl(w.semid, 0, GETVAL) == 0,
	       "expected a set %d in the namespace of the reader, got %s", w.semid,
	       strerror(errno));
	if (!semundo_is(p.pid, &w, 1))
		return false;

	/* and if the reader changes its own namespace in the middle */
	fd = semundo_open(p.pid);
	if (fd < 0)
		return false;
	EXPECT_OK(unshare(CLONE_NEWIPC));
	EXPECT(semctl(w.semid, 0, GETVAL) == -1, "expected no set in a new namespace");
	return semundo_fd_is(fd, &w, 1);
}

/* ---- PID namespaces ----------------------------------------------------- */

#define NEST_DEPTH 3

/* A process three PID namespaces below, which is pid 1 of the last. */
struct nest {
	struct target t;
	bool own_proc;		/* it looks at a /proc of its own namespace */
	pid_t *outer;		/* its pid here */
};

/* Only the process at the bottom returns. */
static bool nest_run(void *arg)
{
	struct nest *n = arg;
	char self[16] = "";
	int depth, status;
	pid_t pid;

	for (depth = 0; depth < NEST_DEPTH; depth++) {
		EXPECT_OK(unshare(CLONE_NEWPID));
		EXPECT_OK(pid = fork());
		if (pid)
			_exit(waitpid(pid, &status, 0) == pid && !status ? KSFT_PASS : KSFT_FAIL);
	}
	EXPECT(getpid() == 1, "expected to be pid 1, got %d", (int)getpid());
	EXPECT(readlink("/proc/self", self, sizeof(self) - 1) > 0, "readlink: %s",
	       strerror(errno));
	*n->outer = atoi(self);
	EXPECT_OK(sem_undo(n->t.semid, 0, 3));
	if (n->own_proc) {
		EXPECT_OK(unshare(CLONE_NEWNS));
		EXPECT_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
		EXPECT_OK(mount("proc", "/proc", "proc", 0, NULL));
		return shows_raised(1, &n->t) && shows_raised(0, &n->t);
	}
	/* the /proc of the reader, where self is the pid there */
	return shows_raised(0, &n->t);
}

static bool nest_start(struct peer *p, struct nest *n)
{
	n->outer = mmap(NULL, sizeof(*n->outer), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(n->outer != MAP_FAILED, "mmap: %s", strerror(errno));
	EXPECT_OK(n->t.semid = sem_new(2));
	/* of the reader, lest it show what is its own */
	EXPECT_OK(sem_undo(n->t.semid, 1, 1));
	return peer_start(p, nest_run, n);
}

/* From outside, by the pid that it has there. */
static bool nested_from_outside(void)
{
	struct nest n = { 0 };
	struct peer p;

	return nest_start(&p, &n) && shows_raised(*n.outer, &n.t) && peer_end(&p, true);
}

/* From inside, as pid 1 of a /proc of that namespace. */
static bool nested_from_inside(void)
{
	struct nest n = { .own_proc = true };
	struct peer p;

	return nest_start(&p, &n) && peer_end(&p, true);
}

/* ---- threads ------------------------------------------------------------ */

static struct target thread_target;
static bool thread_ok;

static void *thread_raises(void *arg)
{
	(void)arg;
	/* what a thread did, seen by the thread itself */
	thread_ok = !sem_undo(thread_target.semid, 0, 3) && shows_raised(0, &thread_target);
	return NULL;
}

/* Threads share the list: the file of the process shows what any of them did. */
static bool threads_share(void)
{
	pthread_t thread;

	EXPECT_OK(thread_target.semid = sem_new(2));
	EXPECT(!pthread_create(&thread, NULL, thread_raises, NULL), "pthread_create failed");
	EXPECT(!pthread_join(thread, NULL), "pthread_join failed");
	EXPECT(thread_ok, "expected the thread to see its own adjustments");
	/* the thread has ended, and the list goes on */
	return shows_raised(0, &thread_target) && shows_raised(getpid(), &thread_target);
}

static void *thread_leaves(void *arg)
{
	(void)arg;
	thread_ok = !unshare(CLONE_SYSVSEM) && !sem_undo(thread_target.semid, 1, 9) &&
		    shows_raised(0, &thread_target);
	return NULL;
}

/* A thread that left the shared list: the file shows the one of the leader. */
static bool thread_with_own_list(void)
{
	pthread_t thread;

	EXPECT_OK(thread_target.semid = sem_new(2));
	EXPECT_OK(sem_undo(thread_target.semid, 0, 3));
	EXPECT(!pthread_create(&thread, NULL, thread_leaves, NULL), "pthread_create failed");
	EXPECT(!pthread_join(thread, NULL), "pthread_join failed");
	EXPECT(thread_ok, "expected the thread to see what the leader has");
	return shows_raised(0, &thread_target);
}

/* ---- clone, fork, exec, unshare ----------------------------------------- */

/* clone(CLONE_SYSVSEM): one list, two files. */
struct share {
	int semid;
	int to_child[2], from_child[2];
};

static int share_child(void *arg)
{
	struct share *s = arg;
	char c = 'r';

	if (sem_undo(s->semid, 1, 5))
		return KSFT_FAIL;
	if (write(s->from_child[1], &c, 1) != 1 || read(s->to_child[0], &c, 1) != 1)
		return KSFT_FAIL;
	return KSFT_PASS;
}

static bool clone_sysvsem_shared(void)
{
	static const int first[2] = { -3, -5 }, last[2] = { -4, -5 };
	static char stack[65536] __attribute__((aligned(16)));
	struct share s;
	int pid, val, status;
	char c;

	EXPECT_OK(s.semid = sem_new(2));
	EXPECT_OK(pipe(s.to_child));
	EXPECT_OK(pipe(s.from_child));
	EXPECT_OK(sem_undo(s.semid, 0, 3));
	EXPECT_OK(pid = clone(share_child, stack + sizeof(stack), CLONE_SYSVSEM | SIGCHLD, &s));
	EXPECT(read(s.from_child[0], &c, 1) == 1, "expected the child to be ready");

	/* what either did, both show */
	if (!semundo_is(0, &(struct want) { s.semid, 2, first }, 1) ||
	    !semundo_is(pid, &(struct want) { s.semid, 2, first }, 1))
		return false;
	EXPECT_OK(sem_undo(s.semid, 0, 1));
	if (!semundo_is(0, &(struct want) { s.semid, 2, last }, 1) ||
	    !semundo_is(pid, &(struct want) { s.semid, 2, last }, 1))
		return false;

	/* one of two goes: nothing is undone */
	EXPECT(write(s.to_child[1], "g", 1) == 1, "write: %s", strerror(errno));
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT(!status, "child: expected exit status 0, got %#x", status);
	EXPECT_OK(val = semctl(s.semid, 1, GETVAL));
	EXPECT(val == 5, "semval: expected 5, got %d", val);
	return semundo_is(0, &(struct want) { s.semid, 2, last }, 1);
}

static int leave_child(void *arg)
{
	struct share *s = arg;
	char c = 'r';

	if (write(s->from_child[1], &c, 1) != 1 || read(s->to_child[0], &c, 1) != 1)
		return KSFT_FAIL;
	if (unshare(CLONE_SYSVSEM) || sem_undo(s->semid, 1, 5))
		return KSFT_FAIL;
	if (write(s->from_child[1], &c, 1) != 1 || read(s->to_child[0], &c, 1) != 1)
		return KSFT_FAIL;
	return KSFT_PASS;
}

#define KCMP_IS(pid, same) do {							\
	int got_ = semundo_kcmp(getpid(), pid);					\
	EXPECT((same) ? !got_ : got_ == 1 || got_ == 2,				\
	       "kcmp: expected %s, got %d, %s", (same) ? "0" : "1 or 2", got_,	\
	       got_ < 0 ? strerror(errno) : "");				\
} while (0)

/* kcmp() compares the lists: the same if the files of both show one, until one leaves it. */
static bool kcmp_tells(void)
{
	static const int own[2] = { 0, -5 };
	static char stack[65536] __attribute__((aligned(16)));
	struct target other = { 0 };
	int pid, status;
	struct share s;
	struct peer p;
	char c;

	EXPECT_OK(s.semid = sem_new(2));
	EXPECT_OK(pipe(s.to_child));
	EXPECT_OK(pipe(s.from_child));
	EXPECT_OK(sem_undo(s.semid, 0, 3));
	KCMP_IS(getpid(), true);
	EXPECT_OK(pid = clone(leave_child, stack + sizeof(stack), CLONE_SYSVSEM | SIGCHLD, &s));
	EXPECT(read(s.from_child[0], &c, 1) == 1, "expected the child to be ready");
	KCMP_IS(pid, true);
	/* neither file holds a list of its own, nor does a reader change one */
	if (!semundo_is(0, &(struct want) { s.semid, 2, raised }, 1) ||
	    !semundo_is(pid, &(struct want) { s.semid, 2, raised }, 1))
		return false;
	KCMP_IS(pid, true);

	if (!target_start(&p, &other) || !shows_raised(p.pid, &other))
		return false;
	KCMP_IS(p.pid, false);
	if (!peer_end(&p, true))
		return false;

	EXPECT(write(s.to_child[1], "g", 1) == 1, "write: %s", strerror(errno));
	EXPECT(read(s.from_child[0], &c, 1) == 1, "expected the child to be ready again");
	KCMP_IS(pid, false);
	if (!semundo_is(0, &(struct want) { s.semid, 2, raised }, 1) ||
	    !semundo_is(pid, &(struct want) { s.semid, 2, own }, 1))
		return false;
	EXPECT(write(s.to_child[1], "g", 1) == 1, "write: %s", strerror(errno));
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT(!status, "child: expected exit status 0, got %#x", status);
	return true;
}

static bool nothing(void *arg)
{
	(void)arg;
	return true;
}

static bool fork_starts_empty(void)
{
	struct peer p;
	int a;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(sem_undo(a, 0, 3));
	if (!semundo_is(0, &(struct want) { a, 2, raised }, 1))
		return false;
	return peer_start(&p, nothing, NULL) && semundo_is(p.pid, NULL, 0) &&
	       peer_end(&p, true);
}

static bool then_exec(struct target *t)
{
	char in[12], out[12];

	(void)t;
	snprintf(in, sizeof(in), "%d", peer_in);
	snprintf(out, sizeof(out), "%d", peer_out);
	EXPECT_OK(execl("/proc/self/exe", "semundo_whose", "--after-exec", in, out, NULL));
	return false;
}

static bool exec_keeps(void)
{
	struct target t = { .then = then_exec };
	struct peer p;
	int val;

	/* the new program says that it is ready: see main() */
	if (!target_start(&p, &t) || !shows_raised(p.pid, &t) || !peer_end(&p, true))
		return false;
	EXPECT_OK(val = semctl(t.semid, 0, GETVAL));
	EXPECT(val == 0, "semval after the exit: expected 0, got %d", val);
	return true;
}

static bool then_unshare(struct target *t)
{
	if (!peer_pause())
		return false;
	EXPECT_OK(unshare(CLONE_SYSVSEM));
	if (!peer_pause())
		return false;
	EXPECT_OK(sem_undo(t->semid, 1, 4));
	return true;
}

static bool unshare_empties(void)
{
	static const int anew[2] = { 0, -4 };
	struct target t = { .then = then_unshare };
	struct peer p;
	int fd, val;

	if (!target_start(&p, &t))
		return false;
	fd = semundo_open(p.pid);
	if (fd < 0 || !semundo_fd_is(fd, &(struct want) { t.semid, 2, raised }, 1))
		return false;
	if (!peer_go(&p) || !peer_wait(&p))
		return false;
	/* also through the file that was open */
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	if (!semundo_is(p.pid, NULL, 0) || !semundo_fd_is(fd, NULL, 0))
		return false;
	EXPECT_OK(val = semctl(t.semid, 0, GETVAL));
	EXPECT(val == 0, "semval after unshare: expected 0, got %d", val);
	/* and the list that is made after it */
	if (!peer_go(&p) || !peer_wait(&p))
		return false;
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	if (!semundo_fd_is(fd, &(struct want) { t.semid, 2, anew }, 1))
		return false;
	return peer_end(&p, true);
}

static const struct probe_case cases[] = {
	{ "semundo.read.target_namespace", target_namespace },
	{ "semundo.read.nested_from_outside", nested_from_outside },
	{ "semundo.read.nested_from_inside", nested_from_inside },
	{ "semundo.read.threads_share", threads_share },
	{ "semundo.read.thread_with_own_list", thread_with_own_list },
	{ "semundo.read.clone_sysvsem_shared", clone_sysvsem_shared },
	{ "semundo.read.kcmp", kcmp_tells },
	{ "semundo.read.fork_starts_empty", fork_starts_empty },
	{ "semundo.read.exec_keeps", exec_keeps },
	{ "semundo.read.unshare_empties", unshare_empties },
};

int main(int argc, char **argv)
{
	/* the program that exec_keeps becomes */
	if (argc == 4 && !strcmp(argv[1], "--after-exec")) {
		peer_in = atoi(argv[2]);
		peer_out = atoi(argv[3]);
		return peer_pause() ? KSFT_PASS : KSFT_FAIL;
	}
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_present);
}
