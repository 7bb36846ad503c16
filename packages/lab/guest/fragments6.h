/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The same of IPv6, whose fragments have a header of their own. Part of lastref_lab.c; the same rules stand in
 * ../src/operations/fragmenting6.ts.
 */
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/protocol.h>

#define HEADER6 ((int)sizeof(struct ipv6hdr))
#define HEADERS6 (HEADER6 + (int)sizeof(struct frag_hdr))

static struct dst_entry *route6;

static int fragments6_init(void)
{
	struct flowi6 fl6 = { .daddr = in6addr_loopback };

	route6 = ip6_route_output(&init_net, NULL, &fl6);
	return route6->error;
}

/* As of IPv4: no limit, and an account of nothing. */
static void fragments6_begin(void)
{
	struct fqdir *fqdir = init_net.ipv6.fqdir;

	fqdir->high_thresh = LONG_MAX;
	atomic_long_set(&fqdir->mem, 0);
}

static void fragments6_exit(void)
{
	dst_release(route6);
}

static void write_header6(struct sk_buff *skb, int nexthdr)
{
	struct ipv6hdr *h = (struct ipv6hdr *)skb->data;

	skb_reset_network_header(skb);
	memset(h, 0, sizeof(*h));
	h->version = 6;
	h->payload_len = htons(skb->len - HEADER6);
	h->nexthdr = nexthdr;
	h->hop_limit = 64;
	h->saddr = h->daddr = in6addr_loopback;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
	skb->protocol = htons(ETH_P_IPV6);
	dst_hold(route6);
	skb_dst_drop(skb);
	skb_dst_set(skb, route6);
}

/* Instead of a device. The identification is drawn: here it is always the same. */
static int collect6(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct frag_hdr *fh = (struct frag_hdr *)(skb->data + HEADER6);

	fh->identification = htonl(7);
	return collect(net, sk, skb);
}

static int cut6(int s, int mtu)
{
	struct inet6_dev *idev = __in6_dev_get(route6->dev);
	struct sk_buff *skb = at(s), *m;
	int n = 1, r, was;

	if (!single(s) || skb_headlen(skb) < HEADER6 || skb->len <= HEADER6 || mtu < HEADERS6 + 8 || mtu > 65535)
		return SKIP;
	skb_walk_frags(skb, m)
		n++;
	n = max_t(int, n, DIV_ROUND_UP(skb->len - HEADER6, (mtu - HEADERS6) & ~7));
	if (n > free_slots() + 1)
		return SKIP;
	write_header6(skb, IPPROTO_UDP);
	skb->ip_summed = CHECKSUM_NONE;
	skb->ignore_df = 1;
	slot[s] = NULL;
	was = idev->cnf.mtu6;
	idev->cnf.mtu6 = mtu; /* what the route has */
	local_bh_disable();
	r = fn_ip6_fragment(&init_net, NULL, skb, collect6);
	local_bh_enable();
	idev->cnf.mtu6 = was;
	return r;
}

static bool is_fragment6(int s, bool last)
{
	return single(s) && !skb_has_frag_list(at(s)) && !skb_shinfo(at(s))->gso_size && skb_headlen(at(s)) >= HEADERS6 &&
	       at(s)->len >= HEADERS6 + (last ? 1 : 8);
}

/* The handler of the fragment header answers 1 where the datagram is whole, in the packet that came last. */
static int come6(struct sk_buff *skb)
{
	const struct inet6_protocol *handler;
	int r = -ENOENT;

	local_bh_disable();
	rcu_read_lock();
	handler = rcu_dereference(inet6_protos[NEXTHDR_FRAGMENT]);
	if (handler)
		r = handler->handler(skb);
	rcu_read_unlock();
	local_bh_enable();
	return r;
}

/* a: slots in the order in which they come, the third or -1; the order in the datagram, by number. */
static int join_fragments6(const int *a)
{
	static const u8 orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	int n = a[2] == -1 ? 2 : 3, offset[3], end = 0, sum = 0, i, r = 0, last;
	const u8 *places;

	if (a[3] < 0 || a[3] >= (n == 2 ? 2 : 6) || a[0] == a[1] || (n == 3 && (a[0] == a[2] || a[1] == a[2])))
		return SKIP;
	places = orders[n == 2 ? 2 * a[3] : a[3]];
	last = places[n - 1];
	for (i = 0; i < n; i++) {
		if (!is_fragment6(a[i], i == last))
			return SKIP;
		sum += at(a[i])->len;
	}
	if (sum > 65535)
		return SKIP;
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = at(a[places[i]]);

		if (places[i] != last)
			r = pskb_trim(skb, HEADERS6 + ((skb->len - HEADERS6) & ~7));
		if (r)
			return r;
		offset[places[i]] = end;
		end += skb->len - HEADERS6;
	}
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = at(a[i]);
		struct frag_hdr *fh = (struct frag_hdr *)(skb->data + HEADER6);

		write_header6(skb, NEXTHDR_FRAGMENT);
		fh->nexthdr = IPPROTO_UDP;
		fh->reserved = 0;
		fh->frag_off = htons(offset[i] | (i != last ? IP6_MF : 0));
		fh->identification = htonl(7);
		skb->dev = init_net.loopback_dev;
		__skb_pull(skb, HEADER6); /* as ip6_input_finish does */
		skb_reset_transport_header(skb);
		slot[a[i]] = NULL;
		r = come6(skb);
		if (r != 1 && i == n - 1)
			return r < 0 ? r : -EIO;
		if (r == 1) {
			skb->dev = NULL;
			skb_dst_drop(skb);
			slot[a[i]] = skb;
		}
	}
	return 0;
}
