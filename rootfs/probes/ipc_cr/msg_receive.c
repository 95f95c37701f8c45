// SPDX-License-Identifier: GPL-2.0
/*
 * msgrcv() without MSG_COPY, whose code the series changes: it does what it
 * always did. Nothing here depends on the series.
 */
#include "msg_copy.h"

static bool by_type(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 3, 10) && send_message(id, 1, 2, 11) &&
	       send_message(id, 2, 3, 12) && send_message(id, 3, 1, 13) &&
	       receive_is(id, 2, 0, 1, 2, 11) && receive_is(id, 3, 0, 0, 3, 10) &&
	       receive_is(id, 0, 0, 2, 3, 12) && receive_fails(id, 64, 3, IPC_NOWAIT, ENOMSG) &&
	       queue_has(id, 1, 13) && receive_is(id, 1, 0, 3, 1, 13) && queue_has(id, 0, 0);
}

/* A negative type: the first message of the lowest type that is not above it. */
static bool lowest_type(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 6, 10) && send_message(id, 1, 5, 11) &&
	       send_message(id, 2, 4, 12) && send_message(id, 3, 5, 13) &&
	       send_message(id, 4, 4, 14) &&
	       receive_fails(id, 64, -3, IPC_NOWAIT, ENOMSG) && receive_is(id, -5, 0, 2, 4, 12) &&
	       receive_is(id, -5, 0, 4, 4, 14) && receive_is(id, -5, 0, 1, 5, 11) &&
	       receive_is(id, LONG_MIN, 0, 3, 5, 13) &&
	       receive_fails(id, 64, -5, IPC_NOWAIT, ENOMSG) && send_message(id, 5, 2, 1) &&
	       send_message(id, 6, 1, 2) && send_message(id, 7, 1, 3) &&
	       receive_is(id, -9, 0, 6, 1, 2) && queue_has(id, 3, 14);
}

static bool except_type(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 3, 10) && send_message(id, 1, 2, 11) &&
	       send_message(id, 2, 3, 12) && receive_is(id, 3, MSG_EXCEPT, 1, 2, 11) &&
	       receive_fails(id, 64, 3, MSG_EXCEPT | IPC_NOWAIT, ENOMSG) && queue_has(id, 2, 22);
}

/* Too small a buffer: E2BIG and the message stays, or with MSG_NOERROR what fits of it. */
static bool truncates(void)
{
	static struct message msg;
	long ret;
	int id;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 4, 3, PAGE + 500) ||
	    !receive_fails(id, PAGE + 499, 0, IPC_NOWAIT, E2BIG) || !queue_has(id, 1, PAGE + 500))
		return false;
	memset(&msg, UNTOUCHED, sizeof(msg));
	ret = do_receive(id, &msg, PAGE + 100, 0, IPC_NOWAIT | MSG_NOERROR);
	return message_is(&msg, MAX_TEXT, ret, 4, 3, PAGE + 100) && queue_has(id, 0, 0);
}

static bool long_messages(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 8192) && send_message(id, 1, 1, 0) &&
	       send_message(id, 2, 1, PAGE - 48) && receive_is(id, 0, 0, 0, 1, 8192) &&
	       receive_is(id, 0, 0, 1, 1, 0) && receive_is(id, 0, 0, 2, 1, PAGE - 48);
}

static bool sends_late(void *arg)
{
	if (!peer_pause())
		return false;
	probe_sleep_ms(20);
	return send_message(*(int *)arg, 5, 2, 10) && send_message(*(int *)arg, 6, 9, 5000);
}

/* A receiver that waits gets what matches when it comes. */
static bool waits(void)
{
	static struct message msg;
	struct msqid_ds ds;
	struct peer p;
	long ret;
	int id;

	EXPECT_OK(id = msg_new());
	if (!peer_start(&p, sends_late, &id) || !peer_go(&p))
		return false;
	memset(&msg, UNTOUCHED, sizeof(msg));
	ret = do_receive(id, &msg, MAX_TEXT, 9, 0);
	if (!message_is(&msg, MAX_TEXT, ret, 6, 9, 5000) || !peer_wait(&p))
		return false;
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(ds.msg_lrpid == getpid() && ds.msg_rtime,
	       "msg_lrpid: expected %d, got %d", (int)getpid(), (int)ds.msg_lrpid);
	return queue_has(id, 1, 10) && peer_end(&p, true);
}

static bool bad_buffer(void)
{
	char *page;
	long ret;
	int id;

	EXPECT_OK(id = msg_new());
	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(page != MAP_FAILED, "mmap: %s", strerror(errno));
	if (!send_message(id, 0, 1, 10))
		return false;
	ret = do_receive(id, page, 64, 0, IPC_NOWAIT);
	EXPECT(ret == -1 && errno == EFAULT, "receive to read-only memory: expected %s, got %s",
	       strerror(EFAULT), ret < 0 ? strerror(errno) : "success");
	return true;
}

static const struct probe_case cases[] = {
	{ NAME("msg_receive", "by_type"), by_type },
	{ NAME("msg_receive", "lowest_type"), lowest_type },
	{ NAME("msg_receive", "except_type"), except_type },
	{ NAME("msg_receive", "truncates"), truncates },
	{ NAME("msg_receive", "long_messages"), long_messages },
	{ NAME("msg_receive", "waits"), waits },
	{ NAME("msg_receive", "bad_buffer"), bad_buffer },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, NULL);
}
