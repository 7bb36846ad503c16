// SPDX-License-Identifier: MIT
// How pages are sent, and the moment at which their producer takes them for its own again. The pages are those of a file
// that is mapped: the same ones by any call.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#ifndef SOL_VSOCK
#define SOL_VSOCK 287
#endif
#ifndef VSOCK_RECVERR
#define VSOCK_RECVERR 1
#endif

static int file = -1;

struct arm arm_of(const char *how, const char *when)
{
	static const char *const HOW[] = { "send", "sendfile", "zerocopy", "uring", "vmsplice" };
	static const char *const WHEN[] = { "return", "acked", "told", "reply" };
	struct arm arm = { 0 };
	int found = 0;
	unsigned i;

	for (i = 0; i < sizeof(HOW) / sizeof(*HOW); i++)
		if (strcmp(how, HOW[i]) == 0)
			arm.how = i, found++;
	for (i = 0; i < sizeof(WHEN) / sizeof(*WHEN); i++)
		if (strcmp(when, WHEN[i]) == 0)
			arm.when = i, found++;
	if (found != 2)
		fail("no such arm");
	return arm;
}

/* Pages of a new file, which hold what is lent. */
unsigned char *new_pages(long bytes)
{
	unsigned char *mem;

	if (file >= 0)
		close(file);
	unlink("/pages");
	file = open("/pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0 || ftruncate(file, bytes))
		fail("/pages");
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (mem == MAP_FAILED)
		fail("mmap");
	memset(mem, OLD, bytes);
	return mem;
}

/* The file loses its pages, and goes on with others. */
void truncate_pages(long bytes)
{
	if (ftruncate(file, 0) || ftruncate(file, bytes))
		fail("ftruncate");
}

/* A ring of io_uring with one request at a time. */
static struct {
	int fd;
	unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct entry {
		uint8_t opcode, flags;
		uint16_t ioprio;
		int32_t fd;
		uint64_t off, addr;
		uint32_t len, msg_flags;
		uint64_t user_data, rest[3];
	} *sqes;
	struct completion {
		uint64_t user_data;
		int32_t res;
		uint32_t flags;
	} *cqes;
} uring = { .fd = -1 };

#define URING_SEND_ZC 47
#define URING_GETEVENTS 1
#define CQE_MORE 2
#define CQE_NOTIFICATION 8

static void ring_setup(void)
{
	struct {
		uint32_t sq_entries, cq_entries, flags, cpu, idle, features, wq, resv[3];
		uint32_t sq_head, sq_tail, sq_mask, sq_ring_entries, sq_flags, sq_dropped, sq_array, sq_resv[3];
		uint32_t cq_head, cq_tail, cq_mask, cq_ring_entries, cq_overflow, cqes, cq_flags, cq_resv[3];
	} p;
	char *sq, *cq;

	memset(&p, 0, sizeof(p));
	uring.fd = syscall(425, 8, &p); /* io_uring_setup */
	if (uring.fd < 0)
		fail("io_uring_setup");
	sq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd, 0);
	cq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd, 0x8000000);
	uring.sqes = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd, 0x10000000);
	if (sq == MAP_FAILED || cq == MAP_FAILED || uring.sqes == MAP_FAILED)
		fail("mmap of io_uring");
	uring.sq_tail = (void *)(sq + p.sq_tail);
	uring.sq_mask = (void *)(sq + p.sq_mask);
	uring.sq_array = (void *)(sq + p.sq_array);
	uring.cq_head = (void *)(cq + p.cq_head);
	uring.cq_tail = (void *)(cq + p.cq_tail);
	uring.cq_mask = (void *)(cq + p.cq_mask);
	uring.cqes = (void *)(cq + p.cqes);
}

/* Takes what is there; returns whether the result of a send was among it. */
static int ring_look(struct loan *l)
{
	unsigned head = *uring.cq_head;
	int results = 0;

	if (syscall(426, uring.fd, 0, 0, URING_GETEVENTS, NULL, 0) < 0) /* io_uring_enter */
		fail("io_uring_enter");
	for (; head != __atomic_load_n(uring.cq_tail, __ATOMIC_ACQUIRE); head++) {
		struct completion *c = &uring.cqes[head & *uring.cq_mask];

		if (c->flags & CQE_NOTIFICATION) {
			l->told++;
			continue;
		}
		if (c->res != l->bytes || !(c->flags & CQE_MORE)) {
			errno = c->res < 0 ? -c->res : EIO;
			fail("SEND_ZC");
		}
		results++;
	}
	__atomic_store_n(uring.cq_head, head, __ATOMIC_RELEASE);
	return results;
}

