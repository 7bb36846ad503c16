/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Packets that IP cuts into fragments, and fragments that it puts together again, by the functions that the IP layer
 * itself calls. Part of lastref_lab.c; the same rules stand in ../src/operations/fragmenting.ts.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/inet_frag.h>
#include <net/ip.h>
#include <net/route.h>

#define HEADER ((int)sizeof(struct iphdr))

/* What a fragment needs of a route: a device, and the room that the device wants in front of the header. */
static struct rtable *route;

/* LL_RESERVED_SPACE of an Ethernet device, and so much more that it is 64: what the model's devices want. */
#define NEEDED_HEADROOM 34

static int fragments_init(void)
{
	struct net_device *lo = init_net.loopback_dev;
	struct flowi4 fl4 = { .daddr = htonl(INADDR_LOOPBACK) };
	int r;

	rtnl_lock();
	r = dev_open(lo, NULL);
	rtnl_unlock();
	if (r)
		return r;
	lo->needed_headroom = NEEDED_HEADROOM;
	route = ip_route_output_key(&init_net, &fl4);
	return PTR_ERR_OR_ZERO(route);
}

/*
 * A kernel takes no fragment when the truesize of those that wait is too much; skb_shift leaves some a truesize below
 * zero, which is more than any limit and stays in the account when they are gone. truesize is not compared: each script
 * begins with an account of nothing, and no limit.
 */
static void fragments_begin(void)
{
	struct fqdir *fqdir = init_net.ipv4.fqdir;

	fqdir->high_thresh = LONG_MAX;
	atomic_long_set(&fqdir->mem, 0);
}

static void fragments_exit(void)
{
	ip_rt_put(route);
}

/* The first bytes of the packet become the header of a fragment at `offset`. */
static void write_header(struct sk_buff *skb, int offset, bool more)
{
	struct iphdr *h = (struct iphdr *)skb->data;

	skb_reset_network_header(skb);
	memset(h, 0, sizeof(*h));
	h->version = 4;
	h->ihl = 5;
	h->tot_len = htons(skb->len);
	h->id = htons(7);
	h->frag_off = htons((offset >> 3) | (more ? IP_MF : 0));
	h->ttl = 64;
	h->protocol = IPPROTO_UDP;
	h->saddr = h->daddr = htonl(INADDR_LOOPBACK);
	ip_send_check(h);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb->protocol = htons(ETH_P_IP);
}

/* Instead of a device. */
static int collect(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int i;

	for (i = 0; i < SLOTS && slot[i]; i++)
		;
	skb_dst_drop(skb);
	skb->dev = NULL;
	slot[i] = skb;
	return 0;
}

/*
 * Can a chain go out as it is, as far as the room in front of its packets goes? Kernels copy one that has less than the
 * device wants, the model one that has none for a header: in between they are not asked.
 */
static bool has_room(struct sk_buff *skb)
{
	int room = LL_RESERVED_SPACE(init_net.loopback_dev);
	struct sk_buff *m;

	if (skb_has_frag_list(skb) && skb_headroom(skb) < room)
		return false;
	skb_walk_frags(skb, m)
		if (skb_headroom(m) < room + HEADER)
			return false;
	return true;
}

static int cut(int s, int mtu)
{
	struct sk_buff *skb = at(s), *m;
	int n = 1, r;

	if (!single(s) || skb_headlen(skb) < HEADER || skb->len <= HEADER || mtu < HEADER + 8 || mtu > 65535)
		return SKIP;
	if (!has_room(skb))
		return SKIP;
	skb_walk_frags(skb, m)
		n++;
	n = max_t(int, n, DIV_ROUND_UP(skb->len - HEADER, (mtu - HEADER) & ~7));
	if (n > free_slots() + 1)
		return SKIP;
	write_header(skb, 0, false);
	skb->ip_summed = CHECKSUM_NONE; /* skb_shift leaves the sum to a device: no fragment may have that */
	IPCB(skb)->frag_max_size = mtu;
	dst_hold(&route->dst);
	skb_dst_set(skb, &route->dst);
	slot[s] = NULL;
	local_bh_disable();
	r = ip_do_fragment(&init_net, NULL, skb, collect);
	local_bh_enable();
	return r;
}

static bool is_fragment(int s, bool last)
{
	return single(s) && !skb_has_frag_list(at(s)) && !skb_shinfo(at(s))->gso_size && skb_headlen(at(s)) >= HEADER &&
	       at(s)->len >= HEADER + (last ? 1 : 8);
}

/* a: slots in the order in which they come, the third or -1; the order in the datagram, by number. */
static int join_fragments(const int *a)
{
	static const u8 orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	int n = a[2] == -1 ? 2 : 3, offset[3], end = 0, sum = 0, i, r = 0, last;
	const u8 *places;

	if (a[3] < 0 || a[3] >= (n == 2 ? 2 : 6) || a[0] == a[1] || (n == 3 && (a[0] == a[2] || a[1] == a[2])))
		return SKIP;
	places = orders[n == 2 ? 2 * a[3] : a[3]];
	last = places[n - 1];
	for (i = 0; i < n; i++) {
		if (!is_fragment(a[i], i == last))
			return SKIP;
		sum += at(a[i])->len;
	}
	if (sum > 65535) /* a longer one is given up when it is whole */
		return SKIP;
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = at(a[places[i]]);

		/* as its sender would: all but the last have a multiple of eight */
		if (places[i] != last)
			r = pskb_trim(skb, HEADER + ((skb->len - HEADER) & ~7));
		if (r)
			return r;
		offset[places[i]] = end;
		end += skb->len - HEADER;
	}
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = at(a[i]);

		write_header(skb, offset[i], i != last);
		skb->dev = init_net.loopback_dev;
		slot[a[i]] = NULL;
		local_bh_disable();
		rcu_read_lock();
		r = ip_defrag(&init_net, skb, IP_DEFRAG_LOCAL_DELIVER);
		rcu_read_unlock();
		local_bh_enable();
		if (r && (r != -EINPROGRESS || i == n - 1))
			return r;
		if (!r) {
			skb->dev = NULL;
			slot[a[i]] = skb;
		}
	}
	return 0;
}
