// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the test programs of /respin/programs one after the other as process 1 of the guest, and tells the host what
 * happened in frames on a serial line. harness/guest/protocol.ts is the other end and documents the frames.
 *
 * It must be process 1: it ends a test by killing everything but itself, which also reaches what left the test's
 * process group or session.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PROTOCOL	1
#define NONCE_MAX	64
/* Raw bytes of output for one frame; escaping makes at most four of each. */
#define CHUNK		1024
#define OUTPUT_MAX	(1024 * 1024)
/* How often a frame is sent while a program is silent, so that the host can tell slow from stuck. */
#define TICK_MS		2000
/* How long the processes of a test may take to die of SIGKILL. */
#define GRACE_MS	2000
/* The same once one is stuck for ever: there is always something left then. */
#define GRACE_STUCK_MS	200
#define READY_MS	1000
#define ARGS_MAX	64
#define ENV_MAX		32
/* One program of the list; harness/guest/initramfs.ts keeps its lines shorter. */
#define LINE_MAX_BYTES	32768
/* kmemleak does not report what is younger than this: MSECS_MIN_AGE of mm/kmemleak.c, and one second. */
#define LEAK_AGE_MS	6000
#define LEAK_FILE	"/sys/kernel/debug/kmemleak"
#define LEAK_VERBOSE	"/sys/module/kmemleak/parameters/verbose"

struct program {
	char *name;
	char *path;
	/* Where it runs; NULL for an empty folder. */
	char *folder;
	char *argv[ARGS_MAX + 2];
	char *env[ENV_MAX];
	int nenv;
	long timeout_ms;
};

struct ending {
	const char *kind;
	long value;
	int64_t at;
	int truncated;
	int unkillable;
};

static int line_fd = -1;
static char nonce[NONCE_MAX + 1];
static unsigned long sequence;
/* Some process of an earlier test is stuck in the kernel: no test after it is to blame for that. */
static int already_stuck;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static uint32_t crc32(const char *bytes, size_t length)
{
	uint32_t crc = ~0u;

	while (length--) {
		crc ^= (unsigned char)*bytes++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		} else if (n < 0 && errno != EINTR) {
			return;
		}
	}
}

/* Writes `respin1 NONCE SEQ TYPE LENGTH PAYLOAD CRC\n`; the CRC is that of everything before its own blank. */
static void send_frame(const char *type, const char *payload, size_t length)
{
	static char frame[NONCE_MAX + 4 * CHUNK + 128];
	int n = snprintf(frame, sizeof(frame), "respin%d %s %lu %s %zu ", PROTOCOL, nonce, sequence++, type, length);

	memcpy(frame + n, payload, length);
	length += (size_t)n;
	length += (size_t)sprintf(frame + length, " %08x\n", crc32(frame, length));
	write_all(line_fd, frame, length);
}

static void __attribute__((format(printf, 2, 3))) send_text(const char *type, const char *format, ...)
{
	char payload[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(payload, sizeof(payload), format, args);
	va_end(args);
	send_frame(type, payload, n < (int)sizeof(payload) ? (size_t)n : sizeof(payload) - 1);
}

static void send_output(const char *bytes, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	static char escaped[4 * CHUNK];
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n' || c == '\\') {
			escaped[n++] = '\\';
			escaped[n++] = c == '\n' ? 'n' : '\\';
		} else if (c < ' ' || c > '~') {
			escaped[n++] = '\\';
			escaped[n++] = 'x';
			escaped[n++] = hex[c >> 4];
			escaped[n++] = hex[c & 15];
		} else {
			escaped[n++] = (char)c;
		}
	}
	send_frame("out", escaped, n);
}

static void send_tick(void)
{
	send_text("tick", "%lld", (long long)now_ms());
}

/* Tells the kernel log, and with it the console; also makes the console print what the log still holds. */
static void tell_console(const char *text)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, text, strlen(text));
	close(fd);
}

static void __attribute__((noreturn)) end_machine(void)
{
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void __attribute__((noreturn)) give_up(const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "<3>respin: runner: %s: %s", what, strerror(errno));
	tell_console(text);
	end_machine();
}

static void open_line(const char *path)
{
	struct termios tty;

	line_fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line_fd < 0)
		give_up(path);
	if (!tcgetattr(line_fd, &tty)) {
		cfmakeraw(&tty);
		tty.c_cflag |= CLOCAL;
		tcsetattr(line_fd, TCSANOW, &tty);
	}
	/* No test needs the line, and none should write to it by accident. */
	unlink(path);
}

