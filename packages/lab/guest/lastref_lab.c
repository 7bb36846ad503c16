// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * lastref_lab: does a script of buffer operations with the functions of the running kernel, and says after each one
 * what every live sk_buff, page and ubuf_info looks like. A script is written to /dev/lastref_lab, one operation a
 * line, numbers only; what happened is read back. What an operation's numbers mean stands in ../src/operations, rule
 * by rule the same: whether it applies ("= skip") is decided by both arms alike. Non-goal: anything but buffers.
 */
#include <linux/bvec.h>
#include <linux/errqueue.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/net_tstamp.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
#include <net/gro.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif
#include <net/net_namespace.h>
#include <linux/net.h>
#include <linux/netfilter_ipv4.h>
#include <linux/udp.h>
#include <linux/netdevice.h>
#include <net/sock.h>
#include <net/udp.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* Before 5.12 the flags of a shared info stood in tx_flags, and a ubuf_info was known by its callback. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
#define OLD_ZC 1
#define sh_zc(sh) ((sh)->tx_flags & SKBTX_DEV_ZEROCOPY)
#define sh_sf(sh) ((sh)->tx_flags & SKBTX_SHARED_FRAG)
#define sh_mark(sh) ((sh)->tx_flags |= SKBTX_SHARED_FRAG)
#define net_zcopy_put sock_zerocopy_put
#else
#define sh_zc(sh) ((sh)->flags & SKBFL_ZEROCOPY_ENABLE)
#define sh_sf(sh) ((sh)->flags & SKBFL_SHARED_FRAG)
#define sh_mark(sh) ((sh)->flags |= SKBFL_SHARED_FRAG)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
#define recycles(skb) ((skb)->pp_recycle)
#else
#define recycles(skb) false
#endif

#define SLOTS 10
#define PAGES 8
#define UBUFS 4
#define OUT_BYTES (1 << 20)
#define MAX_FOUND 64

static struct sk_buff *slot[SLOTS];
static struct page *pg[PAGES];
static bool pg_owned[PAGES];
static struct {
	struct ubuf_info ubuf;
	struct ubuf_info *call; /* a send call of the socket that is announced with it */
	bool copied, done, owned, lent;
} ub[UBUFS];
static int over[UBUFS], n_over; /* those that are over and not yet announced, in order */
static bool zerocopy;           /* this sequence is MSG_ZEROCOPY's */
static bool marked, plain;      /* this sequence's pages are marked, or bare references */
static struct socket *sock;     /* whose error queue tells; it sends nothing */
static u32 first_call;

/* A pool of pages whose references are counted beside the page count, from 6.8 on. */
#define HAVE_POOL (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0))
#if HAVE_POOL
static struct page_pool *pool;
static bool pooled; /* the pages of this sequence are of the pool */
#else
static const bool pooled;
#endif

static char *out, *script, *scratch;
static size_t out_len, out_pos;

/* Not exported: found by name when the module is loaded. */
static int (*fn_shift)(struct sk_buff *, struct sk_buff *, int);
static int (*fn_gro)(struct sk_buff *, struct sk_buff *);
static int (*fn_gro_list)(struct sk_buff *, struct sk_buff *);
static int (*fn_trim_head)(struct sk_buff *, u32);
static void (*fn_udp_flush)(struct sock *);
static void (*fn_ip6_flush)(struct sock *);
static int (*fn_ip6_fragment)(struct net *, struct sock *, struct sk_buff *,
			      int (*)(struct net *, struct sock *, struct sk_buff *));

static __printf(1, 2) void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (out_len < OUT_BYTES)
		out_len += vscnprintf(out + out_len, OUT_BYTES - out_len, fmt, args);
	va_end(args);
}

/* ---- zerocopy: a ubuf_info of our own, which counts as MSG_ZEROCOPY's does ---- */

static int ub_of(const struct ubuf_info *u)
{
	int i;

	for (i = 0; i < UBUFS; i++)
		if (u == &ub[i].ubuf)
			return i;
	return -1;
}

#ifdef OLD_ZC
/*
 * 5.10 counts only those whose callback is sock_zerocopy_callback, and calls that when the last reference is put. A kprobe on
 * it says what came, and goes to a function of ours instead.
 */
static noinline void ub_nothing(struct ubuf_info *u, bool success) { }

static int ub_probe(struct kprobe *p, struct pt_regs *regs)
{
	int i = ub_of((struct ubuf_info *)regs->di);

	if (i < 0)
		return 0;
	if (!(regs->si & 0xff))
		ub[i].copied = true;
	ub[i].done = true;
	over[n_over++] = i;
	regs->ip = (unsigned long)ub_nothing;
	return 1;
}

static struct kprobe ub_kprobe = { .symbol_name = "sock_zerocopy_callback", .pre_handler = ub_probe };
#else
static void ub_complete(struct sk_buff *skb, struct ubuf_info *u, bool success)
{
	int i = ub_of(u);

	if (!success)
		ub[i].copied = true;
	if (refcount_read(&u->refcnt) == 0) {
		say("! u%d put below zero\n", i);
		return;
	}
	if (refcount_dec_and_test(&u->refcnt)) {
		ub[i].done = true;
		over[n_over++] = i;
	}
}

