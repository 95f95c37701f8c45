// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/task/<tid>/next_id as a file: what can be written to it in the
 * form "LONG XX", and what it shows.
 */
#include "next_id.h"

static bool mode(void)
{
	struct stat st;

	EXPECT_OK(stat(OWN_FILE, &st));
	EXPECT(S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0644,
	       "expected a file of mode 0644, got %#o", st.st_mode);
	return true;
}

/* One for each thread, and none for the process. */
static bool in_task_dir(void)
{
	EXPECT_OK(access(next_path(getpid(), next_tid()), F_OK));
	EXPECT(access("/proc/self/next_id", F_OK) && errno == ENOENT,
	       "/proc/self/next_id: expected %s, got %s", strerror(ENOENT), strerror(errno));
	return true;
}

static bool nothing_pending(void)
{
	return next_is("");
}

static bool shows_pending(void)
{
	WRITE("LONG 5\n");
	if (!next_is("LONG 5\n"))
		return false;
	/* no newline, as from a program */
	WRITE("LONG 0");
	if (!next_is("LONG 0\n"))
		return false;
	WRITE("LONG -3\n");
	if (!next_is("LONG -3\n"))
		return false;
	return true;
}

static bool longest(void)
{
	char want[64];

	WRITE("LONG %ld", LONG_MAX);
	snprintf(want, sizeof(want), "LONG %ld\n", LONG_MAX);
	if (!next_is(want))
		return false;
	WRITE("LONG %ld", LONG_MIN);
	snprintf(want, sizeof(want), "LONG %ld\n", LONG_MIN);
	return next_is(want);
}

static bool second_replaces(void)
{
	int fd;

	WRITE("LONG 5\n");
	WRITE("LONG 777\n");
	if (!next_is("LONG 777\n"))
		return false;

	/* and with one descriptor, whatever its position is */
	EXPECT_OK(fd = open(OWN_FILE, O_RDWR));
	EXPECT(!next_write_fd(fd, "LONG 12345\n", 11), "first write: %s", strerror(errno));
	EXPECT(!next_write_fd(fd, "LONG 6\n", 7), "second write: %s", strerror(errno));
	return next_fd_is(fd, "LONG 6\n") && next_is("LONG 6\n");
}

static bool empty_line_clears(void)
{
	WRITE("LONG 5\n");
	if (!next_is("LONG 5\n"))
		return false;
	WRITE("\n");
	if (!next_is(""))
		return false;
	/* when there is nothing to clear */
	WRITE("\n");
	if (!next_is(""))
		return false;
	WRITE("LONG 6\n");
	return next_is("LONG 6\n");
}

static bool failed_write_keeps(void)
{
	WRITE("LONG 5\n");
	WRITE_FAILS(EINVAL, "LONG x\n");
	if (!next_is("LONG 5\n"))
		return false;
	WRITE_FAILS(ERANGE, "LONG 99999999999999999999\n");
	return next_is("LONG 5\n");
}

static bool one_byte_reads(void)
{
	char c, got[64] = "";
	int fd, n = 0;

	WRITE("LONG 1234567\n");
	EXPECT_OK(fd = open(OWN_FILE, O_RDONLY));
	while (read(fd, &c, 1) == 1 && n < 60)
		got[n++] = c;
	EXPECT(!strcmp(got, "LONG 1234567\n"), "expected \"LONG 1234567\", got \"%s\"", got);
	EXPECT(pread(fd, got, 3, 5) == 3 && !memcmp(got, "123", 3),
	       "pread at 5: expected 123, got %.3s", got);
	return true;
}

/* ---- what is refused ---------------------------------------------------- */

static bool refuses(const char *const *texts, int want)
{
	int i;

	WRITE("LONG 5\n");
	for (i = 0; texts[i]; i++)
		WRITE_FAILS(want, "%s", texts[i]);
	return next_is("LONG 5\n");
}

