import type { Loan, Page, Services, SideField } from '@lastref/kernel';

/** The pages of each loan, until its producer has let go of them: for designs that finish page by page. */
export class LoanPages {
  private readonly pages: SideField<Loan, Set<Page>>;

  constructor(services: Services) {
    this.pages = services.sideField();
  }

  /** False: the loan has this page already. */
  add(loan: Loan, page: Page): boolean {
    let pages = this.pages.get(loan);
    if (pages === undefined) this.pages.set(loan, (pages = new Set()));
    if (pages.has(page)) return false;
    pages.add(page);
    return true;
  }

  /** The pages of `loan`, which is forgotten. */
  take(loan: Loan): Iterable<Page> {
    const pages = this.pages.get(loan);
    this.pages.set(loan, undefined);
    return pages ?? [];
  }
}