#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
static const struct ubuf_info_ops ub_ops = { .complete = ub_complete };
#endif

/*
 * Our ubuf_infos can be looked at after they are over, the kernel's cannot. So each has a send call of a real socket
 * beside it, which is over when it is, and the kernel's own code queues the notification and joins the ranges.
 */
static struct ubuf_info *call_alloc(void)
{
#ifdef OLD_ZC
	return sock_zerocopy_realloc(sock->sk, 1, NULL);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return msg_zerocopy_realloc(sock->sk, 1, NULL, false);
#else
	return msg_zerocopy_realloc(sock->sk, 1, NULL);
#endif
}

static void call_over(struct ubuf_info *u, bool success)
{
#ifdef OLD_ZC
	u->zerocopy = success;
	sock_zerocopy_put(u);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	u->ops->complete(NULL, u, success);
#else
	u->callback(NULL, u, success);
#endif
}

/* One that was never lent is a call whose bytes were copied at once: tcp_sendmsg announces it so. */
static void announce(void)
{
	int i;

	for (i = 0; i < n_over; i++) {
		struct ubuf_info *call = ub[over[i]].call;

		if (call)
			call_over(call, ub[over[i]].lent && !ub[over[i]].copied);
		ub[over[i]].call = NULL;
	}
	n_over = 0;
}

static void ub_init(int i)
{
	memset(&ub[i], 0, sizeof(ub[i]));
	if (zerocopy)
		ub[i].call = call_alloc();
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	ub[i].ubuf.ops = &ub_ops;
#elif defined(OLD_ZC)
	ub[i].ubuf.callback = sock_zerocopy_callback;
	ub[i].ubuf.zerocopy = 1;
#else
	ub[i].ubuf.callback = ub_complete;
#endif
#ifndef OLD_ZC
	ub[i].ubuf.flags = SKBFL_ZEROCOPY_FRAG | SKBFL_DONT_ORPHAN;
#endif
	refcount_set(&ub[i].ubuf.refcnt, 1);
	ub[i].owned = true;
}

/* ---- bytes ---- */

static void fill(u8 *at, int n, int seed)
{
	int i;

	for (i = 0; i < n; i++)
		at[i] = seed * 29 + i * 7 + (i >> 4);
}

static void fill_page(int p, int seed)
{
	u8 *at = page_address(pg[p]);
	int i;

	for (i = 0; i < PAGE_SIZE; i++)
		at[i] = seed * 37 + i * 11 + (i >> 8);
}

static u32 digest(const struct sk_buff *skb, int from)
{
	u32 h = 2166136261u;
	int i, at;

	for (at = from; at < skb->len;) {
		int n = min_t(int, skb->len - at, PAGE_SIZE);

		if (skb_copy_bits(skb, at, scratch, n))
			return 0;
		for (i = 0; i < n; i++)
			h = (h ^ (u8)scratch[i]) * 16777619u;
		at += n;
	}
	return h;
}

/* ---- the normal form ---- */

static const void *seen_shinfo[MAX_FOUND];
static struct page *found[MAX_FOUND];
static int n_shinfo, n_found;

static int index_of(const void **list, int *n, const void *it)
{
	int i;

	for (i = 0; i < *n; i++)
		if (list[i] == it)
			return i;
	if (*n < MAX_FOUND)
		list[(*n)++] = it;
	return i;
}

/** Of a pool, and not any more: it may be anybody's. */
static bool is_out(int i)
{
#if HAVE_POOL
	return pooled && (pg[i]->pp_magic & ~0x3UL) != PP_SIGNATURE;
#else
	return false;
#endif
}

static void say_page(struct page *page)
{
	int i;

	for (i = 0; i < PAGES; i++) {
		if (pg[i] == page && !is_out(i)) {
			say("p%d", i);
			return;
		}
	}
	say("n%d", index_of((const void **)found, &n_found, page));
}

static void say_skb(const struct sk_buff *skb)
{
	const struct skb_shared_info *sh = skb_shinfo(skb);
	int dr = atomic_read(&sh->dataref), i;
	struct sk_buff *m;

	say("u=%d len=%u dl=%u cl=%d nohdr=%d dr=%d,%d sh=%d", refcount_read(&skb->users), skb->len, skb->data_len,
	    skb->cloned, skb->nohdr, dr & 0xffff, dr >> 16,
	    index_of(seen_shinfo, &n_shinfo, skb_end_pointer(skb)));
	if (sh_zc(sh))
		say(" zc=%d", ub_of(skb_uarg((struct sk_buff *)skb)));
	say(" sf=%d", !!sh_sf(sh));
	if (recycles(skb))
		say(" pp=1");
	if (sh->gso_size)
		say(" gso=%d", sh->gso_size);
	say(" [");
	for (i = 0; i < sh->nr_frags; i++) {
		const skb_frag_t *f = &sh->frags[i];

		if (i)
			say(" ");
		say_page(skb_frag_page(f));
		say("+%u:%u", skb_frag_off(f), skb_frag_size(f));
	}
	say("]");
	if (sh->frag_list) {
		say(" {");
		for (m = sh->frag_list; m; m = m->next) {
			say_skb(m);
			if (m->next)
				say(" | ");
		}
		say("}");
	}
}

