import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: 'repair-copies',
  title: 'exercise 1: a count that misses copies of an entry',
  year: 2026,
  source: 'an exercise: it is wrong on purpose',
  status: 'canary',
  summary: 'Every entry of frags[] counts for the loan; the last one that goes tells the producer.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Repair(k),
} satisfies Design;

class Repair extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan);
  }

  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan;
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null) super.fragRef(shinfo, frag);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null) this.k.drop(frag.loan);
    else super.fragUnref(shinfo, frag);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
