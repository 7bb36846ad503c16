// Where pages go, told by the probe alone: each to the allocator that it came from, and no page twice.
import { HOME_NAMES, PageHome, type Page } from '@lastref/kernel';
import type { Finder } from './findings.ts';

export class HomeWatch {
  private readonly finder: Finder;
  /** By page slot: the loan that it was lent for last; 0: no producer's. */
  private readonly loans: number[] = [];
  /** By page slot: went home and was not handed out since. */
  private readonly home: boolean[] = [];
  /** By page slot: its owner has given it up. */
  private readonly disowned: boolean[] = [];
  /** Pages that went home or were given up, for `remembered`. */
  private readonly marked = new Set<Page>();
  /** Pages that went anywhere. */
  freed = 0;

  constructor(finder: Finder) {
    this.finder = finder;
  }

  lent(page: Page, loan: number): void {
    this.loans[page.slot] = loan;
    this.taken(page);
  }

  /** The last loan of a page that some producer has lent; 0: the bytes are the stack's own. */
  loanOn(page: Page): number {
    return this.loans[page.slot] ?? 0;
  }

  taken(page: Page): void {
    this.home[page.slot] = false;
    this.disowned[page.slot] = false;
    this.marked.delete(page);
  }

  giveUp(page: Page): void {
    this.disowned[page.slot] = true;
    this.marked.add(page);
  }

  /** `inUse`: some copy of what was lent of this page is still kept, so somebody may read it or waits for it. */
  goes(page: Page, to: PageHome, inUse: boolean): void {
    this.freed++;
    const { slot, home } = page;
    const loan = this.loanOn(page);
    if (to === PageHome.GENERAL && home === PageHome.GENERAL) {
      if (inUse && this.disowned[slot] !== true)
        this.stray(to, loan, `page ${slot}, which its producer still owns, goes to the free list`);
      this.loans[slot] = 0;
    } else if (to !== home) {
      const text = `page ${slot} of a ${HOME_NAMES[home]} goes to the ${HOME_NAMES[to]}, by a reference of the wrong kind`;
      this.stray(to, loan, text);
    } else if (this.home[slot] === true) {
      this.stray(to, loan, `page ${slot} goes back to its ${HOME_NAMES[to]} a second time`);
    }
    if (to !== home) return;
    this.home[slot] = true;
    if (to !== PageHome.GENERAL) this.marked.add(page);
  }

  /** For a fingerprint: which pages are at home, or given up. */
  remembered(sink: { value(v: unknown): void; number(v: number): void }): void {
    for (const page of this.marked) {
      sink.value(page);
      sink.number(this.disowned[page.slot] === true ? 1 : 0);
    }
  }

  private stray(to: PageHome, loan: number, text: string): void {
    const where = HOME_NAMES[to];
    if (!this.finder.known('stray', 'hazard', where))
      this.finder.find('stray', 'hazard', where, loan, text);
  }
}
