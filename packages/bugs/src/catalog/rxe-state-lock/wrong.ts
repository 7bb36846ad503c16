import { QueuePair, posts } from './common.ts';

/** spin_lock: a softirq may come in. */
class LocksAlone extends QueuePair {
  protected override lockState(): void {
    this.stateLock.lock();
  }

  protected override unlockState(): void {
    this.stateLock.unlock();
  }
}

export const wrong = posts('wrong', (k) => new LocksAlone(k));
