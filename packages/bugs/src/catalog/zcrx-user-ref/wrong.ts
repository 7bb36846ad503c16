import { ReceiveQueue, received } from './common.ts';

class ReadsAndDecrements extends ReceiveQueue {
  protected override putUserRef(): boolean {
    if (this.userRefs.read() === 0) return false;
    this.userRefs.add(-1);
    return true;
  }
}

export const wrong = received('wrong', (k) => new ReadsAndDecrements(k));
