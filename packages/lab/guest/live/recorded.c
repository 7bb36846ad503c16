// SPDX-License-Identifier: MIT
// What tools record: a packet socket that keeps pages, and a receiver that is late.
#define _GNU_SOURCE
#include "live.h"
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES (16 * PAGE)

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
void leak(void)
{
	struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons(0x0800),
				  .sll_ifindex = if_nametoindex("lo") };
	int tap = socket(AF_PACKET, SOCK_RAW, htons(0x0800)), from, to, n, got = 0;
	int file = open("/pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
	static unsigned char buf[4 * PAGE];
	off_t at = 0;

	memset(buf, OLD, sizeof(buf));
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
void late(void)
{
	int from, to;
	static unsigned char buf[BYTES];
	struct loan l;
	uint64_t start;
	long n, got;

	over_lo(&from, &to, 8192);
	l = lend((struct arm){ ZEROCOPY, TOLD }, from, new_pages(BYTES), BYTES);
	start = now_ms();
	if (fork() == 0) {
		usleep(200000);
		for (n = 0; n < BYTES && (got = read(to, buf, sizeof(buf))) > 0; n += got)
			;
		_exit(0);
	}
	close(to);
	while (!is_own(&l) && now_ms() - start < LIMIT_MS)
		usleep(1000);
	printf("late: told after %d ms\n", (int)(now_ms() - start));
	wait(NULL);
}
