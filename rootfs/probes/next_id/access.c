// SPDX-License-Identifier: GPL-2.0
/*
 * Who may write /proc/<pid>/task/<tid>/next_id, and who may read it.
 */
#include "next_id.h"

#include <sys/fsuid.h>
#include <sys/syscall.h>

/* A peer with something pending, which it may check at the end. */
struct target {
	const char *text;	/* what is pending at first */
	const char *last;	/* what must be pending in the end */
	bool (*then)(struct target *t);
};

static bool target_run(void *arg)
{
	struct target *t = arg;

	WRITE("%s", t->text);
	if (t->then && !t->then(t))
		return false;
	if (!t->last)
		return true;
	return peer_pause() && next_is(t->last);
}

static bool target_end(struct peer *p, struct target *t)
{
	if (t->last && (!peer_go(p) || !peer_wait(p)))
		return false;
	return peer_end(p, true);
}

/* errno of an open, 0 for success */
static int open_errno(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

#define OPEN_GIVES(path, flags, want) do {					\
	int _err = open_errno(path, flags);					\
	EXPECT(_err == (want), "open %s: expected %s, got %s", path,		\
	       strerror(want), strerror(_err));					\
} while (0)

#define FD_WRITE_GIVES(fd, text, want) do {					\
	int _err = next_write_fd(fd, text, strlen(text));			\
	EXPECT(_err == (want), "write of \"%s\": expected %s, got %s",		\
	       next_shown(text), strerror(want), strerror(_err));		\
} while (0)

/* ---- only the thread itself writes -------------------------------------- */

static bool write_other_process(void)
{
	struct target t = { .text = "LONG 5\n", .last = "LONG 5\n" };
	struct peer p;
	int fd;

	if (!peer_start(&p, target_run, &t))
		return false;
	WRITE("LONG 6\n");
	EXPECT_OK(fd = open(next_path(p.pid, p.pid), O_RDWR));
	FD_WRITE_GIVES(fd, "LONG 7\n", EPERM);
	FD_WRITE_GIVES(fd, "\n", EPERM);
	/* before it is looked at what was written */
	FD_WRITE_GIVES(fd, "x\n", EPERM);
	return next_fd_is(fd, "LONG 5\n") && next_is("LONG 6\n") && target_end(&p, &t);
}

struct other_thread {
	pthread_barrier_t meet;
	pid_t tid;
	int fd;			/* of the file of the thread that started it */
	int err;		/* of a write there */
	bool ok;
};

static void *other_thread(void *arg)
{
	struct other_thread *o = arg;

	o->tid = next_tid();
	o->err = next_write_fd(o->fd, "LONG 7\n", 7);
	o->ok = !next_write("LONG 5\n");
	pthread_barrier_wait(&o->meet);
	pthread_barrier_wait(&o->meet);
	o->ok = next_is("LONG 5\n") && o->ok;
	return NULL;
}

/* Both ways: the file of another, and the own one in the hands of another. */
static bool write_other_thread(void)
{
	struct other_thread o = { 0 };
	pthread_t thread;
	int fd;

	EXPECT_OK(o.fd = open(OWN_FILE, O_RDWR));
	pthread_barrier_init(&o.meet, NULL, 2);
	EXPECT(!pthread_create(&thread, NULL, other_thread, &o), "pthread_create");
	pthread_barrier_wait(&o.meet);
	EXPECT(o.err == EPERM, "write by another thread: expected %s, got %s", strerror(EPERM),
	       strerror(o.err));
	WRITE("LONG 6\n");
	EXPECT_OK(fd = open(next_path(getpid(), o.tid), O_RDWR));
	FD_WRITE_GIVES(fd, "LONG 7\n", EPERM);
	if (!next_fd_is(fd, "LONG 5\n") || !next_is("LONG 6\n"))
		return false;
	pthread_barrier_wait(&o.meet);
	pthread_join(thread, NULL);
	EXPECT(o.ok, "expected LONG 5 in the other thread");
	FD_WRITE_GIVES(o.fd, "LONG 8\n", 0);
	return next_is("LONG 8\n");
}

