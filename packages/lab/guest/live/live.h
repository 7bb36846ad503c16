/* SPDX-License-Identifier: MIT */
/*
 * Live scenarios: real sockets of the running kernel, and pages that are written anew at the moment when their producer
 * takes them for its own. main.c has the command line and what is printed.
 */
#ifndef LIVE_H
#define LIVE_H

#include <arpa/inet.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096
#define OLD 0x11 /* what is lent */
#define NEW 0xEE /* what is written when the pages are the producer's again */
#define LIMIT_MS 20000

/* base.c */
void fail(const char *what) __attribute__((noreturn));
uint64_t now_ms(void);
void sysctl_set(const char *path, const char *value);
long changed_in(const unsigned char *bytes, long n);
struct sockaddr_in address(const char *ip, int port);

/* net.c: namespaces and devices */
struct device {
	int tun;   /* its file: what is behind the device */
	int index; /* of the interface */
	int sum;   /* packets have a virtio header, as the device leaves the checksum to whoever is behind it */
};
int new_namespace(void);
void enter(int ns);
struct device new_tun(const char *name, const char *ip, int mtu, int offload, int queue);
void up(const char *name);
void one_segment(int index);
void plug(int index);
void hold_queue(int index);
void release_queue(int index);

/* loan.c: how pages are sent, and the moment at which the producer takes them for its own again */
enum how { COPY, SENDFILE, ZEROCOPY, URING, VMSPLICE };
enum when { AT_RETURN, ACKED, TOLD, AT_REPLY };
struct arm {
	enum how how;
	enum when when;
};
struct loan {
	struct arm arm;
	int fd;
	unsigned char *mem;
	long bytes;
	uint32_t calls, told; /* of MSG_ZEROCOPY or SEND_ZC */
	int needs_reply, answered, gone;
};
struct arm arm_of(const char *how, const char *when);
unsigned char *new_pages(long bytes);
void truncate_pages(long bytes);
struct loan lend(struct arm arm, int fd, unsigned char *mem, long bytes);
int is_own(struct loan *loan);
void disconnect(struct loan *loan);

/* wire.c: two namespaces, a device in each, and this process between them */
struct wire {
	int ns_a, ns_b;
	struct device a, b;
	const char *ip_b;
	int hold_data, hold_back; /* nothing is taken from a, or from b */
	int drop, drop_port;      /* the how many-th packet with data is lost; all packets from this port are */
	long changed;             /* new bytes that were read behind a */
};
struct pair {
	int fd, peer;
	long got, changed; /* by the program at the peer */
};
void wire_between(struct wire *w, int ns_a, int ns_b, int number, int mtu, int offload);
void new_wire(struct wire *w, int mtu, int offload);
void carry(struct wire *w);
struct pair connect_over(struct wire *w, int port);
void peer_reads(struct pair *p);
void reset(int fd);

/* A run as it is printed. */
struct seen {
	int told;
	long wire, delivered;
};

/* One scenario: what is set up once, then each run. */
struct scenario {
	const char *name;
	void (*setup)(void);
	struct seen (*run)(struct arm arm, int run);
};
extern const struct scenario STREAMS[], REQUESTS[], LOCAL[], RINGS[];

void mtu_probe(int runs, int probing, int sends);
void leak(void);
void late(void);

#endif
