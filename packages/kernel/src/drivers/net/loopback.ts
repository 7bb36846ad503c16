// The loopback device: the receiver gets the very clone that the sender transmitted.
import { SingleStep } from '../../agenda.ts';
import { expectNoMemory } from '../../errors.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Context } from '../../probe.ts';
import { NetDevice, type XmitResult } from '../../net/core/dev.ts';
import { SkBuffHead } from '../../net/core/skb_queue.ts';
import { kfreeSkb, skbOrphan } from '../../net/core/skb_free.ts';
import { Checksum, type SkBuff } from '../../net/core/skbuff.ts';

class NetRxStep extends SingleStep {
  readonly lo: Loopback;

  constructor(lo: Loopback) {
    super(`netrx ${lo.name}`, 'a packet comes up');
    this.lo = lo;
  }

  take(): boolean {
    return this.lo.netRx();
  }
}

/** @kernel drivers/net/loopback.c loopback_xmit, net/core/dev.c netif_rx, process_backlog */
export class Loopback extends NetDevice implements Holder {
  private readonly backlog = new SkBuffHead();
  private readonly step: NetRxStep;

  constructor(k: Kernel, name = 'lo') {
    super(k, name, { sg: true, csum: true, tso: true, gso: true }, 16436);
    this.step = new NetRxStep(this);
    k.agenda.add(this.step);
    k.holders.push(this);
  }

  protected startXmit(skb: SkBuff): XmitResult {
    skbOrphan(this.k, skb);
    skb.ipSummed = Checksum.UNNECESSARY;
    this.backlog.push(skb);
    const { agenda } = this.k;
    if (!agenda.isArmed(this.step.place)) agenda.arm(this.step.place, agenda.now);
    return 'ok';
  }

  netRx(): boolean {
    const { k } = this;
    const skb = this.backlog.shift();
    k.agenda.disarm(this.step.place);
    if (skb === null) return false;
    if (this.backlog.qlen > 0) k.agenda.arm(this.step.place, k.agenda.now);
    k.context = Context.SOFTIRQ;
    k.side = k.sideOf(skb.flow);
    try {
      k.lifetime.orphanFrags(skb); // the receiver may keep it for ever
    } catch (error) {
      expectNoMemory(error);
      this.drops++;
      kfreeSkb(k, skb);
      return true;
    }
    this.netifReceiveSkb(skb);
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.backlog.first, visitor, 'backlog');
    this.visitQueued(visitor);
  }
}
