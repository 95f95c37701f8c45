// SPDX-License-Identifier: GPL-2.0
/*
 * next_id and the ids of processes and threads: which call consumes it, and
 * who may have it consumed.
 */
#include "pid.h"

#include <dirent.h>
#include <linux/io_uring.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/user.h>

/* ---- attempts ------------------------------------------------------------ */

static int clone_raw(unsigned long flags)
{
	int pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(0);
	return create_reap(pid);
}

/* Flags that contradict each other: a failed attempt like any other. */
static int create_bad_flags(void)
{
	return clone_raw(CLONE_THREAD | SIGCHLD);
}

static bool bad_flags(void)
{
	int pid = free_pid(), got;

	WRITE("LONG %d\n", pid);
	got = create_bad_flags();
	EXPECT(got == -EINVAL, "clone: expected %s, got %d", strerror(EINVAL), got);
	if (!next_is(""))
		return false;
	/* these two are refused at another place */
	WRITE("LONG %d\n", pid);
	got = clone_raw(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD);
	EXPECT(got == -EINVAL, "clone: expected %s, got %d", strerror(EINVAL), got);
	if (!next_is(""))
		return false;
	WRITE("LONG %d\n", pid);
	return gives(create_fork, pid);
}

/* clone3 with flags or a stack that it refuses, and with set_tid beside them. */
static bool bad_clone3(void)
{
	int pid = free_pid(), one = free_pid();
	struct next_clone_args args = { .flags = 1ULL << 62, .exit_signal = SIGCHLD };
	char text[32];

	snprintf(text, sizeof(text), "LONG %d\n", pid);
	WRITE("%s", text);
	EXPECT(next_clone3(&args) == -1 && errno == EINVAL, "flags: expected %s, got %s",
	       strerror(EINVAL), strerror(errno));
	if (!next_is(""))
		return false;

	WRITE("%s", text);
	args.set_tid = (unsigned long)&one;
	args.set_tid_size = 1;
	EXPECT(next_clone3(&args) == -1 && errno == EINVAL, "set_tid: expected %s, got %s",
	       strerror(EINVAL), strerror(errno));
	if (!next_is(text))
		return false;

	/* nobody knows whether these hold a set_tid */
	EXPECT(next_clone3((void *)8) == -1 && errno == EFAULT, "address: expected %s, got %s",
	       strerror(EFAULT), strerror(errno));
	return next_is(text) && gives(create_fork, pid);
}

/* No process for this user any more: EAGAIN, long before there is an id. */
static bool limit_consumes(void)
{
	struct rlimit none, enough;
	int pid = free_pid();

	EXPECT_OK(getrlimit(RLIMIT_NPROC, &enough));
	none = enough;
	none.rlim_cur = 0;
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
	if (!become_nobody())
		return false;
	EXPECT_OK(caps_keep(CAP(CAP_CHECKPOINT_RESTORE)));
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	WRITE("LONG %d\n", pid);
	EXPECT_OK(setrlimit(RLIMIT_NPROC, &none));
	EXPECT(fork() == -1 && errno == EAGAIN, "fork: expected %s, got %s", strerror(EAGAIN),
	       strerror(errno));
	EXPECT_OK(setrlimit(RLIMIT_NPROC, &enough));
	if (!next_is(""))
		return false;
	WRITE("LONG %d\n", pid);
	return gives(create_fork, pid);
}

static bool set_tid_wins(void)
{
	int pid = free_pid(), other = free_pid(), busy = getppid(), got;
	struct next_clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (unsigned long)&other,
		.set_tid_size = 1,
	};
	char text[32];

	snprintf(text, sizeof(text), "LONG %d\n", pid);
	WRITE("%s", text);
	got = next_clone3(&args);
	if (!got)
		_exit(0);
	EXPECT(got == other, "clone3: expected %d, got %d", other, got);
	if (!exited_well(got) || !next_is(text))
		return false;

	/* also if it fails, with the errors that it always had */
	args.set_tid = (unsigned long)&busy;
	got = next_clone3(&args);
	if (!got)
		_exit(0);
	EXPECT(got == -1 && errno == EEXIST, "clone3: expected %s, got %d, %s", strerror(EEXIST),
	       got, strerror(errno));
	return next_is(text) && gives(create_fork, pid);
}

/* ---- calls that are not attempts of this thread --------------------------- */

static int uring_setup(unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 1 };

	return syscall(SYS_io_uring_setup, 4, &params);
}

static int count_threads(void)
{
	char line[128];
	int n = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "Threads: %d", &n);
	if (f)
		fclose(f);
	return n;
}

