import {
  GetPutPage,
  ownRefs,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const fixed: Design = {
  id: 'page-count-look-fixed',
  title: 'puts the page, and looks at what is left',
  year: 2008,
  source: 'Evgeniy Polyakov, as quoted by Rusty Russell, LKML 21 Dec 2008',
  status: 'proposed',
  summary: 'Whoever leaves no reference of the stack behind tells the sender.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Looks(k),
};

class Looks extends GetPutPage {
  private readonly waiting = this.k.sideField<Page, Loan>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (this.waiting.get(page) === loan) return;
    this.waiting.set(page, loan);
    this.k.hold(loan);
  }

  override mayMerge({ page }: SkbFrag, loan: Loan | null): boolean {
    return loan !== null && this.waiting.get(page) === loan;
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { page } = frag;
    super.fragUnref(shinfo, frag);
    if (page.count === ownRefs(page)) this.tell(page);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }

  private tell(page: Page): void {
    const loan = this.waiting.get(page);
    this.waiting.set(page, undefined);
    if (loan !== undefined) this.k.drop(loan);
  }
}
