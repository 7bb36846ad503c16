// Page frames with real bytes, their descriptors, and the general free list.
import { Halted, KernelBug } from '../errors.ts';
import { Cost } from '../ledger.ts';
import type { Kernel } from '../kernel.ts';
import type { Loan } from '../lifetime.ts';
import { PageHome } from './page_home.ts';
import { declareState } from '../state.ts';

const { PAGE_REF, PAGE_REF_AWAY } = Cost; // a constant of this module is one in machine code too

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 1 << PAGE_SHIFT;

/** The byte that fills a freed frame, so that a late read shows. @kernel include/linux/poison.h POISON_FREE */
export const POISON_FREE = 0x6b;

/** struct page. One frame of `PAGE_SIZE` bytes at `address` belongs to it from its first use on. */
export class Page {
  slot = 0;
  gen = 0;
  live = false;
  /** Offset of the frame in the machine's memory; -1: it has none yet. */
  address = -1;
  /** page->_count */
  count = 0;
  /** Which allocator it belongs to. */
  home: PageHome = PageHome.GENERAL;
  /** References that a page pool counts itself: page->pp_ref_count. */
  ppRefs = 0;
  /** The design's slot: where a scheme that marks pages hangs the loan. */
  loan: Loan | null = null;
  /** page->mapping: the page is part of a file or of a process's memory, not the network stack's. */
  mapping = false;
  /** It stands for memory of a device, which no processor can read: net/core/netmem.ts. */
  netIov = false;
  /** How often the frame's bytes were written, by anybody. Not a reference count. */
  writes = 0;
  /** The processor that touched its count last. */
  cpu = 0;
}

declareState(Page, {
  lives: true,
  state: 'count home ppRefs loan mapping netIov',
  elsewhere: 'live',
  name: 'slot gen address',
  count: 'writes cpu',
  also: (page, sink) => sink.bytes(page.address, PAGE_SIZE),
});

/** Stands where a pointer would be null: a field keeps one type and a stale use raises a KernelBug. */
export const POISON_PAGE: Page = Object.assign(new Page(), { slot: -1, address: -1 });

/** A page with one reference, from the general free list. @kernel mm/page_alloc.c alloc_page */
export function allocPage(k: Kernel): Page {
  k.mayFail();
  if (k.pages.used >= k.frames) outOfFrames(k);
  const page = k.pages.alloc();
  if (page.address < 0) k.giveFrame(page);
  page.count = 1;
  page.home = PageHome.GENERAL;
  page.ppRefs = 0;
  page.loan = null;
  page.mapping = false;
  page.netIov = false;
  page.cpu = k.cpu;
  k.cost[k.side + Cost.ALLOC_PAGE]!++;
  return page;
}

/**
 * Model: a kernel has far more of them, so this is no failure that it would see. Where any step may come next, packets can
 * be queued faster than any device sends, for as long as somebody likes (a call over UDP, each time its timer fires): such
 * a run ends here, half way through its step. Throws KernelBug where time passes.
 */
function outOfFrames(k: Kernel): never {
  if (k.agenda.stopped) throw new Halted(null);
  throw new KernelBug(`out of page frames: all ${k.frames} are in use; give the machine more`);
}

/** @kernel include/linux/mm.h get_page */
export function getPage(k: Kernel, page: Page): void {
  k.point();
  if (page.count <= 0) noReference('get_page', page);
  page.count++;
  k.cost[k.side + (page.cpu === k.cpu ? PAGE_REF : PAGE_REF_AWAY)]!++;
  page.cpu = k.cpu;
}

/** @kernel mm/swap.c put_page */
export function putPage(k: Kernel, page: Page): void {
  k.point();
  if (page.count <= 0) noReference('put_page', page);
  k.cost[k.side + (page.cpu === k.cpu ? PAGE_REF : PAGE_REF_AWAY)]!++;
  page.cpu = k.cpu;
  const left = --page.count;
  if (left > 1) return;
  if (left === 1) {
    if (k.hearsIdle) k.lifetime.pageIdle(page);
  } else if (left === 0 && !k.lifetime.pageFree(page)) freePage(k, page);
}

/** On the free list nobody may touch it; of a page of another home the stack does not know that nobody counts. */
function noReference(call: string, page: Page): void {
  if (page.home === PageHome.GENERAL)
    throw new KernelBug(`${call} on page#${page.slot}, which has no reference (${page.count})`);
}

/**
 * To the general free list, whatever the page's home; the frame is poisoned, as its next owner would write it.
 * Model: a page of another home is not handed out again, as its real owner still has the descriptor.
 * @kernel mm/page_alloc.c free_hot_cold_page
 */
function freePage(k: Kernel, page: Page): void {
  k.probe.pageFreed(page, PageHome.GENERAL);
  page.writes++;
  k.mem.fill(POISON_FREE, page.address, page.address + PAGE_SIZE);
  if (page.home === PageHome.GENERAL) k.pages.free(page);
}

/** The processor copies `size` bytes to `page`; linear source `from`. */
export function copyToPage(k: Kernel, page: Page, pageOffset: number, from: number, size: number) {
  page.writes++;
  k.copyBytes(page.address + pageOffset, from, size);
}
