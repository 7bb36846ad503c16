import type { Loan, Page } from '@lastref/kernel';

/** The pages of each loan, until its producer has let go of them: for designs that finish page by page. */
export class LoanPages {
  /** By loan id. */
  private readonly pages = new Map<number, Set<Page>>();

  /** False: the loan has this page already. */
  add(loan: Loan, page: Page): boolean {
    let pages = this.pages.get(loan.id);
    if (pages === undefined) this.pages.set(loan.id, (pages = new Set()));
    if (pages.has(page)) return false;
    pages.add(page);
    return true;
  }

  /** The pages of `loan`, which is forgotten. */
  take(loan: Loan): Iterable<Page> {
    const pages = this.pages.get(loan.id);
    this.pages.delete(loan.id);
    return pages ?? [];
  }
}
