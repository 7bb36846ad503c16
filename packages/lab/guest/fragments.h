/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Packets that IP cuts into fragments, and fragments that it puts together again, by the functions that the IP layer
 * itself calls; what IPv6 does differently stands in fragments6.h. Part of lastref_lab.c; the same rules stand in
 * ../src/operations/fragmenting.ts.
 */
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/inet_frag.h>
#include <net/ip.h>
#include <net/route.h>

#define HEADER ((int)sizeof(struct iphdr))

/* What IPv4 and IPv6 do differently. */
struct family {
	int header, headers; /* bytes in front of the payload of a packet, and of a fragment */
	/* The first bytes become the headers of a packet, or of a fragment at `offset`. */
	void (*write)(struct sk_buff *skb, bool fragment, int offset, bool more);
	int (*cut)(struct sk_buff *skb, int mtu);
	/* 1: the datagram is whole, in this packet; 0: it waits for others; below: it is given up. */
	int (*come)(struct sk_buff *skb);
};

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
static void frags_begin(struct fqdir *fqdir)
{
	fqdir->high_thresh = LONG_MAX;
	atomic_long_set(&fqdir->mem, 0);
}

static void fragments_exit(void)
{
	ip_rt_put(route);
}

static void write_header(struct sk_buff *skb, bool fragment, int offset, bool more)
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

static int cut4(struct sk_buff *skb, int mtu)
{
	int r;

	IPCB(skb)->frag_max_size = mtu;
	dst_hold(&route->dst);
	skb_dst_set(skb, &route->dst);
	local_bh_disable();
	r = ip_do_fragment(&init_net, NULL, skb, collect);
	local_bh_enable();
	return r;
}

static int come4(struct sk_buff *skb)
{
	int r;

	local_bh_disable();
	rcu_read_lock();
	r = ip_defrag(&init_net, skb, IP_DEFRAG_LOCAL_DELIVER);
	rcu_read_unlock();
	local_bh_enable();
	return r == -EINPROGRESS ? 0 : r ?: 1;
}

static const struct family ipv4 = {
	.header = HEADER,
	.headers = HEADER,
	.write = write_header,
	.cut = cut4,
	.come = come4,
};

static int cut(const struct family *f, int s, int mtu)
{
	struct sk_buff *skb = at(s), *m;
	int n = 1;

	if (!single(s) || skb_headlen(skb) < f->header || skb->len <= f->header || mtu < f->headers + 8 || mtu > 65535)
		return SKIP;
	skb_walk_frags(skb, m)
		n++;
	n = max_t(int, n, DIV_ROUND_UP(skb->len - f->header, (mtu - f->headers) & ~7));
	if (n > free_slots() + 1)
		return SKIP;
	f->write(skb, false, 0, false);
	skb->ip_summed = CHECKSUM_NONE; /* skb_shift leaves the sum to a device: no fragment may have that */
	slot[s] = NULL;
	return f->cut(skb, mtu);
}

static bool is_fragment(const struct family *f, int s, bool last)
{
	return single(s) && !skb_has_frag_list(at(s)) && !skb_shinfo(at(s))->gso_size &&
	       skb_headlen(at(s)) >= f->headers && at(s)->len >= f->headers + (last ? 1 : 8);
}

/* a: slots in the order in which they come, the third or -1; the order in the datagram, by number. */
static int join_fragments(const struct family *f, const int *a)
{
	static const u8 orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	int n = a[2] == -1 ? 2 : 3, offset[3], end = 0, sum = 0, i, r = 0, last;
	const u8 *places;

	if (a[3] < 0 || a[3] >= (n == 2 ? 2 : 6) || a[0] == a[1] || (n == 3 && (a[0] == a[2] || a[1] == a[2])))
		return SKIP;
	places = orders[n == 2 ? 2 * a[3] : a[3]];
	last = places[n - 1];
	for (i = 0; i < n; i++) {
		if (!is_fragment(f, a[i], i == last))
			return SKIP;
		sum += at(a[i])->len;
	}
	if (sum > 65535) /* a longer one is given up when it is whole */
		return SKIP;
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = at(a[places[i]]);

		/* as its sender would: all but the last have a multiple of eight */
		if (places[i] != last)
			r = pskb_trim(skb, f->headers + ((skb->len - f->headers) & ~7));
		if (r)
			return r;
		offset[places[i]] = end;
		end += skb->len - f->headers;
	}
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = at(a[i]);

		f->write(skb, true, offset[i], i != last);
		skb->dev = init_net.loopback_dev;
		slot[a[i]] = NULL;
		r = f->come(skb);
		if (r < 0)
			return r;
		if (!r && i == n - 1)
			return -EIO;
		if (r) {
			skb->dev = NULL;
			skb_dst_drop(skb);
			slot[a[i]] = skb;
		}
	}
	return 0;
}
