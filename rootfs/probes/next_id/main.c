// SPDX-License-Identifier: GPL-2.0
/*
 * What next_id builds on, and must leave as it is: set_tid of clone3() and the
 * sysctls of the IPC namespace. These pass on any kernel that has them.
 */
#include "next_id.h"

static int clone3_as(int tid, unsigned long long flags)
{
	struct next_clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
		.set_tid = (unsigned long)&tid,
		.set_tid_size = 1,
	};
	int pid = next_clone3(&args);

	if (!pid)
		_exit(0);
	if (pid == -1)
		return -errno;
	return exited_well(pid) ? pid : -ECHILD;
}

static bool first_process_is_one(void)
{
	int got;

	got = clone3_as(2, CLONE_NEWPID);
	EXPECT(got == -EINVAL, "as 2: expected %s, got %d", strerror(EINVAL), got);
	got = clone3_as(free_pid(), CLONE_NEWPID);
	EXPECT(got == -EINVAL, "as another: expected %s, got %d", strerror(EINVAL), got);
	got = clone3_as(1, CLONE_NEWPID);
	EXPECT(got > 0, "as 1: expected a process, got %d", got);
	return true;
}

static bool set_tid_in_use(void)
{
	int pid = free_pid(), got;

	got = clone3_as(getppid(), 0);
	EXPECT(got == -EEXIST, "in use: expected %s, got %d", strerror(EEXIST), got);
	got = clone3_as(pid, 0);
	EXPECT(got == pid, "expected %d, got %d", pid, got);
	return true;
}

static bool sysctl_slides(void)
{
	int want = (3 << 15) | 30, i, id;
	FILE *f;

	EXPECT_OK(unshare(CLONE_NEWIPC));
	for (i = 0; i < 2; i++) {
		f = fopen("/proc/sys/kernel/msg_next_id", "w");
		EXPECT(f, "msg_next_id: %s", strerror(errno));
		fprintf(f, "%d\n", want);
		EXPECT(!fclose(f), "msg_next_id: %s", strerror(errno));
		EXPECT_OK(id = msgget(IPC_PRIVATE, 0600));
		EXPECT(id == want + i, "expected %d, got %d", want + i, id);
	}
	return true;
}

static const struct probe_case cases[] = {
	{ "next_id.main.first_process_is_one", first_process_is_one },
	{ "next_id.main.set_tid_in_use", set_tid_in_use },
	{ "next_id.main.sysctl_slides", sysctl_slides },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, NULL);
}
