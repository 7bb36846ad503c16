import {
  GetPutPage,
  PageHome,
  type Design,
  type Loan,
  type Page,
  type SideField,
  type SkBuff,
} from '@lastref/kernel';
import { LoanPages } from './lib/loan-pages.ts';

export const design = {
  id: 'devmap-page',
  title: "a device's page, which is free when its count falls to 1",
  year: 2018,
  source:
    'include/linux/mm.h put_page and put_devmap_managed_page, mm/memremap.c free_devmap_managed_page, which wakes who sleeps on the count of a page of DAX (5.10.223; pgmap->ops->page_free is for private memory alone; there for DAX up to 6.12, gone in 7.2); MEMORY_DEVICE_FS_DAX of 4.18',
  era: { id: '5.10.223', source: 'put_page of 5.10.223 looks for the transition from 2 to 1' },
  status: 'merged',
  summary:
    'Pages of a device count from 1. put_page looks for the transition from 2 to 1, at which the page is free and whoever waits for that is woken. Completes when all pages of the operation were at 1.',
  reading:
    'The page is pinned when it is lent (get_user_pages takes a reference) and let go when its owner has no use for it any more; a mapping takes none. Whoever waits for a page is told by whichever put comes last, of the network or not; several wait for one page.',
  domain: {
    by: ['requests', 'process'],
    memory: 'pages',
    since: '4.18',
    until: '6.15',
    source:
      'DMA to pages of DAX that get_user_pages has pinned [4.18, MEMORY_DEVICE_FS_DAX]; they count from 0 since a patch of 28 Feb 2025 (fs/dax: Properly refcount fs dax pages): put_devmap_managed_folio_refs is in include/linux/mm.h of 6.12.117 and not of 7.2.13',
  },
  adds: [],
  hooks: 0,
  home: PageHome.DEVMAP,
  claims: [],
  create: (k) => new DevmapPage(k),
} satisfies Design;

class DevmapPage extends GetPutPage {
  private readonly pages = new LoanPages(this.k);
  /** Who sleeps on page->_refcount. */
  private readonly waiting: SideField<Page, readonly Loan[]> = this.k.sideField();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    if (this.pages.add(loan, page)) {
      this.k.getPage(page); // get_user_pages
      this.k.hold(loan);
      this.waiting.set(page, [...(this.waiting.get(page) ?? []), loan]);
    }
    super.lend(skb, page, pageOffset, size, loan);
  }

  override released(loan: Loan): void {
    for (const page of this.pages.take(loan)) this.k.putPage(page); // the pin goes with its bio [bio_release_pages]
    this.k.drop(loan);
  }

  override pageIdle(page: Page): void {
    const loans = this.waiting.get(page) ?? [];
    this.waiting.set(page, undefined);
    for (const loan of loans) this.k.drop(loan); // wake_up_var(&page->_refcount) [free_devmap_managed_page]
  }

  override keepsOwner(): boolean {
    return true; // memory goes when nobody has a page of it: pgmap->ref [memunmap_pages]
  }
}