/* The descriptor of the parent, open before the fork. */
static bool inherited_child(void *arg)
{
	int fd = *(int *)arg;

	FD_WRITE_GIVES(fd, "LONG 7\n", EPERM);
	FD_WRITE_GIVES(fd, "\n", EPERM);
	return next_is("");
}

static bool write_inherited(void)
{
	int fd;

	EXPECT_OK(fd = open(OWN_FILE, O_RDWR));
	if (!in_child(inherited_child, &fd))
		return false;
	FD_WRITE_GIVES(fd, "LONG 6\n", 0);
	return next_is("LONG 6\n");
}

/* A descriptor of another process, as one that was passed by it. */
static int take_fd(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	return pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

/* Where the descriptor to take is. */
#define GIVEN_FD	50

static bool then_give(struct target *t)
{
	int fd = open(OWN_FILE, O_RDWR);

	(void)t;
	EXPECT(fd >= 0, "open: %s", strerror(errno));
	EXPECT_OK(dup2(fd, GIVEN_FD));
	return true;
}

static bool write_passed(void)
{
	struct target t = { .text = "LONG 5\n", .last = "LONG 5\n", .then = then_give };
	struct peer p;
	int fd;

	if (!peer_start(&p, target_run, &t))
		return false;
	WRITE("LONG 6\n");
	EXPECT_OK(fd = take_fd(p.pid, GIVEN_FD));
	FD_WRITE_GIVES(fd, "LONG 7\n", EPERM);
	return next_fd_is(fd, "LONG 5\n") && next_is("LONG 6\n") && target_end(&p, &t);
}

static bool then_take(struct target *t)
{
	int fd;

	(void)t;
	if (!peer_pause())
		return false;
	EXPECT_OK(fd = take_fd(getppid(), GIVEN_FD));
	FD_WRITE_GIVES(fd, "LONG 7\n", 0);
	return true;
}

/* Who opened the file does not matter, who writes does. */
static bool write_own_passed(void)
{
	struct target t = { .text = "LONG 5\n", .last = "LONG 7\n", .then = then_take };
	struct peer p;
	int fd;

	if (!peer_start(&p, target_run, &t))
		return false;
	EXPECT_OK(fd = open(next_path(p.pid, p.pid), O_RDWR));
	EXPECT_OK(dup2(fd, GIVEN_FD));
	if (!peer_go(&p) || !peer_wait(&p))
		return false;
	return next_fd_is(fd, "LONG 7\n") && target_end(&p, &t);
}

/* ---- with the right to ---------------------------------------------------*/

#define BOTH (CAP(CAP_CHECKPOINT_RESTORE) | CAP(CAP_SYS_ADMIN))

static bool write_no_capability(void)
{
	WRITE("LONG 5\n");
	/* all but the two */
	EXPECT_OK(caps_keep(~BOTH & (CAP(CAP_CHECKPOINT_RESTORE + 1) - 1)));
	WRITE_FAILS(EPERM, "LONG 6\n");
	WRITE_FAILS(EPERM, "\n");
	if (!next_is("LONG 5\n"))
		return false;
	EXPECT_OK(caps_keep(0));
	WRITE_FAILS(EPERM, "LONG 6\n");
	return next_is("LONG 5\n");
}

static bool write_checkpoint_restore(void)
{
	EXPECT_OK(caps_keep(CAP(CAP_CHECKPOINT_RESTORE)));
	WRITE("LONG 5\n");
	return next_is("LONG 5\n");
}

static bool write_sys_admin(void)
{
	EXPECT_OK(caps_keep(CAP(CAP_SYS_ADMIN)));
	WRITE("LONG 5\n");
	return next_is("LONG 5\n");
}

static bool write_right_lost_later(void)
{
	int fd;

	EXPECT_OK(fd = open(OWN_FILE, O_RDWR));
	FD_WRITE_GIVES(fd, "LONG 5\n", 0);
	EXPECT_OK(caps_keep(0));
	FD_WRITE_GIVES(fd, "LONG 6\n", EPERM);
	return next_fd_is(fd, "LONG 5\n");
}

/* A descriptor that was opened without the right, as by who starts a set-user-ID program. */
static bool write_opener_no_capability(void)
{
	int fd;

	EXPECT_OK(caps_set(0, BOTH));
	EXPECT_OK(fd = open(OWN_FILE, O_RDWR));
	EXPECT_OK(caps_set(BOTH, BOTH));
	FD_WRITE_GIVES(fd, "LONG 6\n", EPERM);
	if (!next_fd_is(fd, ""))
		return false;
	WRITE("LONG 5\n");
	return next_is("LONG 5\n");
}

static bool owned_pid_ns(void *arg)
{
	(void)arg;
	WRITE("LONG 5\n");
	return next_is("LONG 5\n");
}

static bool other_user_ns(void *arg)
{
	(void)arg;
	/* every capability here, and none where the PID namespace belongs */
	EXPECT_OK(unshare(CLONE_NEWUSER));
	WRITE_FAILS(EPERM, "LONG 5\n");
	if (!next_is(""))
		return false;
	EXPECT_OK(unshare(CLONE_NEWPID));
	return in_child(owned_pid_ns, NULL);
}

static bool write_user_namespace(void)
{
	return in_child(other_user_ns, NULL);
}

/* A process is in the PID namespace where it was born; the one for its children is another. */
static bool write_user_namespace_unshared(void)
{
	EXPECT_OK(unshare(CLONE_NEWUSER | CLONE_NEWPID));
	WRITE_FAILS(EPERM, "LONG 5\n");
	WRITE_FAILS(EPERM, "\n");
	return next_is("");
}

/* ---- reading ------------------------------------------------------------ */

static bool read_needs_ptrace(void)
{
	struct target t = { .text = "LONG 5\n" };
	struct peer p;
	const char *path;

	if (!peer_start(&p, target_run, &t))
		return false;
	WRITE("LONG 6\n");
	path = next_path(p.pid, p.pid);
	/* root may, so what follows is about the right and not the file */
	if (!next_path_is(path, "LONG 5\n") || !become_nobody())
		return false;
	OPEN_GIVES(path, O_RDONLY, EACCES);
	/* the own file needs no right */
	return next_is("LONG 6\n");
}

static bool then_nobody(struct target *t)
{
	(void)t;
	if (!become_nobody())
		return false;
	/* a change of uid makes a process undumpable: undo that */
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	return true;
}

static bool read_same_user(void)
{
	struct target t = { .text = "LONG 5\n", .then = then_nobody };
	struct peer p;

	return peer_start(&p, target_run, &t) && become_nobody() &&
	       next_path_is(next_path(p.pid, p.pid), "LONG 5\n");
}

#define OTHER_USER 1000

/* Another user, whose file system access alone becomes that of the target. */
static bool fs_user_may(void *arg)
{
	const char *path = next_path(*(pid_t *)arg, *(pid_t *)arg);
	char maps[64];

	snprintf(maps, sizeof(maps), "/proc/%d/maps", (int)*(pid_t *)arg);
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(OTHER_USER, OTHER_USER, NOBODY));
	OPEN_GIVES(path, O_RDONLY, EACCES);
	OPEN_GIVES(maps, O_RDONLY, EACCES);
	setfsuid(NOBODY);
	OPEN_GIVES(maps, O_RDONLY, 0);
	return next_path_is(path, "LONG 5\n");
}

