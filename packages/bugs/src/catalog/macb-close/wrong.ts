import { Card, closes } from './common.ts';

class FreesTheRing extends Card {
  protected override inFlight(): void {} // kfree(queue->tx_skb)
}

export const wrong = closes('wrong', (k) => new FreesTheRing(k));
