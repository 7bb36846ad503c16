// SPDX-License-Identifier: MIT
// Sockets of vsock on one host: who sends by reference waits for whoever reads, or for a program of BPF that sends it on.
#define _GNU_SOURCE
#include "live.h"
#include <linux/bpf.h>
#include <linux/vm_sockets.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif

#define CALL (16 * PAGE) /* one packet of vsock */
#define SLEEPS_MS 20
#define RECEIVER 0 /* places in the map of sockets */
#define NEXT 1

static void one_host(void)
{
	new_namespace();
	up("lo");
}

/* A listener, a connection to it, and its other end. */
static struct pair joined_to(int family, const void *at, socklen_t size)
{
	int s = socket(family, SOCK_STREAM, 0), big = 4 << 20;
	struct pair p = { .fd = socket(family, SOCK_STREAM, 0) };

	setsockopt(p.fd, SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	if (s < 0 || bind(s, at, size) || listen(s, 1))
		fail("listen");
	if (connect(p.fd, at, size) || (p.peer = accept(s, NULL, NULL)) < 0)
		fail("connect");
	close(s);
	return p;
}

static struct pair over_vsock(int port)
{
	struct sockaddr_vm at = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = port };
	struct pair p = joined_to(AF_VSOCK, &at, sizeof(at));
	int yes = 1;

	if (setsockopt(p.fd, SOL_SOCKET, SO_ZEROCOPY, &yes, sizeof(yes))) /* without it SEND_ZC copies, too */
		fail("SO_ZEROCOPY");
	return p;
}

static struct pair over_loopback(int port)
{
	struct sockaddr_in at = address("127.0.0.1", port);

	return joined_to(AF_INET, &at, sizeof(at));
}

static void part(struct pair p)
{
	close(p.fd);
	close(p.peer);
}

/* The program at the other end reads when the sender has its pages again, or a little later. */
static struct seen vsock(struct arm arm, int run)
{
	unsigned char *mem = new_pages(CALL);
	struct pair p = over_vsock(8000 + run);
	struct loan l = lend(arm, p.fd, mem, CALL);
	struct seen seen = { .told = await_own(&l, SLEEPS_MS) };

	seen.delivered = drained(p.peer, CALL);
	if (!seen.told)
		seen.told = await_own(&l, LIMIT_MS);
	part(p);
	munmap(mem, CALL);
	return seen;
}

static int bpf(int command, union bpf_attr *attr)
{
	int fd = syscall(SYS_bpf, command, attr, sizeof(*attr));

	if (fd < 0)
		fail("bpf");
	return fd;
}

/* A map of sockets: what one of them receives goes out on the socket at NEXT. */
static int sends_on(void)
{
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_SOCKMAP, .key_size = 4, .value_size = 4, .max_entries = 2 };
	int fd = bpf(BPF_MAP_CREATE, &map);
	const struct bpf_insn program[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 2, .src_reg = BPF_PSEUDO_MAP_FD, .imm = fd },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = NEXT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 0 }, /* to its write queue */
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_sk_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_SK_SKB, .insns = (uintptr_t)program,
				.insn_cnt = sizeof(program) / sizeof(*program), .license = (uintptr_t) "MIT" };
	union bpf_attr attach = { .target_fd = fd, .attach_bpf_fd = bpf(BPF_PROG_LOAD, &load),
				  .attach_type = BPF_SK_SKB_STREAM_VERDICT };

	bpf(BPF_PROG_ATTACH, &attach);
	close(attach.attach_bpf_fd);
	return fd;
}

static void put_into(int map, uint32_t place, uint32_t fd)
{
	union bpf_attr put = { .map_fd = map, .key = (uintptr_t)&place, .value = (uintptr_t)&fd };

	bpf(BPF_MAP_UPDATE_ELEM, &put);
}

/* What comes over vsock is sent on over TCP, to a program that reads when the sender has its pages again, or a little later. */
static struct seen vsock_redirect(struct arm arm, int run)
{
	unsigned char *mem = new_pages(CALL);
	struct pair to = over_loopback(8000 + run), from = over_vsock(8000 + run);
	int map = sends_on();
	struct seen seen;
	struct loan l;

	put_into(map, NEXT, to.fd);
	put_into(map, RECEIVER, from.peer);
	l = lend(arm, from.fd, mem, CALL);
	seen = (struct seen){ .told = await_own(&l, SLEEPS_MS) };
	seen.delivered = drained(to.peer, CALL);
	if (!seen.told)
		seen.told = await_own(&l, LIMIT_MS);
	close(map);
	part(from);
	part(to);
	munmap(mem, CALL);
	return seen;
}

const struct scenario VSOCK[] = {
	{ "vsock", one_host, vsock },
	{ "vsock-redirect", one_host, vsock_redirect },
	{ 0 },
};
