// A guest's network interface as its host sees it: what is sent to it is copied to buffers that the guest has posted,
// and waits while there are none.
import { NEVER, Party, SingleStep } from '../../agenda.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost, Side } from '../../ledger.ts';
import { Context, Reader } from '../../probe.ts';
import { probeReads } from '../../net/core/datagram.ts';
import { NetDevice, type Features, type XmitResult } from '../../net/core/dev.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import { SkBuffHead } from '../../net/core/skb_queue.ts';
import type { SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

/** Packets that the driver's own queue holds before the interface stops (3.18 counts bytes). */
const RX_QUEUE_MAX = 256;

export interface VifConfig {
  readonly features: Features;
  readonly mtu: number;
  /** Buffers that the guest posts. */
  readonly slots: number;
  /** Ticks that the guest takes over each packet before it posts the buffer again; NEVER: it posts none again. */
  readonly takeTicks: number;
  /** Ticks after which packets for a guest without buffers are dropped. */
  readonly drainTicks: number;
  /**
   * Without a buffer the interface stops, and packets wait in front of it (2.6.18-xen); else they wait in the driver's
   * own queue, each for its own time (3.18).
   */
  readonly stops: boolean;
}

class RxAction extends SingleStep {
  private readonly vif: Vif;

  constructor(vif: Vif) {
    super(`${vif.name} rx action`, "copies to the guest's buffers");
    this.vif = vif;
  }

  override get party(): Party {
    return this.vif.hasPosted ? Party.GUEST : Party.NOBODY; // the buffers of the beginning are there; then it waits for the guest's
  }

  take(): boolean {
    return this.vif.rxAction();
  }
}

declareState(RxAction, {
  state: 'vif',
});

class GuestStep extends SingleStep {
  private readonly vif: Vif;

  constructor(vif: Vif) {
    super(`guest of ${vif.name}`, 'takes a packet and posts its buffer again');
    this.vif = vif;
  }

  get comesIn(): boolean {
    return true;
  }

  override get party(): Party {
    return Party.GUEST;
  }

  take(): boolean {
    return this.vif.guestTakes();
  }
}

declareState(GuestStep, {
  state: 'vif',
});

class DrainTimer extends SingleStep {
  private readonly vif: Vif;

  constructor(vif: Vif) {
    super(`${vif.name} drain timer`, 'drops what the guest does not take');
    this.vif = vif;
  }

  take(): boolean {
    return this.vif.drain();
  }
}

declareState(DrainTimer, {
  state: 'vif',
});

/**
 * @kernel drivers/xen/netback/netback.c netif_be_start_xmit, net_rx_action, tx_queue_callback (2.6.18-xen);
 * drivers/net/xen-netback/interface.c xenvif_start_xmit, netback.c xenvif_rx_queue_drop_expired (3.18)
 */
export class Vif extends NetDevice implements Holder {
  readonly config: VifConfig;
  private readonly rxQueue = new SkBuffHead();
  private readonly action: RxAction;
  private readonly guest: GuestStep;
  private readonly drainTimer: DrainTimer;
  /** Buffers that the guest has posted and nobody has filled, or is about to. */
  private slots: number;
  /** Packets that the guest has in its buffers. */
  private delivered = 0;
  /** It has posted a buffer since the beginning: from then on what is delivered is delivered because it did. */
  hasPosted = false;

  constructor(k: Kernel, name: string, config: VifConfig) {
    super(k, name, config.features, config.mtu);
    this.config = config;
    this.slots = config.slots;
    this.action = new RxAction(this);
    this.guest = new GuestStep(this);
    this.drainTimer = new DrainTimer(this);
    for (const step of [this.action, this.guest, this.drainTimer]) k.agenda.add(step);
    k.holders.push(this);
  }

  protected startXmit(skb: SkBuff): XmitResult {
    const { config } = this;
    if (config.stops && this.slots <= this.rxQueue.qlen) {
      this.drop(skb); // the timer has let it through
      return 'ok';
    }
    skb.when = this.k.agenda.now;
    this.rxQueue.push(skb);
    this.schedule();
    this.stopped = config.stops
      ? this.slots <= this.rxQueue.qlen
      : this.rxQueue.qlen >= RX_QUEUE_MAX;
    if (config.stops && this.stopped) this.armDrain(this.k.agenda.now);
    return 'ok';
  }

  private drop(skb: SkBuff): void {
    this.drops++;
    this.k.side = this.k.sideOf(skb.flow);
    kfreeSkb(this.k, skb);
  }

  private schedule(): void {
    const { agenda } = this.k;
    const first = this.rxQueue.first;
    if (first === null) return;
    if (this.slots > 0 && !agenda.isArmed(this.action.place))
      agenda.arm(this.action.place, agenda.now);
    if (!this.config.stops) this.armDrain(first.when);
  }

  private armDrain(from: number): void {
    const { agenda } = this.k;
    const { place } = this.drainTimer;
    if (!agenda.isArmed(place)) agenda.arm(place, from + this.config.drainTicks);
  }

  /**
   * The hypervisor copies packets to the guest's buffers, on the host's account. Nobody computes a checksum between
   * guests of one host: what arrives here, the guest believes.
   */
  rxAction(): boolean {
    const { k } = this;
    const { agenda } = k;
    if (!agenda.isArmed(this.action.place)) return false;
    agenda.disarm(this.action.place);
    k.context = Context.SOFTIRQ;
    while (this.slots > 0) {
      const skb = this.rxQueue.shift();
      if (skb === null) break;
      this.slots--;
      this.delivered++;
      k.side = k.sideOf(skb.flow);
      probeReads(k, skb, Reader.APPLICATION);
      k.cost[k.side + Cost.COPIED_BYTES]! += skb.len;
      kfreeSkb(k, skb);
    }
    if (this.rxQueue.first === null && !this.config.stops) agenda.disarm(this.drainTimer.place);
    this.armGuest();
    return true;
  }

  private armGuest(): void {
    const { agenda } = this.k;
    const { takeTicks } = this.config;
    if (this.delivered === 0 || takeTicks === NEVER || agenda.isArmed(this.guest.place)) return;
    agenda.arm(this.guest.place, agenda.now + takeTicks);
  }

  /** The guest has done with a packet, and posts the buffer. */
  guestTakes(): boolean {
    const { k } = this;
    const { agenda } = k;
    if (!agenda.isArmed(this.guest.place)) return false;
    agenda.disarm(this.guest.place);
    k.context = Context.SOFTIRQ;
    k.side = Side.PEER;
    this.delivered--;
    this.slots++;
    this.hasPosted = true;
    this.armGuest();
    this.schedule();
    if (this.stopped) {
      if (this.config.stops) agenda.disarm(this.drainTimer.place);
      this.wake();
    }
    return true;
  }

  /** Too long without a buffer: an interface that has stopped lets packets through to be dropped. */
  drain(): boolean {
    const { k, config } = this;
    const { agenda } = k;
    const { place } = this.drainTimer;
    if (!agenda.isArmed(place)) return false;
    agenda.disarm(place);
    k.context = config.stops ? Context.SOFTIRQ : Context.PROCESS; // a timer; a kernel thread
    if (!config.stops) {
      let first = this.rxQueue.shift();
      if (first !== null) this.drop(first);
      for (first = this.rxQueue.first; first !== null; first = this.rxQueue.first) {
        if (first.when + config.drainTicks > agenda.now) break;
        this.rxQueue.unlink(first);
        this.drop(first);
      }
      this.schedule();
    }
    this.wake();
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.rxQueue.first, visitor, "guest's queue");
    this.visitQueued(visitor);
  }
}

declareState(Vif, {
  state: 'rxQueue action guest drainTimer slots delivered hasPosted',
  constant: 'config',
});
