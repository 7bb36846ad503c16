import { HeapObject, declareState, type Kernel } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { PoolDriver } from '../../pool-driver.ts';
import { SharedCount } from '../../shared.ts';
import { workloadOf } from '../../wire.ts';

/**
 * Its page is out when its pool is destroyed. Model: a struct page that is on the free list stands for one that somebody
 * else has. @kernel net/core/page_pool.c (6.16, 7.2)
 */
export abstract class Driver extends PoolDriver {
  /** What the pool keeps in it: address and index of the mapping. */
  protected readonly struct: HeapObject;
  /** It stands in pool->dma_mapped. */
  private readonly entry: SharedCount;

  constructor(k: Kernel) {
    super(k, true);
    this.struct = new HeapObject(k, 'the struct page');
    this.entry = new SharedCount(k, 1);
  }

  /** xa_cmpxchg: true for the first of the two. */
  private takesEntry(): boolean {
    return this.entry.compareExchange(1, 0);
  }

  /** page_pool_scrub, which has no reference. What is read of the page before the exchange counts only if that succeeds. */
  protected unbind(): void {
    if (this.takesEntry()) this.scrubbed();
  }

  /** What it does with the page when it has the entry. */
  protected abstract scrubbed(): void;

  protected returned(): void {
    if (this.takesEntry()) this.struct.use(); // dma_unmap_page_attrs, and the fields are cleared
    this.struct.free(); // put_page
  }
}

declareState(Driver, {
  state: 'struct entry',
});

export function unbound(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `page-pool-scrub-${version}`,
    'a page comes back while its pool is destroyed',
    make,
    { by: 'driver', over: 'device' },
  );
}
