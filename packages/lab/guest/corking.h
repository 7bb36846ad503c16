/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A datagram that is put together by several calls of a real socket, up to the moment before it is cut for its device:
 * a netfilter hook takes it there. Part of lastref_lab.c; the same rules stand in ../src/operations/corking.ts.
 */
#define PORT 9999
#define MAX_PACKETS 10
#define MTU_MIN 68
#define MTU_MAX 9000

/* From 6.5 on a page comes by MSG_SPLICE_PAGES, which marks it; ip_append_page does not. */
#define SPLICES (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0))

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

static const struct nf_hook_ops take_ops = {
	.hook = take,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_OUT,
	.priority = NF_IP_PRI_FIRST,
};

static int corking_init(void)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	void *addr = &here; /* its type differs between releases */
	int r = sock_create_kern(&init_net, PF_INET, SOCK_DGRAM, IPPROTO_UDP, &udp);

	if (!r)
		r = kernel_bind(udp, addr, sizeof(here));
	if (!r)
		r = kernel_connect(udp, addr, sizeof(here), 0);
	if (!r)
		r = nf_register_net_hook(&init_net, &take_ops);
	if (r)
		return r;
	ip_sock_set_mtu_discover(udp->sk, IP_PMTUDISC_OMIT); /* the device's MTU, whatever a path was found to take */
	udp->sk->sk_sndbuf = 1 << 28;
	return 0;
}

static void corking_exit(void)
{
	nf_unregister_net_hook(&init_net, &take_ops);
	sock_release(udp);
}

/* The page that copied bytes go to. */
static void drop_page_frag(void)
{
	struct page_frag *pfrag = sk_page_frag(udp->sk);

	if (pfrag->page)
		put_page(pfrag->page);
	pfrag->page = NULL;
	pfrag->offset = 0;
}

static void corking_begin(void)
{
	cork_mtu = 0;
	drop_page_frag();
}

static void corking_end(void)
{
	lock_sock(udp->sk);
	fn_udp_flush(udp->sk);
	release_sock(udp->sk);
	drop_page_frag();
}

static bool is_pending(void)
{
	return !skb_queue_empty(&udp->sk->sk_write_queue);
}

static int cork(int mtu, int sg, int csum)
{
	if (mtu < MTU_MIN || mtu > MTU_MAX || is_pending())
		return SKIP;
	cork_mtu = mtu;
	cork_features = (sg ? NETIF_F_SG : 0) | (csum ? NETIF_F_HW_CSUM : 0);
	return 0;
}

/* Do so many bytes more make a datagram of at most so many packets? */
static bool fits(int bytes)
{
	int payload = (cork_mtu - HEADER) & ~7;

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
	lo->features = (features & ~(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) | cork_features;
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
	skb_dst_drop(skb);
	skb->dev = NULL;
	if (skb->ip_summed == CHECKSUM_PARTIAL) /* a device's work */
		udp_hdr(skb)->check = 0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum = 0;
	write_header(skb, 0, false);
	return put(s, skb);
}
