// SPDX-License-Identifier: GPL-2.0
/* MSG_COPY: msgrcv() gives a copy of a message, chosen by its place in the queue, and takes none. */
#include "msg_copy.h"

#define COPY	(MSG_COPY | IPC_NOWAIT)

/*
 * A kernel that does not know the flag receives the first message, also without
 * IPC_NOWAIT. One of the two rules may be what is broken.
 */
static bool msg_copy_present(void)
{
	struct { long type; char text[1]; } msg = { 1, { 0 } };
	struct msqid_ds ds;
	bool refuses, keeps;
	int id = msgget(IPC_PRIVATE, 0600);

	if (id < 0 || do_send(id, &msg, 1, 0))
		return false;
	keeps = do_receive(id, &msg, 1, 0, COPY) == 1 && !msgctl(id, IPC_STAT, &ds) &&
		ds.msg_qnum == 1;
	if (!keeps)
		do_send(id, &msg, 1, 0);
	refuses = do_receive(id, &msg, 1, 0, MSG_COPY) == -1 && errno == EINVAL;
	msgctl(id, IPC_RMID, NULL);
	return refuses || keeps;
}

/* The message and its type, as often as one asks; the message is still there to be received. */
static bool keeps_message(void)
{
	int id, i;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 1, 42, 100))
		return false;
	for (i = 0; i < 3; i++)
		if (!copy_is(id, 0, 100, 1, 42, 100) || !queue_has(id, 1, 100))
			return false;
	return receive_is(id, 0, 0, 1, 42, 100) && queue_has(id, 0, 0) &&
	       receive_fails(id, 100, 0, COPY, ENOMSG);
}

/* The index counts messages from 0 in the order of the queue. */
static bool by_index(void)
{
	int id, i;

	EXPECT_OK(id = msg_new());
	for (i = 0; i < 5; i++)
		if (!send_message(id, i, 5 - i, 10 + i))
			return false;
	for (i = 4; i >= 0; i--)
		if (!copy_is(id, i, 64, i, 5 - i, 10 + i))
			return false;
	/* the first has gone: each is one further to the front */
	return receive_is(id, 0, 0, 0, 5, 10) && copy_is(id, 0, 64, 1, 4, 11) &&
	       copy_is(id, 3, 64, 4, 1, 14) && receive_fails(id, 64, 4, COPY, ENOMSG);
}

/* It is no type: messages of any type count, and one of the type that the index equals is no better. */
static bool type_irrelevant(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 2, 20) && send_message(id, 1, 7, 21) &&
	       send_message(id, 2, 1, 22) && send_message(id, 3, 7, 23) &&
	       copy_is(id, 1, 64, 1, 7, 21) && copy_is(id, 2, 64, 2, 1, 22) &&
	       copy_is(id, 0, 64, 0, 2, 20) && copy_is(id, 3, 64, 3, 7, 23);
}

static bool past_end(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return receive_fails(id, 64, 0, COPY, ENOMSG) && send_message(id, 0, 1, 10) &&
	       send_message(id, 1, 2, 10) && receive_fails(id, 64, 2, COPY, ENOMSG) &&
	       receive_fails(id, 64, 3, COPY, ENOMSG) &&
	       receive_fails(id, 64, LONG_MAX, COPY, ENOMSG) && queue_has(id, 2, 20);
}

static bool negative_index(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 10) && send_message(id, 1, 2, 10) &&
	       receive_fails(id, 64, -1, COPY, ENOMSG) && receive_fails(id, 64, -2, COPY, ENOMSG) &&
	       receive_fails(id, 64, LONG_MIN, COPY, ENOMSG) && queue_has(id, 2, 20);
}

/* Without IPC_NOWAIT: EINVAL, whether there is something to copy or nothing, and no sleep. */
static bool needs_nowait(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return receive_fails(id, 64, 0, MSG_COPY, EINVAL) && send_message(id, 0, 1, 10) &&
	       receive_fails(id, 64, 0, MSG_COPY, EINVAL) &&
	       receive_fails(id, 64, 5, MSG_COPY, EINVAL) &&
	       receive_fails(id, 64, 0, MSG_COPY | MSG_NOERROR, EINVAL) && queue_has(id, 1, 10);
}

static bool no_except(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 10) && receive_fails(id, 64, 0, COPY | MSG_EXCEPT, EINVAL) &&
	       receive_fails(id, 64, 3, COPY | MSG_EXCEPT, EINVAL) &&
	       receive_fails(id, 64, 0, MSG_COPY | MSG_EXCEPT, EINVAL) && queue_has(id, 1, 10);
}

