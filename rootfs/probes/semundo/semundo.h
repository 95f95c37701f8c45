/* SPDX-License-Identifier: GPL-2.0 */
/* What the semundo probes share: read the file, and compare it. */
#ifndef SEMUNDO_H
#define SEMUNDO_H

#include "../probe.h"
#include <limits.h>
#include <sys/syscall.h>

#define NOBODY 65534

static inline bool semundo_present(void)
{
	return !access("/proc/self/semundo", F_OK);
}

/* There, and with the write bit of the owner, which access() as root would not ask. */
static inline bool semundo_writable(void)
{
	struct stat st;

	return !stat("/proc/self/semundo", &st) && st.st_mode & S_IWUSR;
}

/* An expected line. */
struct want {
	int semid;
	int nsems;
	const int *adj;
};

static inline void semundo_path(char *path, size_t size, pid_t pid)
{
	if (pid)
		snprintf(path, size, "/proc/%d/semundo", (int)pid);
	else
		snprintf(path, size, "/proc/self/semundo");
}

/* Open the file of a process, 0 for the own one; -1 is reported. */
static inline int semundo_open(pid_t pid)
{
	char path[64];
	int fd;

	semundo_path(path, sizeof(path), pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		probe_say("open %s: expected a descriptor, got %s", path, strerror(errno));
	return fd;
}

/*
 * More than any case writes or reads. A kernel that loses its place shows the
 * same lines for ever, and the guest has little memory.
 */
#define SEMUNDO_MAX	(1 << 20)

/* All that is left to read, NUL-terminated; NULL (reported) for an error. */
static inline char *semundo_read_fd(int fd, size_t chunk, size_t *len)
{
	size_t room = 4096;
	char *text = malloc(room);

	*len = 0;
	while (text) {
		ssize_t n;

		if (room - *len <= chunk) {
			char *more = realloc(text, room = room * 2 + chunk);

			if (!more)
				break;
			text = more;
		}
		n = read(fd, text + *len, chunk);
		if (n < 0) {
			probe_say("read at %zu: expected data, got %s", *len, strerror(errno));
			free(text);
			return NULL;
		}
		if (!n) {
			text[*len] = '\0';
			return text;
		}
		*len += n;
		if (*len > SEMUNDO_MAX) {
			probe_say("expected an end of the file, got more than %d bytes",
				  SEMUNDO_MAX);
			free(text);
			return NULL;
		}
	}
	probe_say("out of memory");
	free(text);
	return NULL;
}

static inline char *semundo_read(pid_t pid, size_t *len)
{
	char *text = NULL;
	int fd = semundo_open(pid);

	if (fd >= 0) {
		text = semundo_read_fd(fd, 65536, len);
		close(fd);
	}
	return text;
}

/* " %6d", but quicker: there may be 32000, and the guest is slow. */
static inline char *semundo_value(char *p, int v)
{
	unsigned int left = v < 0 ? -v : v;
	char *at = p + 7;

	memset(p, ' ', 7);
	do {
		*--at = '0' + left % 10;
		left /= 10;
	} while (left);
	if (v < 0)
		*--at = '-';
	return p + 7;
}

/* The line that the contract demands. */
static inline char *semundo_line(const struct want *w)
{
	char *line = malloc(10 + 7 * (size_t)w->nsems + 32), *p = line;
	int i;

	if (!line)
		abort();
	p += sprintf(p, "%10d", w->semid);
	for (i = 0; i < w->nsems; i++)
		p = semundo_value(p, w->adj[i]);
	strcpy(p, "\n");
	return line;
}

static inline void semundo_say_text(const char *what, const char *text, size_t len)
{
	size_t show = len > 120 ? 120 : len, i;
	char out[256], *p = out;

	for (i = 0; i < show; i++) {
		if (text[i] == '\n') {
			*p++ = '\\';
			*p++ = 'n';
		} else {
			*p++ = text[i] ? text[i] : '?';
		}
		if (p > out + sizeof(out) - 4)
			break;
	}
	*p = '\0';
	probe_say("%s (%zu bytes): \"%s\"%s", what, len, out, show < len ? "..." : "");
}

/*
 * The text must consist of exactly these lines, in any order: the kernel
 * reorders its list, so the lines of both sides are matched, not their order.
 */
static inline bool semundo_text_is(const char *text, size_t len, const struct want *want, int n)
{
	bool used[16] = { false };
	const char *at = text;
	int i, found = 0;

	while (at < text + len) {
		const char *nl = memchr(at, '\n', text + len - at);
		size_t size = (nl ? nl + 1 : text + len) - at;

		for (i = 0; i < n; i++) {
			char *line;
			bool same;

			if (used[i])
				continue;
			line = semundo_line(&want[i]);
			same = size == strlen(line) && !memcmp(at, line, size);
			free(line);
			if (same) {
				used[i] = true;
				found++;
				break;
			}
		}
		if (i == n) {
			semundo_say_text("got an unexpected line", at, size);
			break;
		}
		at += size;
	}
	for (i = 0; i < n; i++) {
		if (!used[i]) {
			char *line = semundo_line(&want[i]);

			semundo_say_text("expected but missing", line, strlen(line));
			free(line);
		}
	}
	if (!n && len)
		probe_say("expected an empty file, got %zu bytes", len);
	return found == n && at >= text + len;
}

static inline bool semundo_is(pid_t pid, const struct want *want, int n)
{
	size_t len;
	char *text = semundo_read(pid, &len);
	bool ok = text && semundo_text_is(text, len, want, n);

	free(text);
	return ok;
}

/* The same through a descriptor that is open, from where it stands. */
static inline bool semundo_fd_is(int fd, const struct want *want, int n)
{
	size_t len;
	char *text = semundo_read_fd(fd, 65536, &len);
	bool ok = text && semundo_text_is(text, len, want, n);

	free(text);
	return ok;
}

/*
 * Parse one line at *at and step over it. Returns the number of values, or -1
 * (reported) if it is not what the format allows. Keeps the first max values.
 */
static inline int semundo_parse(const char **at, int *semid, int *adj, int max)
{
	const char *p = *at, *nl = strchr(p, '\n');
	int n = 0;

	if (!nl || nl - p < 10 || (nl - p - 10) % 7)
		goto bad;
	if (sscanf(p, "%10d", semid) != 1 || *semid < 0)
		goto bad;
	for (p += 10; p < nl; p += 7, n++) {
		char field[8], *end;
		long v;

		memcpy(field, p, 7);
		field[7] = '\0';
		v = strtol(field, &end, 10);
		if (*p != ' ' || end == field || *end || v < -32768 || v > 32767)
			goto bad;
		if (n < max)
			adj[n] = v;
	}
	*at = nl + 1;
	return n;
bad:
	semundo_say_text("expected a line of the format, got", *at,
			 nl ? (size_t)(nl - *at) : strlen(*at));
	return -1;
}

/*
 * A set of one semaphore with the highest id there is, which the sysctl gives:
 * a sequence number of all ones, and the last place of the table.
 */
#define SEM_NEXT_ID	"/proc/sys/kernel/sem_next_id"

static inline bool sem_new_highest(int *semid)
{
	FILE *f = fopen(SEM_NEXT_ID, "w");

	EXPECT(f, "%s: %s", SEM_NEXT_ID, strerror(errno));
	fprintf(f, "%d\n", INT_MAX);
	EXPECT(!fclose(f), "%s: %s", SEM_NEXT_ID, strerror(errno));
	EXPECT_OK(*semid = sem_new(1));
	EXPECT(*semid == INT_MAX, "expected semid %d, got %d", INT_MAX, *semid);
	return true;
}

/* ---- a process with adjustments ------------------------------------------- */

/* What becomes of a process with one set, whose first semaphore it raised. */
struct target {
	int semid;
	bool (*then)(struct target *t);
};

static const int raised[2] = { -3, 0 };

static inline bool target_run(void *arg)
{
	struct target *t = arg;

	EXPECT_OK(sem_undo(t->semid, 0, 3));
	return !t->then || t->then(t);
}

static inline bool target_start(struct peer *p, struct target *t)
{
	EXPECT_OK(t->semid = sem_new(2));
	return peer_start(p, target_run, t);
}

static inline bool shows_raised(pid_t pid, const struct target *t)
{
	return semundo_is(pid, &(struct want) { t->semid, 2, raised }, 1);
}

/* ---- write --------------------------------------------------------------- */

/* Leave the case as failed unless the call returns this errno, 0 for success. */
#define EXPECT_ERR(want, call) do {						\
	int want_ = (want), got_ = (call);					\
	EXPECT(got_ == want_, "%s: expected %s, got %s", #call, strerror(want_),	\
	       strerror(got_));							\
} while (0)

