// The queue behind a device of macvtap or ipvtap: what comes up from it goes to a process, a virtual machine's backend.
import { Party, SingleStep } from '../../agenda.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Context, Reader } from '../../probe.ts';
import { probeReads } from '../../net/core/datagram.ts';
import type { Receiver } from '../../net/core/dev.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import { SkBuffHead } from '../../net/core/skb_queue.ts';
import type { SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

/** Its step: the process takes a packet. */
class TapReadStep extends SingleStep {
  private readonly queue: TapQueue;

  constructor(queue: TapQueue, name: string) {
    super(`read ${name}`, 'takes a packet');
    this.queue = queue;
  }

  get comesIn(): boolean {
    return true;
  }

  override get party(): Party {
    return Party.GUEST;
  }

  take(): boolean {
    return this.queue.read();
  }
}

declareState(TapReadStep, {
  state: 'queue',
});

/**
 * It is what the device has for a handler, so it comes before whoever would copy a packet for a receiver that may keep it for ever
 * (__netif_receive_skb_core), and does not do so itself; nor does it take the packet from its sender.
 * Model: its process takes packets that are large and not summed (IFF_VNET_HDR), and the queue has no end.
 * @kernel drivers/net/macvtap.c macvtap_forward (2.6.37, 3.8), drivers/net/tap.c tap_handle_frame, tap_do_read (4.20, 7.2)
 */
export class TapQueue implements Receiver, Holder {
  readonly rxHandler = true;
  readonly readStep: SingleStep;
  private readonly k: Kernel;
  private readonly packets = new SkBuffHead();

  constructor(k: Kernel, name: string) {
    this.k = k;
    this.readStep = new TapReadStep(this, name);
    k.agenda.add(this.readStep);
    k.holders.push(this);
  }

  receive(skb: SkBuff): void {
    this.packets.push(skb);
    this.arm();
  }

  private arm(): void {
    const { agenda } = this.k;
    const { place } = this.readStep;
    if (this.packets.qlen > 0 && !agenda.isArmed(place)) agenda.arm(place, agenda.now);
  }

  /** read(): the guest gets the bytes of one packet, which is freed. */
  read(): boolean {
    const { k } = this;
    const skb = this.packets.shift();
    if (skb === null) return false;
    k.context = Context.PROCESS;
    k.agenda.disarm(this.readStep.place);
    probeReads(k, skb, Reader.APPLICATION);
    kfreeSkb(k, skb);
    this.arm();
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.packets.first, visitor, 'macvtap queue');
  }
}

declareState(TapQueue, {
  state: 'readStep packets',
  constant: 'k rxHandler',
});
