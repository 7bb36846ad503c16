// SPDX-License-Identifier: MIT
// mtu-probe: a TUN device in each of two network namespaces and this process between them: 20 ms each way, and packets of
// more than 1204 bytes vanish towards the peer, as a probe for a larger MTU does on a narrow path. One line for each run,
// "run N … early E … delivered D": told before the peer had acknowledged; bytes written behind that, which it has read.
#define _GNU_SOURCE
#include "live.h"
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

#define A_ADDR "10.77.0.1"
#define B_ADDR "10.77.0.2"
#define SENDS 400 /* or fewer */
#define NARROW 1204
#define DELAY_MS 20
#define IN_FLIGHT 8192

static int narrow(const char *name, const char *ip)
{
	struct device d = new_tun(name, ip, 1500, 0, 5000);

	one_segment(d.index);
	up(name);
	return d.tun;
}

static void receiver(int ready, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, SOCK_STREAM, 0), c;
	static unsigned char buf[65536];
	long n, i, bad = 0;

	if (bind(s, (void *)&a, sizeof(a)) || listen(s, 1))
		fail("listen");
	if (write(ready, "x", 1) != 1 || (c = accept(s, NULL, NULL)) < 0)
		fail("accept");
	while ((n = read(c, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++)
			bad += buf[i] == NEW;
	printf("delivered %ld\n", bad);
	fflush(stdout);
	_exit(0);
}

static struct tcp_info info(int fd)
{
	struct tcp_info i;
	socklen_t l = sizeof(i);

	memset(&i, 0, sizeof(i));
	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &l);
	return i;
}

/* Each call lends one page; told of it, the sender writes NEW over it at once. */
static void sender(int run, int port, int maxseg, int sends)
{
	static uint64_t end[SENDS];
	static unsigned char filler[65536];
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, big = 4 << 20;
	int posted = 0, told = 0, copied = 0, early = 0, mss, n;
	uint64_t off = 0, start;
	unsigned char *mem;

	if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		fail("SO_ZEROCOPY");
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	if (maxseg)
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &maxseg, sizeof(maxseg));
	inet_pton(AF_INET, B_ADDR, &a.sin_addr);
	if (connect(fd, (void *)&a, sizeof(a)))
		fail("connect");
	mss = info(fd).tcpi_snd_mss;
	mem = mmap(NULL, SENDS * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	memset(mem, OLD, SENDS * PAGE);
	memset(filler, 0x22, sizeof(filler));
	start = now_ms();
	while (told < sends && now_ms() - start < LIMIT_MS) {
		if (posted < sends) {
			int segment = info(fd).tcpi_snd_mss;

			if (send(fd, filler, 1, MSG_MORE | MSG_DONTWAIT) == 1)
				off++;
			n = send(fd, mem + posted * PAGE, segment - 1, MSG_MORE | MSG_ZEROCOPY | MSG_DONTWAIT);
			if (n > 0) {
				off += n;
				end[posted++] = off;
				n = send(fd, filler, 3 * segment, (posted % 8 ? MSG_MORE : 0) | MSG_DONTWAIT);
				if (n > 0)
					off += n;
			} else {
				usleep(2000);
			}
		} else {
			usleep(1000);
		}
		for (;;) {
			char control[256];
			struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };
			struct sock_extended_err *e;
			struct tcp_info i;
			uint32_t k;

			if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
				break;
			e = (void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
			if (e->ee_origin != SO_EE_ORIGIN_ZEROCOPY)
				continue;
			i = info(fd);
			for (k = e->ee_info; k <= e->ee_data && (int)k < sends; k++) {
				told++;
				copied += e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED;
				early += end[k] > i.tcpi_bytes_acked + 1;
				memset(mem + k * PAGE, NEW, PAGE);
			}
		}
	}
	printf("run %d mss %d posted %d announced %d copied %d early %d retransmitted %u ", run, mss, posted, told,
	       copied, early, info(fd).tcpi_total_retrans);
	fflush(stdout);
	shutdown(fd, SHUT_WR);
	while (read(fd, filler, sizeof(filler)) > 0)
		;
	_exit(0);
}

struct packet {
	uint64_t due;
	int to, len;
	unsigned char bytes[1600];
};

static struct packet ring[IN_FLIGHT];

/* Carries packets until both processes are over. Every packet is as long under way, so the ring is in order. */
static void carry_late(int a, int b, int processes)
{
	unsigned head = 0, tail = 0;
	int i;

	while (processes > 0) {
		struct pollfd fds[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };

		poll(fds, 2, 1);
		for (i = 0; i < 2; i++) {
			while (head - tail < IN_FLIGHT) {
				struct packet *p = &ring[head % IN_FLIGHT];

				p->len = read(fds[i].fd, p->bytes, sizeof(p->bytes));
				if (p->len <= 0)
					break;
				if (i == 0 && p->len > NARROW)
					continue;
				p->to = i == 0 ? b : a;
				p->due = now_ms() + DELAY_MS;
				head++;
			}
		}
		for (; tail != head && ring[tail % IN_FLIGHT].due <= now_ms(); tail++)
			if (write(ring[tail % IN_FLIGHT].to, ring[tail % IN_FLIGHT].bytes, ring[tail % IN_FLIGHT].len) < 0)
				continue;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			processes--;
	}
}

void mtu_probe(int runs, int probing, int sends)
{
	int ns_a, a, b, run, ready[2];
	char one, text[2] = { '0' + probing, 0 };

	if (sends <= 0 || sends > SENDS)
		sends = SENDS;
	sysctl_set("/proc/sys/net/core/optmem_max", "10000000");
	ns_a = new_namespace();
	a = narrow("ta", A_ADDR);
	sysctl_set("/proc/sys/net/ipv4/tcp_mtu_probing", text);
	sysctl_set("/proc/sys/net/core/optmem_max", "10000000");
	new_namespace();
	b = narrow("tb", B_ADDR);
	for (run = 1; run <= runs; run++) {
		int port = 7000 + run;

		if (pipe(ready))
			fail("pipe");
		if (fork() == 0)
			receiver(ready[1], port); /* this process is in B's namespace */
		if (read(ready[0], &one, 1) != 1)
			fail("receiver");
		if (fork() == 0) {
			enter(ns_a);
			/* without a probe that finds the path, the control has segments that fit */
			sender(run, port, probing ? 0 : 1036, sends);
		}
		carry_late(a, b, 2);
		close(ready[0]);
		close(ready[1]);
	}
}
