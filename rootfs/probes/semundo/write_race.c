// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to /proc/self/semundo while sets go, others read, and others use the
 * same list. The first cases hold a write in the middle by userfaultfd; the
 * others run for a short, bounded time, which an argument sets in milliseconds.
 */
#include "semundo.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

static long race_ms = 20;

/* ---- a write that is held in the middle ----------------------------------- */

/*
 * The text is in two pages, of which the second is not there. A thread writes,
 * and stops where it needs that page.
 */
struct held {
	pthread_t thread;
	int uffd, result;
	char *text;
	long page;
};

static void *held_write(void *arg)
{
	struct held *h = arg;

	h->result = semundo_put_text(h->text, h->page * 2);
	return NULL;
}

/* Returns when the write has used up the first page: these lines, and blanks. */
static bool held_start(struct held *h, const char *lines)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffd_msg msg;
	struct pollfd pfd;

	h->page = sysconf(_SC_PAGESIZE);
	h->text = mmap(NULL, 2 * h->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	EXPECT(h->text != MAP_FAILED, "mmap: %s", strerror(errno));
	memset(h->text, ' ', h->page);
	memcpy(h->text, lines, strlen(lines));

	EXPECT_OK(h->uffd = syscall(SYS_userfaultfd, O_CLOEXEC));
	EXPECT_OK(ioctl(h->uffd, UFFDIO_API, &api));
	reg.range.start = (unsigned long)h->text + h->page;
	reg.range.len = h->page;
	EXPECT_OK(ioctl(h->uffd, UFFDIO_REGISTER, &reg));

	EXPECT(!pthread_create(&h->thread, NULL, held_write, h), "pthread_create failed");
	pfd = (struct pollfd) { .fd = h->uffd, .events = POLLIN };
	EXPECT(poll(&pfd, 1, 5000) == 1, "expected the write to need the second page");
	EXPECT(read(h->uffd, &msg, sizeof(msg)) == sizeof(msg) &&
	       msg.event == UFFD_EVENT_PAGEFAULT, "expected a page fault");
	return true;
}

/* Give it the second page, which ends with these lines, and let it end. */
static bool held_end(struct held *h, const char *lines)
{
	struct uffdio_copy copy = { 0 };
	char *page = aligned_alloc(h->page, h->page);

	EXPECT(page, "out of memory");
	memset(page, ' ', h->page);
	memcpy(page + h->page - strlen(lines), lines, strlen(lines));
	copy.dst = (unsigned long)h->text + h->page;
	copy.src = (unsigned long)page;
	copy.len = h->page;
	EXPECT_OK(ioctl(h->uffd, UFFDIO_COPY, &copy));
	EXPECT(!pthread_join(h->thread, NULL), "pthread_join failed");
	close(h->uffd);
	return true;
}

static const int adj_old[1] = { -1 }, adj_new[1] = { 7 };

/* A set that was named is removed while the write runs: EIDRM, nothing is done. */
static bool removed_meanwhile(bool used)
{
	struct want before[2];
	char first[64], last[32];
	struct held h;
	int a, b, c;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(c = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(sem_undo(c, 0, 1));
	if (used)
		EXPECT_OK(sem_undo(b, 0, 1));
	before[0] = (struct want) { a, 1, adj_old };
	before[1] = (struct want) { c, 1, adj_old };

	snprintf(first, sizeof(first), "%d 7\n%d 7\n", a, b);
	snprintf(last, sizeof(last), "%d 7\n", c);
	if (!held_start(&h, first))
		return false;
	/* the write does not hold up the removal either */
	EXPECT_OK(semctl(b, 0, IPC_RMID));
	if (!held_end(&h, last))
		return false;
	EXPECT(h.result == EIDRM, "write: expected %s, got %s", strerror(EIDRM),
	       strerror(h.result));
	return semundo_is(0, before, 2);
}

static bool removed_used(void)
{
	return removed_meanwhile(true);
}

static bool removed_unused(void)
{
	return removed_meanwhile(false);
}

/* Removed before the line for it is reached: then it does not exist. */
static bool removed_before(void)
{
	char first[32], last[32];
	struct held h;
	int a, b;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 1));
	snprintf(first, sizeof(first), "%d 7\n", a);
	snprintf(last, sizeof(last), "%d 7\n", b);
	if (!held_start(&h, first))
		return false;
	EXPECT_OK(semctl(b, 0, IPC_RMID));
	if (!held_end(&h, last))
		return false;
	EXPECT(h.result == EINVAL || h.result == EIDRM, "write: expected %s or %s, got %s",
	       strerror(EINVAL), strerror(EIDRM), strerror(h.result));
	return semundo_is(0, &(struct want) { a, 1, adj_old }, 1);
}

/* Half of the text is read: nothing is replaced, and operations go on. */
static bool nothing_before_the_end(void)
{
	static const int used[1] = { -3 };
	char first[32], last[32];
	struct held h;
	int a, b;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 1));
	snprintf(first, sizeof(first), "%d 7\n", a);
	snprintf(last, sizeof(last), "%d 7\n", b);
	if (!held_start(&h, first) || !semundo_is(0, &(struct want) { a, 1, adj_old }, 1))
		return false;
	EXPECT_OK(sem_undo(a, 0, 2));
	if (!semundo_is(0, &(struct want) { a, 1, used }, 1) || !held_end(&h, last))
		return false;
	EXPECT_ERR(0, h.result);
	return semundo_is(0, (struct want[]) { { a, 1, adj_new }, { b, 1, adj_new } }, 2);
}

