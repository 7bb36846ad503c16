import { UnixPair, spliced } from './common.ts';

class LocksToLook extends UnixPair {
  protected override lockQueue(): void {
    this.queueLock.lock();
  }

  protected override unlockQueue(): void {
    this.queueLock.unlock();
  }
}

export const fixed = spliced('fixed', (k) => new LocksToLook(k));
