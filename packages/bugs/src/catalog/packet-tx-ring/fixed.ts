import { SHARE, Site, type CloneAnswer, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import { program } from '../../lib.ts';
import { FrameInDestructor } from './common.ts';

/** skb_zcopy_set_nouarg: whoever would share or keep the packet copies its frags first. Nobody is told of that. */
class MarksFrames extends FrameInDestructor {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    skb.shinfo.loan = loan; // SKBTX_ZEROCOPY_FRAG
  }

  override clone(skb: SkBuff, site: Site): CloneAnswer {
    if (site !== Site.XMIT) this.orphanFrags(skb);
    return SHARE;
  }

  override orphanFrags(skb: SkBuff): void {
    if (skb.shinfo.loan !== null) this.k.copyUbufs(skb);
  }

  override ubufsCopied({ shinfo }: SkBuff): void {
    shinfo.loan = null;
  }
}

export const fixed = program(
  'packet-tx-ring-fixed',
  'a frame that is copied for whoever would keep it',
  2018,
  (k) => new MarksFrames(k),
);
