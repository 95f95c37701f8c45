// SPDX-License-Identifier: GPL-2.0
/* msg_next_id, sem_next_id, shm_next_id: which id the next object gets. */
#include "ipc_cr.h"

/* Sequence and index come from the value, at both ends of both. */
static bool takes_id(const struct kind *k)
{
	static const int ids[] = {
		0, ID(0, 9), ID(7, 0), ID(7, 10), ID(0, LAST_INDEX), ID(65535, 1), INT_MAX - 1
	};
	unsigned int i;

	if (!own_ipc())
		return false;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		if (!set_next(k, ids[i]) || !new_gets(k, ids[i]))
			return false;
		/* the object is there by this id, and gone after it was removed by it */
		EXPECT(!k->rm(ids[i]), "remove %s %d: expected success, got %s", k->name, ids[i],
		       strerror(errno));
		EXPECT(k->rm(ids[i]), "remove %s %d again: expected an error", k->name, ids[i]);
	}
	return set_next(k, INT_MAX) && new_gets(k, INT_MAX);
}
EACH_KIND(takes_id)

/* A key does not matter. */
static bool takes_id_with_key(const struct kind *k)
{
	int id;

	if (!own_ipc() || !set_next(k, ID(3, 20)))
		return false;
	id = k->get(KEY, IPC_CREAT | IPC_EXCL | 0600);
	EXPECT(id == ID(3, 20), "new %s with a key: expected id %d, got %d", k->name, ID(3, 20), id);
	id = k->get(KEY, 0);
	EXPECT(id == ID(3, 20), "%s by its key: expected id %d, got %d", k->name, ID(3, 20), id);
	return next_is(k, -1);
}
EACH_KIND(takes_id_with_key)

/* Busy indices are passed over; the sequence is the one that was asked for. */
static bool slides(const struct kind *k)
{
	return own_ipc() &&
	       set_next(k, ID(2, 40)) && new_gets(k, ID(2, 40)) &&
	       set_next(k, ID(3, 41)) && new_gets(k, ID(3, 41)) &&
	       set_next(k, ID(9, 40)) && new_gets(k, ID(9, 42)) &&
	       /* 41 is free again: the next free one is not behind the last used one */
	       (k->rm(ID(3, 41)), set_next(k, ID(11, 40))) && new_gets(k, ID(11, 41)) &&
	       next_is(k, -1);
}
EACH_KIND(slides)

/* There is nowhere to slide to from the last index: ENOSPC, and the value is consumed. */
static bool last_index_busy(const struct kind *k)
{
	int id;

	if (!own_ipc() || !set_next(k, ID(0, LAST_INDEX)) || !new_gets(k, ID(0, LAST_INDEX)) ||
	    !set_next(k, ID(5, LAST_INDEX)))
		return false;
	id = k->get(IPC_PRIVATE, 0600);
	EXPECT(id < 0, "last index busy: expected %s, got id %d", strerror(ENOSPC), id);
	EXPECT(errno == ENOSPC, "last index busy: expected %s, got %s", strerror(ENOSPC),
	       strerror(errno));
	return next_is(k, -1) && new_gets(k, 0);
}
EACH_KIND(last_index_busy)

/* One object has it; the next ones get what they would have got without. */
static bool used_once(const struct kind *k)
{
	return own_ipc() && new_gets(k, 0) && set_next(k, ID(6, 30)) && new_gets(k, ID(6, 30)) &&
	       next_is(k, -1) && new_gets(k, 1) && new_gets(k, 2) && next_is(k, -1);
}
EACH_KIND(used_once)

/* Objects of the other kinds neither use it nor end it. */
static bool own_kind_only(const struct kind *k)
{
	unsigned int i;

	if (!own_ipc() || !set_next(k, ID(8, 50)))
		return false;
	for (i = 0; i < NKINDS; i++)
		if (&kinds[i] != k && (!next_is(&kinds[i], -1) || !new_gets(&kinds[i], 0)))
			return false;
	return next_is(k, ID(8, 50)) && new_gets(k, ID(8, 50)) && next_is(k, -1);
}
EACH_KIND(own_kind_only)

static const struct probe_case cases[] = {
	CASES("takes_id", takes_id),
	CASES("takes_id_with_key", takes_id_with_key),
	CASES("slides", slides),
	CASES("last_index_busy", last_index_busy),
	CASES("used_once", used_once),
	CASES("own_kind_only", own_kind_only),
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, next_sysctl_present);
}
