import { SpinLock } from '@lastref/kernel';
import { Umem, shared } from './common.ts';

class LockInPool extends Umem {
  protected override locks(): readonly [SpinLock, SpinLock] {
    const lock = new SpinLock(this.k, 'cq_lock of the pool');
    return [lock, lock];
  }
}

export const fixed = shared('fixed', (k) => new LockInPool(k));
