import {
  GetPutPage,
  PageHome,
  Site,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { LoanPages } from './lib/loan-pages.ts';

export const design = {
  id: 'page-pool',
  title: 'pages that go back to their pool',
  year: 2021,
  source:
    'net/core/page_pool.c, include/linux/skbuff.h skb_mark_for_recycle (5.14, 6a5bcd84e886), napi_pp_put_page and pp_ref_count (6.8); 2cc3aeb5eccc for clones',
  era: {
    id: 'debian-6.12.117',
    source:
      "napi_pp_put_page with pp_ref_count, 6.8; Debian's 6.12 is the first with them that is modelled",
  },
  status: 'merged',
  summary:
    'A mark on the skb sends its frags back to the pool of their driver. The pool counts references of its own in struct page; the last one completes, if nobody has a plain reference.',
  reading:
    'Made for received packets. Here the pages that producers lend are of the pool and sendpage marks the skb; skb_split does not carry the mark, as no skb with one is ever split there (whoever sends such pages has to add it), and skb_shift never meets both kinds. A page that somebody else still has leaves the pool, and the pool gets another: here it gets the same one, when the last plain reference is put.',
  domain: {
    by: ['driver'],
    since: '5.14',
    source: 'receive buffers of a driver [net/core/page_pool.c; 5.14, 6a5bcd84e886]',
  },
  adds: [{ struct: 'sk_buff', name: 'pp_recycle', type: 'bit' }],
  hooks: 0,
  home: PageHome.POOL,
  claims: [],
  create: (k) => new PagePoolRecycling(k),
} satisfies Design;

export class PagePoolRecycling extends GetPutPage {
  private readonly pages = new LoanPages(this.k);

  override canAppend(skb: SkBuff): boolean {
    return skb.ppRecycle !== 0 || skb.shinfo.nrFrags === 0; // one kind of page per skb [skb_mark_for_recycle]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    if (this.pages.add(loan, page)) {
      if (page.loan === null) this.k.poolTake(page);
      else this.ref(page);
      page.loan = loan;
      this.k.hold(loan);
    }
    this.ref(page);
    this.k.fillPageDesc(skb, page, pageOffset, size);
    skb.ppRecycle = 1; // skb_mark_for_recycle
  }

  override mayMove(from: SkBuff, to: SkBuff, site: Site): boolean {
    return site === Site.SHIFT || from.ppRecycle === to.ppRecycle; // skb_shift only warns, in a debug kernel [skb_gro_receive]
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag, skb: SkBuff | null): void {
    const { page } = frag;
    const recycle = skb !== null && skb.ppRecycle !== 0 && page.home === PageHome.POOL; // napi_pp_put_page
    if (recycle) this.put(page);
    else super.fragUnref(shinfo, frag);
  }

  override pageFree(page: Page): boolean {
    if (page.loan === null || page.home === PageHome.POOL) return false;
    page.count = 1;
    this.k.poolTake(page); // the pool gets a page in its place: this one [in the card]
    this.put(page);
    return true;
  }

  override released(loan: Loan): void {
    for (const page of this.pages.take(loan)) this.unref(page); // the lender's own reference [page_pool_put_page]
    this.k.drop(loan);
  }

  override keepsOwner(): boolean {
    return true; // a pool is destroyed when no page is in flight [page_pool_release_retry]
  }

  /** One more: of the pool's kind, or an ordinary one of a page that has left it [skb_pp_frag_ref, 6.12]. */
  private ref(page: Page): void {
    if (page.home === PageHome.POOL) this.k.poolRef(page);
    else this.k.getPage(page);
  }

  /** What `ref` took: a page changes its home with the last reference of a kind alone [napi_pp_put_page]. */
  private unref(page: Page): void {
    if (page.home === PageHome.POOL) this.put(page);
    else this.k.putPage(page);
  }

  private put(page: Page): void {
    if (!this.k.poolPut(page)) return;
    const { loan } = page;
    page.loan = null;
    if (loan !== null) this.k.drop(loan);
  }
}
