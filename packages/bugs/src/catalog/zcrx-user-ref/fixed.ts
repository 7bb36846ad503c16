import { ReceiveQueue, received } from './common.ts';

class ComparesAndExchanges extends ReceiveQueue {
  protected override putUserRef(): boolean {
    for (;;) {
      const old = this.userRefs.read();
      if (old === 0) return false;
      if (this.userRefs.compareExchange(old, old - 1)) return true;
    }
  }
}

export const fixed = received('fixed', (k) => new ComparesAndExchanges(k));
