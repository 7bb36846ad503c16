// SPDX-License-Identifier: MIT
// Queueing disciplines that hold packets: a device that is busy, a line that is long.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define PLUG 0x10000 /* handles */
#define NETEM 0x20000

static void qdisc_request(int index, int flags, int handle, const char *kind, const void *options, int size)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_handle = handle, .tcm_parent = TC_H_ROOT };
	struct netlink n = { 0 };

	message(&n, RTM_NEWQDISC, NLM_F_ACK | flags, &tc, sizeof(tc));
	text_attribute(&n, TCA_KIND, kind);
	attribute(&n, TCA_OPTIONS, options, size);
	errno = ask_once(NETLINK_ROUTE, &n);
	if (errno)
		fail(kind);
}

static void plug_request(int index, int flags, int action)
{
	struct tc_plug_qopt plug = { .action = action, .limit = 1 << 20 };

	qdisc_request(index, flags, PLUG, "plug", &plug, sizeof(plug));
}

/* Gives the device a queue that can be held. */
void plug(int index)
{
	plug_request(index, NLM_F_CREATE | NLM_F_REPLACE, TCQ_PLUG_BUFFER);
	release_queue(index);
}

/* From now on packets wait above the device. */
void hold_queue(int index)
{
	plug_request(index, 0, TCQ_PLUG_BUFFER);
}

void release_queue(int index)
{
	plug_request(index, 0, TCQ_PLUG_RELEASE_INDEFINITE);
}

/* From now on a packet waits so long above the device; those that wait already go when they would have gone. */
void delay(int index, int ms)
{
	/* in ticks of 64 ns @kernel include/net/pkt_sched.h PSCHED_SHIFT */
	struct tc_netem_qopt netem = { .latency = ms * 15625, .limit = 1000 };

	qdisc_request(index, NLM_F_CREATE | NLM_F_REPLACE, NETEM, "netem", &netem, sizeof(netem));
}
