// SPDX-License-Identifier: GPL-2.0
/* Who may write to /proc/<pid>/semundo, and what rights it takes. */
#include "semundo.h"

static const int written[2] = { 5, -6 };

/* A set of root, which the process has no adjustments for. */
static bool root_set(int *semid, int mode)
{
	EXPECT_OK(*semid = probe_keep(PROBE_SEM, semget(IPC_PRIVATE, 2, mode)));
	return true;
}

/* ---- permission for the set ---------------------------------------------- */

static bool refused_as_nobody(int mode)
{
	int a;

	if (!root_set(&a, mode) || !become_nobody())
		return false;
	EXPECT_ERR(EACCES, semundo_put("%d 5 -6\n", a));
	/* also values that would alter nothing */
	EXPECT_ERR(EACCES, semundo_put("%d 0 0\n", a));
	return semundo_is(0, NULL, 0);
}

static bool no_permission(void)
{
	return refused_as_nobody(0600);
}

/* Leave to read is not leave to alter. */
static bool read_permission(void)
{
	return refused_as_nobody(0644);
}

static bool alter_permission(void)
{
	int a;

	if (!root_set(&a, 0622) || !become_nobody())
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	return semundo_is(0, &(struct want) { a, 2, written }, 1);
}

static bool unprivileged_own(void)
{
	int a;

	if (!become_nobody())
		return false;
	EXPECT_OK(a = sem_new(2));
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", a));
	return semundo_is(0, &(struct want) { a, 2, written }, 1);
}

/* One set without permission: the others are not replaced either. */
static bool one_without_permission(void)
{
	static const int adj[2] = { -1, 0 };
	int a, b, c;

	if (!root_set(&a, 0622) || !root_set(&b, 0644) || !root_set(&c, 0622) ||
	    !become_nobody())
		return false;
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(sem_undo(c, 0, 1));
	EXPECT_ERR(EACCES, semundo_put("%d 7 8\n%d 5 -6\n%d 7 8\n", a, b, c));
	return semundo_is(0, (struct want[]) { { a, 2, adj }, { c, 2, adj } }, 2);
}

/* Takes the permission of others away, as root. */
static bool take_permission(void *arg)
{
	struct semid_ds ds;
	int semid = *(int *)arg;

	EXPECT_OK(semctl(semid, 0, IPC_STAT, &ds));
	ds.sem_perm.mode = 0600;
	if (!peer_pause())
		return false;
	EXPECT_OK(semctl(semid, 0, IPC_SET, &ds));
	return true;
}

/* Adjustments that were made with permission do not give it for ever. */
static bool permission_lost(void)
{
	struct target t;
	struct peer p;

	if (!root_set(&t.semid, 0622) || !peer_start(&p, take_permission, &t.semid) ||
	    !become_nobody())
		return false;
	EXPECT_OK(sem_undo(t.semid, 0, 3));
	EXPECT_ERR(0, semundo_put("%d -3 0\n", t.semid));
	if (!peer_go(&p) || !peer_wait(&p))
		return false;
	EXPECT_ERR(EACCES, semundo_put("%d 5 -6\n", t.semid));
	return shows_raised(0, &t);
}

/* Opened by root, written when root no more. */
static bool privilege_dropped(void)
{
	char text[32];
	int a, fd, len;

	if (!root_set(&a, 0600))
		return false;
	EXPECT_OK(fd = open("/proc/self/semundo", O_RDWR));
	len = sprintf(text, "%d 5 -6\n", a);
	if (!become_nobody())
		return false;
	EXPECT_ERR(EACCES, semundo_put_fd(fd, text, len));
	return semundo_fd_is(fd, NULL, 0);
}

/*
 * Opened by an unprivileged user, written with the rights of root, as when a
 * set-user-ID program writes its messages to what it was given: EACCES.
 */
static bool opener_without_permission(void)
{
	char text[32];
	int a, fd, len;

	if (!root_set(&a, 0600))
		return false;
	len = sprintf(text, "%d 5 -6\n", a);
	EXPECT_OK(setresgid(-1, NOBODY, -1));
	EXPECT_OK(setresuid(-1, NOBODY, -1));
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	EXPECT_OK(fd = open("/proc/self/semundo", O_RDWR));
	EXPECT_OK(setresuid(-1, 0, -1));
	EXPECT_OK(setresgid(-1, 0, -1));
	/* it is root, and may */
	EXPECT_OK(sem_plain(a, 0, 1));
	EXPECT_ERR(EACCES, semundo_put_fd(fd, text, len));
	if (!semundo_is(0, NULL, 0))
		return false;
	EXPECT_ERR(0, semundo_put_text(text, len));
	return semundo_is(0, &(struct want) { a, 2, written }, 1);
}

