// SPDX-License-Identifier: GPL-2.0
/* msg_next_id, sem_next_id, shm_next_id: who may write them. */
#include "ipc_cr.h"

#define ALL	((1ULL << (CAP_LAST_CAP + 1)) - 1)
#define BIT(n)	(1ULL << (n))
#define BOTH	(BIT(CAP_CHECKPOINT_RESTORE) | BIT(CAP_SYS_ADMIN))

static bool open_is_eacces(const struct kind *k, const char *who)
{
	static const int modes[] = { O_WRONLY, O_RDWR };
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		fd = open(k->path, modes[i]);
		EXPECT(fd == -1 && errno == EACCES, "open of %s, flags %#o, as %s: expected %s, got %s",
		       k->path, modes[i], who, strerror(EACCES),
		       fd == -1 ? strerror(errno) : "a descriptor");
	}
	/* the right to read is everybody's */
	return next_is(k, -1);
}

static bool may_write(const struct kind *k)
{
	return set_next(k, 7) && next_is(k, 7);
}

static bool user_is_eacces(const struct kind *k)
{
	return own_ipc() && become_nobody(0) && open_is_eacces(k, "a user");
}
EACH_KIND(user_is_eacces)

/* Every other capability does not help. */
static bool other_caps_are_eacces(const struct kind *k)
{
	return own_ipc() && become_nobody(ALL & ~BOTH) &&
	       open_is_eacces(k, "a user with all other capabilities");
}
EACH_KIND(other_caps_are_eacces)

/* Nor does the user id of root. */
static bool root_without_is_eacces(const struct kind *k)
{
	return own_ipc() && only_caps(ALL & ~BOTH) &&
	       open_is_eacces(k, "root without the capabilities");
}
EACH_KIND(root_without_is_eacces)

/* Opened by root, written without the right: EPERM, and nothing changes. */
static bool descriptor_is_eperm(const struct kind *k)
{
	int fd, err;

	if (!own_ipc())
		return false;
	EXPECT_OK(fd = open(k->path, O_RDWR));
	if (!set_next(k, 11) || !become_nobody(ALL & ~BOTH))
		return false;
	err = put_text_fd(fd, "7");
	EXPECT(err == EPERM, "write through a descriptor of root: expected %s, got %s",
	       strerror(EPERM), err ? strerror(err) : "success");
	return next_is(k, 11);
}
EACH_KIND(descriptor_is_eperm)

static bool cap_checkpoint_restore(const struct kind *k)
{
	return own_ipc() && become_nobody(BIT(CAP_CHECKPOINT_RESTORE)) && may_write(k) &&
	       new_gets(k, 7);
}
EACH_KIND(cap_checkpoint_restore)

static bool cap_sys_admin(const struct kind *k)
{
	return own_ipc() && become_nobody(BIT(CAP_SYS_ADMIN)) && may_write(k) && new_gets(k, 7);
}
EACH_KIND(cap_sys_admin)

/* All capabilities in the user namespace that owns the IPC namespace are enough. */
static bool owning_user_namespace(const struct kind *k)
{
	if (!become_nobody(0))
		return false;
	EXPECT_OK(unshare(CLONE_NEWUSER));
	EXPECT_OK(unshare(CLONE_NEWIPC));
	return may_write(k) && new_gets(k, 7);
}
EACH_KIND(owning_user_namespace)

/* And only one of the two, without the user id that its root has. */
static bool owning_user_namespace_cap(const struct kind *k)
{
	if (!become_nobody(0))
		return false;
	EXPECT_OK(unshare(CLONE_NEWUSER));
	EXPECT_OK(unshare(CLONE_NEWIPC));
	return only_caps(BIT(CAP_CHECKPOINT_RESTORE)) && may_write(k) && new_gets(k, 7);
}
EACH_KIND(owning_user_namespace_cap)

/* All capabilities in another user namespace are none here. */
static bool foreign_user_namespace(const struct kind *k)
{
	if (!own_ipc() || !become_nobody(0))
		return false;
	EXPECT_OK(unshare(CLONE_NEWUSER));
	return open_is_eacces(k, "root of another user namespace");
}
EACH_KIND(foreign_user_namespace)

static const struct probe_case cases[] = {
	CASES("user_is_eacces", user_is_eacces),
	CASES("other_caps_are_eacces", other_caps_are_eacces),
	CASES("root_without_is_eacces", root_without_is_eacces),
	CASES("descriptor_is_eperm", descriptor_is_eperm),
	CASES("cap_checkpoint_restore", cap_checkpoint_restore),
	CASES("cap_sys_admin", cap_sys_admin),
	CASES("owning_user_namespace", owning_user_namespace),
	CASES("owning_user_namespace_cap", owning_user_namespace_cap),
	CASES("foreign_user_namespace", foreign_user_namespace),
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, next_sysctl_present);
}
