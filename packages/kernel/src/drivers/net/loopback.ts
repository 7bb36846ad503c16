// The loopback device: the receiver gets the very clone that the sender transmitted.
import { CHANGES } from '../../changes.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Backlog } from '../../net/core/backlog.ts';
import { NetDevice, type XmitResult } from '../../net/core/dev.ts';
import { skbOrphan } from '../../net/core/skb_free.ts';
import { Checksum, type SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel drivers/net/loopback.c loopback_xmit, loopback_setup */
export class Loopback extends NetDevice implements Holder {
  readonly backlog: Backlog;

  constructor(
    k: Kernel,
    name = 'lo',
    mtu = k.era.changes.has(CHANGES.loopback64k) ? 65_536 : 16_436,
  ) {
    const large = k.era.changes.has(CHANGES.loopbackTso);
    super(k, name, { sg: true, csum: true, tso: large, gso: large }, mtu);
    this.backlog = new Backlog(this);
    k.holders.push(this);
  }

  /** What a socket on it may do. @kernel net/core/sock.c sk_setup_caps */
  get route(): { readonly device: Loopback; readonly sg: boolean; readonly gso: boolean } {
    return { device: this, sg: true, gso: this.features.gso };
  }

  /** The packet that comes up next. */
  get next(): SkBuff | null {
    return this.backlog.next;
  }

  protected startXmit(skb: SkBuff): XmitResult {
    skbOrphan(this.k, skb);
    skb.ipSummed = Checksum.UNNECESSARY;
    this.backlog.netifRx(skb);
    return 'ok';
  }

  forEachReader(visitor: HolderVisitor): void {
    this.backlog.visit(visitor);
    this.visitQueued(visitor);
  }
}

declareState(Loopback, {
  state: 'backlog',
});
