import {
  GetPutPage,
  Site,
  markerSites,
  type Design,
  type Loan,
  type Page,
  type SideField,
  type SkBuff,
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
    'One send call per loan and one ubuf_info for each, as calls of more than 512 KiB have: two calls are never joined before they are over, their notifications are. A call whose pages were copied at once is announced like any other.',
  domain: {
    over: ['tcp'],
    source:
      '"The feature is currently implemented for TCP sockets." [Documentation/networking/msg_zerocopy.rst, 4.14]; over UDP since 5.0 (b5947e5d1e71), where a datagram that IP has to cut is copied at once and announced so [__ip_append_data, 5.10]',
  },
  adds: [],
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

export class MsgZerocopy extends GetPutPage {
  /** uarg->zerocopy: no copy was made in place of the pages. */
  private readonly zerocopy: SideField<Loan, boolean> = this.k.sideField();
  /** SKBFL_SHARED_FRAG in a shared info that has no ubuf_info. */
  private readonly marked: SideField<SkbSharedInfo, boolean> = this.k.sideField();

  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === null || skb.shinfo.loan === loan; // orig_uarg && uarg != orig_uarg: -EEXIST [skb_zerocopy_iter_stream]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.shinfo.loan === loan) return;
    skb.shinfo.loan = loan; // skb_zcopy_set
    if (this.zerocopy.get(loan) === undefined) this.zerocopy.set(loan, true); // stays unset where the route has no scatter/gather [tcp_sendmsg_locked]
    this.k.hold(loan);
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
      this.k.copyUbufs(into); // one skb, one uarg: what it has of the other is copied
    }
    child.loan = loan; // skb_zerocopy_clone
    if (site === Site.CARVE && !this.k.era.carveTakesUbuf) return; // memcpy alone [98d0912e9f84]
    this.k.hold(loan);
  }

  override orphanFragsRx(skb: SkBuff): void {
    if (skb.shinfo.loan !== null) this.k.copyUbufs(skb); // skb_orphan_frags leaves it alone: SKBFL_DONT_ORPHAN
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
    this.put(loan); // the send call itself: sock_zerocopy_put [tcp_sendmsg_locked]
  }

  override keepsOwner(): boolean {
    return true; // the notification holds the socket [sock_zerocopy_alloc: sock_hold]
  }

  /** A copy was made in place of the pages of `loan`. */
  copied(loan: Loan): boolean {
    return this.zerocopy.get(loan) === false;
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

  protected announce({ producer, call }: Loan, copied: boolean): void {
    this.k.notify(producer, call, call, copied); // sock_zerocopy_callback
  }
}