static bool too_small(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 100) && receive_fails(id, 99, 0, COPY, E2BIG) &&
	       receive_fails(id, 0, 0, COPY, E2BIG) && send_message(id, 1, 1, PAGE + 100) &&
	       receive_fails(id, PAGE + 99, 1, COPY, E2BIG) &&
	       receive_fails(id, 100, 1, COPY, E2BIG) && queue_has(id, 2, PAGE + 200) &&
	       copy_is(id, 0, 100, 0, 1, 100);
}

/* Not a truncated message, as an ordinary receive gives. */
static bool too_small_noerror(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 100) &&
	       receive_fails(id, 99, 0, COPY | MSG_NOERROR, EINVAL) &&
	       receive_fails(id, 0, 0, COPY | MSG_NOERROR, EINVAL) &&
	       send_message(id, 1, 1, PAGE + 100) &&
	       receive_fails(id, 100, 1, COPY | MSG_NOERROR, EINVAL) &&
	       queue_has(id, 2, PAGE + 200);
}

/* MSG_NOERROR alone is no error. */
static bool noerror_that_fits(void)
{
	static struct message msg;
	long ret;
	int id;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 3, 9, 100))
		return false;
	memset(&msg, UNTOUCHED, sizeof(msg));
	ret = do_receive(id, &msg, 100, 0, COPY | MSG_NOERROR);
	return message_is(&msg, MAX_TEXT, ret, 3, 9, 100) && queue_has(id, 1, 100);
}

/* msgmax was lowered after the message was sent: EINVAL, though the buffer is large enough. */
static bool over_msgmax(void)
{
	int id;

	if (!own_ipc())
		return false;
	EXPECT_OK(id = msgget(IPC_PRIVATE, 0600));
	return send_message(id, 0, 1, 200) && send_message(id, 1, 2, 6000) &&
	       put_file("/proc/sys/kernel/msgmax", "199") &&
	       receive_fails(id, 200, 0, COPY, EINVAL) &&
	       receive_fails(id, MAX_TEXT, 0, COPY, EINVAL) &&
	       receive_fails(id, MAX_TEXT, 1, COPY, EINVAL) &&
	       /* too small a buffer is still that */
	       receive_fails(id, 199, 0, COPY, E2BIG) &&
	       put_file("/proc/sys/kernel/msgmax", "200") && copy_is(id, 0, 200, 0, 1, 200) &&
	       receive_fails(id, MAX_TEXT, 1, COPY, EINVAL) && queue_has(id, 2, 6200);
}

/* A buffer far larger than msgmax is no reason to fail. */
static bool large_buffer(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 10) && send_message(id, 1, 2, 8192) &&
	       copy_is(id, 0, MAX_TEXT, 0, 1, 10) && copy_is(id, 1, MAX_TEXT, 1, 2, 8192);
}

/* The right to write is there. */
static bool copies_as_nobody(void *arg)
{
	int id = *(int *)arg;

	return become_nobody(0) && send_message(id, 1, 1, 10) &&
	       receive_fails(id, 64, 0, COPY, EACCES) && receive_fails(id, 64, 7, COPY, EACCES) &&
	       receive_fails(id, 1, 0, COPY, EACCES);
}

/*
 * No right to read the queue: EACCES, before anything is said about what is in
 * it, and the queue is as before.
 */
static bool no_permission(void)
{
	struct msqid_ds ds;
	struct peer p;
	int id;

	EXPECT_OK(id = probe_keep(PROBE_MSG, msgget(IPC_PRIVATE, 0622)));
	if (!send_message(id, 0, 1, 10) || !copy_is(id, 0, 64, 0, 1, 10) ||
	    !peer_start(&p, copies_as_nobody, &id) || !peer_end(&p, true))
		return false;
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(!ds.msg_lrpid, "msg_lrpid: expected 0, got %d", (int)ds.msg_lrpid);
	EXPECT(!ds.msg_rtime, "msg_rtime: expected 0, got %lld", (long long)ds.msg_rtime);
	return queue_has(id, 2, 20) && copy_is(id, 0, 64, 0, 1, 10) && copy_is(id, 1, 64, 1, 1, 10);
}

static bool bad_queue(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 0, 1, 10))
		return false;
	EXPECT_OK(msgctl(id, IPC_RMID, NULL));
	return receive_fails(id, 64, 0, COPY, EINVAL) && receive_fails(-1, 64, 0, COPY, EINVAL);
}

