/* SPDX-License-Identifier: GPL-2.0 */
/*
 * probe.h: run named cases, each in a process of its own, and report in KTAP.
 *
 * A case is a function that returns true for pass. It runs in a fresh child
 * with a deadline; whatever happens to it (a crash, a hang, an exit in the
 * middle), it gets exactly one result line, and the next case runs. The System
 * V objects it created and the processes it started are removed afterwards.
 *
 * Include this first: it needs _GNU_SOURCE. Works with the kselftest.h of
 * Linux 6.1 and later; nothing here uses what 6.1 does not have.
 */
#ifndef RESPIN_PROBE_H
#define RESPIN_PROBE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"

#define PROBE_DEADLINE_MS	8000	/* for one case, unless it says more */
#define PROBE_KILL_MS		500	/* for a killed case to go away */
#define PROBE_MAX_OBJECTS	256

struct probe_case {
	const char *name;
	bool (*run)(void);
};

enum probe_kind { PROBE_SEM, PROBE_MSG, PROBE_SHM };

/* What must be known to the parent after the child is gone. */
struct probe_shared {
	int nobjects;
	struct {
		enum probe_kind kind;
		int id;
	} objects[PROBE_MAX_OBJECTS];
};

static struct probe_shared *probe_shared;

/* One diagnostic line, in one write, so that processes do not mix. */
static inline __attribute__((format(printf, 1, 2))) void probe_say(const char *fmt, ...)
{
	char line[512] = "# ";
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line + 2, sizeof(line) - 3, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	strcat(line, "\n");
	if (write(STDOUT_FILENO, line, strlen(line)) < 0)
		_exit(KSFT_FAIL);
}

/* Leave the case as failed, with the reason, unless the condition holds. */
#define EXPECT(cond, fmt, ...) do {					\
	if (!(cond)) {							\
		probe_say("line %d: " fmt, __LINE__, ##__VA_ARGS__);	\
		return false;						\
	}								\
} while (0)

/* The same for a call that must not return -1. */
#define EXPECT_OK(call) \
	EXPECT((call) != -1, "%s: expected success, got %s", #call, strerror(errno))

/* ------------------------------------------------------------------------ */

static inline long probe_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

static inline void probe_sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* Wait for a child, no longer than until the deadline. */
static inline bool probe_reap(pid_t pid, int *status, long deadline)
{
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	for (;;) {
		struct timespec ts;
		long left;

		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		left = deadline - probe_ms();
		if (left <= 0)
			return false;
		/* short, in case the signal belonged to another child */
		if (left > 100)
			left = 100;
		ts.tv_sec = 0;
		ts.tv_nsec = left * 1000000L;
		sigtimedwait(&chld, NULL, &ts);
	}
}

static inline void probe_remove(enum probe_kind kind, int id)
{
	switch (kind) {
	case PROBE_SEM:
		semctl(id, 0, IPC_RMID);
		break;
	case PROBE_MSG:
		msgctl(id, IPC_RMID, NULL);
		break;
	case PROBE_SHM:
		shmctl(id, IPC_RMID, NULL);
		break;
	}
}

static inline bool probe_one(const struct probe_case *c, long limit_ms)
{
	bool gone, ok = false;
	int i, status = 0;
	pid_t pid;

	probe_shared->nobjects = 0;
	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		probe_say("fork: %s", strerror(errno));
		return false;
	}
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(c->run() ? KSFT_PASS : KSFT_FAIL);
	}
	setpgid(pid, pid);

	gone = probe_reap(pid, &status, probe_ms() + limit_ms);
	/* also what the case left behind */
	kill(-pid, SIGKILL);
	if (!gone) {
		probe_say("expected an end within %ld ms, got none: killed", limit_ms);
		if (!probe_reap(pid, &status, probe_ms() + PROBE_KILL_MS))
			probe_say("process %d did not die", (int)pid);
	} else if (WIFSIGNALED(status)) {
		probe_say("expected an exit, got signal %d", WTERMSIG(status));
	} else {
		ok = WIFEXITED(status) && WEXITSTATUS(status) == KSFT_PASS;
	}

	for (i = 0; i < probe_shared->nobjects; i++)
		probe_remove(probe_shared->objects[i].kind, probe_shared->objects[i].id);
	return ok;
}

/*
 * Runs the cases. Where the interface that they test is absent, none runs: each
 * is skipped if the suite says so (PROBE_ABSENT=skip in the environment), and
 * failed otherwise. None can pass by chance on a kernel that has nothing to
 * test. is_present may be NULL: then the interface is always there.
 */
