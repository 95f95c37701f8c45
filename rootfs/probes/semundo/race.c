// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/semundo while its process works, exits, changes its namespace,
 * or its sets go. Each case runs for a short, bounded time; an argument sets
 * it, in milliseconds, for a longer run.
 */
#include "semundo.h"

#define RACE_PATIENCE_MS	4000

static long race_ms = 10;

/* What the racing process does over and over, until it is killed. */
struct racer {
	int semid;
	void (*body)(struct racer *r);
};

static bool racer_run(void *arg)
{
	struct racer *r = arg;

	if (!peer_pause())
		return false;
	for (;;)
		r->body(r);
}

struct seen {
	long reads, lines;
};

/* Without this a kernel whose file is empty would be waited for in vain. */
static bool shows_lines(void)
{
	static const int adj[1] = { -1 };
	int semid;

	EXPECT_OK(semid = sem_new(1));
	EXPECT_OK(sem_undo(semid, 0, 1));
	if (!semundo_is(0, &(struct want) { semid, 1, adj }, 1))
		return false;
	/* the races begin without a list */
	EXPECT_OK(unshare(CLONE_SYSVSEM));
	return true;
}

/* Until the time is up, and longer if nothing was seen: the guest may be slow. */
static bool more(long end, long lines)
{
	return probe_ms() < end || (!lines && probe_ms() < end + RACE_PATIENCE_MS);
}

static bool check_text(const char *text, bool (*valid)(int semid, const int *adj, int n),
		       struct seen *seen)
{
	static int adj[64];
	const char *at = text;

	while (*at) {
		int semid, n = semundo_parse(&at, &semid, adj, ARRAY_SIZE(adj));

		if (n < 0 || !valid(semid, adj, n))
			return false;
		seen->lines++;
	}
	seen->reads++;
	return true;
}

/*
 * Read the file of the racer until the time is up. Every line must satisfy
 * valid(). Two descriptors, read in pieces of different size: one is kept, one
 * is opened each time.
 */
static bool read_race(pid_t pid, bool (*valid)(int semid, const int *adj, int n),
		      struct seen *seen)
{
	long end = probe_ms() + race_ms;
	int kept = semundo_open(pid), fd;
	size_t len;
	char *text;
	bool ok;

	if (kept < 0)
		return false;
	do {
		/* let the other one run, where there is one CPU */
		sched_yield();
		EXPECT_OK(lseek(kept, 0, SEEK_SET));
		text = semundo_read_fd(kept, 61, &len);
		ok = text && check_text(text, valid, seen);
		free(text);
		if (!ok)
			return false;

		fd = semundo_open(pid);
		if (fd < 0)
			return false;
		text = semundo_read_fd(fd, 4096, &len);
		close(fd);
		ok = text && check_text(text, valid, seen);
		free(text);
		if (!ok)
			return false;
	} while (more(end, seen->lines));
	close(kept);
	return true;
}

static bool racer_end(struct peer *p)
{
	int status;

	EXPECT(waitpid(p->pid, &status, WNOHANG) == 0, "the racing process ended: status %#x",
	       status);
	kill(p->pid, SIGKILL);
	EXPECT_OK(waitpid(p->pid, &status, 0));
	return true;
}

/* Read while the racer works, and see lines. */
static bool race_of(struct racer *r, bool (*valid)(int semid, const int *adj, int n))
{
	struct seen seen = { 0 };
	struct peer p;

	if (!shows_lines() || !peer_start(&p, racer_run, r) || !peer_go(&p) ||
	    !read_race(p.pid, valid, &seen) || !racer_end(&p))
		return false;
	EXPECT(seen.lines, "expected lines, got none in %ld reads", seen.reads);
	return true;
}

/* ---- semop --------------------------------------------------------------- */

