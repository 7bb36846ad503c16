// The input queue between a device that hands packets over in software and the protocols: netif_rx puts a
// packet in, the softirq takes it out again.
import { Party, SingleStep } from '../../agenda.ts';
import { visitList, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Context } from '../../probe.ts';
import type { NetDevice } from './dev.ts';
import { SkBuffHead } from './skb_queue.ts';
import type { SkBuff } from './skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel net/core/dev.c netif_rx, process_backlog (2.6.24). Model: one queue for each device, no limit. */
export class Backlog extends SingleStep {
  private readonly k: Kernel;
  private readonly device: NetDevice;
  private readonly queue = new SkBuffHead();

  /** Packets come up as if `device` had received them. */
  constructor(device: NetDevice) {
    super(`netrx ${device.name}`, 'a packet comes up');
    this.k = device.k;
    this.device = device;
    this.k.agenda.add(this);
  }

  /** The packet that comes up next. */
  get next(): SkBuff | null {
    return this.queue.first;
  }

  netifRx(skb: SkBuff): void {
    this.queue.push(skb);
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now);
  }

  /** The other end of the connection is on this host, and no less a peer. */
  override get party(): Party {
    return Party.PEER;
  }

  take(): boolean {
    const { k, device } = this;
    const skb = this.queue.shift();
    k.agenda.disarm(this.place);
    if (skb === null) return false;
    if (this.queue.qlen > 0) k.agenda.arm(this.place, k.agenda.now);
    k.context = Context.SOFTIRQ;
    k.side = k.sideOf(skb.flow);
    device.receiveLent(skb);
    return true;
  }

  visit(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'backlog');
  }
}

declareState(Backlog, {
  state: 'device queue',
  constant: 'k',
});
