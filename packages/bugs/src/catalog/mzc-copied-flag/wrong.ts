import type { Loan, Page, SkBuff } from '@lastref/kernel';
import { LocalSender, SMALL } from '../../local-sender.ts';
import { zerocopySends } from './common.ts';

/** What fits into the head of the packet goes there. */
class SmallInHead extends LocalSender {
  protected override place(skb: SkBuff, page: Page, size: number, loan: Loan): void {
    if (size <= SMALL) this.inHead(skb, page, size, loan);
    else this.inFrag(skb, page, size, loan);
  }
}

export const wrong = zerocopySends('wrong', (k, size) => new SmallInHead(k, size));
