import {
  Checksum,
  GetPutPage,
  Site,
  markerSites,
  type Design,
  type Loan,
  type Page,
  type SideField,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: 'msg-zerocopy',
  title: 'a counted ubuf_info for every shared info',
  year: 2017,
  source:
    'net/core/skbuff.c skb_zerocopy_clone, skb_copy_ubufs, skb_orphan_frags_rx, skb_zerocopy_notify_extend (4.14, 5.12); commits 52267790ef52, f214f915e7db',
  era: { id: '4.14', source: 'merged for 4.14' },
  status: 'merged',
  summary:
    'A ubuf_info is counted by every shared info that points to it; clones share the shared info; whoever would keep the data for ever gets copies. The notification goes to the error queue.',
  reading:
    'One send call per loan, which joins the ubuf_info of the one before as long as the last packet of that has not been sent, up to 512 KiB; pages of one loan that come one by one are one call. A call whose pages were copied at once is announced like any other. Copies are for who receives, for taps and for tun; the process behind a macvtap gets none: tap_handle_frame comes before skb_orphan_frags_rx, and does not ask (drivers/net/tap.c of 4.20 and 7.2.13).',
  domain: {
    over: ['tcp'],
    since: '4.14',
    source:
      '"The feature is currently implemented for TCP sockets." [Documentation/networking/msg_zerocopy.rst, 4.14]; over UDP since 5.0 (b5947e5d1e71), where a datagram that IP has to cut is copied at once and announced so [__ip_append_data, 5.10]',
  },
  adds: [{ struct: 'sock', name: 'sk_zckey', type: 'atomic_t', merged: '4.14' }],
  hooks:
    Site.PSKB_COPY |
    Site.EXPAND_HEAD |
    Site.CARVE |
    Site.SPLIT |
    Site.SEGMENT |
    Site.SEGMENT_LIST |
    Site.ZEROCOPY,
  claims: [],
  create: (k) => new MsgZerocopy(k),
} satisfies Design;

/** Calls are joined up to so many bytes, "a few TSO". */
const BYTE_LIMIT = 1 << 19;

export class MsgZerocopy extends GetPutPage {
  /** The ubuf_info of a send call: that of the first call which it has joined, whose loan stands for it. */
  private readonly uarg: SideField<Loan, Loan> = this.k.sideField();
  /** uarg->len and uarg->bytelen: how many calls it stands for, and their bytes. */
  private readonly calls: SideField<Loan, number> = this.k.sideField();
  private readonly bytes: SideField<Loan, number> = this.k.sideField();
  /** uarg->zerocopy: no copy was made in place of the pages. */
  private readonly zerocopy: SideField<Loan, boolean> = this.k.sideField();
  /** SKBFL_SHARED_FRAG in a shared info that has no ubuf_info. */
  private readonly marked: SideField<SkbSharedInfo, boolean> = this.k.sideField();

  override begins(loan: Loan, tail: SkBuff | null): void {
    if (this.uarg.get(loan) !== undefined) return;
    const last = tail === null ? null : tail.shinfo.loan; // skb_zcopy(tcp_write_queue_tail(sk))
    const uarg = last !== null && this.mayJoin(last, loan) ? last : loan;
    this.uarg.set(loan, uarg);
    if (uarg === loan) return;
    this.calls.set(uarg, this.callsOf(uarg) + 1);
    this.k.hold(uarg); // sock_zerocopy_get [sock_zerocopy_realloc]
  }

  override canAppend(skb: SkBuff, loan: Loan): boolean {
    if (skb.sk?.datagrams === true && skb.ipSummed !== Checksum.PARTIAL) return false; // one that is to be cut, or that more is said to follow [__ip_append_data]
    return skb.shinfo.loan === null || skb.shinfo.loan === this.uargOf(loan); // orig_uarg && uarg != orig_uarg: -EEXIST [skb_zerocopy_iter_stream]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    const uarg = this.uargOf(loan);
    this.bytes.set(uarg, (this.bytes.get(uarg) ?? 0) + size);
    if (skb.shinfo.loan === uarg) return;
    skb.shinfo.loan = uarg; // skb_zcopy_set
    if (this.zerocopy.get(uarg) === undefined) this.zerocopy.set(uarg, true); // stays unset where the route has no scatter/gather [tcp_sendmsg_locked]
    this.k.hold(uarg);
  }

  override mayMerge(_frag: SkbFrag, loan: Loan | null): boolean {
    return loan === null || this.k.era.zerocopyCombines; // all of a packet has one uarg [__zerocopy_sg_from_iter]
  }

  override mayMove(from: SkBuff, to: SkBuff, site: Site): boolean {
    if (site === Site.GRO && !this.k.era.groRefusesZerocopy) return true; // CVE-2026-46323 [skb_gro_receive]
    if (site === Site.GRO_LIST) return true; // whole packets, each with its own ubuf_info
    if (site === Site.IPTFS_CONSUME) return from.shinfo.loan === null; // skb_zcopy(skb2) [iptfs_output_queued]
    return from.shinfo.loan === null && to.shinfo.loan === null; // skb_zcopy(to) || skb_zcopy(from): no merging
  }