/** References of the pool's kind and others; at home a page has one of each. */
static void say_pooled(int i)
{
#if HAVE_POOL
	if (is_out(i))
		say(" p%d=out", i);
	else
		say(" p%d=%ld/%d", i, atomic_long_read(&pg[i]->pp_ref_count), page_count(pg[i]));
#endif
}

static bool ub_copied(int i)
{
#ifdef OLD_ZC
	if (!ub[i].ubuf.zerocopy)
		ub[i].copied = true;
#endif
	return ub[i].copied;
}

/** Ranges of send calls on the error queue, c: copied. */
static void say_notifications(void)
{
	struct sk_buff *skb;
	const char *sep = " eq=";

	skb_queue_walk(&sock->sk->sk_error_queue, skb) {
		const struct sock_extended_err *ee = &SKB_EXT_ERR(skb)->ee;

		say("%s%u-%u%s", sep, ee->ee_info - first_call, ee->ee_data - first_call,
		    ee->ee_code & SO_EE_CODE_ZEROCOPY_COPIED ? "c" : "");
		sep = ",";
	}
}

static struct socket *udp; /* whose datagram is put together */
static int header_of_corked(void);

/** In front of the bytes is room for headers that nobody has written yet. */
static void say_corked(void)
{
	int headers = header_of_corked() + sizeof(struct udphdr), n = 0;
	struct sk_buff *skb;

	skb_queue_walk(&udp->sk->sk_write_queue, skb) {
		say(" q%d ", n++);
		say_skb(skb);
		say(" dig=%08x ; hr=%d end=%d\n", digest(skb, headers), skb_headroom(skb), (int)skb_end_offset(skb));
		headers = header_of_corked();
	}
}

static void dump(void)
{
	int i;

	n_shinfo = n_found = 0;
	for (i = 0; i < SLOTS; i++) {
		if (!slot[i])
			continue;
		say(" s%d ", i);
		say_skb(slot[i]);
		say(" dig=%08x ; hr=%d end=%d hl=%d fc=%d\n", digest(slot[i], 0), skb_headroom(slot[i]),
		    (int)skb_end_offset(slot[i]), slot[i]->hdr_len, slot[i]->fclone);
	}
	say_corked();
	say(" refs");
	for (i = 0; i < PAGES; i++) {
		if (pooled)
			say_pooled(i);
		else
			say(" p%d=%d", i, page_count(pg[i]) - 1);
	}
	for (i = 0; i < n_found; i++)
		say(" n%d=%d", i, page_count(found[i]));
	for (i = 0; i < UBUFS; i++)
		say(" u%d=%d%s%s", i, refcount_read(&ub[i].ubuf.refcnt), ub_copied(i) ? "c" : "", ub[i].done ? "!" : "");
	if (zerocopy)
		say_notifications();
	say("\n");
}

/* ---- operations ---- */

#define SKIP -1000

static struct sk_buff *at(int s)
{
	return s >= 0 && s < SLOTS ? slot[s] : NULL;
}

static bool single(int s)
{
	return at(s) && refcount_read(&at(s)->users) == 1;
}

static bool sole(int s)
{
	return single(s) && !skb_cloned(at(s)) && !skb_has_frag_list(at(s));
}

static bool empty(int s)
{
	return s >= 0 && s < SLOTS && !slot[s];
}

static bool range_ok(int p, int off, int size)
{
	return p >= 0 && p < PAGES && pg_owned[p] && off >= 0 && size > 0 && off + size <= PAGE_SIZE;
}

static void grow(struct sk_buff *skb, int size)
{
	skb->len += size;
	skb->data_len += size;
	skb->truesize += size;
}

static int free_slots(void)
{
	int i, n = 0;

	for (i = 0; i < SLOTS; i++)
		n += !slot[i];
	return n;
}

static int put(int d, struct sk_buff *skb)
{
	slot[d] = skb;
	return skb ? 0 : -ENOMEM;
}

static void gro_cb(struct sk_buff *skb, int offset)
{
	struct sk_buff *m;

	memset(NAPI_GRO_CB(skb), 0, sizeof(struct napi_gro_cb));
	NAPI_GRO_CB(skb)->data_offset = offset;
	NAPI_GRO_CB(skb)->last = skb;
	NAPI_GRO_CB(skb)->count = 1;
	for (m = skb_shinfo(skb)->frag_list; m; m = m->next)
		NAPI_GRO_CB(skb)->last = m;
	skb->dev = init_net.loopback_dev;
}

