// SPDX-License-Identifier: MIT
// Requests that are answered: a write is over when its answer has come and its producer takes the pages for its own.
#define _GNU_SOURCE
#include "live.h"
#include <linux/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES (8 * PAGE)
#define HEAD 48 /* a command, what the server asks for, an answer */
#define SETTLE_MS 20

static struct wire first, second;
static unsigned char *mem;

static void one_wire(void)
{
	new_wire(&first, 9000, 1);
}

static void two_wires(void)
{
	new_wire(&first, 9000, 1);
	wire_between(&second, first.ns_a, first.ns_b, 1, 9000, 1);
}

static void long_line(void)
{
	one_wire();
	wait_on_line(&first);
}

static void slow_process(void)
{
	one_wire();
	wait_in_device(&first);
}

static void router(void)
{
	routed_wire(&first, 9000);
}

static void listener(void)
{
	one_wire();
	wait_for_verdict(&first, 1);
}

static void summing_listener(void)
{
	one_wire();
	wait_for_verdict(&first, 0);
}

static void carry_all(void)
{
	carry(&first);
	if (second.ip_b)
		carry(&second);
}

static void small(int fd)
{
	static const unsigned char head[HEAD] = { 1 };

	if (send(fd, head, HEAD, 0) != HEAD)
		fail("send of a head");
}

/* Until `fd` has got a head. */
static void await_head(int fd)
{
	unsigned char head[HEAD];
	uint64_t start = now_ms();

	while (recv(fd, head, HEAD, MSG_DONTWAIT) != HEAD) {
		carry_all();
		if (now_ms() - start > LIMIT_MS)
			fail("no head came");
	}
}

static void await_data(struct pair *p)
{
	uint64_t start = now_ms();

	while (p->got < BYTES) {
		carry_all();
		peer_reads(p);
		if (now_ms() - start > LIMIT_MS)
			fail("the data did not come");
	}
}

static uint32_t retransmitted(int fd)
{
	struct tcp_info i = { 0 };
	socklen_t n = sizeof(i);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &n);
	return i.tcpi_total_retrans;
}

/* The command, and that the server asks for its data. */
static struct loan request(struct arm arm, struct pair *p)
{
	struct loan l;
	int yes = 1;

	/* no small packet waits for the ACK of another one, which a scenario may hold back */
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	small(p->fd);
	await_head(p->peer);
	small(p->peer);
	await_head(p->fd);
	l = lend(arm, p->fd, mem, BYTES);
	l.needs_reply = 1;
	return l;
}

/* One turn; `l` is the request that is to be over, `old` an earlier transmission of it, or none. */
static void turn(struct pair *p, struct loan *l, struct loan *old, int *told)
{
	unsigned char head[HEAD];

	carry_all();
	peer_reads(p);
	if (!l->answered && recv(l->fd, head, HEAD, MSG_DONTWAIT) == HEAD)
		l->answered = 1;
	if (*told || !is_own(l) || (old && !is_own(old)))
		return;
	memset(mem, NEW, BYTES);
	*told = 1;
	carry_all();
}

/*
 * TCP alone sends again: ACK and answer are held back. The retransmission waits (above a busy device, or wherever the wire
 * lets it) when they arrive, the write is over, and the pages are written anew.
 */
static struct seen late_answer(struct arm arm, int run)
{
	struct pair p;
	struct loan l;
	uint64_t start;
	uint32_t before;
	int told = 0;

	mem = new_pages(BYTES);
	p = connect_over(&first, 7000 + run);
	l = request(arm, &p);
	first.hold_back = 1;
	await_data(&p);
	before = retransmitted(p.fd);
	carry_all(); /* no earlier one waits where the next would wait for it */
	first.hold(&first);
	for (start = now_ms(); retransmitted(p.fd) == before; usleep(200))
		if (now_ms() - start > LIMIT_MS)
			fail("nothing was sent again");
	small(p.peer);
	first.hold_back = 0;
	first.changed = 0;
	for (start = now_ms(); now_ms() - start < SETTLE_MS;)
		turn(&p, &l, NULL, &told);
	first.release(&first);
	for (; now_ms() - start < 3 * SETTLE_MS || (!told && now_ms() - start < LIMIT_MS);)
		turn(&p, &l, NULL, &told);
	close(p.fd);
	close(p.peer);
	carry_all();
	munmap(mem, BYTES);
	return (struct seen){ told, first.changed, p.changed };
}

