// SPDX-License-Identifier: GPL-2.0
/*
 * next_id and the ids of processes and threads: the id, once, in each way of
 * creation; ids that are in use or out of range.
 */
#include "pid.h"

/* ---- each way: exact, once, and consumed by a failure -------------------- */

static bool once(create_fn create)
{
	int first = free_pid(), second = free_pid(), got;

	WRITE("LONG %d\n", first);
	if (!gives(create, first))
		return false;
	got = create();
	EXPECT(got > 0 && got != first && got != first + 1, "expected a usual id, got %d", got);
	/* the other form */
	WRITE("LONG1 %d\n", second);
	return gives(create, second);
}

static bool busy(create_fn create)
{
	/* this one, its parent, and the first of all */
	int used[3] = { getpid(), getppid(), 1 };
	unsigned int i;

	/* only where there is something that can take it */
	if (!once(create))
		return false;
	for (i = 0; i < 3; i++) {
		WRITE("LONG %d\n", used[i]);
		if (!fails_as(create, EBUSY, used[i]))
			return false;
	}
	return true;
}

#define WAY(way)								\
static bool once_##way(void) { return once(create_##way); }			\
static bool busy_##way(void) { return busy(create_##way); }

WAY(fork)
WAY(vfork)
WAY(clone)
WAY(clone3)
WAY(thread)

/* ---- what is in use ------------------------------------------------------ */

static void *waits(void *arg)
{
	pthread_barrier_t *meet = arg;

	pthread_barrier_wait(meet);
	pthread_barrier_wait(meet);
	return NULL;
}

static bool busy_with_thread(void)
{
	int tid = free_pid();
	pthread_barrier_t meet;
	pthread_t thread;
	bool ok;

	pthread_barrier_init(&meet, NULL, 2);
	WRITE("LONG %d\n", tid);
	EXPECT(!pthread_create(&thread, NULL, waits, &meet), "pthread_create");
	pthread_barrier_wait(&meet);
	EXPECT_OK(access(next_path(getpid(), tid), F_OK));
	WRITE("LONG %d\n", tid);
	ok = fails_as(create_fork, EBUSY, tid);
	pthread_barrier_wait(&meet);
	pthread_join(thread, NULL);
	return ok;
}

static bool busy_with_zombie(void)
{
	int pid = free_pid(), got;
	siginfo_t si;

	WRITE("LONG %d\n", pid);
	got = fork();
	if (!got)
		_exit(0);
	EXPECT(got == pid, "expected %d, got %d", pid, got);
	EXPECT_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	WRITE("LONG %d\n", pid);
	if (!fails_as(create_fork, EBUSY, pid))
		return false;
	EXPECT_OK(waitpid(pid, NULL, 0));
	WRITE("LONG %d\n", pid);
	return gives(create_fork, pid);
}

/* The id of a process group whose leader is gone. */
static bool busy_with_group(void)
{
	int leader = free_pid(), got, member, to[2];
	char c;

	EXPECT_OK(pipe(to));
	EXPECT_OK(member = fork());
	if (!member) {
		close(to[1]);
		_exit(read(to[0], &c, 1) != 0);
	}
	WRITE("LONG %d\n", leader);
	got = fork();
	if (!got) {
		close(to[1]);
		_exit(read(to[0], &c, 1) != 0);
	}
	EXPECT(got == leader, "expected %d, got %d", leader, got);
	EXPECT_OK(setpgid(leader, leader));
	EXPECT_OK(setpgid(member, leader));
	EXPECT_OK(kill(leader, SIGKILL));
	EXPECT_OK(waitpid(leader, NULL, 0));
	EXPECT(kill(leader, 0) == -1, "expected no process %d", leader);
	WRITE("LONG %d\n", leader);
	if (!fails_as(create_fork, EBUSY, leader))
		return false;
	close(to[1]);
	return exited_well(member);
}

/* ---- out of range -------------------------------------------------------- */

static bool outside_range(void)
{
	long max = pid_max();
	long ids[] = { 0, -1, max, max + 1, 1L << 22, INT_MIN, INT_MAX, LONG_MIN, LONG_MAX };
	unsigned int i;
	int pid = free_pid();

	EXPECT(max > 1, "expected a pid_max");
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		WRITE("LONG %ld\n", ids[i]);
		if (!fails_as(create_fork, EINVAL, ids[i])) {
			probe_say("with id %ld", ids[i]);
			return false;
		}
	}
	WRITE("LONG %d\n", pid);
	return gives(create_fork, pid);
}

static bool highest(void)
{
	int top = pid_max() - 1;

	EXPECT(pid_is_free(top), "expected %d to be free", top);
	WRITE("LONG %d\n", top);
	return gives(create_fork, top);
}

/* What is right in the lower 32 bits is another number all the same. */
static bool beyond_int(void)
{
	int pid = free_pid();

	WRITE("LONG %ld\n", (1L << 32) + pid);
	if (!fails_as(create_fork, EINVAL, pid))
		return false;
	WRITE("LONG %ld\n", -(1L << 32) + pid);
	if (!fails_as(create_thread, EINVAL, pid))
		return false;
	WRITE("LONG %d\n", pid);
	return gives(create_fork, pid);
}

/* ---- which object -------------------------------------------------------- */

/* The first object takes it, of whatever kind, and the others are as usual. */
static bool first_object_takes_it(void)
{
	int pid = free_pid(), id, got;

	EXPECT_OK(unshare(CLONE_NEWIPC));
	WRITE("LONG %d\n", pid);
	if (!gives(create_fork, pid))
		return false;
	EXPECT_OK(id = msgget(IPC_PRIVATE, 0600));
	EXPECT(id != pid, "expected a usual id for the queue, got %d", id);

	WRITE("LONG %d\n", pid);
	EXPECT_OK(id = semget(IPC_PRIVATE, 1, 0600));
	EXPECT(id == pid, "expected %d for the set, got %d", pid, id);
	got = create_fork();
	EXPECT(got > 0 && got != pid, "expected a usual id for the process, got %d", got);
	return true;
}

static const struct probe_case cases[] = {
	{ "next_id.pid.fork", once_fork },
	{ "next_id.pid.vfork", once_vfork },
	{ "next_id.pid.clone", once_clone },
	{ "next_id.pid.clone3", once_clone3 },
	{ "next_id.pid.thread", once_thread },
	{ "next_id.pid.busy_fork", busy_fork },
	{ "next_id.pid.busy_vfork", busy_vfork },
	{ "next_id.pid.busy_clone", busy_clone },
	{ "next_id.pid.busy_clone3", busy_clone3 },
	{ "next_id.pid.busy_thread", busy_thread },
	{ "next_id.pid.busy_with_thread", busy_with_thread },
	{ "next_id.pid.busy_with_zombie", busy_with_zombie },
	{ "next_id.pid.busy_with_group", busy_with_group },
	{ "next_id.pid.outside_range", outside_range },
	{ "next_id.pid.highest", highest },
	{ "next_id.pid.beyond_int", beyond_int },
	{ "next_id.pid.first_object_takes_it", first_object_takes_it },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
