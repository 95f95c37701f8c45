// SPDX-License-Identifier: GPL-2.0
/* A kernel that has the code and was configured without CONFIG_CHECKPOINT_RESTORE. */
#include "msg_copy.h"

#define COPY	(MSG_COPY | IPC_NOWAIT)

/* The flag is known, unlike in a kernel that receives the message: it is refused. */
static bool msg_copy_off_present(void)
{
	struct { long type; char text[1]; } msg = { 1, { 0 } };
	int id = msgget(IPC_PRIVATE, 0600);
	bool known;

	if (id < 0 || do_send(id, &msg, 1, 0))
		return false;
	known = do_receive(id, &msg, 1, 0, COPY) == -1;
	msgctl(id, IPC_RMID, NULL);
	return known;
}

/* ENOSYS, whatever the queue holds, and nothing is received. */
static bool enosys(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return receive_fails(id, 64, 0, COPY, ENOSYS) && send_message(id, 0, 1, 10) &&
	       receive_fails(id, 64, 0, COPY, ENOSYS) && receive_fails(id, 1, 0, COPY, ENOSYS) &&
	       receive_fails(id, 64, -1, COPY | MSG_NOERROR, ENOSYS) && queue_has(id, 1, 10);
}

/* What is wrong with the call is said first. */
static bool flags_first(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 10) && receive_fails(id, 64, 0, MSG_COPY, EINVAL) &&
	       receive_fails(id, 64, 0, COPY | MSG_EXCEPT, EINVAL) && queue_has(id, 1, 10);
}

static bool no_sysctls(void)
{
	unsigned int i;

	for (i = 0; i < NKINDS; i++)
		EXPECT(access(kinds[i].path, F_OK) && errno == ENOENT,
		       "%s: expected none", kinds[i].path);
	return true;
}

static const struct probe_case cases[] = {
	{ NAME("msg_copy_off", "enosys"), enosys },
	{ NAME("msg_copy_off", "flags_first"), flags_first },
	{ NAME("msg_copy_off", "no_sysctls"), no_sysctls },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, msg_copy_off_present);
}