/* A buffer that cannot be written: EFAULT, and the message stays, unlike with a receive. */
static bool bad_buffer(void)
{
	char *page;
	long ret;
	int id;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 0, 1, 10))
		return false;
	ret = do_receive(id, NULL, 64, 0, COPY);
	EXPECT(ret == -1 && errno == EFAULT, "copy to no buffer: expected %s, got %s",
	       strerror(EFAULT), ret < 0 ? strerror(errno) : "success");

	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(page != MAP_FAILED, "mmap: %s", strerror(errno));
	ret = do_receive(id, page, 64, 0, COPY);
	EXPECT(ret == -1 && errno == EFAULT, "copy to read-only memory: expected %s, got %s",
	       strerror(EFAULT), ret < 0 ? strerror(errno) : "success");
	return queue_has(id, 1, 10) && copy_is(id, 0, 64, 0, 1, 10);
}

static bool empty_message(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 3, 0) && send_message(id, 1, 4, 0) &&
	       copy_is(id, 0, 0, 0, 3, 0) && copy_is(id, 1, 0, 1, 4, 0) &&
	       copy_is(id, 1, PAGE * 2, 1, 4, 0) && queue_has(id, 2, 0);
}

/*
 * A message is kept in pieces of a page, each a little smaller than one: sizes
 * on both sides of each end, into buffers that fit exactly and that do not.
 */
static bool many_pages(void)
{
	const size_t first = PAGE - 48, next = PAGE - 8;
	size_t sizes[32], ends[] = { first, PAGE, first + next, PAGE * 2, first + 2 * next };
	unsigned int i, n = 0;
	struct msqid_ds ds;
	int id;

	if (!own_ipc() || !put_file("/proc/sys/kernel/msgmax", "65536") ||
	    !put_file("/proc/sys/kernel/msgmnb", "1000000"))
		return false;
	EXPECT_OK(id = msgget(IPC_PRIVATE, 0600));
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		sizes[n++] = ends[i] - 1;
		sizes[n++] = ends[i];
		sizes[n++] = ends[i] + 1;
	}
	sizes[n++] = 1;
	sizes[n++] = 30000;
	sizes[n++] = MAX_TEXT;
	for (i = 0; i < n; i++)
		if (!send_message(id, i, i + 1, sizes[i]))
			return false;
	for (i = 0; i < n; i++)
		if (!copy_is(id, i, sizes[i], i, i + 1, sizes[i]) ||
		    !copy_is(id, i, MAX_TEXT, i, i + 1, sizes[i]))
			return false;
	/* the originals are what they were */
	for (i = 0; i < n; i++)
		if (!receive_is(id, 0, 0, i, i + 1, sizes[i]))
			return false;
	return true;
}

/* A receiver that is another process than this one. */
static bool receives(void *arg)
{
	return receive_is(*(int *)arg, 0, 0, 0, 1, 10);
}

static bool keeps_counts(void)
{
	int id;

	EXPECT_OK(id = msg_new());
	return send_message(id, 0, 1, 10) && send_message(id, 1, 1, 5000) &&
	       queue_has(id, 2, 5010) && copy_is(id, 0, 64, 0, 1, 10) && queue_has(id, 2, 5010) &&
	       copy_is(id, 1, 5000, 1, 1, 5000) && queue_has(id, 2, 5010);
}

/* Nobody has received: still 0. Then another process has: still that one. */
static bool keeps_lrpid(void)
{
	struct msqid_ds ds;
	struct peer p;
	int id;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 0, 1, 10) || !copy_is(id, 0, 64, 0, 1, 10))
		return false;
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(!ds.msg_lrpid, "msg_lrpid: expected 0, got %d", (int)ds.msg_lrpid);

	if (!peer_start(&p, receives, &id) || !send_message(id, 1, 1, 10) ||
	    !copy_is(id, 0, 64, 1, 1, 10))
		return false;
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(ds.msg_lrpid == p.pid, "msg_lrpid: expected %d, got %d", (int)p.pid,
	       (int)ds.msg_lrpid);
	return peer_end(&p, true);
}

static bool keeps_rtime(void)
{
	struct msqid_ds ds;
	int id;

	EXPECT_OK(id = msg_new());
	if (!send_message(id, 0, 1, 10) || !copy_is(id, 0, 64, 0, 1, 10))
		return false;
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(!ds.msg_rtime, "msg_rtime: expected 0, got %lld", (long long)ds.msg_rtime);
	/* an ordinary receive does set it */
	if (!receive_is(id, 0, 0, 0, 1, 10))
		return false;
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(ds.msg_rtime, "msg_rtime after a receive: expected a time, got 0");
	return true;
}

/* The state letter of a process, 0 on error. */
static char state_of(pid_t pid)
{
	char path[32], text[256], *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = 0;
	at = strrchr(text, ')');
	return at ? at[2] : 0;
}