/* The user of the target, whose file system access alone becomes another's. */
static bool fs_user_may_not(void *arg)
{
	const char *path = next_path(*(pid_t *)arg, *(pid_t *)arg);
	char maps[64];

	snprintf(maps, sizeof(maps), "/proc/%d/maps", (int)*(pid_t *)arg);
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, OTHER_USER));
	if (!next_path_is(path, "LONG 5\n"))
		return false;
	setfsuid(OTHER_USER);
	OPEN_GIVES(path, O_RDONLY, EACCES);
	OPEN_GIVES(maps, O_RDONLY, EACCES);
	return true;
}

/* FSCREDS, as for maps: it is the file system user id that counts, not the real one. */
static bool read_fscreds(void)
{
	struct target t = { .text = "LONG 5\n", .then = then_nobody };
	struct peer p;

	return peer_start(&p, target_run, &t) && in_child(fs_user_may, &p.pid) &&
	       in_child(fs_user_may_not, &p.pid) && peer_end(&p, true);
}

static bool then_undumpable(struct target *t)
{
	if (!then_nobody(t) || !peer_pause())
		return false;
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 0));
	return true;
}

/* As when the target executes a set-user-ID program. */
static bool read_right_lost_later(void)
{
	struct target t = { .text = "LONG 5\n", .then = then_undumpable };
	struct peer p;
	char c;
	int fd;

	if (!peer_start(&p, target_run, &t) || !become_nobody())
		return false;
	EXPECT_OK(fd = open(next_path(p.pid, p.pid), O_RDONLY));
	if (!next_fd_is(fd, "LONG 5\n") || !peer_go(&p) || !peer_wait(&p))
		return false;
	OPEN_GIVES(next_path(p.pid, p.pid), O_RDONLY, EACCES);
	EXPECT(pread(fd, &c, 1, 0) == -1 && errno == EACCES, "read: expected %s, got %s",
	       strerror(EACCES), strerror(errno));
	return true;
}