/* There is one thread more, of the kernel, for which nothing is pending and not this id. */
static bool one_worker(int not_pid)
{
	int n = count_threads(), tid, seen = 0;
	struct dirent *d;
	DIR *dir;

	EXPECT(n == 2, "expected a thread of the kernel, got %d threads", n);
	EXPECT(access(next_path(getpid(), not_pid), F_OK), "expected another id than %d for it",
	       not_pid);
	EXPECT(dir = opendir("/proc/self/task"), "/proc/self/task: %s", strerror(errno));
	while ((d = readdir(dir))) {
		tid = atoi(d->d_name);
		if (tid <= 0 || tid == next_tid())
			continue;
		if (!next_path_is(next_path(getpid(), tid), ""))
			return false;
		seen++;
	}
	closedir(dir);
	EXPECT(seen == 1, "expected one thread beside this, got %d", seen);
	return true;
}

/* The kernel creates a thread in this process, with an id as usual. */
static bool io_uring(void)
{
	int pid = free_pid(), fd;
	char text[32];

	WRITE("LONG %d\n", pid);
	snprintf(text, sizeof(text), "LONG %d\n", pid);
	fd = uring_setup(IORING_SETUP_SQPOLL);
	EXPECT(fd >= 0, "io_uring_setup: %s", strerror(errno));
	return one_worker(pid) && next_is(text) && gives(create_fork, pid);
}

/* An id that it would have to refuse does not keep the kernel from it either. */
static bool io_uring_busy(void)
{
	char text[32];
	int fd;

	WRITE("LONG %d\n", getppid());
	snprintf(text, sizeof(text), "LONG %d\n", getppid());
	fd = uring_setup(IORING_SETUP_SQPOLL);
	EXPECT(fd >= 0, "io_uring_setup: %s", strerror(errno));
	return next_is(text) && fails_as(create_fork, EBUSY, getppid());
}

/* One request that is left to a worker, which does nothing. Its result, or -EPROTO. */
static int uring_async_nop(void)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	char *sq, *cq;

	if (ring < 0)
		return -EPROTO;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned int), PROT_READ | PROT_WRITE,
		  MAP_SHARED, ring, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*cqe), PROT_READ | PROT_WRITE,
		  MAP_SHARED, ring, IORING_OFF_CQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		   IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || (void *)sqe == MAP_FAILED)
		return -EPROTO;

	sqe->opcode = IORING_OP_NOP;
	sqe->flags = IOSQE_ASYNC;
	sqe->fd = -1;
	*(unsigned int *)(sq + p.sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -EPROTO;
	if (!__atomic_load_n((unsigned int *)(cq + p.cq_off.tail), __ATOMIC_ACQUIRE))
		return -EPROTO;
	cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return cqe->res;
}

/* With this id pending the request is done, by a thread with an id as usual. */
static bool worker_takes_none(int pid)
{
	char text[32];
	int got;

	WRITE("LONG %d\n", pid);
	snprintf(text, sizeof(text), "LONG %d\n", pid);
	got = uring_async_nop();
	EXPECT(!got, "request: expected 0, got %d", got);
	return one_worker(pid) && next_is(text);
}

static bool worker_with_busy(void *arg)
{
	(void)arg;
	return worker_takes_none(getppid()) && fails_as(create_fork, EBUSY, getppid());
}

/*
 * A worker that is there for one request, and is created when it comes. It is
 * used again for the next, hence a process of its own for each id.
 */
static bool io_worker(void)
{
	int pid = free_pid();

	return in_child(worker_with_busy, NULL) && worker_takes_none(pid) && gives(create_fork, pid);
}

static pthread_barrier_t meet;

static void *other_forks(void *arg)
{
	pthread_barrier_wait(&meet);
	*(int *)arg = create_fork();
	pthread_barrier_wait(&meet);
	return NULL;
}

static bool other_thread(void)
{
	int pid = free_pid(), got = 0;
	pthread_t thread;
	char text[32];

	pthread_barrier_init(&meet, NULL, 2);
	EXPECT(!pthread_create(&thread, NULL, other_forks, &got), "pthread_create");
	WRITE("LONG %d\n", pid);
	snprintf(text, sizeof(text), "LONG %d\n", pid);
	pthread_barrier_wait(&meet);
	pthread_barrier_wait(&meet);
	EXPECT(got > 0 && got != pid, "other thread: expected a usual id, got %d", got);
	if (!next_is(text) || !gives(create_fork, pid))
		return false;
	pthread_join(thread, NULL);
	return true;
}

/* ---- a fork that a signal interrupts -------------------------------------- */

static volatile sig_atomic_t handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static bool traced_fork(void *arg)
{
	int pid = *(int *)arg;

	EXPECT(signal(SIGUSR1, handler) != SIG_ERR, "signal: %s", strerror(errno));
	WRITE("LONG %d\n", pid);
	EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	if (!gives(create_fork, pid))
		return false;
	EXPECT(handled == 1, "expected one signal, got %d", (int)handled);
	return true;
}

static bool is_fork(pid_t pid)
{
	struct user_regs_struct regs;

	return !ptrace(PTRACE_GETREGS, pid, 0, &regs) &&
	       (regs.orig_rax == SYS_clone || regs.orig_rax == SYS_fork);
}

