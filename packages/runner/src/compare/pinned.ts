// The judge, who also counts how many pages are away from their producers at a time (lent, and not told of), and takes
// the digest of the machine where something is found, which a token of that needs.
import { Judge } from '@lastref/judge';
import type { Loan, Page } from '@lastref/kernel';
import { digestOf } from '@lastref/search';

export class PinningJudge extends Judge {
  /** The most pages that were away at once, those of each loan by themselves. */
  peakPages = 0;
  /** What the machine was at the end of each step that something was found in for the first time. */
  readonly digests = new Map<number, string>();
  private findingCount = 0;
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

  override afterStep(): void {
    const { evidence, step } = this;
    super.afterStep();
    const findings = evidence.found.length + evidence.beside.length;
    if (findings === this.findingCount) return;
    this.findingCount = findings;
    this.digests.set(step, digestOf(evidence.machine, step));
  }
}
