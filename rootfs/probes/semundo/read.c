// SPDX-License-Identifier: GPL-2.0
/* /proc/<pid>/semundo: what the file holds, and reads of any shape. */
#include "semundo.h"

#define MANY		32000	/* the largest set, SEMMSL */
#define SOME		3000	/* a line of several pages, where many reads are cheap */
#define LONG_LINE	700	/* a line larger than a page */

/* "%10d" semid, " %6d" for each semaphore in index order, newline, no header. */
static bool read_format(void)
{
	static const int adj_a[1] = { 32767 };
	static const int adj_b[4] = { 0, -1, -32768, 12 };
	int a, b;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(semctl(a, 0, SETVAL, 32767));
	EXPECT_OK(sem_undo(a, 0, -32767));

	EXPECT_OK(b = sem_new(4));
	EXPECT_OK(sem_undo(b, 1, 1));
	EXPECT_OK(sem_undo(b, 2, 32767));
	EXPECT_OK(sem_plain(b, 2, -1));
	EXPECT_OK(sem_undo(b, 2, 1));
	EXPECT_OK(sem_plain(b, 3, 20));
	EXPECT_OK(sem_undo(b, 3, -12));

	return semundo_is(0, (struct want[]) { { a, 1, adj_a }, { b, 4, adj_b } }, 2);
}

/* Until this id a set of one semaphore is made and removed. */
#define SEQUENCE	32768

/*
 * The whole semid, sequence and index: of a set whose place was used before, and
 * of the last one there is, which has ten digits, and no number of an int after it.
 */
static bool read_whole_id(void)
{
	static const int adj_a[1] = { -1 }, adj_b[1] = { -2 };
	int a = -1, b, i, fd, n = 1;
	struct want want[2];
	size_t len;
	char *text;
	bool ok;

	EXPECT_OK(unshare(CLONE_NEWIPC));
	for (i = 0; i < 1000; i++) {
		EXPECT_OK(a = semget(IPC_PRIVATE, 1, 0600));
		if (a >= SEQUENCE)
			break;
		EXPECT_OK(semctl(a, 0, IPC_RMID));
	}
	EXPECT(a >= SEQUENCE, "expected a semid of %d or more, got %d", SEQUENCE, a);
	EXPECT_OK(sem_undo(a, 0, 1));
	want[0] = (struct want) { a, 1, adj_a };
	if (!semundo_is(0, want, 1))
		return false;

	/* mainline has it, and nothing else can have this id chosen */
	if (!access(SEM_NEXT_ID, F_OK)) {
		if (!sem_new_highest(&b))
			return false;
		EXPECT_OK(sem_undo(b, 0, 2));
		want[n++] = (struct want) { b, 1, adj_b };
	}
	if (!semundo_is(0, want, n))
		return false;
	fd = semundo_open(0);
	if (fd < 0)
		return false;
	text = semundo_read_fd(fd, 1, &len);
	close(fd);
	ok = text && semundo_text_is(text, len, want, n);
	free(text);
	return ok;
}

/* All may read, none may execute; whether the owner may write is for write.c. */
static bool read_mode(void)
{
	struct stat st;
	mode_t mode;

	EXPECT(!stat("/proc/self/semundo", &st), "stat: expected success, got %s",
	       strerror(errno));
	mode = st.st_mode & ~S_IWUSR;
	EXPECT(mode == (S_IFREG | 0444), "mode without the owner's write bit: expected %o, got %o",
	       S_IFREG | 0444, mode);
	return true;
}

/*
 * The mode says whether there is a write operation: without one vfs_write()
 * refuses what the file would take, with one it takes no bytes.
 */
static bool read_write_bit(void)
{
	char line[32], *before, *after;
	size_t before_len, after_len;
	struct stat st;
	int a, fd, err;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 3));
	before = semundo_read(0, &before_len);
	if (!before)
		return false;
	EXPECT(!stat("/proc/self/semundo", &st), "stat: expected success, got %s",
	       strerror(errno));
	/* root may, whatever the mode is */
	EXPECT_OK(fd = open("/proc/self/semundo", O_RDWR));
	if (st.st_mode == (S_IFREG | 0444)) {
		snprintf(line, sizeof(line), "%d 5\n", a);
		err = semundo_put_fd(fd, line, strlen(line));
		EXPECT(err == EINVAL, "write, mode 0444: expected %s, got %s", strerror(EINVAL),
		       strerror(err));
	} else {
		EXPECT(st.st_mode == (S_IFREG | 0644), "mode: expected %o or %o, got %o",
		       S_IFREG | 0444, S_IFREG | 0644, st.st_mode);
		err = semundo_put_fd(fd, "", 0);
		EXPECT(!err, "write of no bytes, mode 0644: expected success, got %s",
		       strerror(err));
	}
	after = semundo_read(0, &after_len);
	EXPECT(after && after_len == before_len && !memcmp(after, before, after_len),
	       "expected the file to be as before");
	return true;
}

