// SPDX-License-Identifier: GPL-2.0
/*
 * What /proc/self/semundo does not accept. Each case has sets with adjustments
 * and looks that they are what they were: a write that fails changes nothing.
 */
#include "semundo.h"

#define LONG_LINE	32000

/* One set with adjustments, and one that the process never used. */
static int used, unused;
static const int used_adj[2] = { -1, -2 };

static bool two_sets(void)
{
	EXPECT_OK(used = sem_new(2));
	EXPECT_OK(unused = sem_new(2));
	EXPECT_OK(sem_undo(used, 0, 1));
	EXPECT_OK(sem_undo(used, 1, 2));
	return true;
}

static bool unchanged(void)
{
	return semundo_is(0, &(struct want) { used, 2, used_adj }, 1);
}

/*
 * Each line is an error: alone, with no newline, and after or before good lines
 * for either set. SET at its beginning stands for the id of the used one.
 */
static bool refused(int want, const char *const *line, int n)
{
	char bad[200], text[512];
	int i, len;

	for (i = 0; i < n; i++) {
		if (!strncmp(line[i], "SET", 3))
			snprintf(bad, sizeof(bad), "%d%s", used, line[i] + 3);
		else
			snprintf(bad, sizeof(bad), "%s", line[i]);

		len = snprintf(text, sizeof(text), "%s\n", bad);
		EXPECT_ERR(want, semundo_put_text(text, len));
		EXPECT_ERR(want, semundo_put_text(text, len - 1));
		len = snprintf(text, sizeof(text), "%d 5 6\n%d 7 8\n%s\n", used, unused, bad);
		EXPECT_ERR(want, semundo_put_text(text, len));
		len = snprintf(text, sizeof(text), "%s\n%d 5 6\n%d 7 8\n", bad, unused, used);
		EXPECT_ERR(want, semundo_put_text(text, len));
		EXPECT(unchanged(), "after \"%s\"", bad);
	}
	return true;
}

#define REFUSED(want, ...) ({							\
	static const char *const lines_[] = { __VA_ARGS__ };			\
	two_sets() && refused(want, lines_, ARRAY_SIZE(lines_));		\
})

static bool not_a_number_id(void)
{
	return REFUSED(EINVAL, "x 0 0", "- 0 0", "+1 0 0", "0x1 0 0", ", 0 0", "SETx 0 0",
		       "SET. 0 0", "SET- 0 0", "SET,0 0");
}

static bool not_a_number_value(void)
{
	return REFUSED(EINVAL, "SET x 0", "SET 0 x", "SET 0 0x", "SET 0 0x1", "SET 0 1.5",
		       "SET 0 -", "SET - 0", "SET 0 --1", "SET 0 - 1", "SET 0 +1", "SET 0 1e1",
		       "SET 0,0", "SET 1-2", "SET 0 1-", "SET 0 \\n", "SET 0 0\r", "SET 0\v0", "SET 0 \xa0");
}

/* What follows a NUL is not ignored, nor does it end the text. */
static bool nul_byte(void)
{
	char text[64];
	int len;

	if (!two_sets())
		return false;
	len = sprintf(text, "%d 5 6\n", used);
	EXPECT_ERR(EINVAL, semundo_put_text(text, len + 1));
	text[len - 1] = '\0';
	EXPECT_ERR(EINVAL, semundo_put_text(text, len));
	EXPECT_ERR(EINVAL, semundo_put_text("", 1));
	return unchanged();
}

/* A line has a semid; one of blanks, or of nothing, is none. */
static bool blank_line(void)
{
	if (!REFUSED(EINVAL, " ", "\t", "\n"))
		return false;
	EXPECT_ERR(EINVAL, semundo_put_text("\n", 1));
	EXPECT_ERR(EINVAL, semundo_put("%d 5 6\n\n", used));
	EXPECT_ERR(EINVAL, semundo_put("\n%d 5 6\n", used));
	return unchanged();
}

static bool too_few_values(void)
{
	return REFUSED(EINVAL, "SET", "SET ", "SET 1", "SET 1 ");
}

static bool too_many_values(void)
{
	return REFUSED(EINVAL, "SET 1 2 3", "SET 0 0 0", "SET 1 2 3 4", "SET 1 2 x");
}

static bool no_such_set(void)
{
	char line[32];
	const char *lines[1] = { line };

	if (!two_sets())
		return false;
	/* the next index, which no set has */
	snprintf(line, sizeof(line), "%d 0 0", unused + 1);
	EXPECT(semctl(unused + 1, 0, GETVAL) == -1, "expected no set %d", unused + 1);
	return refused(EINVAL, lines, 1);
}

static bool negative_id(void)
{
	return REFUSED(EINVAL, "-1 0 0", "-2147483648 0 0", "-99999999999999999999 0 0");
}

/* Not the set whose id is the lower part of the number. */
static bool huge_id(void)
{
	char a[64], b[64], c[64];
	const char *lines[3] = { a, b, c };

	if (!two_sets())
		return false;
	snprintf(a, sizeof(a), "%lld 0 0", (1LL << 32) + used);
	snprintf(b, sizeof(b), "%lld 0 0", (1LL << 31) + used);
	/* 2^64 + used, in decimal */
	snprintf(c, sizeof(c), "%lld%09lld 0 0", 18446744073LL + (709551616LL + used) / 1000000000,
		 (709551616LL + used) % 1000000000);
	return refused(EINVAL, lines, 3);
}

