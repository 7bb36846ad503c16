// A driver's pool of pages: its references are counted beside the page count, and the last of them brings the page
// home. Model: one pool serves the machine, and hands every producer the page objects that it had before.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { putPage, type Page } from '../../mm/page_alloc.ts';
import { PageHome } from '../../mm/page_home.ts';
import { declareState } from '../../state.ts';

const { PAGE_REF, PAGE_REF_AWAY } = Cost;

export class PagePool {
  /** Pages that are out. @kernel net/core/page_pool.c page_pool_inflight */
  inflight = 0;
}

declareState(PagePool, {
  state: 'inflight',
});

/** Hands `page` out, with one reference of the pool's kind. @kernel net/core/page_pool.c page_pool_alloc_pages (5.14) */
export function pagePoolTake(k: Kernel, page: Page): void {
  page.home = PageHome.POOL;
  page.ppRefs = 1;
  k.pagePool.inflight++;
  k.probe.pageTaken(page);
}

/** One more reference of the pool's kind. @kernel include/net/page_pool/helpers.h page_pool_ref_page (6.8) */
export function pagePoolRef(k: Kernel, page: Page): void {
  k.point();
  page.ppRefs++;
  k.cost[k.side + (page.cpu === k.cpu ? PAGE_REF : PAGE_REF_AWAY)]!++;
  page.cpu = k.cpu;
}

/**
 * Drops a reference of the pool's kind. With the last one the page goes home, if nobody has a reference of another
 * kind; else it leaves the pool for good and is an ordinary page from then on. True: it is home.
 * @kernel net/core/page_pool.c page_pool_put_full_page, page_pool_return_page (6.8)
 */
export function pagePoolPut(k: Kernel, page: Page): boolean {
  k.point();
  k.cost[k.side + (page.cpu === k.cpu ? PAGE_REF : PAGE_REF_AWAY)]!++;
  page.cpu = k.cpu;
  if (--page.ppRefs > 0) return false;
  k.pagePool.inflight--;
  if (page.count === 1) {
    k.probe.pageFreed(page, PageHome.POOL);
    return true;
  }
  page.home = PageHome.GENERAL;
  k.probe.pageDisowned(page);
  putPage(k, page);
  return false;
}
