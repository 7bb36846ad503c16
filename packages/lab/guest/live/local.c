// SPDX-License-Identifier: MIT
// Readers on the sender's own host: a program that reads late, a packet socket with or without a ring.
#define _GNU_SOURCE
#include "live.h"
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES (16 * PAGE)
#define ONE_PACKET (4 * PAGE) /* the last one of a call has its time told */
#define MUCH (64 * PAGE) /* more than the receiver's socket takes */
#define RCVBUF (32 << 10)
#define READ (16 << 10)
#define ROOM (1 << 20)
#define SLEEP_MS 20
#define RING_FRAME (1 << 17)
#define RING_FRAMES 4
#define SMALL_FRAME 1024

/* Where the program at the other end is, and by which address. */
static int ns_near, ns_far;
static const char *ip_far = "127.0.0.1";

static void loopback(void)
{
	ns_near = ns_far = new_namespace();
	up("lo");
}

/* A pair of devices in place of one: two containers on one host. */
static void joined(void)
{
	ns_far = new_namespace();
	ns_near = new_namespace();
	ip_far = "10.78.0.2";
	new_veth("va", ns_far, "vb");
	configure("va", "10.78.0.1", 1500, 1000);
	up("va");
	enter(ns_far);
	configure("vb", ip_far, 1500, 1000);
	up("vb");
}

static unsigned char buf[1 << 17];

static struct pair connected(int port, int rcvbuf)
{
	struct sockaddr_in a = address(ip_far, port);
	struct pair p = { 0 };
	int s, big = 4 << 20;

	enter(ns_far);
	s = socket(AF_INET, SOCK_STREAM, 0);
	if (rcvbuf)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (bind(s, (void *)&a, sizeof(a)) || listen(s, 1))
		fail("listen");
	enter(ns_near);
	p.fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(p.fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	if (connect(p.fd, (void *)&a, sizeof(a)) || (p.peer = accept(s, NULL, NULL)) < 0)
		fail("connect");
	close(s);
	return p;
}

static void end(struct pair *p, unsigned char *mem, long bytes)
{
	close(p->fd);
	close(p->peer);
	munmap(mem, bytes);
}

/* A read now and then; the receiver's socket is full all the while. */
static struct seen slow_reader(struct arm arm, int run)
{
	unsigned char *mem = new_pages(MUCH);
	struct pair p = connected(8000 + run, RCVBUF);
	struct loan l = lend(arm, p.fd, mem, MUCH);
	struct seen seen = { 0 };
	long got = 0, n;

	while (got < MUCH) {
		if (!seen.told && is_own(&l)) {
			memset(mem, NEW, MUCH);
			seen.told = 1;
		}
		n = read(p.peer, buf, READ);
		if (n <= 0)
			fail("not all of it arrived");
		seen.delivered += changed_in(buf, n);
		got += n;
		usleep(1000);
	}
	if (!seen.told)
		seen.told = await_own(&l, LIMIT_MS);
	end(&p, mem, MUCH);
	return seen;
}

/* A program that has room for all of it, and reads when the sender has its pages again, or a little later. */
static struct seen late_reader(struct arm arm, int run)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connected(8000 + run, ROOM);
	struct loan l = lend(arm, p.fd, mem, BYTES);
	struct seen seen = { .told = await_own(&l, SLEEP_MS) };

	seen.delivered = drained(p.peer, BYTES);
	if (!seen.told)
		seen.told = await_own(&l, LIMIT_MS);
	end(&p, mem, BYTES);
	return seen;
}

/* The same; the program has spliced all of it to a pipe, and reads that late. */
static struct seen slow_pipe(struct arm arm, int run)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connected(8000 + run, ROOM);
	struct loan l = lend(arm, p.fd, mem, BYTES);
	struct seen seen = { 0 };
	long piped = 0, n;
	int pipes[2];

	if (pipe(pipes) || fcntl(pipes[1], F_SETPIPE_SZ, ROOM) < 0)
		fail("pipe");
	for (; piped < BYTES; piped += n)
		if ((n = splice(p.peer, NULL, pipes[1], NULL, BYTES - piped, 0)) <= 0)
			fail("splice from a socket");
	seen.told = await_own(&l, LIMIT_MS);
	seen.delivered = drained(pipes[0], BYTES);
	close(pipes[0]);
	close(pipes[1]);
	end(&p, mem, BYTES);
	return seen;
}

/* The sender wants to know when its packets were sent. It gets them back with the time, and looks when it has its pages. */
static struct seen timestamped(struct arm arm, int run)
{
	unsigned char *mem = new_pages(ONE_PACKET);
	struct pair p = connected(8000 + run, 0);
	int what = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	struct seen seen = { 0 };
	struct loan l;

