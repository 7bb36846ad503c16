// A pair of devices: what one of them transmits, the other receives, the very same sk_buff.
import { CHANGES } from '../../changes.ts';
import { expectNoMemory } from '../../errors.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Backlog } from '../../net/core/backlog.ts';
import { NetDevice, type Features, type XmitResult } from '../../net/core/dev.ts';
import { kfreeSkb, skbOrphan } from '../../net/core/skb_free.ts';
import { skbOrphanFrags } from '../../net/core/skb_private.ts';
import { Checksum, type SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel drivers/net/veth.c veth_xmit (2.6.24), net/core/dev.c dev_forward_skb (3.2), net/core/skbuff.c skb_scrub_packet (4.9, 5.10) */
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
    this.peer!.forward(skb);
    return 'ok';
  }

  /** Takes a packet that this device has not transmitted as one that it receives. */
  private forward(skb: SkBuff): void {
    const { k } = this;
    try {
      skbOrphanFrags(k, skb);
    } catch (error) {
      expectNoMemory(error);
      this.drops++;
      kfreeSkb(k, skb);
      return;
    }
    if (!k.era.changes.has(CHANGES.vethKeepsOwner)) skbOrphan(k, skb); // skb_scrub_packet
    skb.ipSummed = Checksum.UNNECESSARY;
    this.backlog.netifRx(skb);
  }

  forEachReader(visitor: HolderVisitor): void {
    this.backlog.visit(visitor);
    this.visitQueued(visitor);
  }
}

declareState(Veth, {
  state: 'backlog peer',
});
