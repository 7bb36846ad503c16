import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  allocHomePage,
  declareState,
  expectNoMemory,
  type HolderVisitor,
  type Kernel,
  type Page,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * An entry of a striding receive queue, whose page stays with it until the entry is filled again.
 * @kernel drivers/net/ethernet/mellanox/mlx5/core/en_rx.c mlx5e_post_rx_mpwqes, mlx5e_alloc_rx_mpwqe (6.5)
 */
export abstract class StridingQueue extends PageOwner {
  /** What the entry has: wi->alloc_units.frag_pages. */
  private entry: Page;
  /** wi->skip_release_bitmap */
  protected skipRelease = false;
  private reads = false;
  private refills = 3;
  private readonly application: Act;
  private readonly refill: Act;

  constructor(k: Kernel) {
    super(k, 'receive queue', allocHomePage(k, PageHome.POOL));
    this.entry = this.page;
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
    const { k, page } = this;
    writePage(k, page, 1);
    const loan = this.lend();
    k.poolRef(page); // the packet's; the entry keeps its own
    this.reads = true;
    this.handedOver(loan);
    this.application.arm();
    this.refill.arm();
  }

  /** mlx5e_post_rx_mpwqes, mlx5e_alloc_rx_mpwqe */
  private postWqe(): void {
    this.refills--;
    if (!this.skipRelease) this.put(this.entry); // mlx5e_free_rx_mpwqe
    try {
      this.entry = allocHomePage(this.k, PageHome.POOL);
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
    const { k, page } = this;
    this.readBy(Reader.APPLICATION);
    this.reads = false;
    k.releases++;
    this.put(page);
  }

  private put(page: Page): void {
    const { k } = this;
    if (k.poolPut(page) && page === this.page) k.complete(this.loan!);
  }

  protected override told(): void {
    writePage(this.k, this.page, 2);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.reads) visitor.page(this.page, 0, PAGE_SIZE, 'receive queue');
  }
}

declareState(StridingQueue, {
  state: 'entry skipRelease reads refills',
  constant: 'application refill',
});

export function refilled(version: string, make: (k: Kernel) => StridingQueue): Workload {
  return workloadOf(
    `mlx5e-refill-${version}`,
    'a driver receives, and fills its queue again',
    make,
    { by: 'driver', over: 'device' },
  );
}
