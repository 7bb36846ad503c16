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

export const wrong: Design = {
  id: 'page-count-look-wrong',
  title: 'looks at the page count, then puts the page',
  year: 2008,
  source: 'Evgeniy Polyakov, as quoted by Rusty Russell, LKML 21 Dec 2008',
  status: 'proposed',
  summary: 'Whoever is about to put the last reference of the stack tells the sender.',
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
    const last = page.count === ownRefs(page) + 1;
    super.fragUnref(shinfo, frag);
    if (last) this.tell(page);
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