/* Asks for the nonce until the host gives it: what it writes before the line is open is lost in the UART. */
static void read_nonce(void)
{
	struct pollfd line = { .fd = line_fd, .events = POLLIN };
	size_t length = 0;

	for (;;) {
		char c;

		if (!poll(&line, 1, length ? -1 : 0)) {
			write_all(line_fd, "respin1 ready\n", 14);
			if (!poll(&line, 1, READY_MS))
				continue;
		}
		if (read(line_fd, &c, 1) != 1)
			continue;
		if (c == '\n')
			break;
		if (length < NONCE_MAX)
			nonce[length++] = c;
	}
	nonce[length] = 0;
}

static void reset_child(const struct program *program, int output)
{
	struct rlimit no_core = { 0, 0 };
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	if (null >= 0)
		dup2(null, 0);
	dup2(output, 1);
	dup2(output, 2);
	if (null > 2)
		close(null);
	for (int i = 0; i < program->nenv; i++)
		putenv(program->env[i]);
	if (program->folder && chdir(program->folder)) {
		dprintf(2, "respin: %s: %s\n", program->folder, strerror(errno));
		_exit(127);
	}
	execv(program->path, program->argv);
	dprintf(2, "respin: %s: %s\n", program->path, strerror(errno));
	_exit(127);
}

struct reading {
	int fd;
	size_t total;
	int truncated;
};

/* Passes on what the pipe holds now; returns 0 when it is at its end. */
static int pump(struct reading *from)
{
	char chunk[CHUNK];
	ssize_t n = read(from->fd, chunk, sizeof(chunk));
	size_t room = OUTPUT_MAX - from->total;

	if (n < 0)
		return errno == EINTR;
	if (n == 0)
		return 0;
	if ((size_t)n > room) {
		from->truncated = 1;
		n = (ssize_t)room;
	}
	if (n)
		send_output(chunk, (size_t)n);
	from->total += (size_t)n;
	return 1;
}

/*
 * Kills everything that a test left and waits for it, but not for ever: a process that sleeps uninterruptibly in
 * the kernel stays. Stores the status of `main_pid` when it is among them.
 * Returns 0 when no child is left.
 */
static int kill_all(pid_t main_pid, int *status, int *main_ended)
{
	int64_t until = now_ms() + (already_stuck ? GRACE_STUCK_MS : GRACE_MS);

	for (;;) {
		int ended_status;
		pid_t ended;

		/* Again in each round: a process may have forked while it was being killed. */
		kill(-1, SIGKILL);
		ended = waitpid(-1, &ended_status, WNOHANG);
		if (ended < 0 && errno == ECHILD)
			return 0;
		if (ended == main_pid && main_pid > 0) {
			*status = ended_status;
			*main_ended = 1;
		}
		if (ended <= 0) {
			if (now_ms() > until)
				return 1;
			sleep_ms(1);
		}
	}
}

static struct ending watch(pid_t pid, struct reading *from, long timeout_ms)
{
	struct ending ending = { .kind = "exit" };
	int64_t limit = now_ms() + timeout_ms;
	int status = 0, ended = 0, open = 1, timeout = 0, left;
	sigset_t none;

	sigemptyset(&none);
	while (!ended && !timeout) {
		struct pollfd output = { .fd = open ? from->fd : -1, .events = POLLIN };
		int64_t wait = limit - now_ms();
		struct timespec ts;
		pid_t reaped;
		int ready;

		if (wait > TICK_MS)
			wait = TICK_MS;
		if (wait < 0)
			wait = 0;
		ts.tv_sec = wait / 1000;
		ts.tv_nsec = wait % 1000 * 1000000;
		/* SIGCHLD is blocked everywhere else, so that an end between waitpid and here is not missed. */
		ready = ppoll(&output, 1, &ts, &none);
		if (ready > 0)
			open = pump(from);
		else if (ready == 0 && now_ms() < limit)
			send_tick();
		while ((reaped = waitpid(-1, &status, WNOHANG)) > 0) {
			if (reaped == pid) {
				ended = 1;
				break;
			}
		}
		timeout = !ended && now_ms() >= limit;
	}

	ending.at = now_ms();
	left = kill_all(ended ? 0 : pid, &status, &ended);
	/* All writers are dead, so the pipe has an end; unless one is stuck, when reading must not block. */
	fcntl(from->fd, F_SETFL, O_NONBLOCK);
	while (open && pump(from))
		;

	ending.truncated = from->truncated;
	ending.unkillable = !ended || (left && !already_stuck);
	already_stuck |= left;
	if (timeout) {
		ending.kind = "timeout";
		ending.value = timeout_ms;
	} else if (WIFSIGNALED(status)) {
		ending.kind = "signal";
		ending.value = WTERMSIG(status);
	} else {
		ending.value = WEXITSTATUS(status);
	}
	return ending;
}