/* The queue is full, somebody waits to send: a copy makes no room for him. */
static bool wakes_no_sender(void)
{
	long end = probe_ms() + 4000;
	struct msqid_ds ds;
	int id, status;
	pid_t pid;

	EXPECT_OK(id = msg_new());
	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	ds.msg_qbytes = 100;
	EXPECT_OK(msgctl(id, IPC_SET, &ds));
	if (!send_message(id, 0, 1, 100))
		return false;
	pid = fork();
	EXPECT_OK(pid);
	if (!pid) {
		static const struct message late = { .type = 8 };

		_exit(do_send(id, &late, 50, 0) ? KSFT_FAIL : KSFT_PASS);
	}
	while (state_of(pid) != 'S') {
		EXPECT(probe_ms() < end, "expected the sender to sleep, it did not");
		probe_sleep_ms(2);
	}
	if (!copy_is(id, 0, 100, 0, 1, 100) || !receive_fails(id, 10, 0, COPY, E2BIG) ||
	    !receive_fails(id, 10, 1, COPY, ENOMSG))
		return false;
	probe_sleep_ms(30);
	EXPECT(!waitpid(pid, &status, WNOHANG), "expected the sender to wait, it has ended");
	if (!queue_has(id, 1, 100) || !receive_is(id, 0, 0, 0, 1, 100))
		return false;
	EXPECT(probe_reap(pid, &status, end), "expected the sender to go on after a receive");
	EXPECT(!status, "sender: expected exit status 0, got %#x", status);
	return queue_has(id, 1, 50);
}

/* ---- leaks --------------------------------------------------------------- */

/* Kilobytes of memory that the kernel has allocated in small pieces and cannot reclaim. */
static long unreclaimable(void)
{
	char text[4096], *at;
	ssize_t n;
	int fd = open("/proc/meminfo", O_RDONLY);

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = 0;
	at = strstr(text, "SUnreclaim:");
	return at ? strtol(at + 11, NULL, 10) : -1;
}

/* Every way to fail once a copy of 64 KB is allocated. */
static void fail_often(int id, int gone, int secret, char *ro, int times)
{
	static struct message msg;
	int i;

	for (i = 0; i < times; i++) {
		do_receive(id, &msg, MAX_TEXT, 5, COPY);			/* ENOMSG */
		do_receive(id, &msg, MAX_TEXT - 1, 0, COPY);			/* E2BIG */
		do_receive(id, &msg, MAX_TEXT - 1, 0, COPY | MSG_NOERROR);	/* EINVAL */
		do_receive(secret, &msg, MAX_TEXT, 0, COPY);			/* EACCES */
		do_receive(gone, &msg, MAX_TEXT, 0, COPY);			/* EINVAL */
		do_receive(id, ro, MAX_TEXT, 0, COPY);				/* EFAULT */
		do_receive(id, &msg, MAX_TEXT, 0, COPY);			/* none */
	}
}

/*
 * One of the ways that leaks costs 1 MB in 16 rounds, and in the next 16 again.
 * Other growth comes to an end: KASAN, for one, keeps freed memory until it has
 * enough of it.
 */
