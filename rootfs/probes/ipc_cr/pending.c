// SPDX-License-Identifier: GPL-2.0
/* msg_next_id, sem_next_id, shm_next_id: calls that create nothing leave the value pending. */
#include "ipc_cr.h"

#define WANTED	ID(4, 25)

/* The call failed as it must, the value is still there, and the next object gets it. */
static bool left_pending(const struct kind *k, int got, int err)
{
	int saved = errno;

	EXPECT(got == -1, "%sget: expected %s, got id %d", k->name, strerror(err), got);
	EXPECT(saved == err, "%sget: expected %s, got %s", k->name, strerror(err), strerror(saved));
	return next_is(k, WANTED) && new_gets(k, WANTED) && next_is(k, -1);
}

static bool pending_enoent(const struct kind *k)
{
	return own_ipc() && set_next(k, WANTED) && left_pending(k, k->get(KEY, 0600), ENOENT);
}
EACH_KIND(pending_enoent)

static bool pending_eexist(const struct kind *k)
{
	if (!own_ipc())
		return false;
	EXPECT_OK(k->get(KEY, IPC_CREAT | 0600));
	return set_next(k, WANTED) &&
	       left_pending(k, k->get(KEY, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
}
EACH_KIND(pending_eexist)

/* Found by its key: nothing is created, so nothing is used. */
static bool pending_existing_key(const struct kind *k)
{
	int id, again;

	if (!own_ipc())
		return false;
	EXPECT_OK(id = k->get(KEY, IPC_CREAT | 0600));
	if (!set_next(k, WANTED))
		return false;
	again = k->get(KEY, IPC_CREAT | 0600);
	EXPECT(again == id, "%sget of an existing key: expected id %d, got %d", k->name, id, again);
	return next_is(k, WANTED) && new_gets(k, WANTED) && next_is(k, -1);
}
EACH_KIND(pending_existing_key)

/* ENOSPC because there are as many objects as msgmni, semmni or shmmni allows. */
static bool pending_limit(const struct kind *k)
{
	int first, got;

	if (!own_ipc())
		return false;
	EXPECT_OK(first = k->get(IPC_PRIVATE, 0600));
	if (!put_file(k->limit, k->one) || !set_next(k, WANTED))
		return false;
	got = k->get(IPC_PRIVATE, 0600);
	EXPECT(got == -1 && errno == ENOSPC, "%sget at the limit: expected %s, got %s", k->name,
	       strerror(ENOSPC), got == -1 ? strerror(errno) : "an object");
	if (!next_is(k, WANTED))
		return false;
	EXPECT(!k->rm(first), "remove %s %d: %s", k->name, first, strerror(errno));
	return new_gets(k, WANTED) && next_is(k, -1);
}
EACH_KIND(pending_limit)

static bool sem_pending_nsems_zero(void)
{
	return own_ipc() && set_next(&kinds[1], WANTED) &&
	       left_pending(&kinds[1], semget(IPC_PRIVATE, 0, 0600), EINVAL);
}

static bool shm_pending_size_zero(void)
{
	return own_ipc() && set_next(&kinds[2], WANTED) &&
	       left_pending(&kinds[2], shmget(IPC_PRIVATE, 0, 0600), EINVAL);
}

/* ENOSPC from the total number of semaphores. */
static bool sem_pending_semmns(void)
{
	return own_ipc() && put_file("/proc/sys/kernel/sem", "32000 3 500 32000") &&
	       set_next(&kinds[1], WANTED) &&
	       left_pending(&kinds[1], semget(IPC_PRIVATE, 4, 0600), ENOSPC);
}

/* ENOSPC from the total size of all segments, in pages. */
static bool shm_pending_shmall(void)
{
	return own_ipc() && put_file("/proc/sys/kernel/shmall", "2") &&
	       set_next(&kinds[2], WANTED) &&
	       left_pending(&kinds[2], shmget(IPC_PRIVATE, 3 * 4096, 0600), ENOSPC);
}

static const struct probe_case cases[] = {
	CASES("pending_enoent", pending_enoent),
	CASES("pending_eexist", pending_eexist),
	CASES("pending_existing_key", pending_existing_key),
	CASES("pending_limit", pending_limit),
	{ "next_sysctl.sem.pending_nsems_zero", sem_pending_nsems_zero },
	{ "next_sysctl.shm.pending_size_zero", shm_pending_size_zero },
	{ "next_sysctl.sem.pending_semmns", sem_pending_semmns },
	{ "next_sysctl.shm.pending_shmall", shm_pending_shmall },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, next_sysctl_present);
}
