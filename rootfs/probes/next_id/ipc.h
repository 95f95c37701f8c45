/* SPDX-License-Identifier: GPL-2.0 */
/*
 * next_id and System V objects. The three kinds behave alike, so this is one
 * set of cases; ipc_msg.c, ipc_sem.c and ipc_shm.c say which kind they are for.
 *
 * Each case has an IPC namespace of its own, where no id is in use.
 */
#include "next_id.h"

#define IDX_BITS 15	/* IPCMNI_SHIFT: the index is below the sequence number */
#define IPC_ID(seq, idx) (((seq) << IDX_BITS) | (idx))
#define TOP_IDX ((1 << IDX_BITS) - 1)
#define KEY 0x4e455854

#define BOTH (CAP(CAP_CHECKPOINT_RESTORE) | CAP(CAP_SYS_ADMIN))

#if KIND == 0
#define NAME(what) "next_id.msg." what
#define SYSCTL "/proc/sys/kernel/msg_next_id"
#elif KIND == 1
#define NAME(what) "next_id.sem." what
#define SYSCTL "/proc/sys/kernel/sem_next_id"
#else
#define NAME(what) "next_id.shm." what
#define SYSCTL "/proc/sys/kernel/shm_next_id"
#endif

static int ipc_get(key_t key, int flags)
{
	switch (KIND) {
	case 0:
		return msgget(key, flags | 0600);
	case 1:
		return semget(key, 1, flags | 0600);
	default:
		return shmget(key, 4096, flags | 0600);
	}
}

static int ipc_rm(int id)
{
	switch (KIND) {
	case 0:
		return msgctl(id, IPC_RMID, NULL);
	case 1:
		return semctl(id, 0, IPC_RMID);
	default:
		return shmctl(id, IPC_RMID, NULL);
	}
}

/* Does an operation on this id find an object? */
static bool ipc_exists(int id)
{
	struct msqid_ds msq;
	struct shmid_ds shm;

	switch (KIND) {
	case 0:
		return msgctl(id, IPC_STAT, &msq) != -1;
	case 1:
		return semctl(id, 0, GETVAL) != -1;
	default:
		return shmctl(id, IPC_STAT, &shm) != -1;
	}
}

/* Number of objects in this namespace. */
static int ipc_count(void)
{
	struct shm_info shm;
	struct msginfo msg;
	struct seminfo sem;

	switch (KIND) {
	case 0:
		return msgctl(0, MSG_INFO, (struct msqid_ds *)&msg) == -1 ? -1 : msg.msgpool;
	case 1:
		return semctl(0, 0, SEM_INFO, &sem) == -1 ? -1 : sem.semusz;
	default:
		return shmctl(0, SHM_INFO, (struct shmid_ds *)&shm) == -1 ? -1 : shm.used_ids;
	}
}

static bool fresh(void)
{
	EXPECT_OK(unshare(CLONE_NEWIPC));
	return true;
}

/* A new object has exactly this id, it can be used by it, and nothing is pending. */
static bool creates_key(int want, key_t key)
{
	int id;

	EXPECT_OK(id = ipc_get(key, IPC_CREAT));
	EXPECT(id == want, "expected id %d, got %d", want, id);
	EXPECT(ipc_exists(id), "expected object %d, got %s", id, strerror(errno));
	return next_is("");
}

static bool creates(int want)
{
	return creates_key(want, IPC_PRIVATE);
}

/* The attempt fails so and creates nothing; nothing is pending; then all is as usual. */
static bool fails(int want)
{
	int before = ipc_count(), id = ipc_get(IPC_PRIVATE, IPC_CREAT);

	EXPECT(id == -1 && errno == want, "expected %s, got %s", strerror(want),
	       id == -1 ? strerror(errno) : "an object");
	EXPECT(ipc_count() == before, "expected %d objects, got %d", before, ipc_count());
	if (!next_is(""))
		return false;
	EXPECT_OK(id = ipc_get(IPC_PRIVATE, IPC_CREAT));
	EXPECT(ipc_exists(id), "expected object %d, got %s", id, strerror(errno));
	EXPECT_OK(ipc_rm(id));
	return true;
}

/*
 * With a key the kernel takes another path to the creation. The attempt fails so,
 * creates nothing that the key finds, and nothing is pending.
 */
static bool key_fails_as(int want, int id, int err, int before)
{
	EXPECT(id == -1 && err == want, "with a key: expected %s, got %s", strerror(want),
	       id == -1 ? strerror(err) : "an object");
	EXPECT(ipc_count() == before, "expected %d objects, got %d", before, ipc_count());
	if (!next_is(""))
		return false;
	EXPECT(ipc_get(KEY, 0) == -1 && errno == ENOENT, "the key: expected %s, got %s",
	       strerror(ENOENT), strerror(errno));
	return true;
}

