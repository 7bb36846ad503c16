/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A datagram that is put together by several calls of a real socket, of IPv4 or IPv6, up to the moment before it is cut
 * for its device: a netfilter hook takes it there. Part of lastref_lab.c; the same rules stand in
 * ../src/operations/corking.ts.
 */
#define PORT 9999
#define MAX_PACKETS 10
#define MTU_MIN 68
#define MTU_MAX 9000

/* From 6.5 on a page comes by MSG_SPLICE_PAGES, which marks it; ip_append_page does not. */
#define SPLICES (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0))

static struct socket *udp4, *udp6;
static const struct family *corked; /* that of the socket */

static int header_of_corked(void)
{
	return corked->header;
}

static int cork_mtu; /* 0: no datagram is wanted yet */
static netdev_features_t cork_features;
static struct sk_buff *taken;

static unsigned int take(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (skb->sk != udp->sk)
		return NF_ACCEPT;
	taken = skb;
	return NF_STOLEN;
}

static const struct nf_hook_ops take_ops[] = {
	{ .hook = take, .pf = NFPROTO_IPV4, .hooknum = NF_INET_LOCAL_OUT, .priority = NF_IP_PRI_FIRST },
	{ .hook = take, .pf = NFPROTO_IPV6, .hooknum = NF_INET_LOCAL_OUT, .priority = NF_IP_PRI_FIRST },
};

/* addr: both ends; its type differs between releases. */
static int open_udp(int family, void *addr, int bytes, struct socket **out)
{
	int r = sock_create_kern(&init_net, family, SOCK_DGRAM, IPPROTO_UDP, out);

	if (!r)
		r = kernel_bind(*out, addr, bytes);
	if (!r)
		r = kernel_connect(*out, addr, bytes, 0);
	if (!r)
		(*out)->sk->sk_sndbuf = 1 << 28;
	return r;
}

/* The device's MTU, whatever a path was found to take. */
static int device_mtu(void)
{
	int omit = IPV6_PMTUDISC_OMIT;

	ip_sock_set_mtu_discover(udp4->sk, IP_PMTUDISC_OMIT);
	return udp6->ops->setsockopt(udp6, SOL_IPV6, IPV6_MTU_DISCOVER, KERNEL_SOCKPTR(&omit), sizeof(omit));
}

static int corking_init(void)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_in6 here6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(PORT),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int r = open_udp(PF_INET, &here, sizeof(here), &udp4);

	if (!r)
		r = open_udp(PF_INET6, &here6, sizeof(here6), &udp6);
	if (!r)
		r = device_mtu();
	if (!r)
		r = nf_register_net_hooks(&init_net, take_ops, ARRAY_SIZE(take_ops));
	return r;
}

static void corking_exit(void)
{
	nf_unregister_net_hooks(&init_net, take_ops, ARRAY_SIZE(take_ops));
	sock_release(udp4);
	sock_release(udp6);
}

/* The page that copied bytes go to. */
static void drop_page_frag(void)
{
	struct page_frag *pfrag = &current->task_frag;

	if (pfrag->page)
		put_page(pfrag->page);
	pfrag->page = NULL;
	pfrag->offset = 0;
}

static void corking_begin(void)
{
	udp = udp4;
	corked = &ipv4;
	cork_mtu = 0;
	drop_page_frag();
}

static void corking_end(void)
{
	lock_sock(udp->sk);
	if (corked == &ipv4) {
		fn_udp_flush(udp->sk);
	} else { /* udp_v6_flush_pending_frames, which is static */
		udp_sk(udp->sk)->len = 0;
		udp_sk(udp->sk)->pending = 0;
		fn_ip6_flush(udp->sk);
	}
	release_sock(udp->sk);
	drop_page_frag();
}

static int cork(const struct family *f, int mtu, int sg, int csum)
{
	if (mtu < MTU_MIN || mtu > MTU_MAX || !skb_queue_empty(&udp->sk->sk_write_queue))
		return SKIP;
	corked = f;
	udp = f == &ipv4 ? udp4 : udp6;
	cork_mtu = mtu;
	cork_features = (sg ? NETIF_F_SG : 0) | (csum ? NETIF_F_HW_CSUM : 0);
	return 0;
}

/* Do so many bytes more make a datagram of at most so many packets? */
static bool fits(int bytes)
{
	int payload = ((cork_mtu - corked->header) & ~7) - (corked->headers - corked->header);

	return skb_queue_len(&udp->sk->sk_write_queue) + DIV_ROUND_UP(bytes + (int)sizeof(struct udphdr), payload) <=
	       MAX_PACKETS;
}

/* For as long as a call takes, the device is what the datagram is made for. */
static int with_device(int (*call)(struct msghdr *, int, struct page *, int), struct msghdr *msg, int bytes,
		       struct page *page, int off)
{
	struct net_device *lo = init_net.loopback_dev;
	netdev_features_t features = lo->features;
	unsigned int mtu = lo->mtu;
	int r;

	lo->mtu = cork_mtu;
	lo->features = (features & ~(NETIF_F_SG | NETIF_F_CSUM_MASK)) | cork_features;
	r = call(msg, bytes, page, off);
	lo->mtu = mtu;
	lo->features = features;
	return r;
}

static int call_bytes(struct msghdr *msg, int bytes, struct page *page, int off)
{
	struct kvec vec = { .iov_base = scratch, .iov_len = bytes };

	return kernel_sendmsg(udp, msg, &vec, 1, bytes);
}

static int send_bytes(int bytes, int seed, bool more)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | (more ? MSG_MORE : 0) };

	if (!cork_mtu || bytes < 0 || bytes > PAGE_SIZE || !fits(bytes))
		return SKIP;
	fill(scratch, bytes, seed);
	return with_device(call_bytes, &msg, bytes, NULL, 0);
}

static int call_page(struct msghdr *msg, int bytes, struct page *page, int off)
{
#if SPLICES
	struct bio_vec bv;

	bvec_set_page(&bv, page, bytes, off);
	msg->msg_flags |= MSG_SPLICE_PAGES;
	iov_iter_bvec(&msg->msg_iter, ITER_SOURCE, &bv, 1, bytes);
	return sock_sendmsg(udp, msg);
#else
	return kernel_sendpage(udp, page, off, bytes, msg->msg_flags);
#endif
}

static int send_page(int p, int off, int size)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_MORE };

	if (!cork_mtu || !(SPLICES ? marked : plain) || !range_ok(p, off, size) || !fits(size))
		return SKIP;
	return with_device(call_page, &msg, size, pg[p], off);
}

static int send_last(int s, int bytes, int seed)
{
	struct sk_buff *skb;
	int r;

	if (!empty(s))
		return SKIP;
	taken = NULL;
	r = send_bytes(bytes, seed, false);
	if (r == SKIP || r < 0)
		return r;
	skb = taken;
	if (!skb)
		return -EIO;
	skb_orphan(skb);
	skb->dev = NULL;
	if (skb->ip_summed == CHECKSUM_PARTIAL) /* a device's work */
		udp_hdr(skb)->check = 0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum = 0;
	corked->write(skb, false, 0, false);
	skb_dst_drop(skb);
	return put(s, skb);
}
