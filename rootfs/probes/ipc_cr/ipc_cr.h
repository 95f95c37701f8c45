/* SPDX-License-Identifier: GPL-2.0 */
/* What the probes of msg_next_id, sem_next_id, shm_next_id and MSG_COPY share. */
#ifndef RESPIN_IPC_CR_H
#define RESPIN_IPC_CR_H

#include "../probe.h"
#include <limits.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#define NOBODY		65534

#define INDEX_BITS	15	/* of an id, unless the guest was booted with ipcmni_extend */
#define LAST_INDEX	((1 << INDEX_BITS) - 1)
#define ID(seq, index)	((int)((unsigned int)(seq) << INDEX_BITS | (index)))

#define KEY		0x52535031

/* ---- the three kinds of objects ----------------------------------------- */

struct kind {
	const char *name;
	const char *path;
	const char *limit;	/* file that limits the number of objects */
	const char *one;	/* what to write there to allow just one */
	int (*get)(key_t key, int flags);
	int (*rm)(int id);
};

static int get_msg(key_t key, int flags)
{
	return msgget(key, flags);
}

static int get_sem(key_t key, int flags)
{
	return semget(key, 1, flags);
}

static int get_shm(key_t key, int flags)
{
	return shmget(key, 4096, flags);
}

static int rm_msg(int id)
{
	return msgctl(id, IPC_RMID, NULL);
}

static int rm_sem(int id)
{
	return semctl(id, 0, IPC_RMID);
}

static int rm_shm(int id)
{
	return shmctl(id, IPC_RMID, NULL);
}

static const struct kind kinds[] = {
	{ "msg", "/proc/sys/kernel/msg_next_id", "/proc/sys/kernel/msgmni", "1", get_msg, rm_msg },
	{ "sem", "/proc/sys/kernel/sem_next_id", "/proc/sys/kernel/sem", "32000 1024000000 500 1",
	  get_sem, rm_sem },
	{ "shm", "/proc/sys/kernel/shm_next_id", "/proc/sys/kernel/shmmni", "1", get_shm, rm_shm },
};

#define NKINDS	ARRAY_SIZE(kinds)

/* From fn(const struct kind *), the case of each kind. */
#define EACH_KIND(fn)							\
static bool msg_##fn(void) { return fn(&kinds[0]); }			\
static bool sem_##fn(void) { return fn(&kinds[1]); }			\
static bool shm_##fn(void) { return fn(&kinds[2]); }

#define CASES(name, fn)							\
	{ "next_sysctl.msg." name, msg_##fn },				\
	{ "next_sysctl.sem." name, sem_##fn },				\
	{ "next_sysctl.shm." name, shm_##fn }

static inline bool next_sysctl_present(void)
{
	return !access(kinds[0].path, F_OK) && !access(kinds[1].path, F_OK) &&
	       !access(kinds[2].path, F_OK);
}

/* ---- files of /proc/sys -------------------------------------------------- */

/* One write of the text. Returns 0 or errno. */
static inline int put_text_fd(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	if (n < 0)
		return errno;
	return (size_t)n == strlen(text) ? 0 : EIO;
}

static inline int put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err;

	if (fd < 0)
		return errno;
	err = put_text_fd(fd, text);
	close(fd);
	return err;
}

static inline bool put_file(const char *path, const char *text)
{
	int err = put_text(path, text);

	EXPECT(!err, "write \"%s\" to %s: expected success, got %s", text, path, strerror(err));
	return true;
}

static inline bool set_next(const struct kind *k, int id)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", id);
	return put_file(k->path, text);
}

/* The whole text of the file, as it is when nothing but one number is in it. */
static inline bool next_is(const struct kind *k, int want)
{
	char text[32], got[64];
	int fd = open(k->path, O_RDONLY);
	ssize_t n;

	EXPECT(fd >= 0, "%s: %s", k->path, strerror(errno));
	n = read(fd, got, sizeof(got) - 1);
	EXPECT(n > 0, "read of %s: expected a number, got %s", k->path,
	       n ? strerror(errno) : "nothing");
	close(fd);
	got[n] = 0;
	snprintf(text, sizeof(text), "%d\n", want);
	got[strcspn(got, "\n") + 1] = 0;
	EXPECT(!strcmp(got, text), "%s_next_id: expected %d, got %.*s", k->name, want,
	       (int)strcspn(got, "\n"), got);
	return true;
}

/* An IPC namespace of its own: empty, and gone with the case. */
static inline bool own_ipc(void)
{
	EXPECT_OK(unshare(CLONE_NEWIPC));
	return true;
}

/* A new object, and the id that it must get. */
static inline bool new_gets(const struct kind *k, int want)
{
	int id = k->get(IPC_PRIVATE, 0600);

	EXPECT(id >= 0, "new %s: expected id %d, got %s", k->name, want, strerror(errno));
	EXPECT(id == want, "new %s: expected id %d (sequence %d, index %d), got %d (%d, %d)",
	       k->name, want, want >> INDEX_BITS, want & LAST_INDEX, id, id >> INDEX_BITS,
	       id & LAST_INDEX);
	return true;
}

/* ---- rights --------------------------------------------------------------- */

/* No capability but those in the mask, and no way to get one back. The user id stays. */
static inline bool only_caps(unsigned long long mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	data[0].effective = data[0].permitted = (unsigned int)mask;
	data[1].effective = data[1].permitted = (unsigned int)(mask >> 32);
	EXPECT_OK(syscall(SYS_capset, &head, data));
	return true;
}

/* Another user, who keeps the capabilities in the mask. */
static inline bool become_nobody(unsigned long long mask)
{
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	return only_caps(mask);
}

#endif /* RESPIN_IPC_CR_H */