/* Two semaphores of one set, always moved together: the sum is 0. */
static void body_semop(struct racer *r)
{
	struct sembuf up[2] = { { 0, 1, SEM_UNDO }, { 1, -1, SEM_UNDO | IPC_NOWAIT } };
	struct sembuf down[2] = { { 0, -1, SEM_UNDO | IPC_NOWAIT }, { 1, 1, SEM_UNDO } };
	int i;

	for (i = 0; i < 5; i++)
		if (semop(r->semid, up, 2))
			_exit(KSFT_FAIL);
	for (i = 0; i < 5; i++)
		if (semop(r->semid, down, 2))
			_exit(KSFT_FAIL);
}

static bool valid_semop(int semid, const int *adj, int n)
{
	EXPECT(n == 2 && adj[0] + adj[1] == 0 && adj[0] <= 0 && adj[0] >= -5,
	       "set %d: expected two values with sum 0, got %d: %d %d", semid, n, adj[0],
	       adj[1]);
	return true;
}

static bool race_semop(void)
{
	struct racer r = { .body = body_semop };
	int val;

	EXPECT_OK(r.semid = sem_new(2));
	EXPECT_OK(semctl(r.semid, 1, SETVAL, 100));
	if (!race_of(&r, valid_semop))
		return false;
	EXPECT_OK(val = semctl(r.semid, 1, GETVAL));
	EXPECT(val == 100, "semval at the end: expected 100, got %d", val);
	return true;
}

/* ---- IPC_RMID ------------------------------------------------------------ */

/* Sets of 1 to 7 semaphores; the first adjustment tells the size. */
static int sized_set(int n)
{
	int semid = semget(IPC_PRIVATE, n, 0600);

	if (semid < 0 || sem_undo(semid, 0, n) || (n > 1 && sem_undo(semid, n - 1, n)))
		_exit(KSFT_FAIL);
	return semid;
}

static bool valid_sized(int semid, const int *adj, int n)
{
	int i;

	/* the moment between semop and semop, or an entry not yet used */
	EXPECT(adj[0] == 0 || adj[0] == -n, "set %d of %d: expected 0 or %d, got %d", semid, n,
	       -n, adj[0]);
	for (i = 1; i < n; i++)
		EXPECT(adj[i] == 0 || (i == n - 1 && adj[i] == -n),
		       "set %d of %d: value %d: got %d", semid, n, i, adj[i]);
	return true;
}

static bool race_sized(void (*body)(struct racer *r))
{
	struct racer r = { .body = body };

	return race_of(&r, valid_sized);
}

static void body_rmid(struct racer *r)
{
	int id[4], i;

	(void)r;
	for (i = 0; i < 4; i++)
		id[i] = sized_set(1 + i * 2);
	sched_yield();
	for (i = 0; i < 4; i++)
		semctl(id[i], 0, IPC_RMID);
}

/* In a namespace of its own, which takes the sets with it. */
static void body_rmid_in_ns(struct racer *r)
{
	if (unshare(CLONE_NEWIPC))
		_exit(KSFT_FAIL);
	for (;;)
		body_rmid(r);
}

static bool race_rmid(void)
{
	return race_sized(body_rmid_in_ns);
}

/* ---- IPC namespaces ------------------------------------------------------ */

/* The same ids again and again, for sets of other sizes. */
static void body_namespace(struct racer *r)
{
	int i;

	(void)r;
	for (i = 1; i < 8; i += 2) {
		if (unshare(CLONE_NEWIPC))
			_exit(KSFT_FAIL);
		sized_set(i);
		sched_yield();
		sized_set(8 - i);
	}
}

static bool race_ipc_namespace(void)
{
	return race_sized(body_namespace);
}

/* ---- exit ---------------------------------------------------------------- */

static bool taker(void *arg)
{
	struct sembuf both[2] = { { 0, 1, SEM_UNDO }, { 1, -1, SEM_UNDO | IPC_NOWAIT } };

	EXPECT_OK(semop(*(int *)arg, both, 2));
	return true;
}

/*
 * Children that take and exit, read while they do. A reader keeps the last few
 * files open and reads them when their process is long gone.
 */
