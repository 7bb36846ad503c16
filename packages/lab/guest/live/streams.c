// SPDX-License-Identifier: MIT
// Streams over a wire: pages go out by some call, and are written anew when their producer takes them for its own.
#define _GNU_SOURCE
#include "live.h"
#include <linux/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#define BYTES (16 * PAGE)
#define SETTLE_MS 20

static struct wire wire;

static void small_packets(void)
{
	new_wire(&wire, 1500, 1);
}

static void no_offload(void)
{
	new_wire(&wire, 1500, 0);
}

static void bridge(void)
{
	bridged_wire(&wire, 1500);
}

static void close_pair(struct pair *p)
{
	close(p->fd);
	close(p->peer);
	carry(&wire);
}

/* One turn of everybody; the pages are written anew as soon as that may be. */
static void turn(struct pair *p, struct loan *l, int *told)
{
	carry(&wire);
	peer_reads(p);
	if (*told || !is_own(l))
		return;
	memset(l->mem, NEW, l->bytes);
	*told = 1;
	carry(&wire);
}

/* Until the program at b has it all and the producer its pages. */
static struct seen until_all(struct pair *p, struct loan *l, long all)
{
	uint64_t start = now_ms();
	int told = 0;

	wire.changed = 0;
	if (is_own(l)) { /* at the return: before anything else happens */
		memset(l->mem, NEW, l->bytes);
		told = 1;
	}
	while ((p->got < all || !told) && now_ms() - start < LIMIT_MS) {
		turn(p, l, &told);
		usleep(200);
	}
	if (p->got != all)
		fail("not all of it arrived");
	return (struct seen){ told, wire.changed, p->changed };
}

static struct seen sent_over_wire(struct arm arm, int run, int drop)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connect_over(&wire, 7000 + run);
	struct loan l = lend(arm, p.fd, mem, BYTES);
	struct seen seen;

	wire.drop = drop;
	seen = until_all(&p, &l, BYTES);
	if (drop && wire.drop)
		fail("nothing was lost");
	close_pair(&p);
	munmap(mem, BYTES);
	return seen;
}

/* One packet of the first flight is lost, another one in each run. */
static struct seen lossy(struct arm arm, int run)
{
	return sent_over_wire(arm, run, 1 + run % 6);
}

static struct seen plain(struct arm arm, int run)
{
	return sent_over_wire(arm, run, 0);
}

/* What the other guest finds in its queue: new bytes of so many of data. */
static long other_reads(long *data)
{
	static unsigned char packet[70000];
	const unsigned char *ip = ip_of(&wire.other, packet);
	long changed = 0;
	int n;

	for (*data = 0; (n = read(wire.other.tun, packet, sizeof(packet))) > 0; *data += n)
		changed += changed_data(ip, n - (ip - packet));
	return changed;
}

/* Every frame goes to both guests of a bridge; the other one sleeps until the pages have been written anew. */
static struct seen bridged(struct arm arm, int run)
{
	struct seen seen;
	long data;

	other_reads(&data);
	seen = sent_over_wire(arm, run, 0);
	seen.wire += other_reads(&data);
	if (data < BYTES)
		fail("the other guest got less");
	return seen;
}

/* One page at a time: the writer gets the lock when the sender has got its page back. */
static struct seen locked(struct arm arm, int run)
{
	struct pair p = connect_over(&wire, 7000 + run);
	struct seen all = { 1, 0, 0 };
	int n;

	for (n = 1; n <= 4; n++) {
		unsigned char *mem = new_pages(PAGE);
		struct loan l = lend(arm, p.fd, mem, PAGE);
		struct seen one;

		p.changed = 0;
		one = until_all(&p, &l, n * PAGE);
		all.told &= one.told;
		all.wire += one.wire;
		all.delivered += one.delivered;
		munmap(mem, PAGE);
	}
	close_pair(&p);
	return all;
}

