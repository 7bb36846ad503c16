// SPDX-License-Identifier: MIT
// Namespaces, TUN devices, and a queueing discipline that holds packets back: a device that is busy.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IFLA_GSO_MAX_SEGS
#define IFLA_GSO_MAX_SEGS 40
#endif

static void ioctl_or_fail(int fd, unsigned long request, void *arg, const char *what)
{
	if (ioctl(fd, request, arg) < 0)
		fail(what);
}

/* Goes into a new one and returns its file. */
int new_namespace(void)
{
	int ns;

	if (unshare(CLONE_NEWNET))
		fail("unshare");
	ns = open("/proc/self/ns/net", O_RDONLY);
	if (ns < 0)
		fail("/proc/self/ns/net");
	return ns;
}

void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		fail("setns");
}

void up(const char *name)
{
	struct ifreq r = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(r.ifr_name, name);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl_or_fail(s, SIOCSIFFLAGS, &r, "SIOCSIFFLAGS");
	close(s);
}

/* In this namespace, not up yet. With `offload` it has scatter/gather, and leaves the checksum to who reads it. */
struct device new_tun(const char *name, const char *ip, int mtu, int offload, int queue)
{
	struct device d = { .tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK), .sum = offload };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = address(ip, 0);
	struct ifreq r = { 0 };

	if (d.tun < 0)
		fail("/dev/net/tun");
	strcpy(r.ifr_name, name);
	r.ifr_flags = IFF_TUN | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0);
	ioctl_or_fail(d.tun, TUNSETIFF, &r, "TUNSETIFF");
	if (offload && ioctl(d.tun, TUNSETOFFLOAD, TUN_F_CSUM) < 0)
		fail("TUNSETOFFLOAD");
	memcpy(&r.ifr_addr, &a, sizeof(a));
	ioctl_or_fail(s, SIOCSIFADDR, &r, "SIOCSIFADDR");
	a = address("255.255.255.0", 0);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	ioctl_or_fail(s, SIOCSIFNETMASK, &r, "SIOCSIFNETMASK");
	r.ifr_mtu = mtu;
	ioctl_or_fail(s, SIOCSIFMTU, &r, "SIOCSIFMTU");
	r.ifr_qlen = queue;
	ioctl_or_fail(s, SIOCSIFTXQLEN, &r, "SIOCSIFTXQLEN");
	ioctl_or_fail(s, SIOCGIFINDEX, &r, "SIOCGIFINDEX");
	d.index = r.ifr_ifindex;
	close(s);
	return d;
}

/* Sends it and returns the error that the kernel answers with, or 0. */
static int rtnetlink(struct nlmsghdr *request)
{
	char answer[1024];
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);

	if (fd < 0 || send(fd, request, request->nlmsg_len, 0) < 0 || recv(fd, answer, sizeof(answer), 0) < 0)
		fail("rtnetlink");
	close(fd);
	return -error->error;
}

/* TCP would send several segments in one packet otherwise, and a probe is made of single ones. */
void one_segment(int index)
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
	int error = rtnetlink(&request.head);

	if (error)
		printf("# gso_max_segs: %s\n", strerror(error));
}

static void plug_request(int index, int flags, int action)
{
	struct {
		struct nlmsghdr head;
		struct tcmsg tc;
		struct rtattr kind;
		char name[8];
		struct rtattr options;
		struct tc_plug_qopt plug;
	} request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_NEWQDISC,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags },
		.tc = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_handle = 0x10000, .tcm_parent = TC_H_ROOT },
		.kind = { .rta_len = RTA_LENGTH(5), .rta_type = TCA_KIND },
		.name = "plug",
		.options = { .rta_len = RTA_LENGTH(sizeof(struct tc_plug_qopt)), .rta_type = TCA_OPTIONS },
		.plug = { .action = action, .limit = 1 << 20 },
	};

	errno = rtnetlink(&request.head);
	if (errno)
		fail("plug");
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