/*
 * skb_segment expects of a frag_list what GRO makes: members without linear bytes anywhere, or packets of one size at
 * the borders of segments, all of one ubuf_info or of none.
 */
static bool list_can_be_cut(struct sk_buff *skb, int mss, int hdr)
{
	struct ubuf_info *u = skb_zcopy(skb) ? skb_uarg(skb) : NULL;
	int own = skb->len - hdr;
	struct sk_buff *m;
	bool linear = false;

	skb_walk_frags(skb, m) {
		linear |= skb_headlen(m) > 0;
		own -= m->len;
	}
	if (linear && own % mss)
		return false;
	skb_walk_frags(skb, m) {
		if (skb_has_frag_list(m) || !m->len)
			return false;
		if (linear && (m->next ? m->len != mss : m->len > mss))
			return false;
		if ((skb_zcopy(m) ? skb_uarg(m) : NULL) != u)
			return false;
	}
	return true;
}

static int segment(int s, int mss, int sg, int hdr)
{
	struct sk_buff *skb = at(s), *segs, *n;
	int i, gso;

	if (!skb || hdr < 0 || hdr > skb_headlen(skb) || skb->len - hdr <= 0 || mss < 1)
		return SKIP;
	if (skb_has_frag_list(skb) && !list_can_be_cut(skb, mss, hdr))
		return SKIP;
	if (DIV_ROUND_UP(skb->len - hdr, mss) > free_slots())
		return SKIP;
	skb->protocol = htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, hdr);
	gso = skb_shinfo(skb)->gso_size;
	skb_shinfo(skb)->gso_size = mss;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	SKB_GSO_CB(skb)->mac_offset = skb_headroom(skb); /* no tunnel: as __skb_gso_segment says it */
	__skb_pull(skb, hdr);
	segs = skb_segment(skb, NETIF_F_HW_CSUM | (sg ? NETIF_F_SG : 0));
	skb_shinfo(skb)->gso_size = gso;
	skb_shinfo(skb)->gso_type = 0;
	if (IS_ERR(segs))
		return PTR_ERR(segs);
	for (i = 0; segs; segs = n) {
		n = segs->next;
		segs->next = segs->prev = NULL;
		while (slot[i])
			i++;
		slot[i] = segs;
	}
	return 0;
}

static int lend(int s, int p, int off, int size, int shared, int u)
{
	struct sk_buff *skb = at(s);
	struct skb_shared_info *sh;
	skb_frag_t *last;

	if (!sole(s) || !range_ok(p, off, size) || skb_shinfo(skb)->nr_frags >= MAX_SKB_FRAGS || recycles(skb))
		return SKIP;
	sh = skb_shinfo(skb);
	if (u >= 0) { /* as MSG_ZEROCOPY */
		if (u >= UBUFS || !ub[u].owned || ub[u].done)
			return SKIP;
		if (skb_zcopy(skb) ? skb_uarg(skb) != &ub[u].ubuf : sh->nr_frags > 0)
			return SKIP;
		last = sh->nr_frags ? &sh->frags[sh->nr_frags - 1] : NULL;
		if (last && skb_frag_page(last) == pg[p] && skb_frag_off(last) + skb_frag_size(last) == off) {
			skb_frag_size_add(last, size);
		} else {
			get_page(pg[p]);
			skb_fill_page_desc(skb, sh->nr_frags, pg[p], off, size);
		}
		grow(skb, size);
		skb_zcopy_set(skb, &ub[u].ubuf, NULL);
		ub[u].lent = true;
		return 0;
	}
	if (skb_zcopy(skb))
		return SKIP;
	if (skb_can_coalesce(skb, sh->nr_frags, pg[p], off)) {
		skb_frag_size_add(&sh->frags[sh->nr_frags - 1], size);
	} else {
		get_page(pg[p]);
		skb_fill_page_desc(skb, sh->nr_frags, pg[p], off, size);
	}
	if (shared)
		sh_mark(sh);
	grow(skb, size);
	return 0;
}

static void owner_put(int p)
{
#if HAVE_POOL
	if (pooled) {
		page_pool_put_full_page(pool, pg[p], false);
		return;
	}
#endif
	put_page(pg[p]);
}

#include "fragments.h"
#include "fragments6.h"
#include "corking.h"

