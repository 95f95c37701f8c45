// SPDX-License-Identifier: GPL-2.0
/* msg_next_id, sem_next_id, shm_next_id: which values there are, and one for each namespace. */
#include "ipc_cr.h"

/* -1 by default: in the first namespace as in a new one. */
static bool default_value(const struct kind *k)
{
	return next_is(k, -1) && own_ipc() && next_is(k, -1);
}
EACH_KIND(default_value)

static bool accepts(const struct kind *k)
{
	static const int values[] = { 0, 1, LAST_INDEX, LAST_INDEX + 1, INT_MAX };
	unsigned int i;

	if (!own_ipc())
		return false;
	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (!set_next(k, values[i]) || !next_is(k, values[i]))
			return false;
	return true;
}
EACH_KIND(accepts)

/* EINVAL, and what was there before stays. */
static bool refused(const struct kind *k, const char *text)
{
	int err;

	if (!own_ipc() || !set_next(k, 77))
		return false;
	err = put_text(k->path, text);
	EXPECT(err == EINVAL, "write \"%s\" to %s: expected %s, got %s", text, k->path,
	       strerror(EINVAL), strerror(err));
	return next_is(k, 77);
}

static bool refuses_minus_one(const struct kind *k)
{
	return refused(k, "-1");
}
EACH_KIND(refuses_minus_one)

static bool refuses_text(const struct kind *k)
{
	return refused(k, "abc");
}
EACH_KIND(refuses_text)

static bool refuses_too_large(const struct kind *k)
{
	return refused(k, "2147483648");
}
EACH_KIND(refuses_too_large)

/* The write takes the first number; how much of the text it says it took does not matter. */
static bool first_of_two(const struct kind *k)
{
	int fd;

	if (!own_ipc())
		return false;
	EXPECT_OK(fd = open(k->path, O_WRONLY));
	EXPECT_OK(write(fd, "5 6", 3));
	return next_is(k, 5) && new_gets(k, 5);
}
EACH_KIND(first_of_two)

/* A new namespace starts at -1, whatever is pending in the old one, which keeps it. */
static bool new_namespace(void *arg)
{
	const struct kind *k = arg;

	return own_ipc() && next_is(k, -1) && new_gets(k, 0) && next_is(k, -1) &&
	       set_next(k, 1234) && next_is(k, 1234);
}

static bool per_namespace(const struct kind *k)
{
	struct peer p;

	return own_ipc() && set_next(k, 4321) && peer_start(&p, new_namespace, (void *)k) &&
	       next_is(k, 4321) && new_gets(k, 4321) && next_is(k, -1) && peer_end(&p, true);
}
EACH_KIND(per_namespace)

/* A descriptor belongs to the namespace it was opened in, whoever writes through it. */
static bool descriptor_namespace(const struct kind *k)
{
	int fd, home, err;

	if (!own_ipc())
		return false;
	EXPECT_OK(home = open("/proc/self/ns/ipc", O_RDONLY));
	EXPECT_OK(fd = open(k->path, O_WRONLY));
	if (!own_ipc())
		return false;
	err = put_text_fd(fd, "99");
	EXPECT(!err, "write through a descriptor: expected success, got %s", strerror(err));
	if (!next_is(k, -1))
		return false;
	EXPECT_OK(setns(home, CLONE_NEWIPC));
	return next_is(k, 99);
}
EACH_KIND(descriptor_namespace)

static const struct probe_case cases[] = {
	CASES("default", default_value),
	CASES("accepts", accepts),
	CASES("refuses_minus_one", refuses_minus_one),
	CASES("refuses_text", refuses_text),
	CASES("refuses_too_large", refuses_too_large),
	CASES("first_of_two", first_of_two),
	CASES("per_namespace", per_namespace),
	CASES("descriptor_namespace", descriptor_namespace),
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, next_sysctl_present);
}
