import {
  COPY,
  GetPutPage,
  SHARE,
  type CloneAnswer,
  type Design,
  type Loan,
  type Page,
  Destructor,
  type SkBuff,
} from '@lastref/kernel';

export const design = {
  id: 'no-clone',
  title: 'copy instead of clone',
  year: 2011,
  source:
    'Ian Campbell and Jeremy Fitzhardinge, as told on xen-devel, 2011: "SKB paged fragment lifecycle on receive"',
  status: 'practice',
  summary:
    'A flag on the skb makes every clone a private copy, so that the plain skb destructor is enough. Completes when the flagged skb is freed.',
  reading:
    'Honoured at every skb_clone; operations that move frags to another skb (split, shift) are not clones and lose the flag.',
  grows: {},
  hooks: 0,
  claims: ['C5', 'C6'],
  create: (k) => new NoClone(k),
} satisfies Design;

class NoClone extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.loan === loan || (skb.loan === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.loan === loan) return;
    skb.loan = loan;
    skb.destructor = Destructor.DESIGN; // a write-queue skb has none of its own
    this.k.hold(loan);
  }

  override clone(skb: SkBuff): CloneAnswer {
    return skb.loan === null ? SHARE : COPY;
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.loan === null) return;
    this.k.drop(skb.loan);
    skb.loan = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
