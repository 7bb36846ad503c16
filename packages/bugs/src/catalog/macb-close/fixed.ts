import { kfreeSkb, type SkBuff } from '@lastref/kernel';
import { Card, closes } from './common.ts';

class FreesWhatIsInIt extends Card {
  protected override inFlight(skb: SkBuff): void {
    kfreeSkb(this.k, skb); // macb_tx_unmap, for each from tx_tail to tx_head
  }
}

export const fixed = closes('fixed', (k) => new FreesWhatIsInIt(k));
