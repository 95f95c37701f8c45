// SPDX-License-Identifier: GPL-2.0
/* What is written to /proc/self/semundo: the grammar, and what it does. */
#include "semundo.h"
#include <sys/uio.h>

#define MANY		32000	/* the largest set, SEMMSL */

/* A set of n semaphores, each of which has the value v. */
static int sem_filled(int n, unsigned short v)
{
	unsigned short vals[8];
	int i, semid = sem_new(n);

	for (i = 0; i < n; i++)
		vals[i] = v;
	return semid < 0 || semctl(semid, 0, SETALL, vals) ? -1 : semid;
}

static bool write_mode(void)
{
	struct stat st;

	EXPECT(!stat("/proc/self/semundo", &st), "stat: expected success, got %s",
	       strerror(errno));
	EXPECT(st.st_mode == (S_IFREG | 0644), "mode: expected %o, got %o", S_IFREG | 0644,
	       st.st_mode);
	return true;
}

/* Exactly what read prints. */
static bool write_format(void)
{
	static const int adj[3] = { -1, 0, 12345 };
	int a;

	EXPECT_OK(a = sem_new(3));
	EXPECT_ERR(0, semundo_put("%10d %6d %6d %6d\n", a, -1, 0, 12345));
	return semundo_is(0, &(struct want) { a, 3, adj }, 1);
}

static bool write_blanks_and_tabs(void)
{
	static const int adj[2] = { 7, -8 };
	int a;

	EXPECT_OK(a = sem_new(2));
	EXPECT_ERR(0, semundo_put("%d\t7   \t -8\n", a));
	return semundo_is(0, &(struct want) { a, 2, adj }, 1);
}

static bool write_leading_blanks(void)
{
	static const int adj[1] = { 5 };
	int a;

	EXPECT_OK(a = sem_new(1));
	EXPECT_ERR(0, semundo_put(" \t %d 5\n", a));
	return semundo_is(0, &(struct want) { a, 1, adj }, 1);
}

static bool write_trailing_blanks(void)
{
	static const int adj[1] = { 5 };
	int a;

	EXPECT_OK(a = sem_new(1));
	EXPECT_ERR(0, semundo_put("%d 5 \t\n", a));
	return semundo_is(0, &(struct want) { a, 1, adj }, 1);
}

static bool write_no_last_newline(void)
{
	static const int adj_a[1] = { 1 }, adj_b[2] = { 2, 34 };
	int a, b;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(2));
	EXPECT_ERR(0, semundo_put("%d 1\n%d 2 34", a, b));
	return semundo_is(0, (struct want[]) { { a, 1, adj_a }, { b, 2, adj_b } }, 2);
}

/* The order of the lines is not that of the ids. */
static bool write_several_lines(void)
{
	static const int adj_a[1] = { 1 }, adj_b[2] = { 2, 3 }, adj_c[3] = { 4, 5, 6 };
	int a, b, c;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(2));
	EXPECT_OK(c = sem_new(3));
	EXPECT_OK(sem_undo(b, 1, 9));
	EXPECT_ERR(0, semundo_put("%d 4 5 6\n%d 1\n%d 2 3\n", c, a, b));
	return semundo_is(0, (struct want[]) {
		{ a, 1, adj_a }, { b, 2, adj_b }, { c, 3, adj_c } }, 3);
}

static bool write_named_twice(void)
{
	static const int adj_a[2] = { 5, 6 }, adj_b[1] = { 3 };
	int a, b;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(b = sem_new(1));
	EXPECT_ERR(0, semundo_put("%d 1 2\n%d 3\n%d 5 6\n", a, b, a));
	return semundo_is(0, (struct want[]) { { a, 2, adj_a }, { b, 1, adj_b } }, 2);
}

/* No line at all, with a list and without. */
static bool write_empty(void)
{
	static const int adj[1] = { -4 };
	int a;

	EXPECT_ERR(0, semundo_put_text("", 0));
	if (!semundo_is(0, NULL, 0))
		return false;
	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 4));
	EXPECT_ERR(0, semundo_put_text("", 0));
	return semundo_is(0, &(struct want) { a, 1, adj }, 1);
}