  override adopt(parent: SkBuff, child: SkbSharedInfo, site: Site, into: SkBuff): void {
    const { loan } = parent.shinfo;
    if ((site & markerSites(this.k.era)) !== 0 && this.isMarked(parent.shinfo))
      this.marked.set(child, true); // flags |= flags & SKBFL_SHARED_FRAG
    const shared = this.k.era.probeSharesOwner && site === Site.PROBE;
    if (loan === null || (!shared && (site & design.hooks) === 0)) return;
    if (site === Site.SEGMENT_LIST && child.loan !== null) {
      if (child.loan === loan) return; // skb_uarg(nskb) == skb_uarg(orig) [skb_zerocopy_clone]
      this.copyUbufs(into); // one skb, one uarg: what it has of the other is copied
    }
    child.loan = loan; // skb_zerocopy_clone
    if (site === Site.CARVE && !this.k.era.carveTakesUbuf) return; // memcpy alone [98d0912e9f84]
    this.k.hold(loan);
  }

  override orphanFragsRx(skb: SkBuff): void {
    if (skb.shinfo.loan !== null) this.copyUbufs(skb); // skb_orphan_frags leaves it alone: SKBFL_DONT_ORPHAN
  }

  override pagesLeft(skb: SkBuff): void {
    this.clear(skb.shinfo); // if (!skb->data_len) skb_zcopy_clear(skb, false) [__pskb_pull_tail]
  }

  override ubufsCopied(skb: SkBuff): void {
    this.clear(skb.shinfo); // skb_zcopy_clear(skb, false) [skb_copy_ubufs]
  }

  override mayWriteFrags(skb: SkBuff): boolean {
    return !this.isMarked(skb.shinfo); // skb_has_shared_frag [esp_input]
  }

  override zcopyClear({ loan }: SkbSharedInfo): void {
    if (loan !== null) this.put(loan); // skb_zcopy_clear [skb_release_data]
  }

  override released(loan: Loan): void {
    this.put(this.uargOf(loan)); // the send call itself: sock_zerocopy_put [tcp_sendmsg_locked]
  }

  override keepsOwner(): boolean {
    return true; // the notification holds the socket [sock_zerocopy_alloc: sock_hold]
  }

  /** A copy was made in place of the pages of `loan`. */
  copied(loan: Loan): boolean {
    return this.zerocopy.get(this.uargOf(loan)) === false;
  }

  private copyUbufs(skb: SkBuff): void {
    this.k.unshare(skb); // skb_unclone comes with it [skb_copy_ubufs, 1f8b977ab32d]
    this.k.copyUbufs(skb);
  }

  private uargOf(loan: Loan): Loan {
    return this.uarg.get(loan) ?? loan;
  }

  protected callsOf(uarg: Loan): number {
    return this.calls.get(uarg) ?? 1;
  }

  /** The next call of the same socket, as long as not too many bytes come together. Model: of the call that begins, none is counted yet. */
  private mayJoin(uarg: Loan, { producer, call }: Loan): boolean {
    if ((this.bytes.get(uarg) ?? 0) >= BYTE_LIMIT) return false; // bytelen > byte_limit: new_alloc [sock_zerocopy_realloc]
    return uarg.producer === producer && uarg.call + this.callsOf(uarg) === call; // uarg->id + uarg->len == sk_zckey
  }

  /** SKBFL_SHARED_FRAG: with a ubuf_info always, as SKBFL_ZEROCOPY_FRAG has it; else where a helper carried it. */
  private isMarked(shinfo: SkbSharedInfo): boolean {
    return shinfo.loan !== null || this.marked.get(shinfo) === true;
  }

  /** skb_zcopy_clear(skb, false): once copied, always copied. */
  private clear(shinfo: SkbSharedInfo): void {
    const { loan } = shinfo;
    if (loan === null) return;
    shinfo.loan = null;
    this.marked.set(shinfo, false); // flags &= ~SKBFL_ALL_ZEROCOPY
    this.zerocopy.set(loan, false);
    this.put(loan);
  }

  /** The last one queues the notification. */
  private put(loan: Loan): void {
    const { zcopyCallsBack } = this.k.era;
    if (zcopyCallsBack) this.k.called(); // uarg->callback, ops->complete from 6.10 on [skb_zcopy_clear, net_zcopy_put]
    if (!this.k.decAndTest(loan)) return;
    if (!zcopyCallsBack) this.k.called(); // uarg->callback of the last one [sock_zerocopy_put]
    this.announce(loan, this.zerocopy.get(loan) !== true);
  }

  protected announce(uarg: Loan, copied: boolean): void {
    const { producer, call } = uarg;
    this.k.notify(producer, call, call + this.callsOf(uarg) - 1, copied); // lo = id, hi = id + len - 1 [sock_zerocopy_callback]
  }
}