static bool thread_gone(void)
{
	struct other_thread o = { 0 };
	pthread_t thread;
	char c;
	int fd;

	EXPECT_OK(o.fd = open(OWN_FILE, O_RDWR));
	pthread_barrier_init(&o.meet, NULL, 2);
	EXPECT(!pthread_create(&thread, NULL, other_thread, &o), "pthread_create");
	pthread_barrier_wait(&o.meet);
	EXPECT_OK(fd = open(next_path(getpid(), o.tid), O_RDWR));
	if (!next_fd_is(fd, "LONG 5\n"))
		return false;
	pthread_barrier_wait(&o.meet);
	pthread_join(thread, NULL);
	/* the C library saw the end of the stack, the task may be a bit longer */
	while (!access(next_path(getpid(), o.tid), F_OK))
		probe_sleep_ms(1);
	EXPECT(pread(fd, &c, 1, 0) == -1 && errno == ESRCH, "read: expected %s, got %s",
	       strerror(ESRCH), strerror(errno));
	FD_WRITE_GIVES(fd, "LONG 7\n", EPERM);
	return true;
}

static const struct probe_case cases[] = {
	{ "next_id.file.write_other_process", write_other_process },
	{ "next_id.file.write_other_thread", write_other_thread },
	{ "next_id.file.write_inherited", write_inherited },
	{ "next_id.file.write_passed", write_passed },
	{ "next_id.file.write_own_passed", write_own_passed },
	{ "next_id.file.write_no_capability", write_no_capability },
	{ "next_id.file.write_checkpoint_restore", write_checkpoint_restore },
	{ "next_id.file.write_sys_admin", write_sys_admin },
	{ "next_id.file.write_right_lost_later", write_right_lost_later },
	{ "next_id.file.write_opener_no_capability", write_opener_no_capability },
	{ "next_id.file.write_user_namespace", write_user_namespace },
	{ "next_id.file.write_user_namespace_unshared", write_user_namespace_unshared },
	{ "next_id.file.read_needs_ptrace", read_needs_ptrace },
	{ "next_id.file.read_same_user", read_same_user },
	{ "next_id.file.read_fscreds", read_fscreds },
	{ "next_id.file.read_right_lost_later", read_right_lost_later },
	{ "next_id.file.thread_gone", thread_gone },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
