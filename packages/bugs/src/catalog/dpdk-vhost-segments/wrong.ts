import type { Loan, Page, SkBuff } from '@lastref/kernel';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

/** Of a packet of several segments only the first is pinned. */
class PinsTheFirst extends FragCounts {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    if (skb.shinfo.nrFrags === 0) {
      super.lend(skb, page, pageOffset, size, loan); // pin the head of the chain
      return;
    }
    this.k.getPage(page);
    this.k.fillPageDesc(skb, page, pageOffset, size);
  }
}

export const wrong = program(
  'dpdk-vhost-segments-wrong',
  'a packet whose first segment alone is pinned',
  2017,
  (k) => new PinsTheFirst(k),
);
