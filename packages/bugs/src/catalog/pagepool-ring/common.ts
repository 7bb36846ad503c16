import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  SpinLock,
  allocHomePage,
  declareState,
  type HolderVisitor,
  type Kernel,
  type Page,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A pool that is to go away, and its last page, which the stack still has. @kernel net/core/page_pool.c (6.15)
 */
export abstract class Pool extends PageOwner {
  /** Of the ring into which pages are put that come back. */
  protected readonly producerLock = new SpinLock(this.k, 'the lock of the ring');
  private readonly ring: Page[] = [];
  /** pages_state_hold_cnt less pages_state_release_cnt */
  private inflight = 1;
  private readable = false;
  private readonly free: Act;
  private readonly release: OtherAct;

  constructor(k: Kernel) {
    super(k, 'pool', allocHomePage(k, PageHome.POOL));
    this.free = new Act(
      k,
      'receiver',
      'reads the packet and frees it',
      () => this.freed(),
      Context.SOFTIRQ,
    );
    this.release = new OtherAct(
      k,
      'release retry',
      'frees the pool if no page is out',
      () => this.tryRelease(),
      Context.PROCESS,
      this.passes(),
    );
    new Act(k, 'driver', 'passes a packet on, and gives its pool up', () => this.receive()).arm();
  }

  private receive(): void {
    const { k, page } = this;
    writePage(k, page, 1);
    const loan = this.lend();
    this.readable = true;
    this.handedOver(loan);
    this.free.arm();
    this.release.arm(); // page_pool_destroy
  }

  private freed(): void {
    this.readBy(Reader.APPLICATION);
    this.readable = false;
    this.k.releases++;
    this.recycleInRing();
  }

  /** page_pool_recycle_in_ring. The lock is one of the pool's fields: until it is given back, the pool is in use. */
  private recycleInRing(): void {
    const { k, page, producerLock } = this;
    producerLock.lock();
    k.poolPut(page);
    this.ring.push(page); // __ptr_ring_produce
    k.point();
    k.complete(this.loan!); // Model: the pool hears of its page when it is let go of, which the unlock does
    producerLock.unlock();
  }

  /** A lock that the work below takes and gives back before it frees the pool. */
  protected abstract passes(): SpinLock | null;

  /** page_pool_release, which comes again until no page is out. */
  private tryRelease(): void {
    this.inflight -= this.ring.length;
    this.ring.length = 0; // page_pool_scrub
    const lock = this.passes();
    lock?.lock();
    lock?.unlock();
    if (this.inflight === 0) this.leave();
    else this.release.arm();
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.readable) visitor.page(this.page, 0, PAGE_SIZE, 'receive queue');
  }
}

declareState(Pool, {
  state: 'producerLock ring inflight readable',
  constant: 'free release',
});

export function pool(version: string, make: (k: Kernel) => Pool): Workload {
  return workloadOf(
    `pagepool-ring-${version}`,
    'the last page of a pool comes back when the pool is to go',
    make,
    { by: 'driver', over: 'device' },
  );
}
