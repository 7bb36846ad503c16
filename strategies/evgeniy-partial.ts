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
  id: 'evgeniy-partial',
  title: 'a destructor in the shared info that looks at page counts',
  year: 2008,
  source: 'Evgeniy Polyakov, as quoted by Rusty Russell, LKML 21 Dec 2008; no code is known',
  status: 'proposed',
  summary:
    'The destructor is copied with the shared info and called for a page that leaves early and for the whole skb at the end; it asks the page count whether the page is really free.',
  reading:
    "A page is free when a call finds its count at the producer's own one. The pointer follows the block copy of pskb_expand_head alone; pskb_copy, split and segment build a shared info without it.",
  adds: [{ struct: 'skb_shared_info', name: 'destructor', type: 'callback', after: 'frags' }],
  hooks: 0,
  claims: ['R1', 'R2'],
  create: (k) => new Partial(k),
} satisfies Design;

/** The producer's own reference. */
const OWN = 1;

class Partial extends GetPutPage {
  /** Pages of each loan that no call has found free yet, by loan id. */
  private readonly waiting = new Map<number, Set<Page>>();

  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === loan || (skb.shinfo.loan === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    skb.shinfo.loan = loan;
    let pages = this.waiting.get(loan.id);
    if (pages === undefined) this.waiting.set(loan.id, (pages = new Set()));
    if (pages.has(page)) return;
    pages.add(page);
    this.k.hold(loan);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { page } = frag;
    super.fragUnref(shinfo, frag);
    const { loan } = shinfo;
    if (loan === null || page.count > OWN) return; // read and put are two steps: a race that this model has not
    if (this.waiting.get(loan.id)?.delete(page) === true) this.k.drop(loan);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
