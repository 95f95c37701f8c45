// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/semundo of another process: who may read it, whose adjustments
 * it shows, and what becomes of it when that process changes or goes.
 */
#include "semundo.h"

#define NOBODY 65534

/* What becomes of a process with one set, whose first semaphore it raised. */
struct target {
	int semid;
	bool (*then)(struct target *t);
};

static const int raised[2] = { -3, 0 };

static bool target_run(void *arg)
{
	struct target *t = arg;

	EXPECT_OK(sem_undo(t->semid, 0, 3));
	return !t->then || t->then(t);
}

static bool target_start(struct peer *p, struct target *t)
{
	EXPECT_OK(t->semid = sem_new(2));
	return peer_start(p, target_run, t);
}

static bool shows_raised(pid_t pid, const struct target *t)
{
	return semundo_is(pid, &(struct want) { t->semid, 2, raised }, 1);
}

/* ---- permission --------------------------------------------------------- */

/* errno of an open for reading, 0 for success */
static int open_errno(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static bool become_nobody(void)
{
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	return true;
}

/* An unprivileged user, a process of root: EACCES, as for maps. */
static bool foreign_needs_ptrace(void)
{
	struct target t = { 0 };
	struct peer p;
	int got;

	/* root may, so what follows is about the right and not the file */
	if (!target_start(&p, &t) || !shows_raised(p.pid, &t) || !become_nobody())
		return false;
	/* the own file needs no right */
	got = open_errno(getpid(), "semundo");
	EXPECT(!got, "own file as uid %d: expected success, got %s", NOBODY, strerror(got));

	got = open_errno(p.pid, "maps");
	EXPECT(got == EACCES, "maps of root: expected %s, got %s", strerror(EACCES),
	       strerror(got));
	got = open_errno(p.pid, "semundo");
	EXPECT(got == EACCES, "semundo of root: expected %s, got %s", strerror(EACCES),
	       strerror(got));
	return true;
}

static bool then_nobody(struct target *t)
{
	(void)t;
	/* a change of uid makes a process undumpable: undo that */
	if (!become_nobody())
		return false;
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	return true;
}

/* An unprivileged user, a process of the same user: allowed. */
static bool foreign_same_user_may(void)
{
	struct target t = { .then = then_nobody };
	struct peer p;

	return target_start(&p, &t) && become_nobody() && shows_raised(p.pid, &t);
}

static bool then_undumpable(struct target *t)
{
	if (!then_nobody(t) || !peer_pause())
		return false;
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 0));
	return true;
}

/*
 * The right is lost while the file is open, as when the target executes a
 * set-user-ID program: open and read fail.
 */
static bool right_lost_later(void)
{
	struct target t = { .then = then_undumpable };
	struct peer p;
	char c;
	int fd, got;
	ssize_t n;

	if (!target_start(&p, &t) || !become_nobody())
		return false;
	fd = semundo_open(p.pid);
	if (fd < 0 || !semundo_fd_is(fd, &(struct want) { t.semid, 2, raised }, 1))
		return false;
	if (!peer_go(&p) || !peer_wait(&p))
		return false;
	got = open_errno(p.pid, "semundo");
	EXPECT(got == EACCES, "open: expected %s, got %s", strerror(EACCES), strerror(got));
	n = pread(fd, &c, 1, 0);
	EXPECT(n == -1 && errno == EACCES, "pread: expected %s, got %zd, %s", strerror(EACCES),
	       n, strerror(errno));
	return true;
}

/* ---- a process that goes ------------------------------------------------ */

static bool gone_is_esrch(void)
{
	struct target t = { 0 };
	struct peer p;
	char path[64];
	int at, fd;

	if (!target_start(&p, &t) || !shows_raised(p.pid, &t))
		return false;
	/* a path that still leads to the file when the directory is gone */
	semundo_path(path, sizeof(path), p.pid);
	EXPECT_OK(at = open(path, O_PATH));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", at);
	fd = open(path, O_RDONLY);
	EXPECT(fd >= 0, "open while it lives: expected a descriptor, got %s", strerror(errno));

	if (!peer_end(&p, true))
		return false;
	fd = open(path, O_RDONLY);
	EXPECT(fd < 0 && errno == ESRCH, "open: expected %s, got %s", strerror(ESRCH),
	       fd < 0 ? strerror(errno) : "a descriptor");
	return true;
}

static bool gone_later_is_empty(void)
{
	struct target t = { 0 };
	struct peer p;
	int fd;

	if (!target_start(&p, &t))
		return false;
	fd = semundo_open(p.pid);
	if (fd < 0 || !semundo_fd_is(fd, &(struct want) { t.semid, 2, raised }, 1))
		return false;

	/* a zombie first, then nothing at all */
	if (!peer_end(&p, false))
		return false;
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	if (!semundo_fd_is(fd, NULL, 0))
		return false;
	EXPECT_OK(waitpid(p.pid, NULL, 0));
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	return semundo_fd_is(fd, NULL, 0);
}

/* A reader in the middle of the file: the undo takes place all the same. */
static bool does_not_delay_undo(void)
{
	struct target t = { 0 };
	struct peer p;
	int fd, val;
	char c;

	if (!target_start(&p, &t))
		return false;
	fd = semundo_open(p.pid);
	if (fd < 0)
		return false;
	EXPECT(read(fd, &c, 1) == 1, "read: expected a byte, got %s", strerror(errno));
	EXPECT_OK(val = semctl(t.semid, 0, GETVAL));
	EXPECT(val == 3, "semval before the exit: expected 3, got %d", val);

	/* the process is not even reaped, and the file is open */
	if (!peer_end(&p, false))
		return false;
	EXPECT_OK(val = semctl(t.semid, 0, GETVAL));
	EXPECT(val == 0, "semval after the exit, file open: expected 0, got %d", val);
	close(fd);
	EXPECT_OK(val = semctl(t.semid, 0, GETVAL));
	EXPECT(val == 0, "semval after the close: expected 0, got %d", val);
	return true;
}

/* ---- whose adjustments -------------------------------------------------- */

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
	EXPECT_OK(execl("/proc/self/exe", "semundo_access", "--after-exec", in, out, NULL));
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
	(void)t;
	if (!peer_pause())
		return false;
	EXPECT_OK(unshare(CLONE_SYSVSEM));
	return true;
}

static bool unshare_empties(void)
{
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
	return peer_end(&p, true);
}

static const struct probe_case cases[] = {
	{ "semundo.read.foreign_needs_ptrace", foreign_needs_ptrace },
	{ "semundo.read.foreign_same_user_may", foreign_same_user_may },
	{ "semundo.read.right_lost_later", right_lost_later },
	{ "semundo.read.gone_is_esrch", gone_is_esrch },
	{ "semundo.read.gone_later_is_empty", gone_later_is_empty },
	{ "semundo.read.does_not_delay_undo", does_not_delay_undo },
	{ "semundo.read.target_namespace", target_namespace },
	{ "semundo.read.clone_sysvsem_shared", clone_sysvsem_shared },
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
