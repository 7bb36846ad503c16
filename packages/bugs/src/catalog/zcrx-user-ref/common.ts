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
import { writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { SharedCount } from '../../shared.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A buffer of the receive queue that an application reads in place. Its references are counted in user_refs, and for each
 * of them the pool has one. @kernel io_uring/zcrx.c (6.15)
 */
export abstract class ReceiveQueue extends PageOwner {
  protected readonly userRefs: SharedCount;
  /** The application has not given it back. */
  private reads = false;
  private readonly application: Act;
  private readonly refill: Act;
  private readonly scrub: OtherAct;

  constructor(k: Kernel) {
    super(k, 'receive queue', allocHomePage(k, PageHome.POOL));
    this.userRefs = new SharedCount(k, 0);
    this.application = new Act(k, 'application', 'reads, and gives the buffer back', () =>
      this.giveBack(),
    );
    this.refill = new Act(
      k,
      'refill',
      'takes what was given back',
      () => this.ringRefill(),
      Context.SOFTIRQ,
    );
    // it takes no rq_lock, under which the refill runs
    this.scrub = new OtherAct(k, 'scrub', 'takes all that users have', () => this.scrubAll());
    new Act(k, 'receive', 'hands a buffer to the application', () => this.receive()).arm();
  }

  private receive(): void {
    const { k, page } = this;
    writePage(k, page, 1);
    const loan = this.lend();
    this.userRefs.add(1); // io_zcrx_get_niov_uref
    this.reads = true;
    this.handedOver(loan);
    this.application.arm();
    this.scrub.arm();
  }

  private giveBack(): void {
    this.readBy(Reader.APPLICATION);
    this.reads = false;
    this.k.releases++;
    this.refill.arm();
  }

  /** io_zcrx_ring_refill */
  private ringRefill(): void {
    if (this.putUserRef()) this.unref();
  }

  /** io_zcrx_put_niov_uref: one reference less, if there is one. */
  protected abstract putUserRef(): boolean;

  /** io_zcrx_scrub: the queue is shut down. */
  private scrubAll(): void {
    if (this.userRefs.exchange(0) === 0) return;
    this.reads = false; // whoever still looks at it does so at his own risk: the queue is gone
    this.k.releases++;
    this.unref();
  }

  /** page_pool_unref_netmem, and io_zcrx_return_niov */
  private unref(): void {
    const { k, page, loan } = this;
    if (k.poolPut(page)) k.complete(loan!);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.reads) visitor.page(this.page, 0, PAGE_SIZE, 'application');
  }
}

declareState(ReceiveQueue, {
  state: 'userRefs reads',
  constant: 'application refill scrub',
});

export function received(version: string, make: (k: Kernel) => ReceiveQueue): Workload {
  return workloadOf(
    `zcrx-user-ref-${version}`,
    'an application gives a buffer back while its queue is shut down',
    make,
    { by: 'driver', over: 'device' },
  );
}
