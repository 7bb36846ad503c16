import type { Loan, Page, SkBuff } from '@lastref/kernel';
import { LocalSender } from '../../local-sender.ts';
import { zerocopySends } from './common.ts';

/** All of it goes into frags, however small. */
class AllInFrags extends LocalSender {
  protected override place(skb: SkBuff, page: Page, size: number, loan: Loan): void {
    this.inFrag(skb, page, size, loan);
  }
}

export const fixed = zerocopySends('fixed', (k, size) => new AllInFrags(k, size));