static bool not_a_form(void)
{
	static const char *const texts[] = {
		"7", "7\n", "LONG", "LONG\n", "LONG \n", "LONGX 7\n", "long 7\n", "INT 7\n",
		"XLONG 7\n", " LONG 7\n", "LONG  7\n", "LONG\t7\n", "LONG\n7\n", "\nLONG 7\n",
		" \n", "\n\n", NULL
	};

	return refuses(texts, EINVAL);
}

static bool not_a_number(void)
{
	static const char *const texts[] = {
		"LONG x\n", "LONG -\n", "LONG 0x10\n", "LONG 7.0\n", "LONG --7\n", "LONG 7-\n",
		"LONG 1e3\n", "LONG 7L\n", NULL
	};

	return refuses(texts, EINVAL);
}

static bool trailing_text(void)
{
	static const char *const texts[] = {
		"LONG 7 \n", "LONG 7 8\n", "LONG 7x\n", "LONG 7 x\n", "LONG 7\nx", "LONG 7\n\n",
		"LONG 7\nLONG 8\n", NULL
	};

	return refuses(texts, EINVAL);
}

/* A byte that ends a string in C does not end the line. */
static bool trailing_nul(void)
{
	int fd, err;

	WRITE("LONG 5\n");
	EXPECT_OK(fd = open(OWN_FILE, O_WRONLY));
	err = next_write_fd(fd, "LONG 7\0x\n", 9);
	EXPECT(err == EINVAL, "text after NUL: expected %s, got %s", strerror(EINVAL), strerror(err));
	err = next_write_fd(fd, "LONG 7\0", 7);
	EXPECT(err == EINVAL, "NUL: expected %s, got %s", strerror(EINVAL), strerror(err));
	return next_is("LONG 5\n");
}

/* First too large by one, both ways, then much too large. */
static bool range(void)
{
	static const char *const texts[] = {
		"LONG 9223372036854775808\n", "LONG -9223372036854775809\n",
		"LONG 18446744073709551621\n", "LONG 99999999999999999999999999999999\n", NULL
	};

	return refuses(texts, ERANGE);
}

/* A line that no buffer holds, and one that is a page. */
static bool oversize(void)
{
	static const size_t sizes[] = { 4096, 5000, 1 << 20 };
	char *text = malloc(1 << 20);
	int fd, err;
	size_t i;

	EXPECT(text, "malloc");
	memset(text, '0', 1 << 20);
	memcpy(text, "LONG ", 5);
	WRITE("LONG 5\n");
	EXPECT_OK(fd = open(OWN_FILE, O_WRONLY));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		err = next_write_fd(fd, text, sizes[i]);
		EXPECT(err == EINVAL, "%zu bytes: expected %s, got %s", sizes[i], strerror(EINVAL),
		       strerror(err));
	}
	return next_is("LONG 5\n");
}

static bool bad_address(void)
{
	void *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd, err;

	EXPECT(hole != MAP_FAILED, "mmap: %s", strerror(errno));
	WRITE("LONG 5\n");
	EXPECT_OK(fd = open(OWN_FILE, O_WRONLY));
	err = next_write_fd(fd, hole, 7);
	EXPECT(err == EFAULT, "expected %s, got %s", strerror(EFAULT), strerror(err));
	return next_is("LONG 5\n");
}

static const struct probe_case cases[] = {
	{ "next_id.file.mode", mode },
	{ "next_id.file.in_task_dir", in_task_dir },
	{ "next_id.file.nothing_pending", nothing_pending },
	{ "next_id.file.shows_pending", shows_pending },
	{ "next_id.file.longest", longest },
	{ "next_id.file.second_replaces", second_replaces },
	{ "next_id.file.empty_line_clears", empty_line_clears },
	{ "next_id.file.failed_write_keeps", failed_write_keeps },
	{ "next_id.file.one_byte_reads", one_byte_reads },
	{ "next_id.file.not_a_form", not_a_form },
	{ "next_id.file.not_a_number", not_a_number },
	{ "next_id.file.trailing_text", trailing_text },
	{ "next_id.file.trailing_nul", trailing_nul },
	{ "next_id.file.range", range },
	{ "next_id.file.oversize", oversize },
	{ "next_id.file.bad_address", bad_address },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
