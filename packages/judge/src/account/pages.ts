// Whose each page is, as the probe tells it: which loan it was lent for last, and whether it is at home.
import { PageHome, type Page } from '@lastref/kernel';
import type { Sink } from '../properties/watch.ts';

export class PageBook {
  /** By page slot: the loan that it was lent for last; 0: no producer's. */
  private readonly loans: number[] = [];
  /** By page slot: went home and was not handed out since. */
  private readonly home: boolean[] = [];
  /** By page slot: its owner has given it up. */
  private readonly disowned: boolean[] = [];
  /** Pages that went home or were given up, for `remembered`. */
  private readonly marked = new Set<Page>();

  lent(page: Page, loan: number): void {
    this.loans[page.slot] = loan;
    this.taken(page);
  }

  /** The last loan of a page that some producer has lent; 0: the bytes are the stack's own. */
  loanOn(page: Page): number {
    return this.loans[page.slot] ?? 0;
  }

  isHome(page: Page): boolean {
    return this.home[page.slot] === true;
  }

  isDisowned(page: Page): boolean {
    return this.disowned[page.slot] === true;
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

  goes(page: Page, to: PageHome): void {
    const { slot, home } = page;
    if (to !== home) return;
    this.home[slot] = true;
    if (to === PageHome.GENERAL) this.loans[slot] = 0;
    else this.marked.add(page);
  }

  /** For a fingerprint: which pages are at home, or given up. */
  remembered(sink: Sink): void {
    for (const page of this.marked) {
      sink.value(page);
      sink.number(this.isDisowned(page) ? 1 : 0);
    }
  }
}
