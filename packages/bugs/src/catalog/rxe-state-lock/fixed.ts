import { QueuePair, posts } from './common.ts';

/** spin_lock_bh: none does until the lock is given back. */
class KeepsSoftirqsOff extends QueuePair {
  protected override lockState(): void {
    this.stateLock.lockBh();
  }

  protected override unlockState(): void {
    this.stateLock.unlockBh();
  }
}

export const fixed = posts('fixed', (k) => new KeepsSoftirqsOff(k));
