// A driver with one page of a page pool, which a reader has when the driver is unbound.
import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  Side,
  allocHomePage,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { writePage } from '@lastref/workloads';
import { Act, OtherAct } from './act.ts';
import { Owner } from './owner.ts';

export abstract class PoolDriver extends Owner implements Holder {
  private readonly page: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  private readonly read: Act;
  private readonly remove: Act;

  /** `elsewhere`: the reader is on another processor. */
  constructor(k: Kernel, elsewhere = false) {
    super(k, 'driver', 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = allocHomePage(k, PageHome.POOL);
    k.holders.push(this);
    const Reads = elsewhere ? OtherAct : Act;
    this.read = new Reads(k, 'application', 'reads the packet and frees it', () => this.freed());
    this.remove = new Act(k, 'administrator', 'unbinds the driver', () => this.unbind());
    new Act(k, 'driver poll', 'passes a packet on', () => this.poll(), Context.SOFTIRQ).arm();
  }

  private poll(): void {
    const { k, page, flow } = this;
    writePage(k, page, 1); // the device has, through its mapping
    const loan = this.newLoan(1);
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    this.loan = loan;
    this.handedOver(loan);
    this.read.arm();
    this.remove.arm();
  }

  /** The driver goes, and its pool with it as far as that can. */
  protected abstract unbind(): void;

  /** What its pool does about the page that has come back with its last reference. @kernel page_pool_return_page */
  protected abstract returned(): void;

  private freed(): void {
    const { k, page, flow } = this;
    k.probe.read(Reader.APPLICATION, flow, 0, PAGE_SIZE, page.address, page);
    const loan = this.loan!;
    this.loan = null;
    k.releases++;
    this.returned();
    k.poolPut(page);
    k.complete(loan);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.loan !== null) visitor.page(this.page, 0, PAGE_SIZE, 'receive queue');
  }
}

declareState(PoolDriver, {
  state: 'page loan',
  constant: 'flow read remove',
});