static bool key_fails(int want)
{
	int before = ipc_count(), id = ipc_get(KEY, IPC_CREAT | IPC_EXCL);

	return key_fails_as(want, id, errno, before);
}

/* As many objects as this may be in the namespace. */
static bool limit_is(int n)
{
	const char *path = KIND == 0 ? "/proc/sys/kernel/msgmni" :
			   KIND == 1 ? "/proc/sys/kernel/sem" : "/proc/sys/kernel/shmmni";
	FILE *f = fopen(path, "w");

	EXPECT(f, "%s: %s", path, strerror(errno));
	fprintf(f, "%s%d\n", KIND == 1 ? "250 32000 32 " : "", n);
	EXPECT(!fclose(f), "%s: %s", path, strerror(errno));
	return true;
}

/* ---- which id ----------------------------------------------------------- */

static bool exact(void)
{
	int want = IPC_ID(321, 1234);

	if (!fresh())
		return false;
	WRITE("LONG %d\n", want);
	if (!creates(want))
		return false;
	/* neither of its two parts alone is the id */
	EXPECT(!ipc_exists(IPC_ID(320, 1234)) && !ipc_exists(1234), "expected no other id");

	WRITE("LONG %d\n", want + 1);
	if (!creates_key(want + 1, KEY))
		return false;
	EXPECT(ipc_get(KEY, 0) == want + 1, "expected the key to find it");
	return true;
}

/* Once: the next object has an id as usual. */
static bool once(void)
{
	int want = IPC_ID(7, 4321), usual, id;

	if (!fresh())
		return false;
	EXPECT_OK(usual = ipc_get(IPC_PRIVATE, 0));
	EXPECT_OK(ipc_rm(usual));
	WRITE("LONG %d\n", want);
	if (!creates(want))
		return false;
	EXPECT_OK(id = ipc_get(IPC_PRIVATE, 0));
	EXPECT(id == usual + 1, "expected the next usual id, %d, got %d", usual + 1, id);
	return true;
}

static bool ends_of_range(void)
{
	if (!fresh())
		return false;
	WRITE("LONG 0\n");
	if (!creates(0))
		return false;
	WRITE("LONG %d\n", INT_MAX);
	return creates(INT_MAX);
}

static bool outside_range(void)
{
	static const long ids[] = {
		-1, -5, INT_MIN, LONG_MIN, INT_MAX + 1L, LONG_MAX, (1L << 32) + IPC_ID(3, 77),
	};
	unsigned int i;

	if (!fresh())
		return false;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		WRITE("LONG %ld\n", ids[i]);
		if (!fails(EINVAL)) {
			probe_say("with id %ld", ids[i]);
			return false;
		}
	}
	EXPECT(ipc_count() == 0, "expected no object, got %d", ipc_count());
	return true;
}

static bool two_ids(void *arg)
{
	(void)arg;
	WRITE("LONG2 %d %d\n", IPC_ID(1, 5), IPC_ID(1, 5));
	if (!fails(EINVAL))
		return false;
	WRITE("LONG1 %d\n", IPC_ID(1, 6));
	return creates(IPC_ID(1, 6));
}

static bool counted(void)
{
	return fresh() && in_nested(1, two_ids, NULL);
}

/* ---- in use ------------------------------------------------------------- */

static bool busy(void)
{
	int id = IPC_ID(5, 50);

	if (!fresh())
		return false;
	WRITE("LONG %d\n", id);
	if (!creates(id))
		return false;
	WRITE("LONG %d\n", id);
	if (!fails(EBUSY))
		return false;
	/* also one that the kernel chose */
	EXPECT_OK(id = ipc_get(IPC_PRIVATE, 0));
	WRITE("LONG %d\n", id);
	if (!fails(EBUSY))
		return false;
	/* and it can be had when it is free again */
	EXPECT_OK(ipc_rm(id));
	WRITE("LONG %d\n", id);
	return creates(id);
}

/* Another sequence number, but the place in the table is taken. */
static bool busy_index(void)
{
	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(5, 50));
	if (!creates(IPC_ID(5, 50)))
		return false;
	WRITE("LONG %d\n", IPC_ID(6, 50));
	return fails(EBUSY) && ipc_exists(IPC_ID(5, 50));
}