static bool read_not_in_task_dir(void)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)getpid());
	EXPECT(!stat(path, &st), "%s: expected to exist, got %s", path, strerror(errno));
	EXPECT(!stat("/proc/self/semundo", &st),
	       "/proc/self/semundo: expected to exist, got %s", strerror(errno));

	snprintf(path, sizeof(path), "/proc/self/task/%d/semundo", (int)getpid());
	errno = 0;
	EXPECT(stat(path, &st) && errno == ENOENT, "%s: expected %s, got %s", path,
	       strerror(ENOENT), strerror(errno));
	return true;
}

static bool read_no_undo_list_is_empty(void)
{
	return semundo_is(0, NULL, 0);
}

/* Without SEM_UNDO there is nothing to undo, hence no line. */
static bool read_no_line_without_undo(void)
{
	static const int adj[2] = { -1, 0 };
	int a, b;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(b = sem_new(2));
	EXPECT_OK(sem_plain(a, 0, 1));
	EXPECT_OK(sem_undo(b, 0, 1));
	return semundo_is(0, &(struct want) { b, 2, adj }, 1);
}

/* Two processes with adjustments for one set: each file shows its own. */
static bool other_undo(void *arg)
{
	EXPECT_OK(sem_undo(*(int *)arg, 1, 5));
	return true;
}

static bool read_own_values_only(void)
{
	static const int mine[2] = { -2, 0 }, others[2] = { 0, -5 };
	struct peer p;
	int a;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(sem_undo(a, 0, 2));
	if (!peer_start(&p, other_undo, &a))
		return false;
	return semundo_is(0, &(struct want) { a, 2, mine }, 1) &&
	       semundo_is(p.pid, &(struct want) { a, 2, others }, 1) && peer_end(&p, true);
}

