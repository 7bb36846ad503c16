import {
  PAGE_SIZE,
  Side,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type Reader,
} from '@lastref/kernel';
import { ownPages, writePage } from '@lastref/workloads';
import { Owner } from './owner.ts';

/** A program or a driver with one page, which it lends once. Who has that then is what the bug is about. */
export abstract class PageOwner extends Owner implements Holder {
  protected readonly page: Page;
  protected readonly flow: number;
  /** Null: not lent yet. */
  protected loan: Loan | null = null;

  /** `page`: where it is not one of the program's own, with something in it. */
  constructor(k: Kernel, name: string, page: Page = writtenPage(k)) {
    super(k, name, 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = page;
    k.holders.push(this);
  }

  /** From here on the first `size` bytes of the page are lent. */
  protected lend(size = PAGE_SIZE): Loan {
    const loan = this.newLoan(1);
    this.k.probe.lent(loan, this.page, 0, size, this.flow, 0);
    this.loan = loan;
    return loan;
  }

  /** All of it is read, from the page or from one that stands for it. */
  protected readBy(reader: Reader, page: Page = this.page): void {
    this.k.probe.read(reader, this.flow, 0, PAGE_SIZE, page.address, page);
  }

  abstract forEachReader(visitor: HolderVisitor): void;
}

declareState(PageOwner, {
  state: 'page loan',
  constant: 'flow',
});

function writtenPage(k: Kernel): Page {
  const page = ownPages(k, 1)[0]!;
  writePage(k, page, 1);
  return page;
}
