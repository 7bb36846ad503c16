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

export const design = {
  id: 'evgeniy-partial',
  title: 'a destructor in the shared info that looks at page counts',
  year: 2008,
  source: 'Evgeniy Polyakov, as quoted by Rusty Russell, LKML 21 Dec 2008; no code is known',
  era: { id: '2.6.28', source: 'mail of 21 Dec 2008: 2.6.28 was at rc9, and came on 24 Dec' },
  status: 'proposed',
  summary:
    'The destructor is copied with the shared info and called for a page that leaves early and for the whole skb at the end; it asks the page count whether the page is really free.',
  reading:
    'A page is free when a call finds its count at the references of its sender (of the page of a process, that of the mapping and the pin). It does not rely on which skb it is called for: whose the page is, it finds by the page, so several senders can share an skb. The pointer stands behind frags[] and follows the block copy of pskb_expand_head, the one place that the author names; that pskb_copy, split and segment build a shared info without it is the reading taken here; evgeniy-partial-carried is the other one. It is called for a page wherever one is put, as __pskb_pull_tail does, which he names.',
  domain: {
    memory: 'pages',
    source: '"check if pages are about to be really freed" [LKML 21 Dec 2008]',
  },
  adds: [{ struct: 'skb_shared_info', name: 'destructor', type: 'callback', after: 'frags' }],
  hooks: 0,
  claims: ['R1', 'R2'],
  create: (k) => new Partial(k),
} satisfies Design;

export class Partial extends GetPutPage {
  /** What the destructor knows: who waits for a page. */
  private readonly waiting = this.k.sideField<Page, readonly Loan[]>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.setDestructor(skb, page, loan); // "just having destructor with two parameters: skb and page" [LKML 21 Dec 2008]
  }

  override merged(skb: SkBuff, { page }: SkbFrag, _size: number, loan: Loan): void {
    this.setDestructor(skb, page, loan); // found by the page [in the card]
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { page } = frag;
    super.fragUnref(shinfo, frag);
    if (shinfo.loan === null) return;
    if (shinfo.dataref !== 0 || frag === shinfo.frags[0]) this.k.called(); // for a page, or once for the whole skb [LKML 21 Dec 2008]
    if (page.count > ownRefs(page)) return; // "check if pages are about to be really freed"; a race between read and put that this model has not
    const loans = this.waiting.get(page);
    if (loans === undefined) return;
    this.waiting.set(page, undefined);
    for (const loan of loans) this.k.drop(loan);
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }

  /** "Destructor with two parameters: skb and page". The model's slot stands for the pointer to the function. */
  private setDestructor({ shinfo }: SkBuff, page: Page, loan: Loan): void {
    shinfo.loan = loan;
    const loans = this.waiting.get(page) ?? [];
    if (loans.includes(loan)) return;
    this.waiting.set(page, [...loans, loan]);
    this.k.hold(loan);
  }
}