static bool read_removed_set_left_out(void)
{
	static const int adj[1] = { -1 };
	int a, b, c;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(c = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(sem_undo(b, 0, 1));
	EXPECT_OK(sem_undo(c, 0, 1));
	if (!semundo_is(0, (struct want[]) { { a, 1, adj }, { b, 1, adj }, { c, 1, adj } }, 3))
		return false;
	EXPECT_OK(semctl(b, 0, IPC_RMID));
	if (!semundo_is(0, (struct want[]) { { a, 1, adj }, { c, 1, adj } }, 2))
		return false;
	EXPECT_OK(semctl(a, 0, IPC_RMID));
	EXPECT_OK(semctl(c, 0, IPC_RMID));
	return semundo_is(0, NULL, 0);
}

/* After balanced operations the line may stay, then it holds zeros only. */
static bool read_zero_line_is_legal(void)
{
	static const int zero[3] = { 0, 0, 0 }, adj[1] = { -1 };
	struct want want[2];
	size_t len;
	char *text;
	int a, b;

	EXPECT_OK(a = sem_new(3));
	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(sem_undo(a, 1, 7));
	EXPECT_OK(sem_undo(a, 1, -7));
	EXPECT_OK(sem_undo(b, 0, 1));
	want[0] = (struct want) { b, 1, adj };
	want[1] = (struct want) { a, 3, zero };

	text = semundo_read(0, &len);
	if (!text)
		return false;
	/* two lines, or only the one that is not zero */
	return semundo_text_is(text, len, want, len > 10 + 7 + 1 ? 2 : 1);
}

/* SETVAL and SETALL clear the adjustments of every process. */
static bool read_setval_clears(void)
{
	static const int before[2] = { -3, -4 }, val[2] = { 0, -4 }, all[2] = { 0, 0 };
	unsigned short vals[2] = { 9, 9 };
	int a;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(sem_undo(a, 0, 3));
	EXPECT_OK(sem_undo(a, 1, 4));
	if (!semundo_is(0, &(struct want) { a, 2, before }, 1))
		return false;
	EXPECT_OK(semctl(a, 0, SETVAL, 1));
	if (!semundo_is(0, &(struct want) { a, 2, val }, 1))
		return false;
	EXPECT_OK(semctl(a, 0, SETALL, vals));
	return semundo_is(0, &(struct want) { a, 2, all }, 1);
}

/*
 * A walk that others disturb: between two reads the list is reordered, and
 * loses and gains an entry. Every line must be one of those that were true.
 */
static bool read_lines_stay_valid(void)
{
	enum { N = 4 };
	static int buf[LONG_LINE];
	char head[100], *tail, *text;
	const char *at;
	int id[N + 1], seen[N + 1] = { 0 }, fd, i, k, n, semid;
	size_t len;

	for (i = 0; i < N; i++) {
		EXPECT_OK(id[i] = sem_new(LONG_LINE));
		EXPECT_OK(sem_undo(id[i], i, 10 + i));
	}
	fd = semundo_open(0);
	if (fd < 0)
		return false;
	EXPECT(read(fd, head, sizeof(head)) == sizeof(head), "read: expected %zu bytes",
	       sizeof(head));

	for (i = 0; i < N; i++)
		EXPECT_OK(sem_undo(id[i], i, 1));
	EXPECT_OK(semctl(id[1], 0, IPC_RMID));
	EXPECT_OK(id[N] = sem_new(LONG_LINE));
	EXPECT_OK(sem_undo(id[N], N, 10 + N));

	tail = semundo_read_fd(fd, 777, &len);
	close(fd);
	if (!tail)
		return false;
	text = malloc(sizeof(head) + len + 1);
	EXPECT(text, "out of memory");
	memcpy(text, head, sizeof(head));
	memcpy(text + sizeof(head), tail, len + 1);

	for (at = text; *at; ) {
		n = semundo_parse(&at, &semid, buf, LONG_LINE);
		if (n < 0)
			return false;
		EXPECT(n == LONG_LINE, "line of set %d: expected %d values, got %d", semid,
		       LONG_LINE, n);
		for (i = 0; i <= N && id[i] != semid; i++)
			;
		EXPECT(i <= N, "expected one of the sets, got semid %d", semid);
		seen[i]++;
		for (k = 0; k < LONG_LINE; k++) {
			int v = buf[k];

			if (k == i)
				EXPECT(v == -10 - i || (v == -11 - i && i < N),
				       "set %d: expected %d or %d, got %d", semid, -10 - i,
				       -11 - i, v);
			else
				EXPECT(!v, "set %d: expected 0, got %d", semid, v);
		}
	}
	/* not a snapshot, but it must have got somewhere */
	EXPECT(seen[0] + seen[1] + seen[2] + seen[3] >= 2, "expected more than one line");
	return true;
}

/*
 * Operations between two reads move entries to the front of the kernel's list:
 * no set is shown twice for that, and none is left out.
 */
static bool read_each_set_once(void)
{
	enum { N = 4 };
	static int adj[LONG_LINE];
	char *text;
	const char *at;
	int id[N], seen[N] = { 0 }, fd, i, semid;
	char head[100];
	size_t len;

	for (i = 0; i < N; i++) {
		EXPECT_OK(id[i] = sem_new(LONG_LINE));
		EXPECT_OK(sem_undo(id[i], 0, 1));
	}
	fd = semundo_open(0);
	if (fd < 0)
		return false;
	EXPECT(read(fd, head, sizeof(head)) == sizeof(head), "read: expected %zu bytes",
	       sizeof(head));
	for (i = 0; i < N / 2; i++)
		EXPECT_OK(sem_undo(id[i], 0, 1));
	text = semundo_read_fd(fd, 777, &len);
	close(fd);
	EXPECT(text && strchr(text, '\n'), "expected the rest of a line and more");

	EXPECT(sscanf(head, "%d", &semid) == 1, "expected a semid");
	at = strchr(text, '\n') + 1;
	for (;;) {
		for (i = 0; i < N && id[i] != semid; i++)
			;
		EXPECT(i < N, "expected one of the sets, got semid %d", semid);
		seen[i]++;
		if (!*at)
			break;
		if (semundo_parse(&at, &semid, adj, LONG_LINE) < 0)
			return false;
	}
	for (i = 0; i < N; i++)
		EXPECT(seen[i] == 1, "set %d: expected one line, got %d", id[i], seen[i]);
	return true;
}

/* A set with six adjustments, at both ends and between. */
static int big_adj[MANY];

static bool big_set(int *semid, int nsems)
{
	const int at[] = { 0, 1, 999, nsems / 2, nsems - 2, nsems - 1 };
	struct sembuf sb[6];
	unsigned int i;

	*semid = sem_new(nsems);
	EXPECT(*semid >= 0, "semget of %d semaphores: expected success, got %s", nsems,
	       strerror(errno));
	for (i = 0; i < 6; i++) {
		sb[i] = (struct sembuf) { at[i], i * 1111 + 1, SEM_UNDO | IPC_NOWAIT };
		big_adj[at[i]] = -(int)(i * 1111 + 1);
	}
	EXPECT_OK(semop(*semid, sb, 6));
	return true;
}

/* A line of 224 KB; its end once more, without what comes before. */
static bool read_many_semaphores(void)
{
	char end[15];
	ssize_t n;
	int a, fd;

	if (!big_set(&a, MANY) || !semundo_is(0, &(struct want) { a, MANY, big_adj }, 1))
		return false;
	fd = semundo_open(0);
	if (fd < 0)
		return false;
	n = pread(fd, end, sizeof(end), 10 + 7 * (MANY - 2));
	EXPECT(n == sizeof(end) && !memcmp(end, "  -4445  -5556\n", sizeof(end)),
	       "pread of the end: expected \"  -4445  -5556\\n\", got %zd bytes", n);
	return true;
}

/* A line that is larger than a page, and a short one, byte by byte. */
static bool read_one_byte_reads(void)
{
	static int adj[LONG_LINE];
	static const int adj_b[1] = { -1 };
	int a, b, fd;
	size_t len;
	char *text;

	EXPECT_OK(a = sem_new(LONG_LINE));
	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 100));
	EXPECT_OK(sem_undo(a, LONG_LINE - 1, 200));
	EXPECT_OK(sem_undo(b, 0, 1));
	adj[0] = -100;
	adj[LONG_LINE - 1] = -200;

	fd = semundo_open(0);
	if (fd < 0)
		return false;
	text = semundo_read_fd(fd, 1, &len);
	close(fd);
	return text && semundo_text_is(text, len, (struct want[]) {
		{ a, LONG_LINE, adj }, { b, 1, adj_b } }, 2);
}