/* The last place of the table: nothing beyond it, where ids are those of another sequence. */
static bool busy_last_index(void)
{
	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(5, TOP_IDX));
	if (!creates(IPC_ID(5, TOP_IDX)))
		return false;
	WRITE("LONG %d\n", IPC_ID(5, TOP_IDX));
	if (!fails(EBUSY))
		return false;
	EXPECT(!ipc_exists(IPC_ID(6, 0)), "expected no object %d", IPC_ID(6, 0));
	return true;
}

/* ---- what is an attempt ------------------------------------------------- */

static bool failure_consumes(void)
{
	int usual, id, n;

	if (!fresh())
		return false;
	EXPECT_OK(usual = ipc_get(IPC_PRIVATE, 0));
	WRITE("LONG %d\n", IPC_ID(5, 50));
	/* whatever the arguments: first those that each kind has */
	if (KIND == 1) {
		EXPECT(semget(IPC_PRIVATE, 0, 0600) == -1 && errno == EINVAL,
		       "semget of 0: expected %s, got %s", strerror(EINVAL), strerror(errno));
		if (!next_is(""))
			return false;
		WRITE("LONG %d\n", IPC_ID(5, 50));
		EXPECT(semget(IPC_PRIVATE, 1 << 30, 0600) == -1 && errno == EINVAL,
		       "semget of 2^30: expected %s, got %s", strerror(EINVAL), strerror(errno));
		if (!next_is(""))
			return false;
	} else if (KIND == 2) {
		EXPECT(shmget(IPC_PRIVATE, 0, 0600) == -1 && errno == EINVAL,
		       "shmget of 0: expected %s, got %s", strerror(EINVAL), strerror(errno));
		if (!next_is(""))
			return false;
	}
	/* then the table that is full */
	WRITE("LONG %d\n", IPC_ID(5, 50));
	for (n = 0; n < 2; n++) {
		if (!limit_is(n ? 32000 : 1))
			return false;
		id = ipc_get(IPC_PRIVATE, 0);
		if (n)
			EXPECT(id == usual + 1, "expected the next usual id, %d, got %d",
			       usual + 1, id);
		else
			EXPECT(id == -1 && errno == ENOSPC, "expected %s, got %s", strerror(ENOSPC),
			       strerror(errno));
		if (!next_is(""))
			return false;
	}
	return true;
}

static bool key_two_ids(void *arg)
{
	(void)arg;
	WRITE("LONG2 %d %d\n", IPC_ID(1, 5), IPC_ID(1, 5));
	return key_fails(EINVAL);
}

/* The same failures as without a key, each of which has another path in the kernel. */
static bool key_failure_consumes(void)
{
	static const struct {
		long id;
		int err;
	} tries[] = {
		{ IPC_ID(5, 50), EBUSY }, { IPC_ID(6, 50), EBUSY }, { -1, EINVAL },
		{ INT_MAX + 1L, EINVAL },
	};
	int usual, before, id;
	unsigned int i;

	if (!fresh())
		return false;
	EXPECT_OK(usual = ipc_get(IPC_PRIVATE, 0));
	WRITE("LONG %d\n", IPC_ID(5, 50));
	if (!creates(IPC_ID(5, 50)))
		return false;
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		WRITE("LONG %ld\n", tries[i].id);
		if (!key_fails(tries[i].err)) {
			probe_say("with id %ld", tries[i].id);
			return false;
		}
	}
	if (!in_nested(1, key_two_ids, NULL))
		return false;

	before = ipc_count();
	if (KIND != 0) {
		WRITE("LONG %d\n", IPC_ID(5, 51));
		id = KIND == 1 ? semget(KEY, 0, IPC_CREAT | 0600) : shmget(KEY, 0, IPC_CREAT | 0600);
		if (!key_fails_as(EINVAL, id, errno, before))
			return false;
	}
	WRITE("LONG %d\n", IPC_ID(5, 51));
	if (!limit_is(before) || !key_fails(ENOSPC) || !limit_is(32000))
		return false;
	EXPECT_OK(id = ipc_get(KEY, IPC_CREAT));
	EXPECT(id == usual + 1, "expected the next usual id, %d, got %d", usual + 1, id);
	return true;
}

/* A call that finds an object by its key creates none. */
static bool existing_key(void)
{
	int want = IPC_ID(9, 99), old;
	char text[32];

	if (!fresh())
		return false;
	EXPECT_OK(old = ipc_get(KEY, IPC_CREAT));
	WRITE("LONG %d\n", want);
	snprintf(text, sizeof(text), "LONG %d\n", want);

	EXPECT(ipc_get(KEY, 0) == old, "without IPC_CREAT: expected %d", old);
	if (!next_is(text))
		return false;
	EXPECT(ipc_get(KEY, IPC_CREAT) == old, "with IPC_CREAT: expected %d", old);
	if (!next_is(text))
		return false;
	EXPECT(ipc_get(KEY, IPC_CREAT | IPC_EXCL) == -1 && errno == EEXIST,
	       "with IPC_EXCL: expected %s, got %s", strerror(EEXIST), strerror(errno));
	if (!next_is(text))
		return false;
	return creates(want);
}