static void ring_send(struct loan *l)
{
	unsigned tail = *uring.sq_tail, at;
	uint64_t start = now_ms();

	at = tail & *uring.sq_mask;
	memset(&uring.sqes[at], 0, sizeof(uring.sqes[at]));
	uring.sqes[at].opcode = URING_SEND_ZC;
	uring.sqes[at].fd = l->fd;
	uring.sqes[at].addr = (uintptr_t)l->mem;
	uring.sqes[at].len = l->bytes;
	uring.sq_array[at] = at;
	__atomic_store_n(uring.sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(426, uring.fd, 1, 0, URING_GETEVENTS, NULL, 0) != 1)
		fail("io_uring_enter");
	l->calls++;
	while (!ring_look(l))
		if (now_ms() - start > LIMIT_MS)
			fail("SEND_ZC has no result");
}

static void vmspliced(struct loan *l)
{
	struct iovec v = { l->mem, l->bytes };
	int pipes[2];
	long n, sent = 0;

	if (pipe(pipes) || vmsplice(pipes[1], &v, 1, 0) != l->bytes)
		fail("vmsplice");
	while (sent < l->bytes) {
		n = splice(pipes[0], NULL, l->fd, NULL, l->bytes - sent, sent + 4 * PAGE < l->bytes ? SPLICE_F_MORE : 0);
		if (n <= 0)
			fail("splice");
		sent += n;
	}
	close(pipes[0]);
	close(pipes[1]);
}

/* Returns when the kernel has taken all of it. */
struct loan lend(struct arm arm, int fd, unsigned char *mem, long bytes)
{
	struct loan l = { .arm = arm, .fd = fd, .mem = mem, .bytes = bytes };
	int one = 1;
	off_t at = 0;

	switch (arm.how) {
	case COPY:
		if (send(fd, mem, bytes, 0) != bytes)
			fail("send");
		break;
	case SENDFILE:
		while (at < bytes)
			if (sendfile(fd, file, &at, bytes - at) <= 0)
				fail("sendfile");
		break;
	case ZEROCOPY:
		if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
			fail("SO_ZEROCOPY");
		if (send(fd, mem, bytes, MSG_ZEROCOPY) != bytes)
			fail("MSG_ZEROCOPY");
		l.calls = 1;
		break;
	case URING:
		if (uring.fd < 0)
			ring_setup();
		ring_send(&l);
		break;
	case VMSPLICE:
		vmspliced(&l);
		break;
	}
	return l;
}

/* What a socket of TCP calls so, or one of vsock. */
static int is_error(const struct cmsghdr *c)
{
	return (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
	       (c->cmsg_level == SOL_VSOCK && c->cmsg_type == VSOCK_RECVERR);
}

/* Takes what is there: announcements, and packets that come back with the time at which they were sent. */
void look_back(struct loan *l)
{
	static unsigned char back[1 << 17];
	char control[256];
	struct iovec v = { back, sizeof(back) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct sock_extended_err *e;
	struct cmsghdr *c;
	long n;

	while ((n = recvmsg(l->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT)) >= 0) {
		if (n > IN_FRONT)
			l->changed += changed_in(back + IN_FRONT, n - IN_FRONT);
		l->back += n;
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			e = (void *)CMSG_DATA(c);
			if (is_error(c) && e->ee_origin == SO_EE_ORIGIN_ZEROCOPY)
				l->told += e->ee_data - e->ee_info + 1;
		}
		m.msg_controllen = sizeof(control);
	}
}

/* The connection is over: no ACK comes any more, and whoever waits for one is told with an error. */
static int is_gone(struct loan *l)
{
	struct tcp_info i = { 0 };
	socklen_t n = sizeof(i);

	return l->gone || (getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &i, &n) == 0 && i.tcpi_state == TCP_CLOSE);
}

/* Does the producer take the pages for its own now? */
int is_own(struct loan *l)
{
	int left = 1;

	if (l->needs_reply && !l->answered)
		return 0;
	switch (l->arm.when) {
	case AT_RETURN:
		return 1;
	case AT_REPLY:
		return l->answered;
	case ACKED:
		return is_gone(l) || (ioctl(l->fd, SIOCOUTQ, &left) == 0 && left == 0);
	case TOLD:
		if (l->arm.how == URING)
			ring_look(l);
		else
			look_back(l);
		return l->told >= l->calls;
	}
	return 0;
}

/* Until the producer has its pages again; they are written anew at once. */
int await_own(struct loan *l, unsigned ms)
{
	uint64_t start = now_ms();

	while (!is_own(l))
		if (now_ms() - start > ms)
			return 0;
	memset(l->mem, NEW, l->bytes);
	return 1;
}

/* Ends the connection by a reset, and the socket stays to be asked. */
void disconnect(struct loan *l)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (connect(l->fd, &none, sizeof(none)))
		fail("disconnect");
	l->gone = 1;
}
