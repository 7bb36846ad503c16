import { HOME_NAMES, PageHome, type Page } from '@lastref/kernel';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'stray',
  gravity: 80,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'S',
  damage: 'use after free',
  says: 'a page went to an allocator that is not its home, or home twice',
  saysNot:
    'what the allocator then does with it; slab memory has no count, and is judged by who frees it alone',
  legend: 'a page went to the wrong allocator',
} as const satisfies Card;

class Stray extends Watch {
  private freed = 0;

  override pageFreed(page: Page, to: PageHome, inUse: boolean): void {
    this.freed++;
    const { pages } = this.evidence;
    const { slot, home } = page;
    if (to === PageHome.GENERAL && home === PageHome.GENERAL) {
      if (inUse && !pages.isDisowned(page))
        this.report(page, to, `page ${slot}, which its producer still owns, goes to the free list`);
    } else if (to !== home) {
      const text = `page ${slot} of a ${HOME_NAMES[home]} goes to the ${HOME_NAMES[to]}, by a reference of the wrong kind`;
      this.report(page, to, text);
    } else if (pages.isHome(page)) {
      this.report(page, to, `page ${slot} goes back to its ${HOME_NAMES[to]} a second time`);
    }
  }

  private report(page: Page, to: PageHome, text: string): void {
    this.refute('hazard', HOME_NAMES[to], this.evidence.pages.loanOn(page), () => text);
  }

  exercised(): boolean {
    return this.evidence.loans.count > 0 && this.freed > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Stray(card.id, evidence);
