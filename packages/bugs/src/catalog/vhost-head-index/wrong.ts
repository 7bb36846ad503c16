import { VhostNet, guest } from './common.ts';

class ByHead extends VhostNet {
  protected override indexOf(head: number): number {
    return head;
  }
}

export const wrong = guest('wrong', (k) => new ByHead(k));