static bool removed_set(void)
{
	char line[32];
	const char *lines[1] = { line };
	int a;

	if (!two_sets())
		return false;
	EXPECT_OK(a = sem_new(2));
	EXPECT_OK(sem_undo(a, 0, 1));
	EXPECT_OK(semctl(a, 0, IPC_RMID));
	snprintf(line, sizeof(line), "%d 0 0", a);
	return refused(EINVAL, lines, 1);
}

/* The index of a removed set is used again: the id is still none. */
static bool stale_id(void)
{
	enum { INDEX = 0x7fff };
	char line[32];
	const char *lines[1] = { line };
	int a, b = -1, i;

	if (!two_sets())
		return false;
	EXPECT_OK(a = semget(IPC_PRIVATE, 2, 0600));
	EXPECT_OK(semctl(a, 0, IPC_RMID));
	for (i = 0; i < 1000; i++) {
		EXPECT_OK(b = semget(IPC_PRIVATE, 2, 0600));
		if ((b & INDEX) == (a & INDEX))
			break;
		EXPECT_OK(semctl(b, 0, IPC_RMID));
	}
	probe_keep(PROBE_SEM, b);
	EXPECT(i < 1000 && b != a, "expected another id with index %d, got %d", a & INDEX, b);
	snprintf(line, sizeof(line), "%d 0 0", a);
	return refused(EINVAL, lines, 1);
}

/* A set of the namespace that the process has left. */
static bool other_namespace(void)
{
	char line[32];
	const char *lines[1] = { line };
	int a, i;

	/* a few, so that the id of the last is none in a namespace with two */
	for (i = 0; i < 5; i++)
		EXPECT_OK(a = sem_new(2));
	EXPECT_OK(unshare(CLONE_NEWIPC));
	if (!two_sets())
		return false;
	snprintf(line, sizeof(line), "%d 0 0", a);
	return refused(EINVAL, lines, 1);
}

static bool range_below(void)
{
	return REFUSED(ERANGE, "SET -32769 0", "SET 0 -32769", "SET 0 -65536");
}

static bool range_above(void)
{
	return REFUSED(ERANGE, "SET 32768 0", "SET 0 32768", "SET 0 65536");
}

static bool range_huge(void)
{
	return REFUSED(ERANGE, "SET 0 2147483648", "SET 0 4294967296", "SET 0 -4294967296",
		       "SET 0 99999999999999999999999", "SET 0 -18446744073709551616");
}

/* A long write whose last line is wrong: not even the first has an effect. */
static bool last_line_wrong(void)
{
	static int adj[LONG_LINE];
	struct want w = { 0, LONG_LINE, adj };
	char *text, *line;
	int len;

	if (!two_sets())
		return false;
	EXPECT_OK(w.semid = sem_new(LONG_LINE));
	adj[LONG_LINE - 1] = 1;
	line = semundo_line(&w);
	text = malloc(strlen(line) + 200);
	EXPECT(text, "out of memory");
	len = sprintf(text, "%d 5 6\n%d 7 8\n%s%d 1 2 3 4", used, unused, line, used);
	EXPECT_ERR(EINVAL, semundo_put_text(text, len));
	if (!unchanged())
		return false;
	/* it was the last line: without it all is good */
	len = sprintf(text, "%s", line);
	EXPECT_ERR(0, semundo_put_text(text, len));
	return semundo_is(0, (struct want[]) { { used, 2, used_adj }, w }, 2);
}

/* A buffer that ends too early: the lines before are not applied. */
static bool bad_address(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	char line[64];
	int len;

	EXPECT(map != MAP_FAILED, "mmap: %s", strerror(errno));
	if (!two_sets())
		return false;
	EXPECT_OK(munmap(map + 2 * page, page));
	len = sprintf(line, "%d 5 6\n", used);

	/* in the first page, and behind it */
	memset(map, ' ', 2 * page);
	memcpy(map + 2 * page - len, line, len);
	EXPECT_ERR(EFAULT, semundo_put_text(map + 2 * page - len, len + 1));
	if (!unchanged())
		return false;
	memset(map, ' ', 2 * page);
	memcpy(map, line, len);
	EXPECT_ERR(EFAULT, semundo_put_text(map, 2 * page + 1));
	return unchanged();
}

static const struct probe_case cases[] = {
	{ "semundo.write.not_a_number_id", not_a_number_id },
	{ "semundo.write.not_a_number_value", not_a_number_value },
	{ "semundo.write.nul_byte", nul_byte },
	{ "semundo.write.blank_line", blank_line },
	{ "semundo.write.too_few_values", too_few_values },
	{ "semundo.write.too_many_values", too_many_values },
	{ "semundo.write.no_such_set", no_such_set },
	{ "semundo.write.negative_id", negative_id },
	{ "semundo.write.huge_id", huge_id },
	{ "semundo.write.removed_set", removed_set },
	{ "semundo.write.stale_id", stale_id },
	{ "semundo.write.other_namespace", other_namespace },
	{ "semundo.write.range_below", range_below },
	{ "semundo.write.range_above", range_above },
	{ "semundo.write.range_huge", range_huge },
	{ "semundo.write.last_line_wrong", last_line_wrong },
	{ "semundo.write.bad_address", bad_address },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_writable);
}
