// Pages of other domains: mapped by grant under frame numbers that have no memory of their own, and given back.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { allocHomePage } from '../../mm/owner.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { PageHome } from '../../mm/page_home.ts';
import { Nic } from '../net/nic.ts';

/** Has a device the page in its ring? Model: asks the rings, where the kernel has counted in page->_mapcount. */
function dmaMapped(k: Kernel, page: Page): boolean {
  return k.holders.some((holder) => holder instanceof Nic && holder.dmaMapped(page));
}

/**
 * Puts local memory with the same bytes under a frame number where a guest's page is mapped: whoever has the page goes
 * on with the copy, and is none the wiser. Returns another page, under which the guest's memory is mapped from now on;
 * or null while a device has the page in its ring, or of a page that no guest owns (-EBUSY, -ENOENT). The old page is
 * the free list's when it is put. Throws NoMemory.
 * @kernel drivers/xen/core/gnttab.c gnttab_copy_grant_page (2.6.18-xen)
 */
export function gnttabCopyGrantPage(k: Kernel, page: Page): Page | null {
  if (page.home !== PageHome.FOREIGN || page.count <= 0 || dmaMapped(k, page)) return null;
  const other = allocHomePage(k, PageHome.FOREIGN);
  other.mapping = true;
  k.copyBytes(other.address, page.address, PAGE_SIZE); // which of the two frames is the guest's makes no difference
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += PAGE_SIZE;
  page.home = PageHome.GENERAL;
  k.probe.pageTaken(other);
  return other;
}
