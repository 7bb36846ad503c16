// Pages of a producer, and what it writes to them.
import {
  PAGE_SIZE,
  PageHome,
  abandon,
  allocHomePage,
  type Kernel,
  type Page,
} from '@lastref/kernel';

/** `count` pages of the producer's own: from `home`, or where the design's pages come from. Throws NoMemory, with none. */
export function ownPages(
  k: Kernel,
  count: number,
  home: PageHome = k.design.home ?? PageHome.GENERAL,
): Page[] {
  const pages: Page[] = [];
  try {
    while (pages.length < count) {
      const page = allocHomePage(k, home);
      page.mapping = true;
      pages.push(page);
    }
  } catch (error) {
    for (const page of pages) abandon(k, page);
    throw error;
  }
  return pages;
}

/** Fills the page for the `version`-th time: every byte differs from the version before. */
export function writePage(k: Kernel, page: Page, version: number): void {
  k.probe.reused(page);
  page.writes++;
  k.mem.fill(version & 0xff, page.address, page.address + PAGE_SIZE);
  k.mem[page.address] = version >>> 8;
}

/** Writes a part of it anew, whose other bytes are somebody else's. */
export function writeBytes(
  k: Kernel,
  page: Page,
  offset: number,
  size: number,
  version: number,
): void {
  k.probe.reused(page);
  page.writes++;
  k.mem.fill(version & 0xff, page.address + offset, page.address + offset + size);
}

/** Zeroes the page from byte `offset` on. @kernel mm/truncate.c truncate_partial_page (2.6.24) */
export function zeroFrom(k: Kernel, page: Page, offset: number): void {
  k.probe.reused(page);
  page.writes++;
  k.mem.fill(0, page.address + offset, page.address + PAGE_SIZE);
}