	if (setsockopt(p.fd, SOL_SOCKET, SO_TIMESTAMPING, &what, sizeof(what)))
		fail("SO_TIMESTAMPING");
	l = lend(arm, p.fd, mem, ONE_PACKET);
	if (arm.when == AT_RETURN)
		seen.told = await_own(&l, LIMIT_MS);
	seen.delivered = drained(p.peer, ONE_PACKET);
	if (!seen.told)
		seen.told = await_own(&l, LIMIT_MS);
	look_back(&l);
	if (l.back < PAGE)
		fail("no packet came back");
	seen.wire = l.changed;
	end(&p, mem, ONE_PACKET);
	return seen;
}

static int packet_socket(void)
{
	struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons(0x0800),
				  .sll_ifindex = if_nametoindex("lo") };
	int tap = socket(AF_PACKET, SOCK_RAW, htons(0x0800)), big = 8 << 20;

	setsockopt(tap, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	if (tap < 0 || bind(tap, (void *)&lo, sizeof(lo)))
		fail("AF_PACKET");
	return tap;
}

static struct seen tapped(struct arm arm, int run, int tap)
{
	unsigned char *mem = new_pages(BYTES);
	struct pair p = connected(8000 + run, 0);
	struct loan l = lend(arm, p.fd, mem, BYTES);
	struct seen seen = { 0 };
	long n, got = 0;

	if (arm.when == AT_RETURN)
		seen.told = await_own(&l, LIMIT_MS);
	seen.delivered = drained(p.peer, BYTES);
	if (!seen.told)
		seen.told = await_own(&l, LIMIT_MS);
	for (; (n = recv(tap, buf, sizeof(buf), MSG_DONTWAIT)) > 0; got += n)
		seen.wire += changed_data(buf + ETHERNET_HEADER, n - ETHERNET_HEADER);
	if (got < BYTES)
		fail("the packet socket saw less");
	close(tap);
	end(&p, mem, BYTES);
	return seen;
}

static struct seen slow_tap(struct arm arm, int run)
{
	return tapped(arm, run, packet_socket());
}

/* What is longer than a frame of its ring goes to a packet socket as well, if it asks for that. */
static struct seen small_ring(struct arm arm, int run)
{
	struct tpacket_req request = { .tp_block_size = RING_FRAME, .tp_block_nr = 1, .tp_frame_size = SMALL_FRAME,
				       .tp_frame_nr = RING_FRAME / SMALL_FRAME };
	int tap = packet_socket(), yes = 1;

	if (setsockopt(tap, SOL_PACKET, PACKET_COPY_THRESH, &yes, sizeof(yes)) ||
	    setsockopt(tap, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)))
		fail("PACKET_RX_RING");
	return tapped(arm, run, tap);
}

/* The ring has copies that were made when a packet passed. */
static struct seen slow_ring(struct arm arm, int run)
{
	struct tpacket_req request = { .tp_block_size = RING_FRAME, .tp_block_nr = RING_FRAMES,
				       .tp_frame_size = RING_FRAME, .tp_frame_nr = RING_FRAMES };
	unsigned char *mem = new_pages(BYTES), *ring;
	struct pair p = connected(8000 + run, 0);
	int tap = packet_socket(), version = TPACKET_V2, i;
	struct seen seen = { 0 };
	struct loan l;
	long got = 0;

	if (setsockopt(tap, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(tap, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)))
		fail("PACKET_RX_RING");
	ring = mmap(NULL, RING_FRAMES * RING_FRAME, PROT_READ | PROT_WRITE, MAP_SHARED, tap, 0);
	if (ring == MAP_FAILED)
		fail("mmap of the ring");
	l = lend(arm, p.fd, mem, BYTES);
	seen.delivered = drained(p.peer, BYTES);
	seen.told = await_own(&l, LIMIT_MS);
	for (i = 0; i < RING_FRAMES; i++) {
		struct tpacket2_hdr *h = (void *)(ring + i * RING_FRAME);

		if (!(h->tp_status & TP_STATUS_USER) || h->tp_snaplen <= IN_FRONT)
			continue;
		seen.wire += changed_data((unsigned char *)h + h->tp_mac + ETHERNET_HEADER,
					  h->tp_snaplen - ETHERNET_HEADER);
		got += h->tp_snaplen - IN_FRONT;
	}
	if (got == 0)
		fail("the ring saw nothing");
	munmap(ring, RING_FRAMES * RING_FRAME);
	close(tap);
	end(&p, mem, BYTES);
	return seen;
}

const struct scenario LOCAL[] = {
	{ "slow-reader", loopback, slow_reader },
	{ "slow-tap", loopback, slow_tap },
	{ "slow-ring", loopback, slow_ring },
	{ "small-ring", loopback, small_ring },
	{ "veth", joined, late_reader },
	{ "slow-pipe", loopback, slow_pipe },
	{ "timestamps", loopback, timestamped },
	{ 0 },
};
