/* SPDX-License-Identifier: GPL-2.0 */
/* What the next_id probes share: write the file, read it, drop rights, nest. */
#ifndef NEXT_ID_H
#define NEXT_ID_H

#include "../probe.h"

#include <limits.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/syscall.h>

#define OWN_FILE "/proc/thread-self/next_id"
#define NOBODY 65534

/* not in every C library's headers */
struct next_clone_args {
	unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size,
		tls, set_tid, set_tid_size;
};

static inline bool next_present(void)
{
	return !access(OWN_FILE, F_OK);
}

static inline pid_t next_tid(void)
{
	return syscall(SYS_gettid);
}

/* ---- the file ----------------------------------------------------------- */

/* errno of one write(2) of these bytes, 0 if it took all of them */
static inline int next_write_fd(int fd, const void *bytes, size_t len)
{
	ssize_t n = write(fd, bytes, len);

	if (n == -1)
		return errno;
	return (size_t)n == len ? 0 : EIO;
}

/* The same to the own file. */
static inline int next_write(const char *text)
{
	int err, fd = open(OWN_FILE, O_WRONLY);

	if (fd < 0)
		return errno;
	err = next_write_fd(fd, text, strlen(text));
	close(fd);
	return err;
}

/* Its own line in a report is all that a text with a newline may be shown in. */
static inline const char *next_shown(const char *text)
{
	static __thread char shown[2][256];
	static __thread int turn;
	char *s = shown[turn ^= 1];
	size_t i;

	for (i = 0; text[i] && i < sizeof(shown[0]) - 1; i++)
		s[i] = text[i] == '\n' ? '|' : text[i];
	s[i] = 0;
	return s;
}

static inline __attribute__((format(printf, 3, 4))) bool
next_write_gives(int line, int want, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int err;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err = next_write(text);
	if (err != want)
		probe_say("line %d: write of \"%s\": expected %s, got %s", line, next_shown(text),
			  strerror(want), strerror(err));
	return err == want;
}

/* Leave the case as failed unless this text can be written to the own file. */
#define WRITE(...) do {								\
	if (!next_write_gives(__LINE__, 0, __VA_ARGS__))			\
		return false;							\
} while (0)

/* ... unless the write fails with this errno. */
#define WRITE_FAILS(want, ...) do {						\
	if (!next_write_gives(__LINE__, want, __VA_ARGS__))			\
		return false;							\
} while (0)

static inline bool next_fd_is(int fd, const char *want)
{
	char got[1024];
	ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

	EXPECT(n >= 0, "read: expected \"%s\", got %s", next_shown(want), strerror(errno));
	got[n] = 0;
	EXPECT(!strcmp(got, want), "read: expected \"%s\", got \"%s\"", next_shown(want),
	       next_shown(got));
	return true;
}

static inline bool next_path_is(const char *path, const char *want)
{
	int fd = open(path, O_RDONLY);
	bool ok;

	EXPECT(fd >= 0, "open %s: %s", path, strerror(errno));
	ok = next_fd_is(fd, want);
	close(fd);
	return ok;
}

/* The file of this thread shows exactly this. */
static inline bool next_is(const char *want)
{
	return next_path_is(OWN_FILE, want);
}

static inline const char *next_path(pid_t pid, pid_t tid)
{
	static __thread char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/next_id", (int)pid, (int)tid);
	return path;
}

/* ---- rights ------------------------------------------------------------- */

/* Keep these capabilities alone, and the user. */
static inline int caps_set(unsigned long long effective, unsigned long long permitted)
{
	struct __user_cap_header_struct hdr = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = effective, .permitted = permitted },
		{ .effective = effective >> 32, .permitted = permitted >> 32 },
	};

	return syscall(SYS_capset, &hdr, data);
}

static inline int caps_keep(unsigned long long caps)
{
	return caps_set(caps, caps);
}

#define CAP(name) (1ULL << (name))
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

static inline bool become_nobody(void)
{
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	return true;
}

/* ---- processes ---------------------------------------------------------- */

static inline int pid_max(void)
{
	int max = 0;
	FILE *f = fopen("/proc/sys/kernel/pid_max", "r");

	if (f && fscanf(f, "%d", &max) != 1)
		max = 0;
	if (f)
		fclose(f);
	return max;
}

static inline bool pid_is_free(int pid)
{
	char path[32];

	/* /proc/<tid> is there for threads, too */
	snprintf(path, sizeof(path), "/proc/%d", pid);
	return kill(pid, 0) && errno == ESRCH && kill(-pid, 0) && errno == ESRCH &&
	       access(path, F_OK);
}

/* A process id that is not in use, another one for each call. */
static inline int free_pid(void)
{
	static int last;

	if (!last)
		last = pid_max() - 20;
	while (!pid_is_free(--last))
		;
	return last;
}

static inline bool exited_well(pid_t pid)
{
	int status = 0;
	pid_t got = waitpid(pid, &status, __WALL);

	EXPECT(got == pid, "waitpid %d: %s", (int)pid, strerror(errno));
	EXPECT(WIFEXITED(status) && !WEXITSTATUS(status),
	       "process %d: expected exit status 0, got status %#x", (int)pid, status);
	return true;
}

/* fork, and the function in the child; true if both went well */
static inline bool in_child(bool (*fn)(void *), void *arg)
{
	pid_t pid = fork();

	EXPECT(pid >= 0, "fork: %s", strerror(errno));
	if (!pid)
		_exit(fn(arg) ? 0 : 1);
	return exited_well(pid);
}

/*
 * Run the function in a PID namespace so many levels below this one. Each level
 * is a process; namespaces are not entered in any other way, so that the
 * function is process 1 of the last.
 */
struct nested {
	int levels;
	bool (*fn)(void *);
	void *arg;
};

static inline bool nested_run(void *arg)
{
	struct nested *n = arg;

	if (!n->levels--)
		return n->fn(n->arg);
	EXPECT_OK(unshare(CLONE_NEWPID));
	return in_child(nested_run, n);
}

static inline bool in_nested(int levels, bool (*fn)(void *), void *arg)
{
	struct nested n = { levels, fn, arg };

	return nested_run(&n);
}

static inline pid_t next_clone3(struct next_clone_args *args)
{
	return syscall(SYS_clone3, args, sizeof(*args));
}

/* Ids of this process in all PID namespaces it is in, outermost first. */
static inline int ns_pids(int *pids, int max)
{
	char line[512], *p, *end;
	int n = 0;
	FILE *f = fopen("/proc/thread-self/status", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "NSpid:", 6))
			continue;
		for (p = line + 6; n < max; p = end) {
			pids[n] = strtol(p, &end, 10);
			if (end == p)
				break;
			n++;
		}
	}
	if (f)
		fclose(f);
	return n;
}

#endif /* NEXT_ID_H */
