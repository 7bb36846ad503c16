import {
  GetPutPage,
  Site,
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
  status: 'merged',
  summary:
    'A ubuf_info is counted by every shared info that points to it; clones share the shared info; whoever would keep the data for ever gets copies. The notification goes to the error queue.',
  reading:
    'One send call per loan and one ubuf_info for each, as calls of more than 512 KiB have: two calls are never joined before they are over, their notifications are. A call whose pages were copied at once is announced like any other.',
  adds: [],
  hooks: Site.PSKB_COPY | Site.EXPAND_HEAD | Site.SPLIT | Site.SEGMENT | Site.ZEROCOPY,
  claims: [],
  create: (k) => new MsgZerocopy(k),
} satisfies Design;

export class MsgZerocopy extends GetPutPage {
  /** uarg->zerocopy: no copy was made in place of the pages. */
  private readonly zerocopy: SideField<Loan, boolean> = this.k.sideField();

  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === loan || (skb.shinfo.loan === null && skb.shinfo.nrFrags === 0); // one skb, one uarg
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.shinfo.loan === loan) return;
    skb.shinfo.loan = loan; // skb_zcopy_set
    if (this.zerocopy.get(loan) === undefined) this.zerocopy.set(loan, true); // stays unset where the route has no scatter/gather [tcp_sendmsg_locked]
    this.k.hold(loan);
  }

  override mayMerge(_frag: SkbFrag, loan: Loan | null): boolean {
    return loan !== null; // entries of other skbs never join: skb_shift and skb_try_coalesce refuse, below
  }

  override mayMove(from: SkBuff, to: SkBuff): boolean {
    return from.shinfo.loan === null && to.shinfo.loan === null; // skb_zcopy(to) || skb_zcopy(from): no merging
  }

  override adopt(parent: SkBuff, child: SkbSharedInfo, site: Site): void {
    const { loan } = parent.shinfo;
    if (loan === null || (site & design.hooks) === 0) return;
    child.loan = loan; // skb_zerocopy_clone
    this.k.hold(loan);
  }

  override orphanFrags(skb: SkBuff): void {
    if (skb.shinfo.loan === null) return;
    this.k.unshare(skb); // skb_copy_ubufs un-shares first [5.12]; the new shared info takes its own count
    const { shinfo } = skb;
    const { loan } = shinfo;
    for (let i = 0; i < shinfo.nrFrags; i++) this.k.privatise(skb, shinfo.frags[i]!);
    shinfo.loan = null;
    if (loan === null) return;
    this.zerocopy.set(loan, false); // skb_zcopy_clear(skb, false): once copied, always copied
    this.put(loan);
  }

  override dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null {
    if (shinfo.loan !== null) this.put(shinfo.loan);
    return null;
  }

  override released(loan: Loan): void {
    this.put(loan);
  }

  override keepsOwner(): boolean {
    return true; // the notification holds the socket [sock_zerocopy_alloc: sock_hold]
  }

  /** sock_zerocopy_put: the last one queues the notification. */
  private put(loan: Loan): void {
    if (this.k.decAndTest(loan)) this.announce(loan, this.zerocopy.get(loan) !== true);
  }

  protected announce({ producer, call }: Loan, copied: boolean): void {
    this.k.notify(producer, call, call, copied); // sock_zerocopy_callback
  }
}
