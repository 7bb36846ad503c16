import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';

export const design = {
  id: 'repair-control-block',
  title: 'exercise 4: a pointer where the next layer writes',
  year: 2026,
  source: 'an exercise: it is wrong on purpose',
  status: 'canary',
  summary: 'skb->cb points to the loan; whoever frees the packet and finds the pointer tells.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Repair(k),
} satisfies Design;

class Repair extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.cb === loan || (skb.cb === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.cb === loan) return;
    skb.cb = loan;
    this.k.hold(loan);
  }

  override cbFound(skb: SkBuff): void {
    if (skb.cb !== null) this.k.drop(skb.cb);
    skb.cb = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
