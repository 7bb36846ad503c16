// How the owner of a page gets it and takes it back: each home has a kind of reference of its own. What the network
// stack knows is get_page and put_page, whatever the page.
import type { Kernel } from '../kernel.ts';
import { pagePoolPut, pagePoolTake } from '../net/core/page_pool.ts';
import { PAGE_SIZE, POISON_FREE, allocPage, getPage, putPage, type Page } from './page_alloc.ts';
import { PageHome } from './page_home.ts';

/** References that a fresh page of this home has: none in a slab; a user page has its mapping's and the pin. */
const BIRTH_COUNT: readonly number[] = [1, 1, 1, 0, 2, 1];

/** References that whoever lends the page has himself, as long as he waits for it: of a process's page the mapping's and the pin. */
export function ownRefs({ home }: Page): number {
  return BIRTH_COUNT[home]!;
}

/** A page of the caller's own, out of the allocator that `home` names. */
export function allocHomePage(k: Kernel, home: PageHome): Page {
  const page = allocPage(k);
  page.home = home;
  page.count = BIRTH_COUNT[home]!;
  if (home === PageHome.POOL) pagePoolTake(k, page);
  return page;
}

/** Do the list pointers of struct page belong to whoever has a page of this home? @kernel include/linux/mm_types.h */
export function usesLru(page: Page): boolean {
  const { home, mapping } = page;
  if (home === PageHome.GENERAL) return mapping; // add_to_page_cache_lru
  return home !== PageHome.FOREIGN;
}

/**
 * May the stack take references on this page? Not on memory of a slab, nor on a page that nobody counts.
 * @kernel include/linux/net.h sendpage_ok (5.10)
 */
export function sendpageOk(page: Page): boolean {
  return page.home !== PageHome.SLAB && page.count >= 1;
}

/**
 * The owner, who has taken its page back, gets it ready to be lent again: a grant is mapped, a process's page pinned.
 * What a page pool hands out, it hands out to whoever lends.
 */
export function handOut(k: Kernel, page: Page): void {
  switch (page.home) {
    case PageHome.GENERAL:
    case PageHome.POOL:
    case PageHome.DEVMAP:
      return;
    case PageHome.FOREIGN:
      page.count++; // Model: init_page_count would forget whoever may still have a reference
      k.probe.pageTaken(page);
      return;
    case PageHome.SLAB:
      k.probe.pageTaken(page);
      return;
    case PageHome.USER:
      getPage(k, page);
  }
}

/** The owner drops its page for good: whoever still has references is all that keeps it. */
export function abandon(k: Kernel, page: Page): void {
  page.mapping = false;
  if (page.home !== PageHome.GENERAL) return; // another allocator's: it goes home as ever
  k.probe.pageDisowned(page);
  putPage(k, page);
}

/**
 * The owner takes its page back the right way: a grant is unmapped, a slab object freed, a user page unpinned, a
 * pool's page given back, any other page kept. Returns whether the owner may use the page again.
 */
export function takeHome(k: Kernel, page: Page): boolean {
  switch (page.home) {
    case PageHome.GENERAL:
    case PageHome.DEVMAP:
      return true;
    case PageHome.POOL:
      return page.ppRefs === 0 || pagePoolPut(k, page); // at home already, or this was the last reference
    case PageHome.FOREIGN:
      k.probe.pageFreed(page, PageHome.FOREIGN);
      page.writes++;
      k.mem.fill(POISON_FREE, page.address, page.address + PAGE_SIZE); // no memory behind the frame now
      page.count--;
      return false;
    case PageHome.SLAB:
      k.probe.pageFreed(page, PageHome.SLAB);
      return true;
    case PageHome.USER:
      putPage(k, page); // unpin: the mapping's reference stays
      return true;
  }
}
