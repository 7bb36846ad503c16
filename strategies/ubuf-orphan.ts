import {
  GetPutPage,
  SHARE,
  Site,
  type CloneAnswer,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: 'ubuf-orphan',
  title: 'ubuf_info, and copies for whoever would keep it',
  year: 2011,
  source: 'net/core/skbuff.c skb_copy_ubufs, include/linux/skbuff.h skb_orphan_frags (3.2, 3.8)',
  era: { id: '3.8', source: 'transcribed from 3.8' },
  status: 'merged',
  summary:
    'A zero-copy skb carries a ubuf_info, never counted and never shared: before the data is shared or kept, the frags are replaced by copies and the callback runs.',
  reading:
    'Up to 3.5 clones, copies and dev_forward_skb alone are looked at; who receives a packet, and tun, copy from 3.6 on. skb_segment orphans from 3.14 on (CVE-2014-0131), and not in 3.8; skb_gro_receive, which gets what a guest sends by a tun device with NAPI from 4.15 on, refuses it since 7.1, 6.12.92 and 6.1.176 (CVE-2026-46323). Made for packets that a guest injects, which nobody has cloned; a TCP sender clones every packet, so over TCP every transmission copies.',
  domain: {
    by: ['guest', 'process'],
    since: '3.1',
    source: 'vhost and macvtap, which send the buffers of a guest [3.1, a6686f2f382b]',
  },
  adds: [],
  hooks: Site.XMIT | Site.TAP | Site.PSKB_COPY | Site.EXPAND_HEAD,
  defers: true, // the callback notes the ring entry, vhost's worker publishes it [vhost_zerocopy_callback, 3.8]
  claims: [],
  create: (k) => new UbufOrphan(k),
} satisfies Design;

class UbufOrphan extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === loan || (skb.shinfo.loan === null && skb.shinfo.nrFrags === 0); // one skb, one ubuf_info [destructor_arg]
  }

  override mayMove(from: SkBuff, to: SkBuff, site: Site): boolean {
    const { zerocopy, groRefusesZerocopy } = this.k.era;
    if (!(site === Site.GRO ? groRefusesZerocopy : zerocopy)) return true; // nobody asks [skb_try_coalesce, 3.8; skb_gro_receive: CVE-2026-46323]
    if (site === Site.IPTFS_CONSUME) return from.shinfo.loan === null; // skb_zcopy(skb2) [iptfs_output_queued]
    return from.shinfo.loan === null && to.shinfo.loan === null; // skb_zcopy(to) || skb_zcopy(from) [4.14]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.shinfo.loan === loan) return;
    skb.shinfo.loan = loan; // shinfo->destructor_arg, SKBTX_DEV_ZEROCOPY
    this.k.hold(loan);
  }

  override clone(skb: SkBuff, site: Site): CloneAnswer {
    if ((site & design.hooks) !== 0) this.copy(skb); // SKBTX_DEV_ZEROCOPY [skb_clone, pskb_copy, pskb_expand_head, 3.2]
    return SHARE;
  }

  override orphanFrags(skb: SkBuff): void {
    this.copy(skb); // skb_copy_ubufs [dev_forward_skb, 3.2], skb_orphan_frags [skb_zerocopy, 3.14]
  }

  override orphanFragsRx(skb: SkBuff): void {
    if (this.k.era.orphansFrags) this.copy(skb); // skb_orphan_frags [deliver_skb, tun_net_xmit, 3.6]
  }

  override pagesLeft(skb: SkBuff): void {
    if (this.k.era.zerocopy) this.ubufsCopied(skb); // if (!skb->data_len) skb_zcopy_clear(skb, false) [__pskb_pull_tail, 4.14]
  }

  override ubufsCopied({ shinfo }: SkBuff): void {
    const { loan } = shinfo;
    if (loan === null) return;
    shinfo.loan = null;
    this.k.drop(loan); // uarg->callback(uarg, false) [skb_copy_ubufs]
  }

  override zcopyClear({ loan }: SkbSharedInfo): void {
    if (loan !== null) this.k.drop(loan); // uarg->callback [skb_release_data]
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the lender's own part [in the card]
  }

  override keepsOwner(): boolean {
    return true; // vhost waits for its last ubuf before it goes [vhost_ubuf_put_and_wait]
  }

  private copy(skb: SkBuff): void {
    if (skb.shinfo.loan !== null) this.k.copyUbufs(skb); // or -ENOMEM [skb_copy_ubufs]
  }
}
