// SPDX-License-Identifier: MIT
// Live scenarios: real sockets of the running kernel, and pages that are rewritten at the moment when their producer is
// told. `live SCENARIO RUNS ARM`: one line for each run, that ends with "early E … delivered D".
// early: told before the peer had acknowledged; delivered: bytes that were written behind the moment and that somebody
// has read: the peer's program, or, in slow-tap, the program with a packet socket.
//
// mtu-probe: two network namespaces with a TUN device each and this process between them: 20 ms each way, and packets of
// more than 1204 bytes vanish towards the peer, as a probe for a larger MTU does on a narrow path.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#ifndef IFLA_GSO_MAX_SEGS
#define IFLA_GSO_MAX_SEGS 40
#endif

#define A_ADDR "10.77.0.1"
#define B_ADDR "10.77.0.2"
#define SENDS 400 /* or fewer, by a fourth word */
#define PAGE 4096
#define NARROW 1204
#define DELAY_MS 20
#define LIMIT_MS 20000
#define IN_FLIGHT 8192

static int sends = SENDS;

static void fail(const char *what)
{
	printf("failed %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static void sysctl_set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

/* TCP would send several segments in one packet otherwise, and a probe is made of single ones. */
static void one_segment(int index)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct rtattr attr;
		uint32_t value;
	} request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_NEWLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = index },
		.attr = { .rta_len = RTA_LENGTH(4), .rta_type = IFLA_GSO_MAX_SEGS },
		.value = 1,
	};
	char answer[512];
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0 || recv(fd, answer, sizeof(answer), 0) < 0)
		fail("rtnetlink");
	if (error->error)
		printf("# gso_max_segs: %s\n", strerror(-error->error));
	close(fd);
}

static void ioctl_or_fail(int fd, unsigned long request, struct ifreq *arg, const char *what)
{
	if (ioctl(fd, request, arg) < 0)
		fail(what);
}

