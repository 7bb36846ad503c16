import { VhostNet, guest } from './common.ts';

class ByOrder extends VhostNet {
  protected override indexOf(_head: number, upendIdx: number): number {
    return upendIdx;
  }
}

export const fixed = guest('fixed', (k) => new ByOrder(k));