/* ---- races ----------------------------------------------------------------- */

static int race_fd, race_set;
static char race_text[2][32768];

/* A child that shares the list of its parent, until it is killed. */
static bool sharer_start(pid_t *pid, int (*fn)(void *))
{
	static char stack[65536] __attribute__((aligned(16)));

	EXPECT_OK(*pid = clone(fn, stack + sizeof(stack), CLONE_SYSVSEM | SIGCHLD, NULL));
	return true;
}

static bool sharer_end(pid_t pid)
{
	int status;

	EXPECT(waitpid(pid, &status, WNOHANG) == 0, "the racing process ended: status %#x",
	       status);
	kill(pid, SIGKILL);
	EXPECT_OK(waitpid(pid, &status, 0));
	return true;
}

/* Two texts in turn: every write of a process that nobody disturbs succeeds. */
static bool write_both(void)
{
	int i;

	for (i = 0; i < 2; i++)
		EXPECT_ERR(0, semundo_put_fd(race_fd, race_text[i], strlen(race_text[i])));
	return true;
}

#define WIDE 300

/* A line is that of one write and not partly of another. */
static bool read_uniform(int *kinds)
{
	static int adj[WIDE];
	const char *at;
	int semid, n, i;
	size_t len;
	char *text = semundo_read(getppid(), &len);

	if (!text)
		return false;
	for (at = text; *at; ) {
		n = semundo_parse(&at, &semid, adj, WIDE);
		EXPECT(n == WIDE, "line: expected %d values, got %d", WIDE, n);
		for (i = 1; i < n; i++)
			EXPECT(adj[i] == adj[0], "value %d: expected %d like the first, got %d", i,
			       adj[0], adj[i]);
		EXPECT(adj[0] == 11111 || adj[0] == -2222, "expected a value that was written, got %d",
		       adj[0]);
		*kinds |= adj[0] > 0 ? 1 : 2;
	}
	free(text);
	return true;
}

static bool uniform_reader(void *arg)
{
	long end;
	int kinds = 0;

	(void)arg;
	if (!peer_pause())
		return false;
	end = probe_ms() + race_ms;
	do {
		if (!read_uniform(&kinds))
			return false;
		sched_yield();
	} while (probe_ms() < end || (!kinds && probe_ms() < end + 2000));
	EXPECT(kinds, "expected lines, got none");
	return true;
}

static bool race_reader(void)
{
	struct peer p;
	struct pollfd pfd;
	int i, k;
	char *at;

	EXPECT_OK(race_set = sem_new(WIDE));
	for (k = 0; k < 2; k++) {
		at = race_text[k] + sprintf(race_text[k], "%d", race_set);
		for (i = 0; i < WIDE; i++)
			at += sprintf(at, " %d", k ? -2222 : 11111);
	}
	EXPECT_OK(race_fd = open("/proc/self/semundo", O_WRONLY));
	if (!write_both() || !peer_start(&p, uniform_reader, NULL) || !peer_go(&p))
		return false;
	pfd = (struct pollfd) { .fd = p.from, .events = POLLIN };
	while (!poll(&pfd, 1, 0)) {
		if (!write_both())
			return false;
		sched_yield();
	}
	return peer_wait(&p) && peer_end(&p, true);
}

/* Moves two semaphores together. */
static int move_together(void *arg)
{
	struct sembuf up[2] = { { 0, 1, SEM_UNDO }, { 1, -1, SEM_UNDO | IPC_NOWAIT } };
	struct sembuf down[2] = { { 0, -1, SEM_UNDO | IPC_NOWAIT }, { 1, 1, SEM_UNDO } };

	(void)arg;
	for (;;) {
		if (semop(race_set, up, 2) || semop(race_set, down, 2))
			return KSFT_FAIL;
	}
}

/* What is written, and what semop adds to it, has the sum 0 at any time. */
static bool race_semop(void)
{
	long end = probe_ms() + race_ms;
	int adj[2], semid, n, i;
	const char *at;
	pid_t pid;
	size_t len;
	char *text;

	EXPECT_OK(race_set = sem_new(2));
	EXPECT_OK(semctl(race_set, 1, SETVAL, 100));
	EXPECT_OK(race_fd = open("/proc/self/semundo", O_WRONLY));
	for (i = 0; i < 2; i++)
		sprintf(race_text[i], "%d %d %d", race_set, i ? 700 : -30, i ? -700 : 30);
	if (!write_both() || !sharer_start(&pid, move_together))
		return false;
	do {
		sched_yield();
		if (!write_both())
			return false;
		text = semundo_read(0, &len);
		EXPECT(text, "read failed");
		at = text;
		n = semundo_parse(&at, &semid, adj, 2);
		EXPECT(n == 2 && adj[0] + adj[1] == 0 && !*at,
		       "expected one line of two values with sum 0, got %d: %d %d", n, adj[0],
		       adj[1]);
		free(text);
	} while (probe_ms() < end);
	return sharer_end(pid);
}