/* A namespace of its own with one TUN device; returns the device's file, and the namespace's in *ns. */
static int side(const char *name, const char *addr, int *ns)
{
	struct sockaddr_in *in;
	struct ifreq r = { 0 };
	int tun, s;

	if (unshare(CLONE_NEWNET))
		fail("unshare");
	*ns = open("/proc/self/ns/net", O_RDONLY);
	tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (*ns < 0 || tun < 0)
		fail("/dev/net/tun");
	strcpy(r.ifr_name, name);
	r.ifr_flags = IFF_TUN | IFF_NO_PI;
	ioctl_or_fail(tun, TUNSETIFF, &r, "TUNSETIFF");
	s = socket(AF_INET, SOCK_DGRAM, 0);
	in = (struct sockaddr_in *)&r.ifr_addr;
	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	inet_pton(AF_INET, addr, &in->sin_addr);
	ioctl_or_fail(s, SIOCSIFADDR, &r, "SIOCSIFADDR");
	inet_pton(AF_INET, "255.255.255.0", &in->sin_addr);
	ioctl_or_fail(s, SIOCSIFNETMASK, &r, "SIOCSIFNETMASK");
	r.ifr_qlen = 5000;
	ioctl_or_fail(s, SIOCSIFTXQLEN, &r, "SIOCSIFTXQLEN");
	ioctl_or_fail(s, SIOCGIFINDEX, &r, "SIOCGIFINDEX");
	one_segment(r.ifr_ifindex);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl_or_fail(s, SIOCSIFFLAGS, &r, "SIOCSIFFLAGS");
	close(s);
	return tun;
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
			bad += buf[i] == 0xEE;
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

/* Each call lends one page; told of it, the sender writes 0xEE over it at once. */
static void sender(int run, int port, int maxseg)
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
	memset(mem, 0x11, SENDS * PAGE);
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
				memset(mem + k * PAGE, 0xEE, PAGE);
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
static void carry(int a, int b, int processes)
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

static void mtu_probe(int runs, int probing)
{
	int ns_a, ns_b, a, b, run, ready[2];
	char one, text[2] = { '0' + probing, 0 };

	sysctl_set("/proc/sys/net/core/optmem_max", "10000000");
	a = side("ta", A_ADDR, &ns_a);
	sysctl_set("/proc/sys/net/ipv4/tcp_mtu_probing", text);
	sysctl_set("/proc/sys/net/core/optmem_max", "10000000");
	b = side("tb", B_ADDR, &ns_b);
	for (run = 1; run <= runs; run++) {
		int port = 7000 + run;

		if (pipe(ready))
			fail("pipe");
		if (fork() == 0)
			receiver(ready[1], port); /* this process is in B's namespace */
		if (read(ready[0], &one, 1) != 1)
			fail("receiver");
		if (fork() == 0) {
			if (setns(ns_a, CLONE_NEWNET))
				fail("setns");
			/* without a probe that finds the path, the control has segments that fit */
			sender(run, port, probing ? 0 : 1036);
		}
		carry(a, b, 2);
		close(ready[0]);
		close(ready[1]);
	}
}

/* slow-reader and slow-tap: 64 KiB over loopback. The moment at which the sender takes its pages for its own again. */
enum moment { SEND, SENDFILE_RETURN, SENDFILE_ACKED, ZEROCOPY_TOLD };
#define BYTES (16 * PAGE)

static void up(const char *name)
{
	struct ifreq r = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(r.ifr_name, name);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl_or_fail(s, SIOCSIFFLAGS, &r, "SIOCSIFFLAGS");
	close(s);
}

/* Bytes of a packet socket that were written behind the moment. */
static long tapped(int tap)
{
	static unsigned char buf[1 << 17];
	long n, i, bad = 0;

	while ((n = recv(tap, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		for (i = 66; i < n; i++) /* behind Ethernet, IP and TCP with time stamps */
			bad += buf[i] == 0xEE;
	return bad;
}

static int told_of_zerocopy(int fd)
{
	char control[256];
	struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };

	return recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0;
}

static long drained(int c)
{
	static unsigned char buf[BYTES];
	long n, i, total = 0, bad = 0;

	while (total < BYTES && (n = read(c, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			bad += buf[i] == 0xEE;
		total += n;
	}
	return bad;
}

static void over_loopback(int run, enum moment moment, int slow_tap)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(8100 + run) };
	int s = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0), c, one = 1, left, tap = -1;
	int file = open("/pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
	uint64_t start = now_ms();
	unsigned char *mem;
	long bad = 0;
	off_t at = 0;

	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	if (file < 0 || ftruncate(file, BYTES))
		fail("/pages");
	mem = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s, (void *)&a, sizeof(a)) || listen(s, 1) || connect(fd, (void *)&a, sizeof(a)) ||
	    (c = accept(s, NULL, NULL)) < 0)
		fail("connect");
	memset(mem, 0x11, BYTES);
	if (slow_tap) {
		int big = 8 << 20;
		struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons(0x0800),
					  .sll_ifindex = if_nametoindex("lo") };

		tap = socket(AF_PACKET, SOCK_RAW, htons(0x0800));
		setsockopt(tap, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
		if (tap < 0 || bind(tap, (void *)&lo, sizeof(lo)))
			fail("AF_PACKET");
	}
	if (moment == ZEROCOPY_TOLD && setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		fail("SO_ZEROCOPY");
	if (moment == SEND || moment == ZEROCOPY_TOLD) {
		if (send(fd, mem, BYTES, moment == SEND ? 0 : MSG_ZEROCOPY) != BYTES)
			fail("send");
	} else if (sendfile(fd, file, &at, BYTES) != BYTES) {
		fail("sendfile");
	}
	if (slow_tap) /* the peer's program reads at once, the packet socket's does not */
		bad = drained(c);
	left = 1;
	while (left && now_ms() - start < LIMIT_MS) {
		if (moment == SENDFILE_ACKED)
			ioctl(fd, SIOCOUTQ, &left);
		else if (moment == ZEROCOPY_TOLD)
			left = !told_of_zerocopy(fd);
		else
			left = 0;
	}
	memset(mem, 0xEE, BYTES);
	bad = slow_tap ? tapped(tap) : drained(c);
	printf("run %d told %d early 0 delivered %ld\n", run, !left, left ? 0 : bad);
	close(tap);
	close(c);
	close(fd);
	close(s);
	munmap(mem, BYTES);
	close(file);
}

/* A pair of sockets over loopback; the receiving one holds little. */
static void over_lo(int *from, int *to, int little)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(8200) };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	*from = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (little)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	if (bind(s, (void *)&a, sizeof(a)) || listen(s, 1) || connect(*from, (void *)&a, sizeof(a)) ||
	    (*to = accept(s, NULL, NULL)) < 0)
		fail("connect");
	close(s);
}

