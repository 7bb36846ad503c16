// SPDX-License-Identifier: MIT
// Two namespaces with a TUN device each, and this process between them: it carries packets when a scenario says so. The
// device at a is the one that pages are read by; its queue can be held, as a busy one is.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VIRTIO_HEADER 10

/* Where the data of a TCP or UDP packet begins; its end for one without any. */
static int data_at(const unsigned char *ip, int n)
{
	int head = (ip[0] & 15) * 4;

	if (n < head + 8 || (ip[0] >> 4) != 4)
		return n;
	if (((ip[6] & 0x1f) | ip[7]) != 0)
		return head; /* a fragment that is not the first */
	if (ip[9] == IPPROTO_UDP)
		return head + 8;
	return ip[9] == IPPROTO_TCP ? head + (ip[head + 12] >> 4) * 4 : n;
}

/* New bytes among the data of a packet. */
long changed_data(const unsigned char *ip, int n)
{
	int at = data_at(ip, n);

	return changed_in(ip + at, n - at);
}

const unsigned char *ip_of(const struct device *d, const unsigned char *packet)
{
	return packet + (d->sum ? VIRTIO_HEADER : 0) + (d->ethernet ? ETHERNET_HEADER : 0);
}

static int port_of(const unsigned char *ip)
{
	int head = (ip[0] & 15) * 4;

	return ip[head + 2] << 8 | ip[head + 3]; /* where it goes to */
}

/* Whatever may be carried is; what arrives may call for more. */
void carry(struct wire *w)
{
	static unsigned char packet[70000];
	const unsigned char *ip = ip_of(&w->a, packet);
	int skip = ip - packet, moved, n;

	do {
		moved = w->also && w->also(w);
		while (!w->hold_data && (n = read(w->a.tun, packet, sizeof(packet))) > 0) {
			int has_data = data_at(ip, n - skip) < n - skip;

			w->changed += changed_data(ip, n - skip);
			moved = 1;
			if (has_data && w->drop > 0 && --w->drop == 0)
				continue;
			if (w->drop_port && port_of(ip) == w->drop_port)
				continue;
			if (write(w->b.tun, packet, n) < 0)
				fail("write to tun b");
		}
		while (!w->hold_back && (n = read(w->b.tun, packet, sizeof(packet))) > 0) {
			moved = 1;
			if (write(w->a.tun, packet, n) < 0)
				fail("write to tun a");
		}
	} while (moved);
}

static void hold_above(struct wire *w)
{
	enter(w->ns_device);
	hold_queue(w->a.index);
	enter(w->ns_a);
}

static void release_above(struct wire *w)
{
	enter(w->ns_device);
	release_queue(w->a.index);
	enter(w->ns_a);
}

/* Another one between the same two: 10.77.NUMBER.1 and .2 */
void wire_between(struct wire *w, int ns_a, int ns_b, int number, int mtu, int offload)
{
	static char ips[4][2][16];
	char name[2][8];

	*w = (struct wire){ .ns_a = ns_a, .ns_b = ns_b, .ns_device = ns_a, .hold = hold_above, .release = release_above };
	snprintf(ips[number][0], 16, "10.77.%d.1", number);
	snprintf(ips[number][1], 16, "10.77.%d.2", number);
	snprintf(name[0], 8, "ta%d", number);
	snprintf(name[1], 8, "tb%d", number);
	w->ip_b = ips[number][1];
	enter(ns_a);
	w->a = new_tun(name[0], ips[number][0], mtu, offload, 5000);
	if (!offload)
		no_scatter_gather(name[0]);
	up(name[0]);
	plug(w->a.index);
	enter(ns_b);
	w->b = new_tun(name[1], ips[number][1], mtu, offload, 5000);
	up(name[1]);
}

void new_wire(struct wire *w, int mtu, int offload)
{
	int ns_a = new_namespace(), ns_b;

	up("lo");
	ns_b = new_namespace();
	wire_between(w, ns_a, ns_b, 0, mtu, offload);
}

/* A connection from a to b; the socket at b does not wait when it is read. */
struct pair connect_over(struct wire *w, int port)
{
	struct sockaddr_in any = address("0.0.0.0", port), to = address(w->ip_b, port);
	int s, big = 4 << 20, done;
	struct pair p = { 0 };
	uint64_t start = now_ms();

	enter(w->ns_b);
	s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(s, (void *)&any, sizeof(any)) || listen(s, 1))
		fail("listen");
	enter(w->ns_a);
	p.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(p.fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	do {
		done = connect(p.fd, (void *)&to, sizeof(to)) == 0 || errno == EISCONN;
		carry(w);
		if (now_ms() - start > LIMIT_MS)
			fail("connect");
	} while (!done);
	fcntl(p.fd, F_SETFL, 0);
	while ((p.peer = accept4(s, NULL, NULL, SOCK_NONBLOCK)) < 0) {
		carry(w);
		if (now_ms() - start > LIMIT_MS)
			fail("accept");
	}
	close(s);
	return p;
}

/* The program at b takes what is there. */
void peer_reads(struct pair *p)
{
	static unsigned char buf[1 << 17];
	long n;

	while ((n = read(p->peer, buf, sizeof(buf))) > 0) {
		p->changed += changed_in(buf, n);
		p->got += n;
	}
}

/* Closes it by a reset. */
void reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}
