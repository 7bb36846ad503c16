// SPDX-License-Identifier: MIT
// Requests to the kernel by netlink: several in one message, attributes inside of attributes.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *appended(struct netlink *n, const void *data, int size)
{
	void *at = n->bytes + n->used;

	if (n->used + size > (int)sizeof(n->bytes))
		fail("a netlink request is too long");
	if (size > 0)
		memcpy(at, data, size);
	n->used += NLMSG_ALIGN(size);
	return at;
}

/* Lengths of the message, and of the attributes that are open, go on to the end. */
static void grow(struct netlink *n)
{
	struct nlmsghdr *m = (void *)(n->bytes + n->message);
	int i;

	m->nlmsg_len = n->used - n->message;
	for (i = 0; i < n->depth; i++) {
		struct nlattr *a = (void *)(n->bytes + n->open[i]);

		a->nla_len = n->used - n->open[i];
	}
}

/* Another request behind those that are there; `head` is what its kind has in front of the attributes. */
void message(struct netlink *n, int type, int flags, const void *head, int size)
{
	struct nlmsghdr m = { .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags };

	n->message = n->used;
	n->depth = 0;
	appended(n, &m, sizeof(m));
	appended(n, head, size);
	grow(n);
}

void attribute(struct netlink *n, int type, const void *data, int size)
{
	struct nlattr a = { .nla_type = type, .nla_len = NLA_HDRLEN + size };

	appended(n, &a, sizeof(a));
	appended(n, data, size);
	grow(n);
}

void text_attribute(struct netlink *n, int type, const char *text)
{
	attribute(n, type, text, strlen(text) + 1);
}

/* The attributes that follow in this request are inside of it; so is `head`, where its kind has one. */
void begin(struct netlink *n, int type, const void *head, int size)
{
	struct nlattr a = { .nla_type = type | NLA_F_NESTED };

	n->open[n->depth++] = n->used;
	appended(n, &a, sizeof(a));
	appended(n, head, size);
	grow(n);
}

int netlink_socket(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, protocol);

	if (fd < 0)
		fail("AF_NETLINK");
	return fd;
}

/* Sends them, and returns the error with which the one with NLM_F_ACK is answered, or 0. */
int ask(int fd, struct netlink *n)
{
	union {
		struct nlmsghdr head;
		char bytes[1024];
	} answer;
	struct nlmsgerr *error = NLMSG_DATA(&answer.head);

	if (send(fd, n->bytes, n->used, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		fail("netlink");
	return -error->error;
}

/* The same by a socket of its own. */
int ask_once(int protocol, struct netlink *n)
{
	int fd = netlink_socket(protocol), error = ask(fd, n);

	close(fd);
	return error;
}
