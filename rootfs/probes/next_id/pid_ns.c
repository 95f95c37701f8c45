// SPDX-License-Identifier: GPL-2.0
/*
 * next_id and the ids of a process in nested PID namespaces.
 */
#include "pid.h"

#define DEPTH 3		/* and so DEPTH + 1 namespaces */
#define MAX_LEVEL 32	/* MAX_PID_NS_LEVEL */
#define MAX_IDS (MAX_LEVEL + 1)

/* Shared with the child: its ids, outermost first. */
struct seen {
	int n;
	int pids[MAX_IDS + 1];
};

static struct seen *seen;

static bool map_seen(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(seen != MAP_FAILED, "mmap: %s", strerror(errno));
	return true;
}

/* Fork a child that tells its ids; 0, or -errno of the fork. */
static int fork_seen(void)
{
	int pid;

	seen->n = 0;
	pid = fork();
	if (!pid) {
		seen->n = ns_pids(seen->pids, MAX_IDS + 1);
		_exit(0);
	}
	if (pid == -1)
		return -errno;
	return exited_well(pid) ? 0 : -ECHILD;
}

/* The @n ids that were asked for, innermost first, are those of the child. */
static bool seen_is(int levels, const int *want, int n)
{
	int i;

	EXPECT(seen->n == levels, "expected ids in %d namespaces, got %d", levels, seen->n);
	for (i = 0; i < n; i++)
		EXPECT(seen->pids[levels - 1 - i] == want[i], "X%d: expected %d, got %d", i, want[i],
		       seen->pids[levels - 1 - i]);
	return next_is("");
}

static bool forks_as(int levels, const int *want, int n)
{
	int err = fork_seen();

	EXPECT(!err, "fork: %s", strerror(-err));
	return seen_is(levels, want, n);
}

static bool fork_fails(int want)
{
	int err = fork_seen();

	EXPECT(err == -want, "fork: expected %s, got %s", strerror(want), strerror(-err));
	return next_is("");
}

/* ---- order ---------------------------------------------------------------- */

/* free_pid() asks in the namespace of the caller: these were found before */
static int outer[4];

static bool ordered(void *arg)
{
	int want[4] = { 77, 388, 1999, outer[0] };

	(void)arg;
	WRITE("LONG4 %d %d %d %d\n", want[0], want[1], want[2], want[3]);
	if (!forks_as(DEPTH + 1, want, 4))
		return false;
	/* each namespace apart, and all of it once more: the ids are free again */
	WRITE("LONG4 %d %d %d %d\n", want[0], want[1], want[2], want[3]);
	return forks_as(DEPTH + 1, want, 4);
}

static bool order(void)
{
	if (!map_seen())
		return false;
	outer[0] = free_pid();
	return in_nested(DEPTH, ordered, NULL);
}

/* ---- fewer than namespaces ------------------------------------------------ */

static bool usual_beyond(void *arg)
{
	int want[2] = { 77, 388 }, usual[4], i;

	(void)arg;
	EXPECT(!fork_seen() && seen->n == DEPTH + 1, "expected a child in %d namespaces", DEPTH + 1);
	memcpy(usual, seen->pids, sizeof(usual));
	WRITE("LONG2 77 388\n");
	if (!forks_as(DEPTH + 1, want, 2))
		return false;
	for (i = 0; i < 2; i++)
		EXPECT(seen->pids[i] > usual[i] && seen->pids[i] < usual[i] + 20,
		       "level %d: expected a usual id after %d, got %d", i, usual[i], seen->pids[i]);
	/* one id, in either form, is the innermost */
	WRITE("LONG 99\n");
	if (!forks_as(DEPTH + 1, &(int) { 99 }, 1))
		return false;
	WRITE("LONG1 98\n");
	if (!forks_as(DEPTH + 1, &(int) { 98 }, 1))
		return false;
	/* and it is as usual again */
	EXPECT(!fork_seen() && seen->pids[DEPTH] < 20, "expected a usual id, got %d",
	       seen->pids[DEPTH]);
	return true;
}

static bool beyond_as_usual(void)
{
	return map_seen() && in_nested(DEPTH, usual_beyond, NULL);
}

/* ---- as deep as it goes ---------------------------------------------------- */

static bool all_32(void *arg)
{
	char text[512];
	int want[MAX_LEVEL], i, len;

	(void)arg;
	len = sprintf(text, "LONG%d", MAX_LEVEL);
	for (i = 0; i < MAX_LEVEL; i++) {
		want[i] = 100 + i;
		len += sprintf(text + len, " %d", want[i]);
	}
	WRITE("%s\n", text);
	return forks_as(MAX_LEVEL + 1, want, MAX_LEVEL);
}

/* 32 ids, and one more namespace outside that gives its own. */
static bool deepest(void)
{
	return map_seen() && in_nested(MAX_LEVEL, all_32, NULL);
}

/* ---- the first process of a namespace -------------------------------------- */

