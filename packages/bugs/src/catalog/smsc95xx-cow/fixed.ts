import { UsbCard, sent } from './common.ts';

class LooksForClones extends UsbCard {
  protected override copies(cloned: boolean): boolean {
    return cloned; // skb_cow_head
  }
}

export const fixed = sent('fixed', (k) => new LooksForClones(k));
