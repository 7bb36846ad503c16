import {
  Destructor,
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';

export const design = {
  id: 'skb-destructor',
  title: 'the plain skb destructor',
  year: 2007,
  source:
    'Evgeniy Polyakov, comment of 19 Dec 2007 on his blog entry (a destructor given to sendpage); Ian Campbell, xen-devel 2011',
  status: 'proposed',
  summary:
    'skb->destructor of the write-queue skb tells the producer, chained to the one that was there before.',
  reading:
    'One producer per skb: a new one is started for every loan. A write-queue skb has no destructor of its own, so there is none to chain.',
  adds: [],
  hooks: 0,
  claims: ['L3', 'C4', 'C7', 'Z8', 'Z11'],
  create: (k) => new SkbDestructor(k),
} satisfies Design;

export class SkbDestructor extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.loan === loan || (skb.loan === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.loan === loan) return;
    skb.loan = loan;
    skb.destructor = Destructor.DESIGN; // a clone gets none: __skb_clone clears it
    this.k.hold(loan);
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.loan === null || skb.destructor !== Destructor.DESIGN) return; // overwritten without being called
    this.k.drop(skb.loan);
    skb.loan = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
