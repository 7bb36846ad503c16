// SPDX-License-Identifier: MIT
// Namespaces, and devices made of software: TUN, TAP, pairs of veth, a bridge.
#define _GNU_SOURCE
#include "live.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/route.h>
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

/* A TUN device has scatter/gather even where nobody has asked for any offload. */
void no_scatter_gather(const char *name)
{
	struct ethtool_value off = { .cmd = ETHTOOL_SSG };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, name);
	r.ifr_data = (void *)&off;
	ioctl_or_fail(s, SIOCETHTOOL, &r, "ETHTOOL_SSG");
	close(s);
}

static struct device opened(const char *name, int flags, int offload)
{
	struct device d = { .tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK), .sum = offload };
	struct ifreq r = { 0 };

	if (d.tun < 0)
		fail("/dev/net/tun");
	strcpy(r.ifr_name, name);
	r.ifr_flags = flags | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0);
	ioctl_or_fail(d.tun, TUNSETIFF, &r, "TUNSETIFF");
	if (offload && ioctl(d.tun, TUNSETOFFLOAD, TUN_F_CSUM) < 0)
		fail("TUNSETOFFLOAD");
	d.index = if_nametoindex(name);
	return d;
}

/* Gives it an address in a network of 256; none if `ip` is NULL. */
void configure(const char *name, const char *ip, int mtu, int queue)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a;
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, name);
	if (ip) {
		a = address(ip, 0);
		memcpy(&r.ifr_addr, &a, sizeof(a));
		ioctl_or_fail(s, SIOCSIFADDR, &r, "SIOCSIFADDR");
		a = address("255.255.255.0", 0);
		memcpy(&r.ifr_addr, &a, sizeof(a));
		ioctl_or_fail(s, SIOCSIFNETMASK, &r, "SIOCSIFNETMASK");
	}
	r.ifr_mtu = mtu;
	ioctl_or_fail(s, SIOCSIFMTU, &r, "SIOCSIFMTU");
	r.ifr_qlen = queue;
	ioctl_or_fail(s, SIOCSIFTXQLEN, &r, "SIOCSIFTXQLEN");
	close(s);
}

/* In this namespace, not up yet. With `offload` it has scatter/gather, and leaves the checksum to who reads it. */
struct device new_tun(const char *name, const char *ip, int mtu, int offload, int queue)
{
	struct device d = opened(name, IFF_TUN, offload);

	configure(name, ip, mtu, queue);
	return d;
}

/* The same with Ethernet frames: what a guest of this host has. */
struct device new_tap(const char *name, const char *ip, int mtu, int queue)
{
	struct device d = opened(name, IFF_TAP, 1);

	d.ethernet = 1;
	configure(name, ip, mtu, queue);
	return d;
}

/* What goes out at `name` comes in at `peer`, which is in the namespace `ns`. */
void new_veth(const char *name, int ns, const char *peer)
{
	struct ifinfomsg none = { 0 };
	struct netlink n = { 0 };

	message(&n, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &none, sizeof(none));
	text_attribute(&n, IFLA_IFNAME, name);
	begin(&n, IFLA_LINKINFO, NULL, 0);
	text_attribute(&n, IFLA_INFO_KIND, "veth");
	begin(&n, IFLA_INFO_DATA, NULL, 0);
	begin(&n, VETH_INFO_PEER, &none, sizeof(none));
	text_attribute(&n, IFLA_IFNAME, peer);
	attribute(&n, IFLA_NET_NS_FD, &ns, 4);
	errno = ask_once(NETLINK_ROUTE, &n);
	if (errno)
		fail("veth");
}

/* One that learns nothing: each frame goes out at all other ports. */
void new_bridge(const char *name)
{
	struct ifinfomsg none = { 0 };
	struct netlink n = { 0 };
	uint32_t ageing = 0;

	message(&n, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &none, sizeof(none));
	text_attribute(&n, IFLA_IFNAME, name);
	begin(&n, IFLA_LINKINFO, NULL, 0);
	text_attribute(&n, IFLA_INFO_KIND, "bridge");
	begin(&n, IFLA_INFO_DATA, NULL, 0);
	attribute(&n, IFLA_BR_AGEING_TIME, &ageing, 4);
	errno = ask_once(NETLINK_ROUTE, &n);
	if (errno)
		fail("bridge");
}

void add_port(const char *bridge, const char *port)
{
	struct ifreq r = { .ifr_ifindex = if_nametoindex(port) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(r.ifr_name, bridge);
	ioctl_or_fail(s, SIOCBRADDIF, &r, "SIOCBRADDIF");
	close(s);
}

/* To the 256 addresses of `ip` by the machine `gateway`. */
void route(const char *ip, const char *gateway)
{
	struct sockaddr_in to = address(ip, 0), mask = address("255.255.255.0", 0), by = address(gateway, 0);
	struct rtentry r = { .rt_flags = RTF_UP | RTF_GATEWAY };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	memcpy(&r.rt_dst, &to, sizeof(to));
	memcpy(&r.rt_genmask, &mask, sizeof(mask));
	memcpy(&r.rt_gateway, &by, sizeof(by));
	ioctl_or_fail(s, SIOCADDRT, &r, "SIOCADDRT");
	close(s);
}

/* TCP would send several segments in one packet otherwise, and a probe is made of single ones. */
void one_segment(int index)
{
	struct ifinfomsg link = { .ifi_index = index };
	struct netlink n = { 0 };
	uint32_t one = 1;
	int error;

	message(&n, RTM_NEWLINK, NLM_F_ACK, &link, sizeof(link));
	attribute(&n, IFLA_GSO_MAX_SEGS, &one, 4);
	error = ask_once(NETLINK_ROUTE, &n);
	if (error)
		printf("# gso_max_segs: %s\n", strerror(error));
}
