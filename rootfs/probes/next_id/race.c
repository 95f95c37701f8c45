// SPDX-License-Identifier: GPL-2.0
/*
 * Readers of /proc/<pid>/task/<tid>/next_id against a thread that writes it,
 * and against threads that exit. KASAN and lockdep look on.
 */
#include "next_id.h"

#define RACE_MS 300

static bool one_of(const char *got, const char *const *texts)
{
	int i;

	for (i = 0; texts[i]; i++)
		if (!strcmp(got, texts[i]))
			return true;
	return false;
}

static const char *const written[] = {
	"LONG 1\n", "LONG 222222222222\n", "LONG -33333\n", "", NULL
};

static bool writes(void *arg)
{
	long end = probe_ms() + RACE_MS;
	int i;

	(void)arg;
	if (!peer_pause())
		return false;
	do {
		for (i = 0; written[i]; i++) {
			WRITE("%s", *written[i] ? written[i] : "\n");
			sched_yield();
		}
	} while (probe_ms() < end);
	return true;
}

static bool read_write(void)
{
	long end = probe_ms() + RACE_MS;
	char got[64];
	struct peer p;
	int fd;

	if (!peer_start(&p, writes, NULL))
		return false;
	EXPECT_OK(fd = open(next_path(p.pid, p.pid), O_RDONLY));
	if (!peer_go(&p))
		return false;
	do {
		ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

		EXPECT(n >= 0, "read: %s", strerror(errno));
		got[n] = 0;
		EXPECT(one_of(got, written), "read: expected what was written, got \"%s\"",
		       next_shown(got));
		sched_yield();
	} while (probe_ms() < end);
	return peer_wait(&p) && peer_end(&p, true);
}

static int last_tid;

static void *comes_and_goes(void *arg)
{
	bool *ok = arg;

	__atomic_store_n(&last_tid, next_tid(), __ATOMIC_RELAXED);
	sched_yield();
	*ok = !next_write("LONG 5\n");
	sched_yield();
	return NULL;
}

static void *reads_last(void *arg)
{
	static const char *const texts[] = { "LONG 5\n", "", NULL };
	bool *stop = arg;
	char got[64];
	ssize_t n;
	int fd;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		int tid = __atomic_load_n(&last_tid, __ATOMIC_RELAXED);

		fd = open(next_path(getpid(), tid), O_RDONLY);
		if (fd >= 0) {
			sched_yield();
			n = read(fd, got, sizeof(got) - 1);
			close(fd);
			if (n < 0 && errno != ESRCH)
				return "an error other than ESRCH";
			got[n < 0 ? 0 : n] = 0;
			if (n >= 0 && !one_of(got, texts))
				return "what no thread wrote";
		}
		sched_yield();
	}
	return NULL;
}

static bool read_exit(void)
{
	long end = probe_ms() + RACE_MS;
	pthread_t reader, thread;
	bool stop = false, ok;
	void *wrong;

	EXPECT(!pthread_create(&reader, NULL, reads_last, &stop), "pthread_create");
	do {
		ok = false;
		EXPECT(!pthread_create(&thread, NULL, comes_and_goes, &ok), "pthread_create");
		pthread_join(thread, NULL);
		EXPECT(ok, "expected to write in a thread");
	} while (probe_ms() < end);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(reader, &wrong);
	EXPECT(!wrong, "read: got %s", (char *)wrong);
	return true;
}

static const struct probe_case cases[] = {
	{ "next_id.race.read_write", read_write },
	{ "next_id.race.read_exit", read_exit },
};

int main(void)
{
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