/* The ends of the range, and other ways to write a number. */
static bool write_extremes(void)
{
	static const int adj[5] = { -32768, 32767, 0, 7, -12 };
	int a;

	EXPECT_OK(a = sem_new(5));
	EXPECT_ERR(0, semundo_put("%d -32768 32767 -0 007 -00000000000000000000012\n", a));
	return semundo_is(0, &(struct want) { a, 5, adj }, 1);
}

/* The highest semid is one, and the number after it is none. */
static bool write_highest_id(void)
{
	static const int adj[1] = { 5 };
	int a;

	EXPECT_OK(unshare(CLONE_NEWIPC));
	if (!sem_new_highest(&a))
		return false;
	EXPECT_ERR(0, semundo_put("2147483647 5\n"));
	if (!semundo_is(0, &(struct want) { a, 1, adj }, 1))
		return false;
	EXPECT_ERR(EINVAL, semundo_put("2147483648 6\n"));
	return semundo_is(0, &(struct want) { a, 1, adj }, 1);
}

/* What was read, of three sets, in one write: the same is read again. */
static bool write_back(void)
{
	static const int adj_a[1] = { 32767 }, adj_b[4] = { 0, -1, -32768, 12 };
	static const int adj_c[2] = { 0, 0 };
	struct want want[3];
	size_t len;
	char *text;
	int a, b, c;

	EXPECT_OK(a = sem_filled(1, 32767));
	EXPECT_OK(b = sem_filled(4, 20));
	EXPECT_OK(c = sem_filled(2, 0));
	EXPECT_OK(sem_undo(a, 0, -32767));
	EXPECT_OK(sem_undo(b, 1, 1));
	EXPECT_OK(sem_undo(b, 2, 32747));
	EXPECT_OK(sem_plain(b, 2, -32700));
	EXPECT_OK(sem_undo(b, 2, 21));
	EXPECT_OK(sem_undo(b, 3, -12));
	EXPECT_OK(sem_undo(c, 1, 3));
	EXPECT_OK(sem_undo(c, 1, -3));
	want[0] = (struct want) { a, 1, adj_a };
	want[1] = (struct want) { b, 4, adj_b };
	want[2] = (struct want) { c, 2, adj_c };

	text = semundo_read(0, &len);
	if (!text || !semundo_text_is(text, len, want, 3))
		return false;
	EXPECT_ERR(0, semundo_put_text(text, len));
	/* nor are the semaphores touched */
	return semundo_is(0, want, 3) && sem_val_is(a, 0, 0) && sem_val_is(b, 1, 21) &&
	       sem_val_is(b, 2, 88) && sem_val_is(b, 3, 8) && sem_val_is(c, 1, 0);
}

/* A set is replaced as a whole: nothing is added, nothing of it is kept. */
static bool write_replaces_whole(void)
{
	static const int adj[4] = { 0, 7, 0, -5 };
	int a, i;

	EXPECT_OK(a = sem_new(4));
	for (i = 0; i < 4; i++)
		EXPECT_OK(sem_undo(a, i, i + 1));
	EXPECT_ERR(0, semundo_put("%d 0 7 0 -5\n", a));
	return semundo_is(0, &(struct want) { a, 4, adj }, 1);
}

static bool write_others_keep(void)
{
	static const int adj_a[2] = { -1, -2 }, adj_b[2] = { 30, 40 };
	int a, b;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(b = sem_new(2));
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(sem_undo(a, 1, 2));
	EXPECT_OK(sem_undo(b, 0, 3));
	EXPECT_ERR(0, semundo_put("%d 30 40\n", b));
	return semundo_is(0, (struct want[]) { { a, 2, adj_a }, { b, 2, adj_b } }, 2);
}

/* 224 KB in one write, each value another one. */
static bool write_long_line(void)
{
	static int adj[MANY];
	struct want w;
	char *line;
	int a, i;

	EXPECT_OK(a = sem_new(MANY));
	for (i = 0; i < MANY; i++)
		adj[i] = i * 2 - 31999;
	w = (struct want) { a, MANY, adj };
	line = semundo_line(&w);
	EXPECT(strlen(line) == 10 + 7 * MANY + 1, "line: expected %d bytes, got %zu",
	       10 + 7 * MANY + 1, strlen(line));
	EXPECT_ERR(0, semundo_put_text(line, strlen(line)));
	if (!semundo_is(0, &w, 1))
		return false;
	/* and again, now that there is an entry */
	for (i = 0; i < MANY; i++)
		adj[i] = -adj[i];
	line = semundo_line(&w);
	EXPECT_ERR(0, semundo_put_text(line, strlen(line)));
	return semundo_is(0, &w, 1);
}

