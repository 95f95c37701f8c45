// SPDX-License-Identifier: GPL-2.0
/*
 * Writes to /proc/self/semundo that need more of a kernel than the other probes:
 * fault injection, io_uring, sockets and a security module. The suite
 * semundo-more has it.
 */
#include "semundo.h"
#include <linux/io_uring.h>
#include <sys/mount.h>
#include <sys/socket.h>

/* ---- no memory ------------------------------------------------------------- */

static bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	EXPECT(n == (ssize_t)strlen(text), "%s: expected to write \"%s\", got %s", path, text,
	       strerror(errno));
	close(fd);
	return true;
}

/* Allocations which may sleep fail too, and say nothing in the log. */
static bool faults_ready(void)
{
	mkdir("/debugfs", 0700);
	EXPECT(!mount("debugfs", "/debugfs", "debugfs", 0, NULL) || errno == EBUSY,
	       "mount debugfs: %s", strerror(errno));
	return put_file("/debugfs/failslab/ignore-gfp-wait", "N") &&
	       put_file("/debugfs/failslab/verbose", "0") &&
	       put_file("/debugfs/fail_page_alloc/ignore-gfp-wait", "N") &&
	       put_file("/debugfs/fail_page_alloc/min-order", "0") &&
	       put_file("/debugfs/fail_page_alloc/verbose", "0");
}

/* One write whose nth allocation fails; left is 0 if there was an nth. */
static bool put_failing(int nth, const char *text, int *ret, int *left)
{
	int fd = open("/proc/self/semundo", O_WRONLY), fail = open("/proc/thread-self/fail-nth", O_RDWR);
	char buf[16] = "";

	EXPECT(fd >= 0 && fail >= 0, "open: %s", strerror(errno));
	snprintf(buf, sizeof(buf), "%d", nth);
	EXPECT_OK(write(fail, buf, strlen(buf)));
	*ret = semundo_put_fd(fd, text, strlen(text));
	memset(buf, 0, sizeof(buf));
	EXPECT_OK(pread(fail, buf, sizeof(buf) - 1, 0));
	*left = atoi(buf);
	EXPECT_OK(write(fail, "0", 1));
	close(fd);
	close(fail);
	return true;
}

/* What a write is to replace, what it brings, and a set that it does not name. */
struct faulty {
	struct want before[3];
	struct want after[3];
	int nbefore, nafter;
	char text[64];
};

enum { ALL_DONE = 1, WRONG, FAILED };

/* In a child: one of these, or 0 if an allocation failed that the write can do without. */
static int write_with_fault(int nth, const struct faulty *f)
{
	int i, ret = 0, left = 0;
	bool as_it_should;

	for (i = 0; i < f->nbefore; i++)
		if (sem_undo(f->before[i].semid, 0, -f->before[i].adj[0]))
			return WRONG;
	if (!put_failing(nth, f->text, &ret, &left))
		return WRONG;
	as_it_should = ret ? ret == ENOMEM && !left && semundo_is(0, f->before, f->nbefore) :
			     semundo_is(0, f->after, f->nafter);
	if (!as_it_should) {
		probe_say("allocation %d: %s, %d left", nth, strerror(ret), left);
		return WRONG;
	}
	return left ? ALL_DONE : ret ? FAILED : 0;
}

/* Every allocation of a write fails once, in a child for each. At least so many must matter. */
static bool each_fails(const struct faulty *f, int least)
{
	int nth, status, failed = 0;
	pid_t pid;

	for (nth = 1; nth < 100; nth++) {
		EXPECT_OK(pid = fork());
		if (!pid)
			_exit(write_with_fault(nth, f));
		EXPECT_OK(waitpid(pid, &status, 0));
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) != WRONG,
		       "allocation %d: expected success or %s, and all or nothing", nth,
		       strerror(ENOMEM));
		if (WEXITSTATUS(status) == ALL_DONE)
			break;
		failed += WEXITSTATUS(status) == FAILED;
	}
	EXPECT(nth < 100, "expected a write with less than %d allocations", nth);
	probe_say("%d allocations, %d of which made the write fail", nth - 1, failed);
	EXPECT(failed >= least, "expected %d or more to fail, got %d", least, failed);
	return true;
}

/* ENOMEM, and nothing is changed, for who has adjustments and for who has not even a list. */
static bool no_memory(void)
{
	static const int one[1] = { -1 }, one_of_two[2] = { -1, 0 };
	static const int new_a[1] = { 5 }, new_b[2] = { -6, 7 };
	struct faulty f = { .nafter = 2 };
	int a, b, c;

	if (!faults_ready())
		return false;
	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(b = sem_new(2));
	EXPECT_OK(c = sem_new(1));
	snprintf(f.text, sizeof(f.text), "%d 5\n%d -6 7\n", a, b);
	f.after[0] = (struct want) { a, 1, new_a };
	f.after[1] = (struct want) { b, 2, new_b };
	/* the page for the text, the list, and two sets with a structure and their values */
	if (!each_fails(&f, 6))
		return false;

	f.before[0] = (struct want) { a, 1, one };
	f.before[1] = (struct want) { b, 2, one_of_two };
	f.before[2] = f.after[2] = (struct want) { c, 1, one };
	f.nbefore = f.nafter = 3;
	/* there is a list */
	return each_fails(&f, 5);
}

/* ---- io_uring ---------------------------------------------------------------- */

