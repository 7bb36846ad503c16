import type { SpinLock } from '@lastref/kernel';
import { Pool, pool } from './common.ts';

class WaitsForProducers extends Pool {
  protected override passes(): SpinLock | null {
    return this.producerLock; // page_pool_producer_lock, page_pool_producer_unlock
  }
}

export const fixed = pool('fixed', (k) => new WaitsForProducers(k));