/* leak: four pages of a file go over loopback and are read at once; a packet socket that nobody reads has them still. */
static void leak(void)
{
	struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons(0x0800),
				  .sll_ifindex = if_nametoindex("lo") };
	int tap = socket(AF_PACKET, SOCK_RAW, htons(0x0800)), from, to, n, got = 0;
	int file = open("/pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
	static unsigned char buf[4 * PAGE];
	off_t at = 0;

	memset(buf, 0x11, sizeof(buf));
	if (tap < 0 || bind(tap, (void *)&lo, sizeof(lo)) || write(file, buf, sizeof(buf)) != sizeof(buf))
		fail("AF_PACKET");
	over_lo(&from, &to, 0);
	if (sendfile(from, file, &at, sizeof(buf)) != sizeof(buf))
		fail("sendfile");
	while (got < (int)sizeof(buf) && (n = read(to, buf, sizeof(buf))) > 0)
		got += n;
	printf("leak: %d bytes read by the peer\n", got);
	close(to);
	close(from);
	if (fork() == 0) { /* the recording ends while the packet socket is open */
		sleep(30);
		_exit(0);
	}
}

/* late: sixteen pages of MSG_ZEROCOPY to a program that sleeps for 200 ms, and whose socket holds a few of them. */
static void late(void)
{
	int from, to, one = 1;
	unsigned char *mem = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	uint64_t start;

	over_lo(&from, &to, 8192);
	memset(mem, 0x11, BYTES);
	if (setsockopt(from, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		fail("SO_ZEROCOPY");
	if (send(from, mem, BYTES, MSG_ZEROCOPY) != BYTES)
		fail("send");
	start = now_ms();
	if (fork() == 0) {
		usleep(200000);
		drained(to);
		_exit(0);
	}
	close(to);
	while (!told_of_zerocopy(from) && now_ms() - start < LIMIT_MS)
		usleep(1000);
	printf("late: told after %d ms\n", (int)(now_ms() - start));
	wait(NULL);
}

int main(int argc, char **argv)
{
	int runs = argc >= 4 ? atoi(argv[2]) : 0, arm = argc >= 4 ? atoi(argv[3]) : 0, run;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 5)
		sends = atoi(argv[4]) < SENDS ? atoi(argv[4]) : SENDS;
	if (argc >= 4 && strcmp(argv[1], "mtu-probe") == 0) {
		mtu_probe(runs, arm);
		return 0;
	}
	if (argc == 4 && (strcmp(argv[1], "slow-reader") == 0 || strcmp(argv[1], "slow-tap") == 0)) {
		up("lo");
		for (run = 1; run <= runs; run++)
			over_loopback(run, arm, strcmp(argv[1], "slow-tap") == 0);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "leak") == 0) {
		up("lo");
		leak();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "late") == 0) {
		up("lo");
		late();
		return 0;
	}
	printf("failed live: no scenario '%s'\n", argc > 1 ? argv[1] : "");
	return 1;
}