static inline int probe_main(const struct probe_case *cases, unsigned int n, long limit_ms,
			     bool (*is_present)(void))
{
	const char *absent = getenv("PROBE_ABSENT");
	bool present = !is_present || is_present();
	unsigned int i;
	sigset_t chld;

	ksft_print_header();
	ksft_set_plan(n);

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);

	probe_shared = mmap(NULL, sizeof(*probe_shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (probe_shared == MAP_FAILED) {
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
		return KSFT_FAIL;
	}

	for (i = 0; i < n; i++) {
		if (present) {
			ksft_test_result(probe_one(&cases[i], limit_ms), "%s\n", cases[i].name);
		} else if (absent && !strcmp(absent, "skip")) {
			/* ksft_test_result_skip() has no place for the name */
			ksft_cnt.ksft_xskip++;
			printf("ok %u %s # SKIP this kernel has no such interface\n",
			       ksft_test_num(), cases[i].name);
		} else {
			probe_say("this kernel has no such interface");
			ksft_test_result_fail("%s\n", cases[i].name);
		}
	}

	/* exits; in 6.1 it is not declared so */
	ksft_finished();
	return KSFT_FAIL;
}

/* ------------------------------------------------------------------------ */

/* Have an object removed after the case, whatever happens. Returns its id. */
static inline int probe_keep(enum probe_kind kind, int id)
{
	int n = probe_shared->nobjects;

	if (id >= 0 && n < PROBE_MAX_OBJECTS) {
		probe_shared->objects[n].kind = kind;
		probe_shared->objects[n].id = id;
		probe_shared->nobjects = n + 1;
	}
	return id;
}

/* New objects that are removed after the case. */
static inline int sem_new(int nsems)
{
	return probe_keep(PROBE_SEM, semget(IPC_PRIVATE, nsems, 0600));
}

static inline int msg_new(void)
{
	return probe_keep(PROBE_MSG, msgget(IPC_PRIVATE, 0600));
}

static inline int shm_new(size_t size)
{
	return probe_keep(PROBE_SHM, shmget(IPC_PRIVATE, size, 0600));
}

/* One operation with SEM_UNDO; it never blocks. */
static inline int sem_undo(int semid, int num, int op)
{
	struct sembuf sb = { num, op, SEM_UNDO | IPC_NOWAIT };

	return semop(semid, &sb, 1);
}

/* One operation without. */
static inline int sem_plain(int semid, int num, int op)
{
	struct sembuf sb = { num, op, IPC_NOWAIT };

	return semop(semid, &sb, 1);
}

/*
 * A second process of the case. The function is called in it; then it says so
 * through the pipe and waits until it is told to end. It never outlives the
 * case: it is in the process group of the case.
 */
struct peer {
	pid_t pid;
	int to;		/* write: one byte, or close, ends it */
	int from;	/* read: one byte when it is ready */
};

static inline bool peer_wait(struct peer *p)
{
	char c;

	EXPECT(read(p->from, &c, 1) == 1, "process %d: expected it to be ready, got its end",
	       (int)p->pid);
	return true;
}

/* For the function of a peer: say "ready" in the middle, wait to go on. */
static int peer_in = -1, peer_out = -1;

static inline bool peer_pause(void)
{
	char c = 'r';

	return write(peer_out, &c, 1) == 1 && read(peer_in, &c, 1) == 1;
}

static inline bool peer_go(struct peer *p)
{
	EXPECT(write(p->to, "g", 1) == 1, "process %d: %s", (int)p->pid, strerror(errno));
	return true;
}

static inline bool peer_start(struct peer *p, bool (*fn)(void *), void *arg)
{
	int to[2], from[2];

	EXPECT_OK(pipe(to));
	EXPECT_OK(pipe(from));
	p->pid = fork();
	EXPECT(p->pid >= 0, "fork: %s", strerror(errno));
	if (!p->pid) {
		close(to[1]);
		close(from[0]);
		peer_in = to[0];
		peer_out = from[1];
		if (!fn(arg))
			_exit(KSFT_FAIL);
		_exit(peer_pause() ? KSFT_PASS : KSFT_FAIL);
	}
	close(to[0]);
	close(from[1]);
	p->to = to[1];
	p->from = from[0];
	return peer_wait(p);
}

/* Let it end, as a zombie if reap is false. */
static inline bool peer_end(struct peer *p, bool reap)
{
	siginfo_t si = { 0 };

	if (!peer_go(p))
		return false;
	EXPECT_OK(waitid(P_PID, p->pid, &si, WEXITED | (reap ? 0 : WNOWAIT)));
	EXPECT(si.si_code == CLD_EXITED && si.si_status == KSFT_PASS,
	       "process %d: expected exit status 0, got code %d, status %d", (int)p->pid,
	       si.si_code, si.si_status);
	return true;
}

#endif /* RESPIN_PROBE_H */