/*
 * The signal is there when the kernel begins with the fork: the call ends, the
 * handler runs, the call is repeated. It is one attempt.
 */
static bool restarted(void)
{
	int want = free_pid(), status, sig = 0;
	bool sent = false;
	pid_t pid = fork();

	EXPECT(pid >= 0, "fork: %s", strerror(errno));
	if (!pid)
		_exit(traced_fork(&want) ? 0 : 1);
	EXPECT_OK(waitpid(pid, &status, 0));
	EXPECT(WIFSTOPPED(status), "expected it to stop, got %#x", status);
	EXPECT_OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	for (;;) {
		EXPECT_OK(ptrace(sent ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, sig));
		EXPECT_OK(waitpid(pid, &status, 0));
		if (!WIFSTOPPED(status))
			break;
		sig = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (!sent && is_fork(pid)) {
				EXPECT_OK(kill(pid, SIGUSR1));
				sent = true;
			}
		} else if (WSTOPSIG(status) != SIGSTOP) {
			sig = WSTOPSIG(status);
		}
	}
	EXPECT(sent, "expected to see it fork");
	EXPECT(WIFEXITED(status) && !WEXITSTATUS(status), "expected exit status 0, got %#x", status);
	return true;
}

/* ---- exec, threads at the same time --------------------------------------- */

static bool exec_child(void *arg)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", *(int *)arg);
	WRITE("LONG %s\n", text);
	execl("/proc/self/exe", "next_id_pid_use", "--after-exec", text, NULL);
	return false;
}

static bool after_exec_it_counts(void)
{
	int pid = free_pid();

	return in_child(exec_child, &pid);
}

#define THREADS 4
#define ROUNDS 8

struct racer {
	int pid;
	bool ok;
};

static void *races(void *arg)
{
	struct racer *r = arg;
	int i, got;

	r->ok = true;
	pthread_barrier_wait(&meet);
	for (i = 0; i < ROUNDS && r->ok; i++) {
		if (!next_write_gives(__LINE__, 0, "LONG %d\n", r->pid)) {
			r->ok = false;
			break;
		}
		sched_yield();
		got = create_clone3();
		if (got != r->pid) {
			probe_say("expected %d, got %d", r->pid, got);
			r->ok = false;
		}
	}
	return NULL;
}

static bool threads_do_not_race(void)
{
	struct racer racers[THREADS];
	pthread_t threads[THREADS];
	bool ok = true;
	int i;

	pthread_barrier_init(&meet, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		racers[i].pid = free_pid();
		EXPECT(!pthread_create(&threads[i], NULL, races, &racers[i]), "pthread_create");
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		ok = ok && racers[i].ok;
	}
	EXPECT(ok, "expected each thread to get its own id each time");
	return true;
}

/* ---- rights --------------------------------------------------------------- */

static bool right_at_use(void)
{
	int pid = free_pid();

	WRITE("LONG %d\n", pid);
	EXPECT_OK(caps_keep(~BOTH & (CAP(CAP_CHECKPOINT_RESTORE + 1) - 1)));
	return fails_as(create_fork, EPERM, pid);
}

static bool either_capability(void)
{
	int pid = free_pid();

	WRITE("LONG %d\n", pid);
	EXPECT_OK(caps_set(CAP(CAP_CHECKPOINT_RESTORE), BOTH));
	if (!gives(create_fork, pid))
		return false;
	WRITE("LONG %d\n", pid);
	EXPECT_OK(caps_keep(CAP(CAP_SYS_ADMIN)));
	return gives(create_thread, pid);
}

/* The PID namespace belongs elsewhere: capabilities in a new user namespace are of no use. */
static bool user_namespace(void)
{
	int pid = free_pid();

	WRITE("LONG %d\n", pid);
	EXPECT_OK(unshare(CLONE_NEWUSER));
	return fails_as(create_fork, EPERM, pid);
}

static const struct probe_case cases[] = {
	{ "next_id.pid.bad_flags", bad_flags },
	{ "next_id.pid.bad_clone3", bad_clone3 },
	{ "next_id.pid.limit_consumes", limit_consumes },
	{ "next_id.pid.set_tid_wins", set_tid_wins },
	{ "next_id.pid.io_uring", io_uring },
	{ "next_id.pid.io_uring_busy", io_uring_busy },
	{ "next_id.pid.io_worker", io_worker },
	{ "next_id.pid.other_thread", other_thread },
	{ "next_id.pid.restarted", restarted },
	{ "next_id.pid.after_exec_it_counts", after_exec_it_counts },
	{ "next_id.pid.threads_do_not_race", threads_do_not_race },
	{ "next_id.pid.right_at_use", right_at_use },
	{ "next_id.pid.either_capability", either_capability },
	{ "next_id.pid.user_namespace", user_namespace },
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--after-exec"))
		return gives(create_fork, atoi(argv[2])) ? 0 : 1;
	return probe_main(cases, sizeof(cases) / sizeof(cases[0]), PROBE_DEADLINE_MS, next_present);
}