static bool leaks_nothing(void)
{
	int id, gone, secret, i;
	long before, lost = 0;
	char *ro;

	if (!own_ipc() || !put_file("/proc/sys/kernel/msgmax", "65536") ||
	    !put_file("/proc/sys/kernel/msgmnb", "100000"))
		return false;
	EXPECT_OK(id = msgget(IPC_PRIVATE, 0644));
	EXPECT_OK(secret = msgget(IPC_PRIVATE, 0600));
	EXPECT_OK(gone = msgget(IPC_PRIVATE, 0600));
	EXPECT_OK(msgctl(gone, IPC_RMID, NULL));
	ro = mmap(NULL, MAX_TEXT + PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(ro != MAP_FAILED, "mmap: %s", strerror(errno));
	if (!send_message(id, 0, 1, MAX_TEXT) || !become_nobody(0) ||
	    !receive_fails(secret, MAX_TEXT, 0, COPY, EACCES))
		return false;
	for (i = 0; i < 12; i++) {
		before = unreclaimable();
		EXPECT(before >= 0, "/proc/meminfo: no SUnreclaim");
		fail_often(id, gone, secret, ro, 16);
		lost = unreclaimable() - before;
		if (lost < 512)
			return true;
	}
	EXPECT(false, "16 rounds, %d times: expected no memory lost, got %ld KB in the last 16", i,
	       lost);
	return true;
}

/* ---- races ---------------------------------------------------------------- */

#define RACE_MS		500
#define RACE_SIZE	5000

/* Sends and receives as fast as it can, in three queues; now and then one is removed. */
static bool mover(void *arg)
{
	static struct message msg;
	volatile int *ids = arg;
	int n = 0, i, id;

	for (;;) {
		for (i = 0; i < 3; i++) {
			size_t size = RACE_SIZE - n % 3 * 2000, at;

			msg.type = n % 100 + 1;
			for (at = 0; at < size; at++)
				msg.text[at] = pattern((int)msg.type, at);
			do_send(ids[i], &msg, size, IPC_NOWAIT);
			if (n % 2)
				do_receive(ids[i], &msg, MAX_TEXT, 0, IPC_NOWAIT);
			n++;
		}
		if (n % 48 == 0) {
			id = ids[2];
			ids[2] = msgget(IPC_PRIVATE, 0600);
			msgctl(id, IPC_RMID, NULL);
		}
	}
	return true;
}

/* Every copy is a whole message, and every error one that there is a reason for. */
static bool race(void)
{
	long end = probe_ms() + RACE_MS, limit = end + 5000, copies = 0, tries = 0;
	static struct message msg;
	int *ids, i;
	pid_t pid;

	if (!own_ipc())
		return false;
	ids = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(ids != MAP_FAILED, "mmap: %s", strerror(errno));
	for (i = 0; i < 3; i++)
		EXPECT_OK(ids[i] = msgget(IPC_PRIVATE, 0600));
	pid = fork();
	EXPECT_OK(pid);
	if (!pid)
		_exit(mover(ids) ? KSFT_PASS : KSFT_FAIL);

	while (probe_ms() < end || (!copies && probe_ms() < limit)) {
		long ret, at;

		tries++;
		ret = do_receive(((volatile int *)ids)[tries % 3], &msg, 8192, tries % 4, COPY);
		if (ret < 0) {
			EXPECT(errno == ENOMSG || errno == EIDRM || errno == EINVAL,
			       "copy: expected a message or none, got %s", strerror(errno));
			if (!copies)
				sched_yield();
			continue;
		}
		EXPECT(msg.type >= 1 && msg.type <= 100, "type: expected 1 to 100, got %ld",
		       msg.type);
		EXPECT(ret == RACE_SIZE || ret == RACE_SIZE - 2000 || ret == RACE_SIZE - 4000,
		       "size: expected %d, %d or %d, got %ld", RACE_SIZE, RACE_SIZE - 2000,
		       RACE_SIZE - 4000, ret);
		for (at = 0; at < ret; at++)
			EXPECT(msg.text[at] == pattern((int)msg.type, at),
			       "byte %ld of %ld: not of a message of type %ld", at, ret, msg.type);
		copies++;
	}
	kill(pid, SIGKILL);
	EXPECT(copies, "expected copies, got none in %ld calls", tries);
	return true;
}

static const struct probe_case cases[] = {
	{ NAME("msg_copy", "keeps_message"), keeps_message },
	{ NAME("msg_copy", "by_index"), by_index },
	{ NAME("msg_copy", "type_irrelevant"), type_irrelevant },
	{ NAME("msg_copy", "past_end"), past_end },
	{ NAME("msg_copy", "negative_index"), negative_index },
	{ NAME("msg_copy", "needs_nowait"), needs_nowait },
	{ NAME("msg_copy", "no_except"), no_except },
	{ NAME("msg_copy", "too_small"), too_small },
	{ NAME("msg_copy", "too_small_noerror"), too_small_noerror },
	{ NAME("msg_copy", "noerror_that_fits"), noerror_that_fits },
	{ NAME("msg_copy", "over_msgmax"), over_msgmax },
	{ NAME("msg_copy", "large_buffer"), large_buffer },
	{ NAME("msg_copy", "no_permission"), no_permission },
	{ NAME("msg_copy", "bad_queue"), bad_queue },
	{ NAME("msg_copy", "bad_buffer"), bad_buffer },
	{ NAME("msg_copy", "empty_message"), empty_message },
	{ NAME("msg_copy", "many_pages"), many_pages },
	{ NAME("msg_copy", "keeps_counts"), keeps_counts },
	{ NAME("msg_copy", "keeps_lrpid"), keeps_lrpid },
	{ NAME("msg_copy", "keeps_rtime"), keeps_rtime },
	{ NAME("msg_copy", "wakes_no_sender"), wakes_no_sender },
	{ NAME("msg_copy", "leaks_nothing"), leaks_nothing },
	{ NAME("msg_copy", "race"), race },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, msg_copy_present);
}
