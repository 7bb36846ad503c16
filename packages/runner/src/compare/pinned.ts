// The judge, who also counts how many pages are away from their producers at a time: lent, and not told of.
import { Judge } from '@lastref/judge';
import type { Loan, Page } from '@lastref/kernel';

export class PinningJudge extends Judge {
  /** The most pages that were away at once, those of each loan by themselves. */
  peakPages = 0;
  private pagesAway = 0;
  /** Of each loan that nobody was told of. */
  private readonly lentPagesOf = new Map<Loan, Set<Page>>();

  override lent(
    loan: Loan,
    page: Page,
    pageOffset: number,
    size: number,
    flow: number,
    seq: number,
  ): void {
    super.lent(loan, page, pageOffset, size, flow, seq);
    if (loan.completed) return; // told, and lent again all the same
    let pages = this.lentPagesOf.get(loan);
    if (pages === undefined) this.lentPagesOf.set(loan, (pages = new Set()));
    if (pages.has(page)) return;
    pages.add(page);
    this.pagesAway++;
    if (this.pagesAway > this.peakPages) this.peakPages = this.pagesAway;
  }

  override completed(loan: Loan): void {
    super.completed(loan);
    const pages = this.lentPagesOf.get(loan);
    if (pages === undefined) return;
    this.pagesAway -= pages.size;
    this.lentPagesOf.delete(loan);
  }
}
