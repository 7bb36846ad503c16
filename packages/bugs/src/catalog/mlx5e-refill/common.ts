import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  Side,
  allocHomePage,
  declareState,
  expectNoMemory,
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
 * An entry of a striding receive queue, whose page stays with it until the entry is filled again.
 * @kernel drivers/net/ethernet/mellanox/mlx5/core/en_rx.c mlx5e_post_rx_mpwqes, mlx5e_alloc_rx_mpwqe (6.5)
 */
export abstract class StridingQueue extends Owner implements Holder {
  /** What the entry has: wi->alloc_units.frag_pages. */
  private page: Page;
  private readonly received: Page;
  private readonly flow: number;
  private loan: Loan | null = null;
  /** wi->skip_release_bitmap */
  protected skipRelease = false;
  private reads = false;
  private refills = 3;
  private readonly application: Act;
  private readonly refill: Act;

  constructor(k: Kernel) {
    super(k, 'receive queue', 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = allocHomePage(k, PageHome.POOL);
    this.received = this.page;
    k.holders.push(this);
    this.application = new Act(k, 'application', 'reads the packet', () => this.read());
    this.refill = new Act(
      k,
      'driver poll',
      'fills the entry again',
      () => this.postWqe(),
      Context.SOFTIRQ,
    );
    new Act(k, 'driver', 'passes a packet on', () => this.receive(), Context.SOFTIRQ).arm();
  }

  private receive(): void {
    const { k, page, flow } = this;
    writePage(k, page, 1);
    const loan = this.newLoan(1);
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    k.poolRef(page); // the packet's; the entry keeps its own
    this.loan = loan;
    this.reads = true;
    this.handedOver(loan);
    this.application.arm();
    this.refill.arm();
  }

  /** mlx5e_post_rx_mpwqes, mlx5e_alloc_rx_mpwqe */
  private postWqe(): void {
    const { k } = this;
    this.refills--;
    if (!this.skipRelease) this.put(this.page); // mlx5e_free_rx_mpwqe
    try {
      this.page = allocHomePage(k, PageHome.POOL);
      this.skipRelease = false;
    } catch (error) {
      expectNoMemory(error);
      this.failed();
      if (this.refills > 0) this.refill.arm();
    }
  }

  /** What is noted of an entry that could not be filled. */
  protected abstract failed(): void;

  private read(): void {
    const { k, received, flow } = this;
    k.probe.read(Reader.APPLICATION, flow, 0, PAGE_SIZE, received.address, received);
    this.reads = false;
    k.releases++;
    this.put(received);
  }

  private put(page: Page): void {
    const { k } = this;
    if (k.poolPut(page) && page === this.received) k.complete(this.loan!);
  }

  protected override told(): void {
    writePage(this.k, this.received, 2);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.reads) visitor.page(this.received, 0, PAGE_SIZE, 'receive queue');
  }
}

declareState(StridingQueue, {
  state: 'page received loan skipRelease reads refills',
  constant: 'flow application refill',
});

export function refilled(version: string, make: (k: Kernel) => StridingQueue): Workload {
  return workloadOf(
    `mlx5e-refill-${version}`,
    'a driver receives, and fills its queue again',
    make,
    { by: 'driver', over: 'device' },
  );
}
