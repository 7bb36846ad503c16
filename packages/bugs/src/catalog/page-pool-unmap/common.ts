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
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A driver with one page, which its pool has mapped for the device. Model: the device is what maps, its IOMMU domain; one page
 * stands for all that are out. @kernel net/core/page_pool.c (6.15, 6.16)
 */
export abstract class Driver extends Owner implements Holder {
  private readonly domain: HeapObject;
  /** page_pool_get_dma_addr() is not 0. */
  private mapped = true;
  private readonly page: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  private readonly read: Act;
  private readonly remove: Act;

  constructor(k: Kernel) {
    super(k, 'driver', 1);
    this.domain = new HeapObject(k, 'the IOMMU domain of the device');
    this.flow = k.newFlow(Side.LENT);
    this.page = allocHomePage(k, PageHome.POOL);
    k.holders.push(this);
    this.read = new Act(k, 'application', 'reads the packet and frees it', () => this.freed());
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

  /** page_pool_destroy, and what the device has goes. */
  private unbind(): void {
    this.destroy();
    this.domain.free(); // iommu_release_device
  }

  /** What the pool does about the pages that are out, when it is destroyed. */
  protected abstract destroy(): void;

  private freed(): void {
    const { k, page, flow } = this;
    k.probe.read(Reader.APPLICATION, flow, 0, PAGE_SIZE, page.address, page);
    const loan = this.loan!;
    this.loan = null;
    k.releases++;
    this.unmap(); // page_pool_return_page. Model: a ring that is full, where the pool lives on
    k.poolPut(page);
    k.complete(loan);
  }

  /** dma_unmap_page_attrs, if that has not been done. */
  protected unmap(): void {
    if (!this.mapped) return;
    this.mapped = false;
    this.domain.use();
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.loan !== null) visitor.page(this.page, 0, PAGE_SIZE, 'receive queue');
  }
}

declareState(Driver, {
  state: 'domain mapped page loan',
  constant: 'flow read remove',
});

export function unbound(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `page-pool-unmap-${version}`,
    'a driver is unbound while a reader has one of its pages',
    make,
    { by: 'driver', over: 'device' },
  );
}