/* The result of one IORING_OP_WRITE, as write(2) would return it, or -EPROTO. */
static int uring_write(int fd, const char *text)
{
	struct io_uring_params p = { 0 };
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	char *sq, *cq;
	int ring = syscall(SYS_io_uring_setup, 1, &p);

	if (ring < 0)
		return -EPROTO;
	sq = mmap(NULL, p.sq_off.array + 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*cqe), PROT_READ | PROT_WRITE,
		  MAP_SHARED, ring, IORING_OFF_CQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		   IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || (void *)sqe == MAP_FAILED)
		return -EPROTO;

	sqe->opcode = IORING_OP_WRITE;
	sqe->fd = fd;
	sqe->addr = (unsigned long)text;
	sqe->len = strlen(text);
	*(unsigned int *)(sq + p.sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -EPROTO;
	if (!__atomic_load_n((unsigned int *)(cq + p.cq_off.tail), __ATOMIC_ACQUIRE))
		return -EPROTO;
	cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return cqe->res;
}

/* A worker writes, whose list is not the one of the process: EPERM. */
static bool io_worker(void)
{
	static const int adj[1] = { -3 };
	char text[32];
	int a, fd, got;

	EXPECT_OK(a = sem_new(1));
	EXPECT_OK(sem_undo(a, 0, 3));
	snprintf(text, sizeof(text), "%d 5\n", a);
	EXPECT_OK(fd = open("/proc/self/semundo", O_WRONLY));
	got = uring_write(fd, text);
	EXPECT(got == -EPERM, "io_uring write: expected %d, got %d", -EPERM, got);
	return semundo_is(0, &(struct want) { a, 1, adj }, 1) && sem_val_is(a, 0, 3);
}

/* ---- a socket ------------------------------------------------------------------ */

/* Sends a descriptor if it is given one, else returns one that was sent. */
static int pass(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", c = 'f';
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	if (fd < 0) {
		if (recvmsg(sock, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
			memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		return fd;
	}
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? fd : -1;
}

struct receiver {
	int sock, semid;
};

static bool receiver_run(void *arg)
{
	static const int adj[2] = { -3, 0 };
	struct receiver *r = arg;
	char text[32];
	int fd;

	/* the parent sends when this process is ready */
	if (!peer_pause())
		return false;
	fd = pass(r->sock, -1);
	EXPECT(fd >= 0, "expected a descriptor");
	snprintf(text, sizeof(text), "%d 5 6\n", r->semid);
	EXPECT_ERR(EPERM, semundo_put_fd(fd, text, strlen(text)));
	return semundo_fd_is(fd, &(struct want) { r->semid, 2, adj }, 1) &&
	       semundo_is(0, NULL, 0);
}

/* A descriptor that was passed by SCM_RIGHTS: EPERM, and it shows the sender's. */
static bool scm_rights(void)
{
	struct receiver r;
	struct peer p;
	int sock[2], fd;

	EXPECT_OK(r.semid = sem_new(2));
	EXPECT_OK(sem_undo(r.semid, 0, 3));
	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	r.sock = sock[1];
	if (!peer_start(&p, receiver_run, &r))
		return false;
	EXPECT_OK(fd = open("/proc/self/semundo", O_RDWR));
	EXPECT_OK(pass(sock[0], fd));
	return peer_go(&p) && peer_wait(&p) && peer_end(&p, true);
}

/* ---- a security module ----------------------------------------------------------- */

/* From here on this process, and what it creates, has the label. */
static bool label_is(const char *label)
{
	return put_file("/proc/self/attr/current", label);
}

/*
 * The mode lets everybody alter the set, Smack lets nobody with another label:
 * what semop() may not do now the exit must not do later.
 */
static bool security_module(void)
{
	static const int adj[2] = { 5, -6 };
	int a, b;

	if (!label_is("one"))
		return false;
	EXPECT_OK(a = probe_keep(PROBE_SEM, semget(IPC_PRIVATE, 2, 0666)));
	if (!label_is("two"))
		return false;
	EXPECT_OK(b = probe_keep(PROBE_SEM, semget(IPC_PRIVATE, 2, 0666)));
	if (!become_nobody())
		return false;
	/* it does refuse; with SEM_UNDO that would leave an entry of zeros */
	EXPECT(sem_plain(a, 0, 1) == -1 && errno == EACCES, "semop: expected %s, got %s",
	       strerror(EACCES), strerror(errno));
	EXPECT_ERR(EACCES, semundo_put("%d 5 -6\n", a));
	if (!semundo_is(0, NULL, 0))
		return false;
	EXPECT_ERR(EACCES, semundo_put("%d 0 0\n", a));
	EXPECT_ERR(EACCES, semundo_put("%d 5 -6\n%d 1 1\n", b, a));
	if (!semundo_is(0, NULL, 0))
		return false;
	EXPECT_ERR(0, semundo_put("%d 5 -6\n", b));
	return semundo_is(0, &(struct want) { b, 2, adj }, 1);
}

static const struct probe_case cases[] = {
	{ "semundo.more.no_memory", no_memory },
	{ "semundo.more.io_worker", io_worker },
	{ "semundo.more.scm_rights", scm_rights },
	{ "semundo.more.security_module", security_module },
};

int main(void)
{
	return probe_main(cases, ARRAY_SIZE(cases), PROBE_DEADLINE_MS, semundo_writable);
}
