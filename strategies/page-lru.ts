import {
  GetPutPage,
  usesLru,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { calledBack } from './lib/called-back.ts';
import { LoanPages } from './lib/loan-pages.ts';
import { THREAD_OF_2007 } from './lib/thread-of-2007.ts';

export const design = {
  id: 'page-lru',
  title: 'a callback in page->lru',
  year: 2007,
  source:
    'Evgeniy Polyakov, comment of 19 Dec 2007, 13:45, on his blog entry: page->lru, "which is not used for IO mapped pages"; his own objection, at 21:19, is that somebody uses every field',
  era: THREAD_OF_2007,
  status: 'considered',
  summary:
    'Where the network puts a frag page, it looks for a callback overlaid on the list pointers of struct page. Completes when each page is down to the reference of its owner.',
  reading:
    "The callback is made by the network's own put, so a reference that anybody else puts last goes unseen. A page whose list pointers are in use keeps the list and loses the callback.",
  domain: {
    memory: 'pages',
    source: 'a callback pointer in page->lru [19 Dec 2007, 13:45]',
  },
  adds: [],
  hooks: 0,
  claims: ['Z9'],
  create: (k) => new PageLru(k),
} satisfies Design;

/** The owner's reference. */
const OWN = 1;

class PageLru extends GetPutPage {
  private readonly pages = new LoanPages(this.k);

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.setCallback(page, loan); // "page->lru" [19 Dec 2007, 13:45]
  }

  override merged(skb: SkBuff, frag: SkbFrag, size: number, loan: Loan): void {
    super.merged(skb, frag, size, loan);
    this.setCallback(frag.page, loan); // the sender has set it before it sends, whatever entry the bytes go into [in the card]
  }

  private setCallback(page: Page, loan: Loan): void {
    const first = this.pages.add(loan, page);
    if (usesLru(page) ? !first : page.loan === loan) return;
    this.k.hold(loan);
    if (!usesLru(page)) page.loan = loan; // page->lru.next: else the list's owner overwrites it
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { page } = frag;
    super.fragUnref(shinfo, frag);
    if (page.loan !== null && page.count === OWN) this.callBack(page); // where the network puts a page [19 Dec 2007, 13:45]
  }

  override released(loan: Loan): void {
    for (const page of this.pages.take(loan)) {
      if (page.loan === loan && page.count === OWN) this.callBack(page); // gone before the send was over
    }
    this.k.drop(loan); // the sender's own part [in the card]
  }

  private callBack(page: Page): void {
    const { loan } = page;
    page.loan = null;
    if (loan !== null) calledBack(this.k, loan);
  }
}
