import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import { calledBack } from './lib/called-back.ts';
import { LoanPages } from './lib/loan-pages.ts';

export const design = {
  id: 'page-foreign',
  title: 'a page flag and a destructor in struct page',
  year: 2006,
  source:
    'Xen, mm/page_alloc.c __free_pages_ok and include/linux/page-flags.h PG_foreign (2.6.18-xen); Ian Campbell, xen-devel 2011',
  era: { id: '2.6.32', source: "xen.git's last kernel with netback and PG_foreign is 2.6.32.y" },
  status: 'out-of-tree',
  summary:
    'The page free routine calls a destructor stored in the page instead of freeing it. Completes when the last reference on each page is put.',
  reading:
    'The producer puts its own reference when it is done, so that the count can reach 0; the destructor takes the page back with a count of 1. A page has one owner at a time.',
  domain: {
    by: ['guest'],
    memory: 'pages',
    source: '"we had a PageForeign page-flag" for netback [xen-devel 2011]',
  },
  adds: [],
  hooks: 0,
  defers: true, // the destructor puts the slot into a ring and wakes a thread [netif_page_release, netif_idx_release]
  claims: ['C11', 'C1'],
  create: (k) => new PageForeign(k),
} satisfies Design;

class PageForeign extends GetPutPage {
  private readonly pages = new LoanPages(this.k);

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (page.loan === loan) return;
    page.loan = loan; // SetPageForeign: page->index takes the destructor
    this.k.hold(loan);
    this.pages.add(loan, page);
  }

  override released(loan: Loan): void {
    for (const page of this.pages.take(loan)) this.k.putPage(page); // the producer's own reference [in the card]
    this.k.drop(loan);
  }

  override keepsOwner(): boolean {
    return true; // netif_get for every request until its slot is released
  }

  override pageFree(page: Page): boolean {
    const { loan } = page;
    if (loan === null) return false;
    page.loan = null;
    page.count = 1; // the producer's again, and never the free list's [__free_pages_ok]
    calledBack(this.k, loan);
    return true;
  }
}
