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

/** A program with a page for each of its operations, one behind the other in its stream. Who has them is said by the bug. */
export abstract class PagesOwner extends Owner implements Holder {
  protected readonly pages: readonly Page[];
  private readonly flow: number;

  constructor(k: Kernel, name: string, operations: number) {
    super(k, name, operations);
    this.flow = k.newFlow(Side.LENT);
    this.pages = ownPages(k, operations);
    this.pages.forEach((page, i) => writePage(k, page, i + 1));
    k.holders.push(this);
  }

  /** From here on page `n` is lent, from 0. */
  protected lend(n: number): Loan {
    const loan = this.newLoan(n + 1);
    this.k.probe.lent(loan, this.pages[n]!, 0, PAGE_SIZE, this.flow, n * PAGE_SIZE);
    return loan;
  }

  /** All of page `n` is read. */
  protected readBy(reader: Reader, n: number): void {
    const page = this.pages[n]!;
    this.k.probe.read(reader, this.flow, n * PAGE_SIZE, PAGE_SIZE, page.address, page);
  }

  abstract forEachReader(visitor: HolderVisitor): void;
}

declareState(PagesOwner, {
  state: 'pages',
  constant: 'flow',
});
