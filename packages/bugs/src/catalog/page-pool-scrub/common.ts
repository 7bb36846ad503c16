import {
  Context,
  HeapObject,
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
import { writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { SharedCount } from '../../shared.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A driver with one page, which is out when its pool is destroyed. Model: a struct page that is on the free list stands for one
 * that somebody else has. @kernel net/core/page_pool.c (6.16, 7.2)
 */
export abstract class Driver extends Owner implements Holder {
  /** What the pool keeps in it: address and index of the mapping. */
  protected readonly struct: HeapObject;
  /** It stands in pool->dma_mapped. */
  private readonly entry: SharedCount;
  private readonly page: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  private readonly read: OtherAct;
  private readonly remove: Act;

  constructor(k: Kernel) {
    super(k, 'driver', 1);
    this.struct = new HeapObject(k, 'the struct page');
    this.entry = new SharedCount(k, 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = allocHomePage(k, PageHome.POOL);
    k.holders.push(this);
    this.read = new OtherAct(k, 'application', 'reads the packet and frees it', () => this.freed());
    this.remove = new Act(k, 'administrator', 'unbinds the driver', () => this.scrub());
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

  /** xa_cmpxchg: true for the first of the two. */
  private takesEntry(): boolean {
    return this.entry.compareExchange(1, 0);
  }

  /** page_pool_scrub, which has no reference. What is read of the page before the exchange counts only if that succeeds. */
  private scrub(): void {
    if (this.takesEntry()) this.scrubbed();
  }

  /** What it does with the page when it has the entry. */
  protected abstract scrubbed(): void;

  /** page_pool_return_netmem, with the last reference. */
  private freed(): void {
    const { k, page, flow } = this;
    k.probe.read(Reader.APPLICATION, flow, 0, PAGE_SIZE, page.address, page);
    const loan = this.loan!;
    this.loan = null;
    k.releases++;
    if (this.takesEntry()) this.struct.use(); // dma_unmap_page_attrs, and the fields are cleared
    this.struct.free(); // put_page
    k.poolPut(page);
    k.complete(loan);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.loan !== null) visitor.page(this.page, 0, PAGE_SIZE, 'receive queue');
  }
}

declareState(Driver, {
  state: 'struct entry page loan',
  constant: 'flow read remove',
});

export function unbound(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `page-pool-scrub-${version}`,
    'a page comes back while its pool is destroyed',
    make,
    { by: 'driver', over: 'device' },
  );
}
