/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The same of IPv6, whose fragments have a header of their own. Part of lastref_lab.c; the same rules stand in
 * ../src/operations/fragmenting.ts.
 */
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/protocol.h>

#define HEADER6 ((int)sizeof(struct ipv6hdr))

static struct dst_entry *route6;

static int fragments6_init(void)
{
	struct flowi6 fl6 = { .daddr = in6addr_loopback };

	route6 = ip6_route_output(&init_net, NULL, &fl6);
	return route6->error;
}

static void fragments6_exit(void)
{
	dst_release(route6);
}

static void write_header6(struct sk_buff *skb, bool fragment, int offset, bool more)
{
	struct ipv6hdr *h = (struct ipv6hdr *)skb->data;
	struct frag_hdr *fh = (struct frag_hdr *)(h + 1);

	skb_reset_network_header(skb);
	memset(h, 0, sizeof(*h));
	h->version = 6;
	h->payload_len = htons(skb->len - HEADER6);
	h->nexthdr = fragment ? NEXTHDR_FRAGMENT : IPPROTO_UDP;
	h->hop_limit = 64;
	h->saddr = h->daddr = in6addr_loopback;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
	skb->protocol = htons(ETH_P_IPV6);
	dst_hold(route6);
	skb_dst_drop(skb);
	skb_dst_set(skb, route6);
	if (!fragment)
		return;
	fh->nexthdr = IPPROTO_UDP;
	fh->reserved = 0;
	fh->frag_off = htons(offset | (more ? IP6_MF : 0));
	fh->identification = htonl(7);
}

/* Instead of a device. The identification is drawn: here it is always the same. */
static int collect6(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct frag_hdr *fh = (struct frag_hdr *)(skb->data + HEADER6);

	fh->identification = htonl(7);
	return collect(net, sk, skb);
}

static int cut6(struct sk_buff *skb, int mtu)
{
	struct inet6_dev *idev = __in6_dev_get(route6->dev);
	int r, was = idev->cnf.mtu6;

	skb->ignore_df = 1;
	idev->cnf.mtu6 = mtu; /* what the route has */
	local_bh_disable();
	r = fn_ip6_fragment(&init_net, NULL, skb, collect6);
	local_bh_enable();
	idev->cnf.mtu6 = was;
	return r;
}

/* The handler of the fragment header answers 1 where the datagram is whole, in the packet that came last. */
static int come6(struct sk_buff *skb)
{
	const struct inet6_protocol *handler;
	int r = -ENOENT;

	__skb_pull(skb, HEADER6); /* as ip6_input_finish does */
	skb_reset_transport_header(skb);
	local_bh_disable();
	rcu_read_lock();
	handler = rcu_dereference(inet6_protos[NEXTHDR_FRAGMENT]);
	if (handler)
		r = handler->handler(skb);
	rcu_read_unlock();
	local_bh_enable();
	return r == 1;
}

static const struct family ipv6 = {
	.header = HEADER6,
	.headers = HEADER6 + (int)sizeof(struct frag_hdr),
	.write = write_header6,
	.cut = cut6,
	.come = come6,
};