/* The sets of the racing process: made, used by half of them, removed. */
static int *race_ids;

static int make_and_remove(void *arg)
{
	int i, id;

	(void)arg;
	for (;;) {
		for (i = 0; i < 4; i++) {
			id = semget(IPC_PRIVATE, 1 + i, 0600);
			if (id < 0 || (i % 2 && sem_undo(id, i, 1)))
				return KSFT_FAIL;
			__atomic_store_n(&race_ids[i], id, __ATOMIC_RELEASE);
		}
		sched_yield();
		for (i = 0; i < 4; i++)
			if (semctl(race_ids[i], 0, IPC_RMID))
				return KSFT_FAIL;
	}
}

/* A set goes while it is written: done, EINVAL, or EIDRM, and no set else loses. */
static bool race_rmid(void)
{
	static const int kept_adj[1] = { 77 };
	int tries = 0, done = 0, i, ret, kept, semid, n, adj[8];
	long end = probe_ms() + race_ms;
	const char *at;
	char text[64];
	size_t len;
	pid_t pid;
	char *all;

	race_ids = mmap(NULL, 4 * sizeof(int), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(race_ids != MAP_FAILED, "mmap: %s", strerror(errno));
	EXPECT_OK(unshare(CLONE_NEWIPC));
	EXPECT_OK(kept = semget(IPC_PRIVATE, 1, 0600));
	EXPECT_ERR(0, semundo_put("%d 77\n", kept));
	memset(race_ids, -1, 4 * sizeof(int));
	if (!sharer_start(&pid, make_and_remove))
		return false;
	do {
		for (i = 0; i < 4; i++) {
			semid = __atomic_load_n(&race_ids[i], __ATOMIC_ACQUIRE);
			if (semid < 0)
				continue;
			snprintf(text, sizeof(text), "%d 1%s\n%d 77\n", semid,
				 i == 3 ? " 1 1 1" : i == 2 ? " 1 1" : i ? " 1" : "", kept);
			ret = semundo_put_text(text, strlen(text));
			EXPECT(!ret || ret == EINVAL || ret == EIDRM,
			       "write: expected success, %s or %s, got %s", strerror(EINVAL),
			       strerror(EIDRM), strerror(ret));
			tries++;
			done += !ret;
		}
		sched_yield();
	} while (probe_ms() < end || (!done && probe_ms() < end + 2000));
	if (!sharer_end(pid))
		return false;
	EXPECT(done, "expected a write to succeed, got none of %d", tries);

	/* at most four sets are left, and the one that was always there */
	for (i = 0; i < 4; i++)
		semctl(race_ids[i], 0, IPC_RMID);
	all = semundo_read(0, &len);
	EXPECT(all, "read failed");
	for (at = all; *at; ) {
		n = semundo_parse(&at, &semid, adj, 8);
		EXPECT(n > 0, "expected lines of the format");
		if (semid == kept)
			EXPECT(n == 1 && adj[0] == kept_adj[0], "kept set: expected 77, got %d",
			       adj[0]);
		else
			EXPECT(semctl(semid, 0, GETVAL) >= 0, "expected no line for set %d", semid);
	}
	return true;
}

static int write_and_exit(void *arg)
{
	(void)arg;
	return semundo_put("%d 1 -1\n", race_set) ? KSFT_FAIL : KSFT_PASS;
}

/* Others that share the list write, and end in the meantime: it goes on. */
static bool race_exit(void)
{
	long end = probe_ms() + race_ms;
	int i, status;
	pid_t pid;

	EXPECT_OK(race_set = sem_new(2));
	EXPECT_OK(semctl(race_set, 1, SETVAL, 100));
	EXPECT_OK(race_fd = open("/proc/self/semundo", O_WRONLY));
	for (i = 0; i < 2; i++)
		sprintf(race_text[i], "%d %d %d", race_set, i ? 700 : -30, i ? -700 : 30);
	do {
		if (!sharer_start(&pid, write_and_exit))
			return false;
		while (!waitpid(pid, &status, WNOHANG)) {
			if (!write_both())
				return false;
			sched_yield();
		}
		EXPECT(!status, "child: expected exit status 0, got %#x", status);
		if (!sem_val_is(race_set, 0, 0) || !sem_val_is(race_set, 1, 100))
			return false;
	} while (probe_ms() < end);
	return true;
}

static const struct probe_case cases[] = {
	{ "semundo.write.removed_used", removed_used },
	{ "semundo.write.removed_unused", removed_unused },
	{ "semundo.write.removed_before", removed_before },
	{ "semundo.write.nothing_before_the_end", nothing_before_the_end },
	{ "semundo.write.race_reader", race_reader },
	{ "semundo.write.race_semop", race_semop },
	{ "semundo.write.race_rmid", race_rmid },
	{ "semundo.write.race_exit", race_exit },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		race_ms = atol(argv[1]);
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS + race_ms,
			  semundo_writable);
}