/* Found, and refused: too small for what was asked, or without permission. */
static bool refused_key(void)
{
	int want = IPC_ID(9, 99), i, id;
	char text[32];

	if (!fresh())
		return false;
	EXPECT_OK(ipc_get(KEY, IPC_CREAT));
	WRITE("LONG %d\n", want);
	snprintf(text, sizeof(text), "LONG %d\n", want);

	for (i = 0; KIND != 0 && i < 2; i++) {
		int flags = i ? IPC_CREAT : 0;

		id = KIND == 1 ? semget(KEY, 2, flags) : shmget(KEY, 8192, flags);
		EXPECT(id == -1 && errno == EINVAL, "larger, flags %#o: expected %s, got %s", flags,
		       strerror(EINVAL), id == -1 ? strerror(errno) : "an object");
		if (!next_is(text))
			return false;
	}

	/* the right to have an id chosen stays */
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
	if (!become_nobody())
		return false;
	EXPECT_OK(caps_keep(CAP(CAP_CHECKPOINT_RESTORE)));
	for (i = 0; i < 2; i++) {
		int flags = i ? IPC_CREAT : 0;

		id = ipc_get(KEY, flags);
		EXPECT(id == -1 && errno == EACCES, "as uid %d, flags %#o: expected %s, got %s",
		       NOBODY, flags, strerror(EACCES), id == -1 ? strerror(errno) : "an object");
		if (!next_is(text))
			return false;
	}
	return creates(want);
}

/* One that finds none, and is not to create it, is no attempt either. */
static bool missing_key(void)
{
	int want = IPC_ID(9, 99);
	char text[32];

	if (!fresh())
		return false;
	WRITE("LONG %d\n", want);
	snprintf(text, sizeof(text), "LONG %d\n", want);
	EXPECT(ipc_get(KEY, 0) == -1 && errno == ENOENT, "expected %s, got %s", strerror(ENOENT),
	       strerror(errno));
	return next_is(text) && creates_key(want, KEY);
}

/* ---- the sysctl --------------------------------------------------------- */

static bool sysctl_set(int value)
{
	FILE *f = fopen(SYSCTL, "w");

	EXPECT(f, "%s: %s", SYSCTL, strerror(errno));
	fprintf(f, "%d\n", value);
	EXPECT(!fclose(f), "%s: %s", SYSCTL, strerror(errno));
	return true;
}

static bool sysctl_is(int want)
{
	FILE *f = fopen(SYSCTL, "r");
	int got;

	EXPECT(f && fscanf(f, "%d", &got) == 1, "%s: %s", SYSCTL, strerror(errno));
	fclose(f);
	EXPECT(got == want, "%s: expected %d, got %d", SYSCTL, want, got);
	return true;
}

static bool wins_over_sysctl(void)
{
	int mine = IPC_ID(4, 40), later = IPC_ID(3, 30);

	if (!fresh() || !sysctl_set(later))
		return false;
	WRITE("LONG %d\n", mine);
	return creates(mine) && sysctl_is(later) && creates(later) && sysctl_is(-1);
}

static bool failure_keeps_sysctl(void)
{
	int mine = IPC_ID(4, 40), later = IPC_ID(3, 30), before, id;

	if (!fresh())
		return false;
	WRITE("LONG %d\n", mine);
	if (!creates(mine) || !sysctl_set(later))
		return false;
	before = ipc_count();
	WRITE("LONG %d\n", mine);
	id = ipc_get(IPC_PRIVATE, 0);
	EXPECT(id == -1 && errno == EBUSY, "busy: expected %s, got %s", strerror(EBUSY),
	       id == -1 ? strerror(errno) : "an object");
	EXPECT(ipc_count() == before, "expected %d objects, got %d", before, ipc_count());
	if (!sysctl_is(later))
		return false;
	WRITE("LONG -1\n");
	id = ipc_get(IPC_PRIVATE, 0);
	EXPECT(id == -1 && errno == EINVAL, "negative: expected %s, got %s", strerror(EINVAL),
	       id == -1 ? strerror(errno) : "an object");
	return sysctl_is(later) && creates(later);
}

/* ---- rights ------------------------------------------------------------- */