static int clone_newpid(void)
{
	int pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid) {
		seen->n = ns_pids(seen->pids, MAX_IDS + 1);
		_exit(getpid() != 1);
	}
	return create_reap(pid);
}

static bool new_namespace(void)
{
	int got;

	if (!map_seen())
		return false;
	WRITE("LONG 2\n");
	got = clone_newpid();
	EXPECT(got == -EINVAL, "with 2: expected %s, got %d", strerror(EINVAL), got);
	if (!next_is(""))
		return false;
	WRITE("LONG %d\n", free_pid());
	got = clone_newpid();
	EXPECT(got == -EINVAL, "with another: expected %s, got %d", strerror(EINVAL), got);
	if (!next_is(""))
		return false;
	WRITE("LONG 1\n");
	got = clone_newpid();
	EXPECT(got > 0, "with 1: expected a process, got %s", strerror(-got));
	return seen_is(2, &(int) { 1 }, 1);
}

static bool new_below(void *arg)
{
	int want[2] = { 1, 345 }, got;

	(void)arg;
	WRITE("LONG2 345 1\n");
	got = clone_newpid();
	EXPECT(got == -EINVAL, "345 inside: expected %s, got %d", strerror(EINVAL), got);
	if (!next_is(""))
		return false;
	WRITE("LONG2 1 345\n");
	got = clone_newpid();
	EXPECT(got == 345, "expected 345, got %d", got);
	return seen_is(3, want, 2);
}

/* X0 is inside the new namespace, X1 in that of the parent. */
static bool new_namespace_nested(void)
{
	return map_seen() && in_nested(1, new_below, NULL);
}

static bool unshared(void)
{
	if (!map_seen())
		return false;
	EXPECT_OK(unshare(CLONE_NEWPID));
	WRITE("LONG 5\n");
	if (!fork_fails(EINVAL))
		return false;
	WRITE("LONG 1\n");
	return forks_as(2, &(int) { 1 }, 1);
}

/* ---- in use, out of range, in one of them ---------------------------------- */

static bool busy_somewhere(void *arg)
{
	int want[2] = { 77, 388 };

	(void)arg;
	/* 1 is in use at each level */
	WRITE("LONG2 77 1\n");
	if (!fork_fails(EBUSY))
		return false;
	WRITE("LONG2 1 388\n");
	if (!fork_fails(EBUSY))
		return false;
	/* what the failed calls had already got is free */
	WRITE("LONG2 77 388\n");
	return forks_as(DEPTH + 1, want, 2);
}

static bool busy_in_one(void)
{
	return map_seen() && in_nested(DEPTH, busy_somewhere, NULL);
}

static bool bad_somewhere(void *arg)
{
	int want[2] = { 77, 388 };

	(void)arg;
	WRITE("LONG2 77 0\n");
	if (!fork_fails(EINVAL))
		return false;
	WRITE("LONG2 77 %d\n", pid_max());
	if (!fork_fails(EINVAL))
		return false;
	WRITE("LONG2 -1 388\n");
	if (!fork_fails(EINVAL))
		return false;
	WRITE("LONG2 77 %ld\n", (1L << 32) + 388);
	if (!fork_fails(EINVAL))
		return false;
	WRITE("LONG2 77 388\n");
	return forks_as(DEPTH + 1, want, 2);
}

static bool outside_range_in_one(void)
{
	return map_seen() && in_nested(DEPTH, bad_somewhere, NULL);
}

/* ---- rights in each --------------------------------------------------------- */

static bool inner_owner(void *arg)
{
	(void)arg;
	/* its own namespace: it has the right */
	WRITE("LONG 77\n");
	if (!forks_as(2, &(int) { 77 }, 1))
		return false;
	/* that of its parent: written it can be, used it cannot */
	WRITE("LONG2 78 %d\n", outer[0]);
	if (!fork_fails(EPERM))
		return false;
	WRITE("LONG 78\n");
	return forks_as(2, &(int) { 78 }, 1);
}

static bool owner(void *arg)
{
	(void)arg;
	EXPECT_OK(unshare(CLONE_NEWUSER | CLONE_NEWPID));
	return in_child(inner_owner, NULL);
}

/* It takes the right in each namespace for which an id is given. */
static bool user_namespace(void)
{
	if (!map_seen())
		return false;
	outer[0] = free_pid();
	return in_child(owner, NULL);
}

static const struct probe_case cases[] = {
	{ "next_id.pid_ns.order", order },
	{ "next_id.pid_ns.beyond_as_usual", beyond_as_usual },
	{ "next_id.pid_ns.deepest", deepest },
	{ "next_id.pid_ns.new_namespace", new_namespace },
	{ "next_id.pid_ns.new_namespace_nested", new_namespace_nested },
	{ "next_id.pid_ns.unshared", unshared },
	{ "next_id.pid_ns.busy_in_one", busy_in_one },
	{ "next_id.pid_ns.outside_range_in_one", outside_range_in_one },
	{ "next_id.pid_ns.user_namespace", user_namespace },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
