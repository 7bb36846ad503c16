// What the accounts of pages must be when a run is over.
import { PageHome, type Kernel, type Page } from '@lastref/kernel';

/**
 * Pages that are not their owners' alone. One that went astray from a home of its own may have no reference left; a
 * process's has a second one, the pin, while its producer waits to be told.
 */
export function pagesInUse(k: Kernel): Page[] {
  const settled = (page: Page): boolean =>
    page.count === 1 ||
    (page.count === 2 && page.home === PageHome.USER) ||
    (page.count <= 0 && page.home !== PageHome.GENERAL);
  return k.pages.all.filter((page) => page.live && !settled(page));
}