static int perform(const char *op, const int *a, int n)
{
	struct sk_buff *s = n > 0 ? at(a[0]) : NULL, *t;
	int i, r;

#define OP(name, args) } else if (!strcmp(op, name)) { if (n != (args)) return SKIP;
#define END }
	if (0) {
	OP("alloc", 6) /* slot headroom linear fclone seed header_release */
		if (!empty(a[0]) || a[1] < 0 || a[1] > 512 || a[2] < 0 || a[2] > 3000)
			return SKIP;
		s = a[3] ? alloc_skb_fclone(a[1] + a[2], GFP_KERNEL) : alloc_skb(a[1] + a[2], GFP_KERNEL);
		if (!s)
			return -ENOMEM;
		skb_reserve(s, a[1]);
		fill(skb_put(s, a[2]), a[2], a[4]);
		if (a[5])
			__skb_header_release(s);
		return put(a[0], s);
	OP("frag", 5)
		return lend(a[0], a[1], a[2], a[3], a[4], -1);
	OP("zc", 5)
		return lend(a[0], a[1], a[2], a[3], 0, a[4]);
#if HAVE_POOL
	OP("pp", 4) /* slot page off size: as a driver with a page pool */
		if (!pooled || !sole(a[0]) || !range_ok(a[1], a[2], a[3]) || skb_shinfo(s)->nr_frags >= MAX_SKB_FRAGS)
			return SKIP;
		if (!recycles(s) && skb_shinfo(s)->nr_frags)
			return SKIP; /* one kind of page per skb */
		page_pool_ref_page(pg[a[1]]);
		skb_add_rx_frag(s, skb_shinfo(s)->nr_frags, pg[a[1]], a[2], a[3], a[3]);
		skb_mark_for_recycle(s);
		return 0;
#endif
	OP("rx", 4) /* as a driver: a neighbour is joined, else skb_add_rx_frag */
		if (!sole(a[0]) || !range_ok(a[1], a[2], a[3]) || skb_shinfo(s)->nr_frags >= MAX_SKB_FRAGS || skb_zcopy(s) || recycles(s))
			return SKIP;
		i = skb_shinfo(s)->nr_frags;
		if (skb_can_coalesce(s, i, pg[a[1]], a[2])) {
			skb_coalesce_rx_frag(s, i - 1, a[3], a[3]);
		} else {
			get_page(pg[a[1]]);
			skb_add_rx_frag(s, i, pg[a[1]], a[2], a[3], a[3]);
		}
		return 0;
	OP("appendpf", 4) /* as MSG_SPLICE_PAGES and Unix sockets put a page in */
		if (!sole(a[0]) || !range_ok(a[1], a[2], a[3]) || skb_zcopy(s) || recycles(s))
			return SKIP;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
		r = skb_append_pagefrags(s, pg[a[1]], a[2], a[3], MAX_SKB_FRAGS);
#else
		r = skb_append_pagefrags(s, pg[a[1]], a[2], a[3]);
#endif
		if (!r)
			grow(s, a[3]);
		return r;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	OP("splice", 6) { /* slot, two ranges of pages; the second may be empty */
		struct bio_vec bv[2];
		struct iov_iter iter;

		if (!sole(a[0]) || !range_ok(a[1], a[2], a[3]) || skb_zcopy(s) || recycles(s))
			return SKIP;
		if (a[5] && !range_ok(a[4], 0, a[5]))
			return SKIP;
		bvec_set_page(&bv[0], pg[a[1]], a[3], a[2]);
		if (a[5])
			bvec_set_page(&bv[1], pg[a[4]], a[5], 0);
		iov_iter_bvec(&iter, ITER_SOURCE, bv, a[5] ? 2 : 1, a[3] + a[5]);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
		return skb_splice_from_iter(s, &iter, a[3] + a[5]);
#else
		return skb_splice_from_iter(s, &iter, a[3] + a[5], GFP_KERNEL);
#endif
	}
#endif
	OP("tstamp", 2) { /* sent: a clone with its time stamp goes to the error queue, and is taken from there */
		int before = skb_queue_len(&sock->sk->sk_error_queue);

		if (!s || !empty(a[1]) || s->sk)
			return SKIP;
		s->sk = sock->sk;
		skb_shinfo(s)->tx_flags |= SKBTX_SW_TSTAMP;
		skb_tstamp_tx(s, NULL);
		skb_shinfo(s)->tx_flags &= ~SKBTX_SW_TSTAMP;
		s->sk = NULL;
		if (skb_queue_len(&sock->sk->sk_error_queue) == before)
			return -ENOMEM;
		t = skb_dequeue_tail(&sock->sk->sk_error_queue);
		skb_orphan(t);
		return put(a[1], t);
	}
	OP("carve", 4) /* slot, new slot, from, bytes: as RDS takes a message out of a stream */
		if (!s || !empty(a[1]) || a[2] < 0 || a[3] < 1 || a[2] + a[3] > s->len)
			return SKIP;
#ifdef OLD_ZC
		/* there it puts a ubuf_info once more than it took it */
		if (skb_zcopy(s))
			return SKIP;
		skb_walk_frags(s, t)
			if (skb_zcopy(t))
				return SKIP;
#endif
		return put(a[1], pskb_extract(s, a[2], a[3], GFP_ATOMIC));
	OP("clone", 2)
		if (!s || !empty(a[1]))
			return SKIP;
		return put(a[1], skb_clone(s, GFP_ATOMIC));
	OP("copy", 2)
		if (!s || !empty(a[1]))
			return SKIP;
		return put(a[1], skb_copy(s, GFP_ATOMIC));
	OP("pcopy", 2)
		if (!s || !empty(a[1]))
			return SKIP;
		return put(a[1], pskb_copy(s, GFP_ATOMIC));
	OP("cexp", 4)
		if (!s || !empty(a[1]) || a[2] < 0 || a[3] < 0)
			return SKIP;
		return put(a[1], skb_copy_expand(s, a[2], a[3], GFP_ATOMIC));
	OP("morph", 2) /* dst src */
		if (!single(a[0]) || !at(a[1]) || a[0] == a[1])
			return SKIP;
		slot[a[0]] = skb_morph(s, at(a[1]));
		return 0;
	OP("zcopy", 2) /* as nfnetlink_queue: 128 bytes of message in front */
		if (!single(a[0]) || !empty(a[1]))
			return SKIP;
		i = skb_zerocopy_headlen(s);
		t = alloc_skb(128 + i, GFP_ATOMIC);
		if (!t)
			return -ENOMEM;
		skb_reserve(t, 128);
		r = i ? 0 : SKIP; /* an empty packet is a BUG there */
		if (!r)
			r = skb_zerocopy(t, s, s->len, i);
		if (r) {
			kfree_skb(t);
			return r;
		}
		return put(a[1], t);
	OP("expand", 3)
		if (!single(a[0]) || a[1] < 0 || a[2] < 0)
			return SKIP;
		return pskb_expand_head(s, a[1], a[2], GFP_ATOMIC);
	OP("cow", 2)
		if (!single(a[0]))
			return SKIP;
		return skb_cow(s, a[1]);
	OP("cowhead", 2)
		if (!single(a[0]))
			return SKIP;
		return skb_cow_head(s, a[1]);
	OP("unclone", 1)
		if (!single(a[0]))
			return SKIP;
		return skb_unclone(s, GFP_ATOMIC);
	OP("pull", 2)
		if (!single(a[0]) || a[1] < 1 || a[1] > skb_headlen(s))
			return SKIP;
		__skb_pull(s, a[1]);
		return 0;
	OP("pulltail", 2)
		if (!single(a[0]) || a[1] < 1 || a[1] > s->data_len)
			return SKIP;
		return __pskb_pull_tail(s, a[1]) ? 0 : -ENOMEM;
	OP("maypull", 2)
		if (!single(a[0]) || a[1] < 1)
			return SKIP;
		return pskb_may_pull(s, a[1]) ? 0 : -EINVAL;
	OP("linear", 1)
		if (!single(a[0]))
			return SKIP;
		return skb_linearize(s);
	OP("trim", 2)
		if (!single(a[0]) || a[1] < 0)
			return SKIP;
		return pskb_trim(s, a[1]);
	OP("split", 3) /* as tcp_fragment */
		if (!single(a[0]) || !empty(a[1]) || skb_has_frag_list(s) || a[2] < 1 || a[2] >= s->len)
			return SKIP;
		if (recycles(s)) /* skb_split forgets the mark: no such skb may come there */
			return SKIP;
		r = skb_unclone(s, GFP_ATOMIC);
		if (r)
			return r;
		t = alloc_skb_fclone(max_t(int, 0, skb_headlen(s) - a[2]), GFP_ATOMIC);
		if (!t)
			return -ENOMEM;
		skb_split(s, t, a[2]);
		return put(a[1], t);
	OP("shift", 3) /* tgt skb bytes */
		if (!single(a[0]) || !single(a[1]) || a[0] == a[1] || !fn_shift)
			return SKIP;
		t = at(a[1]);
		if (skb_has_frag_list(s) || skb_has_frag_list(t) || a[2] < 1 || a[2] > t->len || !skb_shinfo(t)->nr_frags)
			return SKIP;
		if (recycles(s) != recycles(t))
			return SKIP;
		return fn_shift(s, t, a[2]);
	OP("gso", 2)
		if (!single(a[0]) || a[1] < 0 || a[1] > 65535)
			return SKIP;
		skb_shinfo(s)->gso_size = a[1];
		return 0;
	OP("segment", 4)
		return segment(a[0], a[1], a[2], a[3]);
	OP("coal", 2) {
		bool stolen;
		int delta;

		if (!single(a[0]) || !single(a[1]) || a[0] == a[1])
			return SKIP;
		if (!skb_try_coalesce(s, at(a[1]), &stolen, &delta))
			return 0;
		kfree_skb_partial(at(a[1]), stolen);
		slot[a[1]] = NULL;
		return 1;
	}
	OP("ubufs", 1)
		if (!single(a[0]))
			return SKIP;
		return skb_copy_ubufs(s, GFP_ATOMIC);
	OP("orph", 1)
		if (!single(a[0]))
			return SKIP;
		return skb_orphan_frags(s, GFP_ATOMIC);
	OP("orphrx", 1)
		if (!single(a[0]))
			return SKIP;
		return skb_orphan_frags_rx(s, GFP_ATOMIC);
	OP("cowdata", 1)
		if (!single(a[0]))
			return SKIP;
		r = skb_cow_data(s, 0, &t);
		return r < 0 ? r : 0;
	OP("gro", 2)
		if (!sole(a[0]) || !sole(a[1]) || a[0] == a[1] || !fn_gro)
			return SKIP;
		t = at(a[1]);
		if (!skb_shinfo(t)->nr_frags || skb_shinfo(s)->nr_frags + skb_shinfo(t)->nr_frags > MAX_SKB_FRAGS)
			return SKIP;
		gro_cb(s, 0);
		gro_cb(t, skb_headlen(t));
		r = fn_gro(s, t);
		if (r)
			return r;
		r = t->len; /* what is left of it */
		__kfree_skb(t);
		slot[a[1]] = NULL;
		return r;
	OP("grolist", 2)
		if (!single(a[0]) || !single(a[1]) || a[0] == a[1] || !fn_gro_list)
			return SKIP;
		t = at(a[1]);
		if (skb_cloned(s) || skb_has_frag_list(t) || !t->len)
			return SKIP;
		for (t = skb_shinfo(s)->frag_list; t; t = t->next)
			if (refcount_read(&t->users) > 1)
				return SKIP;
		gro_cb(s, 0);
		gro_cb(at(a[1]), 0);
		r = fn_gro_list(s, at(a[1]));
		if (r)
			return r;
		slot[a[1]] = NULL;
		return 0;
	OP("ipfrag", 2) /* slot, mtu */
		return cut(&ipv4, a[0], a[1]);
	OP("defrag", 4)
		return join_fragments(&ipv4, a);
	OP("ip6frag", 2) /* slot, mtu */
		return cut(&ipv6, a[0], a[1]);
	OP("ip6defrag", 4)
		return join_fragments(&ipv6, a);
	OP("cork", 3) /* mtu, scatter and gather, sums */
		return cork(&ipv4, a[0], a[1], a[2]);
	OP("cork6", 3)
		return cork(&ipv6, a[0], a[1], a[2]);
	OP("udp", 2) /* bytes, seed: more follows */
		return send_bytes(a[0], a[1], true);
	OP("udppage", 3) /* page, offset, size: more follows */
		return send_page(a[0], a[1], a[2]);
	OP("udpsend", 3) /* slot, bytes, seed: that is all */
		return send_last(a[0], a[1], a[2]);
	OP("trimhead", 2) /* as tcp_trim_head */
		if (!single(a[0]) || skb_has_frag_list(s) || a[1] < 1 || a[1] > s->len || !fn_trim_head)
			return SKIP;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
		if (skb_headlen(s)) /* there it expects none */
			return SKIP;
#endif
		r = skb_unclone(s, GFP_ATOMIC);
		if (r)
			return r;
		fn_trim_head(s, a[1]);
		return 0;
	OP("get", 1)
		if (!s || refcount_read(&s->users) > 2)
			return SKIP;
		skb_get(s);
		return 0;
	OP("free", 1)
		if (!s)
			return SKIP;
		if (refcount_read(&s->users) == 1)
			slot[a[0]] = NULL;
		kfree_skb(s);
		return 0;
	OP("scrib", 3)
		if (!s || a[1] < 0 || a[1] >= skb_headlen(s))
			return SKIP;
		s->data[a[1]] = a[2];
		return 0;
	OP("rewrite", 2)
		if (a[0] < 0 || a[0] >= PAGES || !pg_owned[a[0]])
			return SKIP;
		fill_page(a[0], a[1]);
		return 0;
	OP("rel", 1)
		if (a[0] < 0 || a[0] >= PAGES || !pg_owned[a[0]])
			return SKIP;
		pg_owned[a[0]] = false;
		owner_put(a[0]);
		return 0;
	OP("urel", 1)
		if (a[0] < 0 || a[0] >= UBUFS || !ub[a[0]].owned)
			return SKIP;
		ub[a[0]].owned = false;
		net_zcopy_put(&ub[a[0]].ubuf);
		return 0;
	END
	return SKIP;
}

/* One that the pool does not know as its own any more is not taken: what an earlier sequence did to it is unknown. */
static struct page *fresh_page(void)
{
#if HAVE_POOL
	while (pooled) {
		struct page *page = page_pool_alloc_pages(pool, GFP_KERNEL);
		if (!page || (page->pp_magic & ~0x3UL) == PP_SIGNATURE)
			return page;
		pr_warn("lastref_lab: a page of the pool has lost its signature\n");
	}
#endif
	return alloc_page(GFP_KERNEL);
}

static void begin(void)
{
	int i;

	frags_begin(init_net.ipv4.fqdir);
	frags_begin(init_net.ipv6.fqdir);
	corking_begin();
	n_over = 0;
	first_call = atomic_read(&sock->sk->sk_zckey);

	for (i = 0; i < PAGES; i++) {
		pg[i] = fresh_page();
		if (!pooled)
			get_page(pg[i]); /* kept to the end, so that its count can be looked at; not shown */
		pg_owned[i] = true;
		fill_page(i, i);
	}
	for (i = 0; i < UBUFS; i++)
		ub_init(i);
}

static void finish(void)
{
	int i;

	corking_end();
	for (i = 0; i < SLOTS; i++)
		while (slot[i]) {
			struct sk_buff *s = slot[i];

			if (refcount_read(&s->users) == 1)
				slot[i] = NULL;
			kfree_skb(s);
		}
	for (i = 0; i < UBUFS; i++)
		if (ub[i].owned)
			net_zcopy_put(&ub[i].ubuf);
	for (i = 0; i < PAGES; i++)
		if (pg_owned[i])
			owner_put(i);
	announce();
	say("end\n");
	dump();
	skb_queue_purge(&sock->sk->sk_error_queue);
	for (i = 0; i < PAGES; i++)
		if (!pooled)
			put_page(pg[i]);
}

/** Does the first line end so? */
static bool seam_is(const char *text, const char *word)
{
	const char *line = strchr(text, '\n');
	size_t n = strlen(word);

	return line && line - text > n && !strncmp(line - n, word, n);
}

static void run(char *text)
{
	char *line, op[16];
	int a[8], n, used, r, i;

	out_len = out_pos = 0;
	zerocopy = seam_is(text, " zc");
	marked = seam_is(text, " marker");
	plain = seam_is(text, " plain");
#if HAVE_POOL
	pooled = seam_is(text, " pool");
#endif
	begin();
	while ((line = strsep(&text, "\n"))) {
		if (!*line || *line == '#')
			continue;
		if (sscanf(line, "%15s%n", op, &used) < 1)
			continue;
		line += used;
		for (n = 0; n < 8 && sscanf(line, "%d%n", &a[n], &used) == 1; n++)
			line += used;
		r = perform(op, a, n);
		say("%s", op);
		for (i = 0; i < n; i++)
			say(" %d", a[i]);
		if (r == SKIP) {
			say(" = skip\n");
			continue;
		}
		say(" = %d\n", r);
		announce();
		dump();
	}
	finish();
}

static ssize_t lab_write(struct file *f, const char __user *buf, size_t n, loff_t *pos)
{
	if (n >= 65536)
		return -EINVAL;
	if (copy_from_user(script, buf, n))
		return -EFAULT;
	script[n] = 0;
	run(script);
	return n;
}

static ssize_t lab_read(struct file *f, char __user *buf, size_t n, loff_t *pos)
{
	n = min(n, out_len - out_pos);
	if (copy_to_user(buf, out + out_pos, n))
		return -EFAULT;
	out_pos += n;
	return n;
}

static const struct file_operations lab_fops = {
	.owner = THIS_MODULE,
	.read = lab_read,
	.write = lab_write,
};

static struct miscdevice lab_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lastref_lab",
	.fops = &lab_fops,
};