/*
 * A device stops with packets above it. The request is sent again by a second connection over another device, and is
 * answered there; then the first device goes on. `ended`: the first connection was reset, and the server has forgotten it.
 */
static struct seen other_path(struct arm arm, int run, int ended)
{
	struct arm resend = ended ? arm : (struct arm){ COPY, AT_RETURN };
	struct pair p, q;
	struct loan old, l;
	uint64_t start;
	int told = 0;

	mem = new_pages(BYTES);
	p = connect_over(&first, 7000 + run);
	q = connect_over(&second, 8000 + run);
	hold_queue(first.a.index);
	old = lend(arm, p.fd, mem, BYTES);
	carry_all();
	if (ended) {
		disconnect(&old);
		reset(p.peer);
		p.peer = -1;
	} else if (arm.when == TOLD) {
		shutdown(p.fd, SHUT_WR); /* who is to be told must stay */
	} else {
		close(p.fd);
		old.gone = 1;
	}
	if (arm.when == AT_REPLY)
		old.answered = 1; /* by the other connection */
	l = request(resend, &q);
	await_data(&q);
	small(q.peer);
	first.changed = 0;
	for (start = now_ms(); now_ms() - start < SETTLE_MS;)
		turn(&q, &l, &old, &told);
	release_queue(first.a.index);
	for (; now_ms() - start < 3 * SETTLE_MS || (!told && now_ms() - start < LIMIT_MS);) {
		turn(&q, &l, &old, &told);
		if (p.peer >= 0)
			peer_reads(&p);
	}
	if (ended || arm.when == TOLD)
		close(p.fd);
	close(p.peer);
	close(q.fd);
	close(q.peer);
	carry_all();
	munmap(mem, BYTES);
	return (struct seen){ told, first.changed + second.changed, p.changed + q.changed };
}

static struct seen recovery(struct arm arm, int run)
{
	return other_path(arm, run, 1);
}

static struct seen failover(struct arm arm, int run)
{
	return other_path(arm, run, 0);
}

/*
 * A call without an answer, as the wire loses all of it: the client closes the connection and copies the call to another
 * one, which is answered. The old socket goes on by itself, and the wire is whole again.
 */
static struct seen reconnect(struct arm arm, int run)
{
	struct arm copy = { COPY, AT_RETURN };
	struct loan old, l;
	struct pair p, q;
	uint64_t start;
	int told = 0;

	mem = new_pages(BYTES);
	p = connect_over(&first, 7000 + run);
	first.drop_port = 7000 + run;
	old = lend(arm, p.fd, mem, BYTES);
	carry_all();
	if (arm.when == TOLD) {
		shutdown(p.fd, SHUT_WR);
	} else {
		close(p.fd);
		old.gone = 1;
	}
	if (arm.when == AT_REPLY)
		old.answered = 1;
	q = connect_over(&first, 8000 + run);
	l = request(copy, &q);
	await_data(&q);
	small(q.peer);
	first.changed = 0;
	for (start = now_ms(); now_ms() - start < SETTLE_MS;)
		turn(&q, &l, &old, &told);
	first.drop_port = 0;
	while (p.got < BYTES || !told) {
		turn(&q, &l, &old, &told);
		peer_reads(&p);
		if (now_ms() - start > LIMIT_MS)
			fail("the old socket did not go on");
		usleep(200);
	}
	if (arm.when == TOLD)
		close(p.fd);
	close(p.peer);
	close(q.fd);
	close(q.peer);
	carry_all();
	munmap(mem, BYTES);
	return (struct seen){ told, first.changed, p.changed + q.changed };
}

const struct scenario REQUESTS[] = {
	{ "late-answer", one_wire, late_answer },
	{ "long-line", long_line, late_answer },
	{ "slow-process", slow_process, late_answer },
	{ "router", router, late_answer },
	{ "nfqueue", listener, late_answer },
	{ "nfqueue-sums", summing_listener, late_answer },
	{ "recovery", two_wires, recovery },
	{ "failover", two_wires, failover },
	{ "reconnect", one_wire, reconnect },
	{ 0 },
};
