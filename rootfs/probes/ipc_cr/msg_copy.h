/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages, and the system calls for them. The same source makes 64-bit
 * programs and 32-bit ones, which come to the kernel by its compat calls:
 * msgrcv(), or with ENTRY_IPC the old ipc() that 32-bit programs still use.
 */
#ifndef RESPIN_MSG_COPY_H
#define RESPIN_MSG_COPY_H

#include "ipc_cr.h"
#include <stddef.h>

#if __SIZEOF_LONG__ == 8
#define NAME(group, name)	group "." name
#elif defined(ENTRY_IPC)
#define NAME(group, name)	group ".compat_ipc." name
#else
#define NAME(group, name)	group ".compat." name
#endif

#define PAGE		4096
#define MAX_TEXT	65536

struct message {
	long type;
	char text[MAX_TEXT];
};

/* Behind the type there is no padding: the text begins where the kernel puts it. */
_Static_assert(offsetof(struct message, text) == sizeof(long), "struct message");

static inline long do_send(int id, const void *msg, size_t size, int flags)
{
#ifdef ENTRY_IPC
	return syscall(SYS_ipc, 11 /* MSGSND */, id, size, flags, msg);
#else
	return syscall(SYS_msgsnd, id, msg, size, flags);
#endif
}

static inline long do_receive(int id, void *msg, size_t size, long type, int flags)
{
#ifdef ENTRY_IPC
	/* version 1: the type is the fifth argument */
	return syscall(SYS_ipc, 1 << 16 | 12 /* MSGRCV */, id, size, flags, msg, type);
#else
	return syscall(SYS_msgrcv, id, msg, size, type, flags);
#endif
}

/* The text of message number n: no two bytes nearby are alike, no two messages either. */
static inline char pattern(int n, size_t at)
{
	return (char)(at * 7 + at / 251 + (size_t)n * 31 + 1);
}

static inline bool send_message(int id, int n, long type, size_t size)
{
	static struct message msg;
	size_t i;

	msg.type = type;
	for (i = 0; i < size; i++)
		msg.text[i] = pattern(n, i);
	EXPECT(!do_send(id, &msg, size, IPC_NOWAIT), "send of %zu bytes: expected success, got %s",
	       size, strerror(errno));
	return true;
}

#define UNTOUCHED	0x5a

/* What came, and that nothing behind it was written. */
static inline bool message_is(const struct message *msg, size_t room, long ret, int n, long type,
			      size_t size)
{
	size_t i;

	EXPECT(ret >= 0, "message %d: expected %zu bytes, got %s", n, size, strerror(errno));
	EXPECT((size_t)ret == size, "message %d: expected %zu bytes, got %ld", n, size, ret);
	EXPECT(msg->type == type, "message %d: expected type %ld, got %ld", n, type, msg->type);
	for (i = 0; i < size; i++)
		EXPECT(msg->text[i] == pattern(n, i),
		       "message %d: byte %zu of %zu: expected %#x, got %#x", n, i, size,
		       (unsigned char)pattern(n, i), (unsigned char)msg->text[i]);
	for (; i < room; i++)
		EXPECT(msg->text[i] == UNTOUCHED, "message %d of %zu bytes: byte %zu was written", n,
		       size, i);
	return true;
}

/* A copy of the message at the index, into a buffer of exactly that room, is this one. */
static inline bool copy_is(int id, long index, size_t room, int n, long type, size_t size)
{
	static struct message msg;
	long ret;

	memset(&msg, UNTOUCHED, sizeof(msg));
	ret = do_receive(id, &msg, room, index, MSG_COPY | IPC_NOWAIT);
	return message_is(&msg, MAX_TEXT, ret, n, type, size);
}

/* An ordinary receive, which removes, gives this one. */
static inline bool receive_is(int id, long type_wanted, int flags, int n, long type, size_t size)
{
	static struct message msg;
	long ret;

	memset(&msg, UNTOUCHED, sizeof(msg));
	ret = do_receive(id, &msg, MAX_TEXT, type_wanted, flags | IPC_NOWAIT);
	return message_is(&msg, MAX_TEXT, ret, n, type, size);
}

/* A receive that must fail, and leave the buffer alone. */
static inline bool receive_fails(int id, size_t room, long index, int flags, int err)
{
	static struct message msg;
	size_t i;
	long ret;

	memset(&msg, UNTOUCHED, sizeof(msg));
	errno = 0;
	ret = do_receive(id, &msg, room, index, flags);
	EXPECT(ret == -1, "msgrcv(%zu, %ld, %#o): expected %s, got %ld bytes", room, index, flags,
	       strerror(err), ret);
	EXPECT(errno == err, "msgrcv(%zu, %ld, %#o): expected %s, got %s", room, index, flags,
	       strerror(err), strerror(errno));
	for (i = 0; i < sizeof(msg); i++)
		EXPECT(((char *)&msg)[i] == UNTOUCHED, "a failed msgrcv wrote byte %zu", i);
	return true;
}

static inline bool queue_has(int id, unsigned long qnum, unsigned long cbytes)
{
	struct msqid_ds ds;

	EXPECT_OK(msgctl(id, IPC_STAT, &ds));
	EXPECT(ds.msg_qnum == qnum, "msg_qnum: expected %lu, got %lu", qnum,
	       (unsigned long)ds.msg_qnum);
	EXPECT(ds.__msg_cbytes == cbytes, "msg_cbytes: expected %lu, got %lu", cbytes,
	       (unsigned long)ds.__msg_cbytes);
	return true;
}

#endif /* RESPIN_MSG_COPY_H */
