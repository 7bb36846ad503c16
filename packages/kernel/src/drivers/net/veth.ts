// A pair of devices: what one of them transmits, the other receives, the very same sk_buff.
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Backlog } from '../../net/core/backlog.ts';
import { NetDevice, type Features, type XmitResult } from '../../net/core/dev.ts';
import { devForwardSkb } from '../../net/core/dev_forward.ts';
import { Checksum, type SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel drivers/net/veth.c veth_xmit (2.6.24, 3.2) */
export class Veth extends NetDevice implements Holder {
  readonly backlog: Backlog;
  private peer: Veth | null = null;

  private constructor(k: Kernel, name: string, features: Features, mtu: number) {
    super(k, name, features, mtu);
    this.backlog = new Backlog(this);
    k.holders.push(this);
  }

  /** Both ends. @kernel drivers/net/veth.c veth_newlink */
  static pair(k: Kernel, name: string, features: Features, mtu = 1500): [Veth, Veth] {
    const one = new Veth(k, `${name}0`, features, mtu);
    const other = new Veth(k, `${name}1`, features, mtu);
    one.peer = other;
    other.peer = one;
    return [one, other];
  }

  protected startXmit(skb: SkBuff): XmitResult {
    skb.ipSummed = Checksum.UNNECESSARY;
    devForwardSkb(this.peer!, skb);
    return 'ok';
  }

  forEachReader(visitor: HolderVisitor): void {
    this.backlog.visit(visitor);
    this.visitQueued(visitor);
  }
}

declareState(Veth, {
  state: 'backlog peer',
});
