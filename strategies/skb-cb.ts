import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import { calledBack } from './lib/called-back.ts';
import { THREAD_OF_2007 } from './lib/thread-of-2007.ts';

export const design = {
  id: 'skb-cb',
  title: 'a completion pointer in skb->cb',
  year: 2007,
  source: 'Evgeniy Polyakov, comment of 19 Dec 2007 on his blog entry, who names its flaw at once',
  era: THREAD_OF_2007,
  status: 'considered',
  summary:
    'The control block of the write-queue skb points to the producer; the free that still finds the pointer tells it.',
  reading:
    'The pointer stands behind what TCP keeps in its own control block. A clone copies it with the block; IP on the way in, a packet tap and, since 2.6.27, the qdisc overwrite it.',
  adds: [],
  hooks: 0,
  claims: ['Z10'],
  create: (k) => new SkbCb(k),
} satisfies Design;

class SkbCb extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.cb === null || skb.cb === loan; // one pointer, one sender [in the card]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.cb === loan) return;
    skb.cb = loan; // in the control block [in the card]
    this.k.hold(loan);
  }

  override cbFound(skb: SkBuff): void {
    if (skb.cb !== null) calledBack(this.k, skb.cb); // whoever frees it looks there [in the card]
    skb.cb = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }
}
