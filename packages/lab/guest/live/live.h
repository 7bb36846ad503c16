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
#define ETHERNET_HEADER 14
#define IN_FRONT 66 /* Ethernet, IP, and TCP with time stamps */

/* base.c */
void fail(const char *what) __attribute__((noreturn));
uint64_t now_ms(void);
void sysctl_set(const char *path, const char *value);
long changed_in(const unsigned char *bytes, long n);
long drained(int fd, long bytes);
struct sockaddr_in address(const char *ip, int port);

/* netlink.c: requests that are put together */
struct netlink {
	_Alignas(4) char bytes[1024];
	int used, message;  /* how much of it, and where the last request begins */
	int open[6], depth; /* where the attributes begin that the next one is inside of */
};
void message(struct netlink *n, int type, int flags, const void *head, int size);
void attribute(struct netlink *n, int type, const void *data, int size);
void text_attribute(struct netlink *n, int type, const char *text);
void begin(struct netlink *n, int type, const void *head, int size);
int netlink_socket(int protocol);
int ask(int fd, struct netlink *n);
int ask_once(int protocol, struct netlink *n);

/* net.c: namespaces and devices */
struct device {
	int tun;      /* its file: what is behind the device */
	int index;    /* of the interface */
	int sum;      /* packets have a virtio header, as the device leaves the checksum to whoever is behind it */
	int ethernet; /* and then one of Ethernet */
};
int new_namespace(void);
void enter(int ns);
struct device new_tun(const char *name, const char *ip, int mtu, int offload, int queue);
struct device new_tap(const char *name, const char *ip, int mtu, int queue);
void new_veth(const char *name, int ns, const char *peer);
void new_bridge(const char *name);
void add_port(const char *bridge, const char *port);
void configure(const char *name, const char *ip, int mtu, int queue);
void route(const char *ip, const char *gateway);
void up(const char *name);
void no_scatter_gather(const char *name);
void one_segment(int index);

/* qdisc.c: queues above a device */
void plug(int index);
void hold_queue(int index);
void release_queue(int index);
void delay(int index, int ms);

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
	long back, changed; /* bytes that its error queue gave back, and new ones among them */
};
struct arm arm_of(const char *how, const char *when);
unsigned char *new_pages(long bytes);
void truncate_pages(long bytes);
struct loan lend(struct arm arm, int fd, unsigned char *mem, long bytes);
int is_own(struct loan *loan);
int await_own(struct loan *loan, unsigned ms);
void look_back(struct loan *loan);
void disconnect(struct loan *loan);

/* wire.c: two namespaces, a device in each, and this process between them */
struct wire {
	int ns_a, ns_b;
	int ns_device; /* where device a is: with who sends, or behind him */
	struct device a, b;
	struct device other; /* behind the same bridge as a */
	const char *ip_b;
	void (*hold)(struct wire *w), (*release)(struct wire *w); /* packets wait on their way from a, and go on */
	int (*also)(struct wire *w); /* who else has a turn; returns whether he did something */
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
long changed_data(const unsigned char *ip, int n);
const unsigned char *ip_of(const struct device *d, const unsigned char *packet);
struct pair connect_over(struct wire *w, int port);
void peer_reads(struct pair *p);
void reset(int fd);

/* paths.c: other ways from a to b, and other places where packets wait */
void wait_in_device(struct wire *w);
void wait_on_line(struct wire *w);
void routed_wire(struct wire *w, int mtu);
void bridged_wire(struct wire *w, int mtu);

/* nfqueue.c: a program that is asked about packets */
void wait_for_verdict(struct wire *w, int whole);

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
extern const struct scenario STREAMS[], REQUESTS[], LOCAL[], RINGS[], VSOCK[];

void mtu_probe(int runs, int probing, int sends);
void leak(void);
void late(void);

#endif