/* One write(2): 0, or its errno. */
static inline int semundo_put_fd(int fd, const void *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	if (n >= 0 && (size_t)n != len) {
		probe_say("write of %zu bytes: expected all or an error, got %zd", len, n);
		return EIO;
	}
	return n < 0 ? errno : 0;
}

/* The same to the own file. */
static inline int semundo_put_text(const void *text, size_t len)
{
	int fd = open("/proc/self/semundo", O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0) {
		probe_say("open for writing: expected a descriptor, got %s", strerror(errno));
		return errno;
	}
	ret = semundo_put_fd(fd, text, len);
	close(fd);
	return ret;
}

static inline __attribute__((format(printf, 1, 2))) int semundo_put(const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return len < (int)sizeof(text) ? semundo_put_text(text, len) : EMSGSIZE;
}

/* For a process that is not root any more; false is reported. */
static inline bool become_nobody(void)
{
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	/* a change of uid makes a process undumpable, and its files those of root */
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	return true;
}

static inline bool sem_val_is(int semid, int num, int want)
{
	int val = semctl(semid, num, GETVAL);

	EXPECT(val == want, "semval %d of set %d: expected %d, got %d", num, semid, want, val);
	return true;
}

/* A descriptor of another process, as if it had been passed. */
static inline int fd_from(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0), got = -1;

	if (pidfd >= 0)
		got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (got < 0)
		probe_say("descriptor %d of process %d: expected to get it, got %s", fd, (int)pid,
			  strerror(errno));
	return got;
}

/* 0 if two processes have the same list, 1 or 2 if not, or -1. */
static inline int semundo_kcmp(pid_t a, pid_t b)
{
	return syscall(SYS_kcmp, a, b, 6 /* KCMP_SYSVSEM */, 0, 0);
}

#endif /* SEMUNDO_H */