static int __init lab_init(void)
{
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *);
	int r = register_kprobe(&kp);

	if (r)
		return r;
	lookup = (void *)kp.addr;
	unregister_kprobe(&kp);
	fn_shift = (void *)lookup("skb_shift");
	fn_gro = (void *)lookup("skb_gro_receive");
	fn_gro_list = (void *)lookup("skb_gro_receive_list");
	fn_trim_head = (void *)lookup("__pskb_trim_head");
	fn_udp_flush = (void *)lookup("udp_flush_pending_frames");
	fn_ip6_flush = (void *)lookup("ip6_flush_pending_frames");
	fn_ip6_fragment = (void *)lookup("ip6_fragment");
	if (!fn_udp_flush || !fn_ip6_flush || !fn_ip6_fragment)
		return -ENOENT;
	pr_info("lastref_lab: skb_shift %d, skb_gro_receive %d, skb_gro_receive_list %d, __pskb_trim_head %d\n",
		!!fn_shift, !!fn_gro, !!fn_gro_list, !!fn_trim_head);
#if HAVE_POOL
	{
		struct page_pool_params params = { .pool_size = 256, .nid = NUMA_NO_NODE };

		pool = page_pool_create(&params);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
	}
#endif
#ifdef OLD_ZC
	r = register_kprobe(&ub_kprobe);
	if (r)
		return r;
#endif
	r = sock_create_kern(&init_net, PF_UNIX, SOCK_DGRAM, 0, &sock);
	if (r)
		return r;
	sock_set_flag(sock->sk, SOCK_ZEROCOPY);
	sock->sk->sk_rcvbuf = INT_MAX;
	r = fragments_init();
	if (r)
		return r;
	r = fragments6_init();
	if (r)
		return r;
	r = corking_init();
	if (r)
		return r;
	out = vmalloc(OUT_BYTES);
	script = vmalloc(65536);
	scratch = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!out || !script || !scratch)
		return -ENOMEM;
	return misc_register(&lab_dev);
}

static void __exit lab_exit(void)
{
	misc_deregister(&lab_dev);
	corking_exit();
	fragments6_exit();
	fragments_exit();
	sock_release(sock);
#ifdef OLD_ZC
	unregister_kprobe(&ub_kprobe);
#endif
	vfree(out);
	vfree(script);
	kfree(scratch);
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Scripted sk_buff operations, for comparison with a model");
