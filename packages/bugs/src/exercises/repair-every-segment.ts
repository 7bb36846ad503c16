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
  id: 'repair-every-segment',
  title: 'exercise 3: of a packet the first entry alone counts',
  year: 2026,
  source: 'an exercise: it is wrong on purpose',
  status: 'canary',
  summary:
    'The first entry of a packet counts for the loan; the others have references on their pages.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Repair(k),
} satisfies Design;

class Repair extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    if (skb.shinfo.nrFrags > 0) {
      super.lend(skb, page, pageOffset, size, loan);
      return;
    }
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan);
  }

  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan;
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null) this.k.hold(frag.loan);
    else super.fragRef(shinfo, frag);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null) this.k.drop(frag.loan);
    else super.fragUnref(shinfo, frag);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
