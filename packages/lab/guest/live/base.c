// SPDX-License-Identifier: MIT
#include "live.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void fail(const char *what)
{
	printf("failed %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(3);
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

void sysctl_set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

/* Bytes that were written when their producer took them for its own. */
long changed_in(const unsigned char *bytes, long n)
{
	long i, changed = 0;

	for (i = 0; i < n; i++)
		changed += bytes[i] == NEW;
	return changed;
}

/* All that was sent is read, and nothing else. */
long drained(int fd, long bytes)
{
	static unsigned char buf[1 << 17];
	long n, total = 0, changed = 0;

	for (; total < bytes && (n = read(fd, buf, sizeof(buf))) > 0; total += n)
		changed += changed_in(buf, n);
	if (total != bytes)
		fail("not all of it arrived");
	return changed;
}

struct sockaddr_in address(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}
