import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SideField,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: 'repair-own-count',
  title: 'exercise 2: a count that reaches 0 while more is still to come',
  year: 2026,
  source: 'an exercise: it is wrong on purpose',
  status: 'canary',
  summary: 'Entries count for the loan from the first one on; none left means done.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Repair(k),
} satisfies Design;

class Repair extends GetPutPage {
  private readonly begun: SideField<Loan, boolean> = this.k.sideField();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan);
    if (this.begun.get(loan) === true) return;
    this.begun.set(loan, true);
    this.k.drop(loan); // the count is that of the entries
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
}
