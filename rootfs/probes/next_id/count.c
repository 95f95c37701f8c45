// SPDX-License-Identifier: GPL-2.0
/*
 * The form "LONG<n> X0 ... X<n-1>" of next_id. Each case begins with a line
 * that only a kernel with this form takes.
 */
#include "next_id.h"

#define MAX_LEVEL 32	/* MAX_PID_NS_LEVEL */

static bool refuses(const char *const *texts, int want)
{
	int i;

	for (i = 0; texts[i]; i++)
		WRITE_FAILS(want, "%s", texts[i]);
	return true;
}

/* One id in either form, each shown as it was written. */
static bool one(void)
{
	WRITE("LONG1 5\n");
	if (!next_is("LONG1 5\n"))
		return false;
	WRITE("LONG 6\n");
	if (!next_is("LONG 6\n"))
		return false;
	WRITE("LONG1 -7");
	if (!next_is("LONG1 -7\n"))
		return false;
	WRITE("\n");
	return next_is("");
}

static bool in_three(void *arg)
{
	(void)arg;
	WRITE("LONG2 5 7\n");
	if (!next_is("LONG2 5 7\n"))
		return false;
	WRITE("LONG3 1 22 %ld", LONG_MAX);
	if (!next_is("LONG3 1 22 9223372036854775807\n"))
		return false;
	WRITE("LONG 4\n");
	return next_is("LONG 4\n");
}

static bool several(void)
{
	return in_nested(2, in_three, NULL);
}

static bool zero(void)
{
	static const char *const texts[] = { "LONG0\n", "LONG0 \n", "LONG0 5\n", "LONG00 5\n", NULL };

	WRITE("LONG1 5\n");
	return refuses(texts, EINVAL) && next_is("LONG1 5\n");
}

static bool negative(void)
{
	static const char *const texts[] = {
		"LONG-1 5\n", "LONG-1\n", "LONG-4294967295 5\n", "LONG+1 5\n", NULL
	};

	WRITE("LONG1 5\n");
	return refuses(texts, EINVAL) && next_is("LONG1 5\n");
}

/* Also those that are 1 in so many bits. */
static bool huge(void)
{
	static const char *const texts[] = {
		"LONG257 5\n", "LONG65537 5\n", "LONG2147483647 5\n", "LONG2147483649 5\n",
		"LONG4294967295 5\n", "LONG4294967297 5\n", "LONG18446744073709551617 5\n",
		"LONG99999999999999999999999 5\n", NULL
	};

	WRITE("LONG1 5\n");
	return refuses(texts, EINVAL) && next_is("LONG1 5\n");
}

static bool not_a_count(void)
{
	static const char *const texts[] = {
		"LONGx 5\n", "LONG1x 5\n", "LONG0x1 5\n", "LONG1\n5\n", "LONG1\t5\n", "LONG1  5\n",
		"LONG1. 5\n", NULL
	};

	WRITE("LONG1 5\n");
	return refuses(texts, EINVAL) && next_is("LONG1 5\n");
}

/* A line of so many ids, all of them 1. */
static const char *line_of(int n)
{
	static char line[512];
	int i, len = sprintf(line, "LONG%d", n);

	for (i = 0; i < n; i++)
		len += sprintf(line + len, " 1");
	strcpy(line + len, "\n");
	return line;
}

static bool at_depth(void *arg)
{
	int depth = *(int *)arg;

	WRITE("%s", line_of(depth + 1));
	if (!next_is(line_of(depth + 1)))
		return false;
	WRITE_FAILS(EINVAL, "%s", line_of(depth + 2));
	WRITE_FAILS(EINVAL, "%s", line_of(depth + 3));
	return next_is(line_of(depth + 1));
}

static bool nested_at_depth(void *arg)
{
	return in_nested(*(int *)arg, at_depth, arg);
}

static bool depth_limit(void)
{
	int depth;

	for (depth = 0; depth <= 3; depth++) {
		if (!in_child(nested_at_depth, &depth)) {
			probe_say("at depth %d", depth);
			return false;
		}
	}
	return true;
}

/* The namespace of its children is one deeper, that of the thread is what it was. */
static bool unshared(void)
{
	EXPECT_OK(unshare(CLONE_NEWPID));
	WRITE("LONG1 5\n");
	WRITE_FAILS(EINVAL, "LONG2 1 5\n");
	return next_is("LONG1 5\n");
}

static bool deepest(void *arg)
{
	(void)arg;
	WRITE("%s", line_of(MAX_LEVEL));
	WRITE_FAILS(EINVAL, "%s", line_of(MAX_LEVEL + 1));
	WRITE_FAILS(EINVAL, "%s", line_of(MAX_LEVEL + 2));
	return next_is(line_of(MAX_LEVEL));
}

/* As deep as it goes, a thread is in 33 namespaces, but n may be 32. */
static bool max_level(void)
{
	return in_nested(MAX_LEVEL, deepest, NULL);
}

static bool wrong_number(void *arg)
{
	WRITE("LONG2 5 7\n");
	return refuses(arg, EINVAL) && next_is("LONG2 5 7\n");
}

static bool fewer_ids(void)
{
	static const char *texts[] = { "LONG1\n", "LONG1 \n", "LONG2 5\n", "LONG2 5 \n", "LONG3 5 7\n", NULL };

	return in_nested(2, wrong_number, texts);
}

static bool more_ids(void)
{
	static const char *texts[] = { "LONG1 5 7\n", "LONG2 5 7 9\n", "LONG 5 7\n", NULL };

	return in_nested(2, wrong_number, texts);
}

static bool trailing_text(void)
{
	static const char *texts[] = {
		"LONG2 5 7 \n", "LONG2 5 7x\n", "LONG2 5 7 x\n", "LONG2 5 7\n\n", "LONG2 5\n 7\n",
		"LONG2 5 7\nLONG2 8 9\n", "LONG2 x 7\n", "LONG2 5 x\n", "LONG2 5  7\n", NULL
	};

	return in_nested(2, wrong_number, texts);
}

static bool out_of_range(void *arg)
{
	static const char *const texts[] = {
		"LONG2 5 9223372036854775808\n", "LONG2 9223372036854775808 7\n",
		"LONG2 5 -9223372036854775809\n", NULL
	};

	(void)arg;
	WRITE("LONG2 5 7\n");
	return refuses(texts, ERANGE) && next_is("LONG2 5 7\n");
}

static bool range(void)
{
	return in_nested(1, out_of_range, NULL);
}

static const struct probe_case cases[] = {
	{ "next_id.count.one", one },
	{ "next_id.count.several", several },
	{ "next_id.count.zero", zero },
	{ "next_id.count.negative", negative },
	{ "next_id.count.huge", huge },
	{ "next_id.count.not_a_count", not_a_count },
	{ "next_id.count.depth_limit", depth_limit },
	{ "next_id.count.unshared", unshared },
	{ "next_id.count.max_level", max_level },
	{ "next_id.count.fewer_ids", fewer_ids },
	{ "next_id.count.more_ids", more_ids },
	{ "next_id.count.trailing_text", trailing_text },
	{ "next_id.count.range", range },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