/* Position is ignored, and a write does not move it. */
static bool write_position_ignored(void)
{
	static const int one[1] = { 1 }, two[1] = { 2 }, three[1] = { 3 };
	char text[32];
	ssize_t n;
	int a, fd, len;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(fd = open("/proc/self/semundo", O_RDWR));

	len = sprintf(text, "%d 1\n", a);
	n = pwrite(fd, text, len, 4711);
	EXPECT(n == len, "pwrite: expected %d, got %zd, %s", len, n, strerror(errno));
	if (!semundo_fd_is(fd, &(struct want) { a, 1, one }, 1))
		return false;

	/* at the end of what was read */
	len = sprintf(text, "%d 2\n", a);
	EXPECT_ERR(0, semundo_put_fd(fd, text, len));
	if (!semundo_is(0, &(struct want) { a, 1, two }, 1))
		return false;

	EXPECT_OK(lseek(fd, 100, SEEK_SET));
	len = sprintf(text, "%d 3\n", a);
	EXPECT_ERR(0, semundo_put_fd(fd, text, len));
	EXPECT(lseek(fd, 0, SEEK_CUR) == 100, "position: expected 100, got %ld",
	       (long)lseek(fd, 0, SEEK_CUR));
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	return semundo_fd_is(fd, &(struct want) { a, 1, three }, 1);
}

/* No partial state between calls: half a line is an error, and so is the rest. */
static bool write_no_state_between(void)
{
	static const int adj[2] = { -1, 0 };
	char text[32];
	int a, fd, len;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(fd = open("/proc/self/semundo", O_RDWR));
	len = sprintf(text, "%d 8 ", a);
	EXPECT_ERR(EINVAL, semundo_put_fd(fd, text, len));
	EXPECT_ERR(EINVAL, semundo_put_fd(fd, "9\n", 2));
	return semundo_is(0, &(struct want) { a, 2, adj }, 1);
}

/* A writev is one write, also where a number is split. */
static bool write_vector(void)
{
	static const int adj[2] = { 12, -34 };
	struct iovec iov[4];
	char head[32];
	int a, fd, len;
	ssize_t n;

	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(fd = open("/proc/self/semundo", O_WRONLY));
	len = sprintf(head, "%d 1", a);
	iov[0] = (struct iovec) { head, len };
	iov[1] = (struct iovec) { "2 ", 2 };
	iov[2] = (struct iovec) { "", 0 };
	iov[3] = (struct iovec) { "-34\n", 4 };
	n = writev(fd, iov, 4);
	EXPECT(n == len + 6, "writev: expected %d, got %zd, %s", len + 6, n, strerror(errno));
	return semundo_is(0, &(struct want) { a, 2, adj }, 1);
}

static const struct probe_case cases[] = {
	{ "semundo.write.mode", write_mode },
	{ "semundo.write.format", write_format },
	{ "semundo.write.blanks_and_tabs", write_blanks_and_tabs },
	{ "semundo.write.leading_blanks", write_leading_blanks },
	{ "semundo.write.trailing_blanks", write_trailing_blanks },
	{ "semundo.write.no_last_newline", write_no_last_newline },
	{ "semundo.write.several_lines", write_several_lines },
	{ "semundo.write.named_twice", write_named_twice },
	{ "semundo.write.empty", write_empty },
	{ "semundo.write.extremes", write_extremes },
	{ "semundo.write.highest_id", write_highest_id },
	{ "semundo.write.back", write_back },
	{ "semundo.write.replaces_whole", write_replaces_whole },
	{ "semundo.write.others_keep", write_others_keep },
	{ "semundo.write.long_line", write_long_line },
	{ "semundo.write.position_ignored", write_position_ignored },
	{ "semundo.write.no_state_between", write_no_state_between },
	{ "semundo.write.vector", write_vector },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_writable);
}