/* ---- whose file ---------------------------------------------------------- */

/* A process that writes to a file which is not its own. */
struct foreign {
	struct target t;
	int fd;
	bool from_parent;	/* it takes the descriptor from its parent */
};

static bool foreign_run(void *arg)
{
	struct foreign *f = arg;
	int fd = f->from_parent ? fd_from(getppid(), f->fd) : f->fd;
	char text[32];

	if (fd < 0)
		return false;
	snprintf(text, sizeof(text), "%d 5 -6\n", f->t.semid);
	EXPECT_ERR(EPERM, semundo_put_fd(fd, text, strlen(text)));
	EXPECT_ERR(EPERM, semundo_put_fd(fd, "", 0));
	EXPECT_ERR(EPERM, semundo_put_fd(fd, "x", 1));
	/* it got nothing itself, and may write to its own */
	if (!semundo_is(0, NULL, 0))
		return false;
	EXPECT_ERR(0, semundo_put_text(text, strlen(text)));
	return semundo_is(0, &(struct want) { f->t.semid, 2, written }, 1);
}

static bool foreign_start(struct foreign *f)
{
	struct peer p;

	EXPECT_OK(f->t.semid = sem_new(2));
	EXPECT_OK(sem_undo(f->t.semid, 0, 3));
	EXPECT_OK(f->fd = open("/proc/self/semundo", O_RDWR));
	return peer_start(&p, foreign_run, f) && shows_raised(0, &f->t) && peer_end(&p, true) &&
	       shows_raised(0, &f->t);
}

static bool inherited_fd(void)
{
	return foreign_start(&(struct foreign) { .from_parent = false });
}

static bool passed_fd(void)
{
	return foreign_start(&(struct foreign) { .from_parent = true });
}

/* Root, and the file of another process, opened by its path. */
static bool foreign_file(void)
{
	struct target t = { 0 };
	char path[64], text[32];
	struct peer p;
	int fd, len;

	if (!target_start(&p, &t))
		return false;
	len = sprintf(text, "%d 5 -6\n", t.semid);
	semundo_path(path, sizeof(path), p.pid);
	EXPECT_OK(fd = open(path, O_RDWR));
	EXPECT_ERR(EPERM, semundo_put_fd(fd, text, len));
	EXPECT_ERR(EPERM, semundo_put_fd(fd, "", 0));
	if (!shows_raised(p.pid, &t) || !semundo_is(0, NULL, 0))
		return false;
	/* nor when that process has gone */
	if (!peer_end(&p, true))
		return false;
	EXPECT_ERR(EPERM, semundo_put_fd(fd, text, len));
	return sem_val_is(t.semid, 0, 0) && semundo_is(0, NULL, 0);
}

/* The mode lets no other user open it for writing. */
static bool other_user_cannot_open(void)
{
	struct target t = { 0 };
	char path[64];
	struct peer p;
	int fd;

	if (!target_start(&p, &t) || !become_nobody())
		return false;
	semundo_path(path, sizeof(path), p.pid);
	fd = open(path, O_WRONLY);
	EXPECT(fd < 0 && errno == EACCES, "open: expected %s, got %s", strerror(EACCES),
	       fd < 0 ? strerror(errno) : "a descriptor");
	return true;
}

static const struct probe_case cases[] = {
	{ "semundo.write.no_permission", no_permission },
	{ "semundo.write.read_permission", read_permission },
	{ "semundo.write.alter_permission", alter_permission },
	{ "semundo.write.unprivileged_own", unprivileged_own },
	{ "semundo.write.one_without_permission", one_without_permission },
	{ "semundo.write.permission_lost", permission_lost },
	{ "semundo.write.privilege_dropped", privilege_dropped },
	{ "semundo.write.opener_without_permission", opener_without_permission },
	{ "semundo.write.inherited_fd", inherited_fd },
	{ "semundo.write.passed_fd", passed_fd },
	{ "semundo.write.foreign_file", foreign_file },
	{ "semundo.write.other_user_cannot_open", other_user_cannot_open },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_writable);
}
