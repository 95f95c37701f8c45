// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/semundo of another process: who may read it, and what becomes of
 * it when that process goes.
 */
#include "semundo.h"
#include <sys/fsuid.h>

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
	return become_nobody();
}

/* A target that is unprivileged, and a reader of the same user. */
static bool both_nobody(struct peer *p, struct target *t)
{
	return target_start(p, t) && become_nobody();
}

/* An unprivileged user, a process of the same user: allowed. */
static bool foreign_same_user_may(void)
{
	struct target t = { .then = then_nobody };
	struct peer p;

	return both_nobody(&p, &t) && shows_raised(p.pid, &t);
}

#define OTHER_USER	1000

struct fs_reader {
	pid_t pid;
	struct target *t;
};

static bool opens_both(pid_t pid, int want)
{
	int got = open_errno(pid, "maps");

	EXPECT(got == want, "maps: expected %s, got %s", strerror(want), strerror(got));
	got = open_errno(pid, "semundo");
	EXPECT(got == want, "semundo: expected %s, got %s", strerror(want), strerror(got));
	return true;
}

/* Another user, whose file system access alone becomes that of the target. */
static bool fs_user_may(void *arg)
{
	struct fs_reader *r = arg;

	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(OTHER_USER, OTHER_USER, NOBODY));
	if (!opens_both(r->pid, EACCES))
		return false;
	setfsuid(NOBODY);
	return opens_both(r->pid, 0) && shows_raised(r->pid, r->t);
}

/* The user of the target, whose file system access alone becomes another's. */
static bool fs_user_may_not(void *arg)
{
	struct fs_reader *r = arg;

	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, OTHER_USER));
	if (!opens_both(r->pid, 0) || !shows_raised(r->pid, r->t))
		return false;
	setfsuid(OTHER_USER);
	return opens_both(r->pid, EACCES);
}

/* FSCREDS, as for maps: it is the file system user id that counts, not the real one. */
static bool foreign_fscreds(void)
{
	struct target t = { .then = then_nobody };
	struct fs_reader r = { .t = &t };
	struct peer p, may, may_not;

	if (!target_start(&p, &t))
		return false;
	r.pid = p.pid;
	return peer_start(&may, fs_user_may, &r) && peer_end(&may, true) &&
	       peer_start(&may_not, fs_user_may_not, &r) && peer_end(&may_not, true) &&
	       peer_end(&p, true);
}

/* An unprivileged user and the own file. */
static bool unprivileged_own(void)
{
	struct target t;

	if (!become_nobody())
		return false;
	EXPECT_OK(t.semid = sem_new(2));
	EXPECT_OK(sem_undo(t.semid, 0, 3));
	return shows_raised(0, &t) && shows_raised(getpid(), &t);
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

	if (!both_nobody(&p, &t))
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

/*
 * A descriptor of the own file, which another process reads that has other
 * adjustments and could not open the file: it shows those of the opener.
 */
struct passed {
	struct target t;
	int fd;
	bool inherited;
};

static bool passed_run(void *arg)
{
	struct passed *p = arg;
	int fd = p->inherited ? p->fd : fd_from(getppid(), p->fd);

	EXPECT_OK(sem_undo(p->t.semid, 1, 7));
	if (fd < 0 || !become_nobody())
		return false;
	EXPECT(open_errno(getppid(), "semundo") == EACCES, "expected to be unable to open it");
	return semundo_fd_is(fd, &(struct want) { p->t.semid, 2, raised }, 1);
}

static bool passed_descriptor(bool inherited)
{
	struct passed pass = { .inherited = inherited };
	struct peer p;

	EXPECT_OK(pass.t.semid = sem_new(2));
	EXPECT_OK(sem_undo(pass.t.semid, 0, 3));
	pass.fd = semundo_open(0);
	return pass.fd >= 0 && peer_start(&p, passed_run, &pass) && peer_end(&p, true);
}

static bool inherited_fd(void)
{
	return passed_descriptor(true);
}

static bool passed_fd(void)
{
	return passed_descriptor(false);
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

static const struct probe_case cases[] = {
	{ "semundo.read.foreign_needs_ptrace", foreign_needs_ptrace },
	{ "semundo.read.foreign_same_user_may", foreign_same_user_may },
	{ "semundo.read.foreign_fscreds", foreign_fscreds },
	{ "semundo.read.unprivileged_own", unprivileged_own },
	{ "semundo.read.right_lost_later", right_lost_later },
	{ "semundo.read.inherited_fd", inherited_fd },
	{ "semundo.read.passed_fd", passed_fd },
	{ "semundo.read.gone_is_esrch", gone_is_esrch },
	{ "semundo.read.gone_later_is_empty", gone_later_is_empty },
	{ "semundo.read.does_not_delay_undo", does_not_delay_undo },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_present);
}