/* pread at any offset, forward and back, gives what a plain read gives. */
static bool read_pread_any_offset(void)
{
	static const int adj_b[1] = { -1 };
	struct want want[2];
	size_t len, at[10], size;
	char *text, part[300];
	unsigned int i;
	int a, b, fd;

	EXPECT_OK(b = sem_new(1));
	EXPECT_OK(sem_undo(b, 0, 1));
	if (!big_set(&a, SOME))
		return false;
	text = semundo_read(0, &len);
	if (!text)
		return false;
	/* compare with what is known, lest two equal errors pass */
	want[0] = (struct want) { a, SOME, big_adj };
	want[1] = (struct want) { b, 1, adj_b };
	if (!semundo_text_is(text, len, want, 2))
		return false;

	fd = semundo_open(0);
	if (fd < 0)
		return false;
	at[0] = len - 5;	/* the end, nothing read before */
	at[1] = 0;
	at[2] = 9;		/* within the semid */
	at[3] = 4095;		/* over the end of a page */
	at[4] = 17;	/* a short first line ends here */
	at[5] = len - 19;	/* a short last line begins here */
	at[6] = 16383;
	at[7] = len;		/* nothing left */
	at[8] = len + 100000;	/* far behind */
	at[9] = 12345;
	for (i = 0; i < 10; i++) {
		ssize_t n = pread(fd, part, sizeof(part), at[i]);

		EXPECT(n >= 0, "pread at %zu: expected data, got %s", at[i], strerror(errno));
		size = at[i] < len ? len - at[i] : 0;
		/* it may be short (a record ends), but not empty before the end */
		EXPECT((size_t)n <= size && (n || !size),
		       "pread at %zu of %zu: expected up to %zu bytes, got %zd", at[i], len,
		       size, n);
		EXPECT(!memcmp(part, text + (size ? at[i] : 0), n),
		       "pread at %zu: expected the bytes of a plain read, got others", at[i]);
	}
	return true;
}

static const struct probe_case cases[] = {
	{ "semundo.read.format", read_format },
	{ "semundo.read.whole_id", read_whole_id },
	{ "semundo.read.mode", read_mode },
	{ "semundo.read.write_bit", read_write_bit },
	{ "semundo.read.not_in_task_dir", read_not_in_task_dir },
	{ "semundo.read.no_undo_list_is_empty", read_no_undo_list_is_empty },
	{ "semundo.read.no_line_without_undo", read_no_line_without_undo },
	{ "semundo.read.own_values_only", read_own_values_only },
	{ "semundo.read.removed_set_left_out", read_removed_set_left_out },
	{ "semundo.read.zero_line_is_legal", read_zero_line_is_legal },
	{ "semundo.read.setval_clears", read_setval_clears },
	{ "semundo.read.lines_stay_valid", read_lines_stay_valid },
	{ "semundo.read.each_set_once", read_each_set_once },
	{ "semundo.read.one_byte_reads", read_one_byte_reads },
	{ "semundo.read.pread_any_offset", read_pread_any_offset },
	{ "semundo.read.many_semaphores", read_many_semaphores },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_present);
}
