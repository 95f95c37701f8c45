/* SPDX-License-Identifier: GPL-2.0 */
/* What the semundo probes share: read the file, and compare it. */
#ifndef SEMUNDO_H
#define SEMUNDO_H

#include "../probe.h"

static inline bool semundo_present(void)
{
	return !access("/proc/self/semundo", F_OK);
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

/* The line that the contract demands. */
static inline char *semundo_line(const struct want *w)
{
	char *line = malloc(10 + 7 * (size_t)w->nsems + 32), *p = line;
	int i;

	if (!line)
		abort();
	p += sprintf(p, "%10d", w->semid);
	for (i = 0; i < w->nsems; i++) {
		/* what " %6d" gives, but quicker for a long line of zeros */
		if (w->adj[i]) {
			p += sprintf(p, " %6d", w->adj[i]);
		} else {
			memcpy(p, "      0", 7);
			p += 7;
		}
	}
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

#endif /* SEMUNDO_H */
