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
  id: 'canary-forgets-ref',
  title: 'canary: a frag destructor that is not counted when a frag is copied',
  year: 2026,
  source: 'made wrong on purpose',
  status: 'canary',
  summary:
    'Counts the first entry and every unref, but no ref: the first copy that goes completes the loan.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new ForgetsRef(k),
} satisfies Design;

class ForgetsRef extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan); // counted beside the page pointer [in the card]
  }

  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan; // one record per entry [in the card]
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null) super.fragRef(shinfo, frag); // the bug: nothing is counted for a loan [in the card]
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null)
      this.k.drop(frag.loan); // a loan's reference [in the card]
    else super.fragUnref(shinfo, frag);
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }
}