static bool right_at_use(void)
{
	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(2, 20));
	EXPECT_OK(caps_keep(~BOTH & (CAP(CAP_CHECKPOINT_RESTORE + 1) - 1)));
	return fails(EPERM);
}

/* With a key, too: no object that the user chose the id of, nor one at all. */
static bool key_right_at_use(void)
{
	int id;

	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(2, 20));
	EXPECT_OK(caps_keep(~BOTH & (CAP(CAP_CHECKPOINT_RESTORE + 1) - 1)));
	if (!key_fails(EPERM))
		return false;
	EXPECT_OK(id = ipc_get(KEY, IPC_CREAT));
	EXPECT(id != IPC_ID(2, 20), "afterwards: expected a usual id, got %d", id);
	return true;
}

static bool either_capability(void)
{
	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(2, 20));
	EXPECT_OK(caps_set(CAP(CAP_CHECKPOINT_RESTORE), BOTH));
	if (!creates(IPC_ID(2, 20)))
		return false;
	WRITE("LONG %d\n", IPC_ID(2, 21));
	EXPECT_OK(caps_keep(CAP(CAP_SYS_ADMIN)));
	return creates(IPC_ID(2, 21));
}

static bool inner_user(void *arg)
{
	(void)arg;
	/* enough for the PID namespace, but the IPC namespace has another owner */
	WRITE("LONG %d\n", IPC_ID(2, 20));
	if (!fails(EPERM))
		return false;
	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(2, 20));
	return creates(IPC_ID(2, 20));
}

static bool outer_user(void *arg)
{
	(void)arg;
	EXPECT_OK(unshare(CLONE_NEWUSER | CLONE_NEWPID));
	return in_child(inner_user, NULL);
}

/* It is the user namespace that owns the IPC namespace which counts. */
static bool user_namespace(void)
{
	return fresh() && in_child(outer_user, NULL);
}

/* The right where the file was written is gone, the one that counts is new. */
static bool user_namespace_later(void)
{
	if (!fresh())
		return false;
	WRITE("LONG %d\n", IPC_ID(2, 20));
	EXPECT_OK(unshare(CLONE_NEWUSER | CLONE_NEWIPC));
	return creates(IPC_ID(2, 20));
}

/* ---- with the usual ids ------------------------------------------------- */

#define USUAL 100

/* Exact ids where the kernel is about to put others: no two are the same. */
static bool no_duplicates(void)
{
	int ids[USUAL + 12], n = 0, i, j, id;

	if (!fresh())
		return false;
	EXPECT_OK(id = ids[n++] = ipc_get(IPC_PRIVATE, 0));
	for (i = 1; i <= 10; i++) {
		/* every third place that comes next, in the present sequence */
		WRITE("LONG %d\n", id + 3 * i);
		if (!creates(id + 3 * i))
			return false;
		ids[n++] = id + 3 * i;
	}
	for (i = 0; i < USUAL; i++) {
		EXPECT_OK(ids[n++] = ipc_get(IPC_PRIVATE, 0));
		for (j = 0; j < n - 1; j++)
			EXPECT(ids[j] != ids[n - 1], "expected another id than %d again", ids[j]);
	}
	EXPECT(ipc_count() == n, "expected %d objects, got %d", n, ipc_count());
	for (i = 0; i < n; i++)
		EXPECT(ipc_exists(ids[i]), "expected object %d, got %s", ids[i], strerror(errno));
	return true;
}

static const struct probe_case cases[] = {
	{ NAME("exact"), exact },
	{ NAME("once"), once },
	{ NAME("ends_of_range"), ends_of_range },
	{ NAME("outside_range"), outside_range },
	{ NAME("counted"), counted },
	{ NAME("busy"), busy },
	{ NAME("busy_index"), busy_index },
	{ NAME("busy_last_index"), busy_last_index },
	{ NAME("failure_consumes"), failure_consumes },
	{ NAME("key_failure_consumes"), key_failure_consumes },
	{ NAME("existing_key"), existing_key },
	{ NAME("refused_key"), refused_key },
	{ NAME("missing_key"), missing_key },
	{ NAME("wins_over_sysctl"), wins_over_sysctl },
	{ NAME("failure_keeps_sysctl"), failure_keeps_sysctl },
	{ NAME("right_at_use"), right_at_use },
	{ NAME("key_right_at_use"), key_right_at_use },
	{ NAME("either_capability"), either_capability },
	{ NAME("user_namespace"), user_namespace },
	{ NAME("user_namespace_later"), user_namespace_later },
	{ NAME("no_duplicates"), no_duplicates },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
