// A driver with one page of a page pool, which a reader has when the driver is unbound.
import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  allocHomePage,
  declareState,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import { writePage } from '@lastref/workloads';
import { Act, OtherAct } from './act.ts';
import { PageOwner } from './page-owner.ts';

export abstract class PoolDriver extends PageOwner {
  private readonly read: Act;
  private readonly remove: Act;

  /** `elsewhere`: the reader is on another processor. */
  constructor(k: Kernel, elsewhere = false) {
    super(k, 'driver', allocHomePage(k, PageHome.POOL));
    const Reads = elsewhere ? OtherAct : Act;
    this.read = new Reads(k, 'application', 'reads the packet and frees it', () => this.freed());
    this.remove = new Act(k, 'administrator', 'unbinds the driver', () => this.unbind());
    new Act(k, 'driver poll', 'passes a packet on', () => this.poll(), Context.SOFTIRQ).arm();
  }

  private poll(): void {
    const { k, page } = this;
    writePage(k, page, 1); // the device has, through its mapping
    this.handedOver(this.lend());
    this.read.arm();
    this.remove.arm();
  }

  /** The driver goes, and its pool with it as far as that can. */
  protected abstract unbind(): void;

  /** What its pool does about the page that has come back with its last reference. @kernel page_pool_return_page */
  protected abstract returned(): void;

  private freed(): void {
    const { k, page } = this;
    this.readBy(Reader.APPLICATION);
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

declareState(PoolDriver, { constant: 'read remove' });
