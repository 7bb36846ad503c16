import { HeapObject, declareState, type Kernel } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { PoolDriver } from '../../pool-driver.ts';
import { workloadOf } from '../../wire.ts';

/**
 * Its pool has mapped the page for the device. Model: the device is what maps, its IOMMU domain; one page stands for all
 * that are out. @kernel net/core/page_pool.c (6.15, 6.16)
 */
export abstract class Driver extends PoolDriver {
  private readonly domain: HeapObject;
  /** page_pool_get_dma_addr() is not 0. */
  private mapped = true;

  constructor(k: Kernel) {
    super(k);
    this.domain = new HeapObject(k, 'the IOMMU domain of the device');
  }

  /** page_pool_destroy, and what the device has goes. */
  protected unbind(): void {
    this.destroy();
    this.domain.free(); // iommu_release_device
  }

  /** What the pool does about the pages that are out, when it is destroyed. */
  protected abstract destroy(): void;

  /** Model: a ring that is full, where the pool lives on. */
  protected returned(): void {
    this.unmap();
  }

  /** dma_unmap_page_attrs, if that has not been done. */
  protected unmap(): void {
    if (!this.mapped) return;
    this.mapped = false;
    this.domain.use();
  }
}

declareState(Driver, {
  state: 'domain mapped',
});

export function unbound(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `page-pool-unmap-${version}`,
    'a driver is unbound while a reader has one of its pages',
    make,
    { by: 'driver', over: 'device' },
  );
}
