// SPDX-License-Identifier: GPL-2.0
/* A kernel that was configured without CONFIG_SYSVIPC: there is no file, and the rest of /proc is. */
#include "semundo.h"

static bool no_file(void)
{
	struct stat st;

	EXPECT(semget(IPC_PRIVATE, 1, 0600) == -1 && errno == ENOSYS, "semget: expected %s, got %s",
	       strerror(ENOSYS), strerror(errno));
	EXPECT(!stat("/proc/self/status", &st), "/proc/self/status: expected to exist, got %s",
	       strerror(errno));
	errno = 0;
	EXPECT(stat("/proc/self/semundo", &st) == -1 && errno == ENOENT,
	       "/proc/self/semundo: expected %s, got %s", strerror(ENOENT), strerror(errno));
	return true;
}

static const struct probe_case cases[] = {
	{ "semundo_off.no_file", no_file },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, NULL);
}