/* Somebody writes to the file who asks nobody. */
static struct seen writer(struct arm arm, int run)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connect_over(&wire, 7000 + run);
	struct loan l = lend(arm, p.fd, mem, BYTES);
	struct seen seen;

	memset(mem, NEW, BYTES);
	seen = until_all(&p, &l, BYTES);
	close_pair(&p);
	munmap(mem, BYTES);
	return seen;
}

/* The file is truncated with its pages in flight, and is written to again. */
static struct seen truncated(struct arm arm, int run)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connect_over(&wire, 7000 + run);
	struct loan l = lend(arm, p.fd, mem, BYTES);
	struct seen seen;

	truncate_pages(BYTES);
	seen = until_all(&p, &l, BYTES);
	close_pair(&p);
	munmap(mem, BYTES);
	return seen;
}

/* What is left after the connection is over: the queue above the device. */
static struct seen released(struct pair *p, struct loan *l)
{
	uint64_t start = now_ms();
	int told = 0;

	wire.changed = 0;
	while (!told && now_ms() - start < SETTLE_MS)
		turn(p, l, &told);
	release_queue(wire.a.index);
	while (now_ms() - start < 3 * SETTLE_MS || (!told && now_ms() - start < LIMIT_MS))
		turn(p, l, &told);
	return (struct seen){ told, wire.changed, p->changed };
}

/* The connection ends, by one side or the other, while packets of it wait above a busy device. */
static struct seen ends(struct arm arm, int run, int by_peer)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connect_over(&wire, 7000 + run);
	struct seen seen;
	struct loan l;

	hold_queue(wire.a.index);
	l = lend(arm, p.fd, mem, BYTES);
	carry(&wire);
	if (by_peer)
		reset(p.peer), p.peer = -1;
	else
		disconnect(&l);
	seen = released(&p, &l);
	close_pair(&p);
	munmap(mem, BYTES);
	return seen;
}

static struct seen peer_resets(struct arm arm, int run)
{
	return ends(arm, run, 1);
}

static struct seen sender_resets(struct arm arm, int run)
{
	return ends(arm, run, 0);
}

/* A program on the same host takes the bytes over loopback, and splices them to b. */
static struct seen proxied(struct arm arm, int run)
{
	struct sockaddr_in local = address("127.0.0.1", 8000 + run);
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connect_over(&wire, 7000 + run); /* in a's namespace from here on */
	int s = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0), c, pipes[2];
	long passed = 0, n;
	struct seen seen;
	struct loan l;

	if (bind(s, (void *)&local, sizeof(local)) || listen(s, 1) || connect(fd, (void *)&local, sizeof(local)) ||
	    (c = accept(s, NULL, NULL)) < 0 || pipe(pipes))
		fail("proxy");
	hold_queue(wire.a.index);
	l = lend(arm, fd, mem, BYTES);
	while (passed < BYTES) {
		long taken = splice(c, NULL, pipes[1], NULL, BYTES, 0);

		if (taken <= 0)
			fail("splice from a socket");
		for (; taken > 0; taken -= n, passed += n)
			if ((n = splice(pipes[0], NULL, p.fd, NULL, taken, 0)) <= 0)
				fail("splice to a socket");
	}
	seen = released(&p, &l);
	for (n = 0; p.got < BYTES && n < 10000; n++, usleep(200))
		turn(&p, &l, &seen.told);
	if (p.got != BYTES)
		fail("not all of it came through the proxy");
	seen.wire = wire.changed;
	seen.delivered = p.changed;
	close(fd);
	close(c);
	close(s);
	close(pipes[0]);
	close(pipes[1]);
	close_pair(&p);
	munmap(mem, BYTES);
	return seen;
}

const struct scenario STREAMS[] = {
	{ "loss", small_packets, lossy },
	{ "locked", small_packets, locked },
	{ "writer", small_packets, writer },
	{ "truncate", small_packets, truncated },
	{ "no-sg", no_offload, plain },
	{ "peer-resets", small_packets, peer_resets },
	{ "sender-resets", small_packets, sender_resets },
	{ "proxy", small_packets, proxied },
	{ "bridge", bridge, bridged },
	{ 0 },
};