static void run_program(const struct program *program)
{
	struct reading from = { .fd = -1 };
	struct ending ending;
	int pipe_fds[2], mounted;
	int64_t begun;
	pid_t pid;

	/* A file system of its own, where the kernel has tmpfs: each test starts in an empty folder. */
	mounted = !mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	if (chdir("/tmp") || pipe2(pipe_fds, O_CLOEXEC))
		give_up("a folder and a pipe for a test");
	send_text("begin", "%s %ld", program->name, program->timeout_ms);
	begun = now_ms();
	pid = fork();
	if (pid == 0)
		reset_child(program, pipe_fds[1]);
	if (pid < 0)
		give_up("fork");
	close(pipe_fds[1]);
	from.fd = pipe_fds[0];
	ending = watch(pid, &from, program->timeout_ms);
	send_text("end", "%s %ld %lld%s%s", ending.kind, ending.value, (long long)(ending.at - begun),
		  ending.truncated ? " truncated" : "", ending.unkillable ? " unkillable" : "");
	close(from.fd);
	if (chdir("/"))
		give_up("/");
	if (mounted)
		umount2("/tmp", MNT_DETACH);
}

/* In place: `\t`, `\n` and `\\` of the list stand for tab, newline and backslash. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1]) {
			text++;
			*to++ = *text == 't' ? '\t' : *text == 'n' ? '\n' : *text;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}

/*
 * Splits a line of the list: name, time limit in milliseconds, @FOLDER if any, NAME=VALUE ..., path, arguments; all
 * between tabs.
 */
static int parse_program(char *line, struct program *program)
{
	char *field[ARGS_MAX + ENV_MAX + 5] = { 0 };
	int n = 0, at_path = 2;

	line[strcspn(line, "\n")] = 0;
	for (char *at = strsep(&line, "\t"); at && n < ARGS_MAX + ENV_MAX + 4; at = strsep(&line, "\t")) {
		unescape(at);
		field[n++] = at;
	}
	memset(program, 0, sizeof(*program));
	if (at_path < n && *field[at_path] == '@')
		program->folder = field[at_path++] + 1;
	while (at_path < n && *field[at_path] != '/' && program->nenv < ENV_MAX)
		program->env[program->nenv++] = field[at_path++];
	if (at_path >= n || *field[at_path] != '/' || n - at_path > ARGS_MAX + 1)
		return 0;
	program->name = field[0];
	program->timeout_ms = strtol(field[1], NULL, 10);
	program->path = field[at_path];
	memcpy(program->argv, field + at_path, (size_t)(n - at_path) * sizeof(*field));
	return program->timeout_ms > 0;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, text, strlen(text));
	close(fd);
}

static int on_command_line(const char *word)
{
	char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = 0;
	for (char *at = strtok(line, " \n"); at; at = strtok(NULL, " \n")) {
		if (!strcmp(at, word))
			return 1;
	}
	return 0;
}

/*
 * Asks kmemleak for its findings. With `verbose` the kernel itself prints each on the console.
 * Two scans: an object whose checksum changed since the scan before is not reported.
 */
static void scan_for_leaks(void)
{
	if (access(LEAK_FILE, W_OK)) {
		tell_console("<4>respin: kmemleak was asked for, and this kernel does not have it");
		return;
	}
	write_file(LEAK_VERBOSE, "1");
	send_tick();
	write_file(LEAK_FILE, "scan");
	for (int waited = 0; waited < LEAK_AGE_MS; waited += TICK_MS) {
		sleep_ms(TICK_MS);
		send_tick();
	}
	write_file(LEAK_FILE, "scan");
	send_tick();
}

/* Only there to interrupt ppoll. */
static void on_child(int signal)
{
	(void)signal;
}

int main(void)
{
	struct sigaction child = { .sa_handler = on_child };
	struct utsname kernel;
	struct program program;
	static char line[LINE_MAX_BYTES];
	long count = 0;
	sigset_t blocked;
	FILE *list;

	if (getpid() != 1) {
		fprintf(stderr, "runner: it kills every other process it can see, so it only runs as process 1\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGCHLD, &child, NULL);

	open_line("/dev/ttyS1");
	list = fopen("/respin/programs", "re");
	if (!list)
		give_up("/respin/programs");
	read_nonce();
	uname(&kernel);
	send_text("hello", "%s %ld", kernel.release, sysconf(_SC_NPROCESSORS_ONLN));

	while (fgets(line, sizeof(line), list)) {
		if (!parse_program(line, &program))
			continue;
		run_program(&program);
		count++;
	}
	fclose(list);

	if (on_command_line("respin.kmemleak"))
		scan_for_leaks();
	tell_console("<5>respin: end of the tests");
	send_text("last", "%ld", count);
	tcdrain(line_fd);
	end_machine();
}