static bool race_exit(void)
{
	enum { KEEP = 4 };
	int kept[KEEP], semid, val, status, i = 0, fd;
	long end = probe_ms() + race_ms;
	struct seen seen = { 0 };
	struct peer p;
	char *text;
	size_t len;
	bool ok;

	if (!shows_lines())
		return false;
	EXPECT_OK(semid = sem_new(2));
	EXPECT_OK(semctl(semid, 1, SETVAL, 50));
	memset(kept, -1, sizeof(kept));

	do {
		if (!peer_start(&p, taker, &semid))
			return false;
		if (kept[i % KEEP] >= 0)
			close(kept[i % KEEP]);
		fd = kept[i % KEEP] = semundo_open(p.pid);
		if (fd < 0 || !peer_go(&p))
			return false;
		close(p.to);
		close(p.from);
		do {
			EXPECT_OK(lseek(fd, 0, SEEK_SET));
			text = semundo_read_fd(fd, 17, &len);
			ok = text && check_text(text, valid_semop, &seen);
			free(text);
			if (!ok)
				return false;
		} while (!waitpid(p.pid, &status, WNOHANG));
		EXPECT(!status, "child: expected exit status 0, got %#x", status);

		/* applied, though files of this and earlier ones are open */
		EXPECT_OK(val = semctl(semid, 0, GETVAL));
		EXPECT(val == 0, "semval after exit %d: expected 0, got %d", i, val);
		for (fd = 0; fd < KEEP; fd++) {
			char c;

			if (kept[fd] < 0)
				continue;
			EXPECT(pread(kept[fd], &c, 1, 0) == 0, "file of a process that is gone: expected no bytes");
		}
		i++;
	} while (more(end, seen.lines));
	EXPECT(seen.lines, "expected lines, got none in %ld reads", seen.reads);
	return true;
}

/* ---- kcmp ---------------------------------------------------------------- */

/*
 * kcmp() looks at the list of another process without a lock, while that exits:
 * it compares, also with none, until the process is not found any more.
 */
static bool race_kcmp(void)
{
	long end = probe_ms() + race_ms, rounds = 0;
	int semid, got, status;
	siginfo_t si;
	struct peer p;

	if (!shows_lines())
		return false;
	EXPECT_OK(semid = sem_new(2));
	EXPECT_OK(semctl(semid, 1, SETVAL, 50));
	EXPECT_OK(sem_undo(semid, 0, 1));
	do {
		if (!peer_start(&p, taker, &semid) || !peer_go(&p))
			return false;
		close(p.to);
		close(p.from);
		do {
			got = semundo_kcmp(getpid(), p.pid);
			EXPECT(got == 1 || got == 2, "kcmp: expected 1 or 2, got %d, %s", got,
			       got < 0 ? strerror(errno) : "");
			si.si_pid = 0;
			EXPECT_OK(waitid(P_PID, p.pid, &si, WEXITED | WNOHANG | WNOWAIT));
		} while (!si.si_pid);
		/* a zombie, which has no list */
		got = semundo_kcmp(getpid(), p.pid);
		EXPECT(got == 1 || got == 2, "kcmp with a zombie: expected 1 or 2, got %d, %s", got,
		       got < 0 ? strerror(errno) : "");
		EXPECT_OK(waitpid(p.pid, &status, 0));
		EXPECT(!status, "child: expected exit status 0, got %#x", status);
		got = semundo_kcmp(getpid(), p.pid);
		EXPECT(got == -1 && errno == ESRCH, "kcmp with nothing: expected %s, got %d, %s",
		       strerror(ESRCH), got, got < 0 ? strerror(errno) : "");
		rounds++;
	} while (more(end, rounds));
	return true;
}

static const struct probe_case cases[] = {
	{ "semundo.race.semop", race_semop },
	{ "semundo.race.rmid", race_rmid },
	{ "semundo.race.ipc_namespace", race_ipc_namespace },
	{ "semundo.race.exit", race_exit },
	{ "semundo.race.kcmp", race_kcmp },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		race_ms = atol(argv[1]);
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS + race_ms, semundo_present);
}
