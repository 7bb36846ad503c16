// A device whose wire is a process: packets wait in a queue until it reads them, a virtual machine's backend or
// a VPN daemon, at its own pace.
import { Party, SingleStep } from '../../agenda.ts';
import { CHANGES } from '../../changes.ts';
import { expectNoMemory } from '../../errors.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Context, Reader } from '../../probe.ts';
import { NetDevice, type Features, type XmitResult } from '../../net/core/dev.ts';
import { probeReads } from '../../net/core/datagram.ts';
import { kfreeSkb, skbOrphan } from '../../net/core/skb_free.ts';
import { skbOrphanFragsRx } from '../../net/core/skb_private.ts';
import { SkBuffHead } from '../../net/core/skb_queue.ts';
import type { SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

/** @kernel drivers/net/tun.c TUN_READQ_SIZE */
export const TUN_READQ_SIZE = 500;

export interface TunConfig {
  readonly features: Features;
  readonly mtu?: number;
  /** Ticks from a packet to the read() that takes it. */
  readonly readTicks: number;
  readonly queueLength?: number;
  /** What the process is: by default somebody on the way (a VPN daemon); else whom the packets are for. */
  readonly reader?: Reader;
}

class ReadStep extends SingleStep {
  private readonly tun: Tun;

  constructor(tun: Tun) {
    super(`read ${tun.name}`, 'takes a packet');
    this.tun = tun;
  }

  get comesIn(): boolean {
    return true;
  }

  override get party(): Party {
    return Party.GUEST;
  }

  take(): boolean {
    return this.tun.read();
  }
}

declareState(ReadStep, {
  state: 'tun',
});

/**
 * Model: in 5.10 and 7.2 a packet for which there is no room is copied before it is dropped (ptr_ring_produce).
 * @kernel drivers/net/tun.c tun_net_xmit, tun_chr_aio_read, tun_do_read (2.6.24, 3.8, 7.2)
 */
export class Tun extends NetDevice implements Holder {
  readonly readStep: ReadStep;
  private readonly readQueue = new SkBuffHead();
  private readonly readTicks: number;
  private readonly queueLength: number;
  private readonly reader: Reader;
  /** The process reads nothing. */
  private asleep = false;

  constructor(k: Kernel, name: string, config: TunConfig) {
    super(k, name, config.features, config.mtu ?? 1500);
    this.readTicks = config.readTicks;
    this.queueLength = config.queueLength ?? TUN_READQ_SIZE;
    this.reader = config.reader ?? Reader.NIC;
    this.readStep = new ReadStep(this);
    k.agenda.add(this.readStep);
    k.holders.push(this);
  }

  /** Packets that wait for the process. */
  get waiting(): number {
    return this.readQueue.qlen;
  }

  protected startXmit(skb: SkBuff): XmitResult {
    const { k } = this;
    const drops = k.era.changes.has(CHANGES.tunDrops);
    if (drops && this.readQueue.qlen >= this.queueLength) {
      this.drops++;
      kfreeSkb(k, skb);
      return 'ok';
    }
    try {
      skbOrphanFragsRx(k, skb); // 3.6 on: the process may never read
    } catch (error) {
      expectNoMemory(error);
      this.drops++;
      kfreeSkb(k, skb);
      return 'ok';
    }
    if (k.era.tunOrphans) skbOrphan(k, skb);
    this.readQueue.push(skb);
    if (!drops && this.readQueue.qlen >= this.queueLength) this.stopped = true;
    this.armRead();
    return 'ok';
  }

  private armRead(): void {
    const { agenda } = this.k;
    const { place } = this.readStep;
    if (this.asleep || this.readQueue.qlen === 0 || agenda.isArmed(place)) return;
    agenda.arm(place, agenda.now + this.readTicks);
  }

  /** The process reads nothing any more. */
  sleep(): void {
    this.asleep = true;
    this.k.agenda.disarm(this.readStep.place);
  }

  /** The process is gone: what waits for it is dropped. @kernel drivers/net/tun.c tun_chr_close, tun_detach (3.8) */
  close(): void {
    const { k } = this;
    this.asleep = false;
    k.agenda.disarm(this.readStep.place);
    k.context = Context.PROCESS;
    for (let skb = this.readQueue.shift(); skb !== null; skb = this.readQueue.shift()) {
      this.drops++;
      k.side = k.sideOf(skb.flow);
      kfreeSkb(k, skb);
    }
    this.wake();
  }

  /** read(): the process gets the bytes of one packet, which is freed. */
  read(): boolean {
    const { k } = this;
    if (this.asleep) return false;
    const skb = this.readQueue.shift();
    if (skb === null) return false;
    k.context = Context.PROCESS;
    k.agenda.disarm(this.readStep.place);
    probeReads(k, skb, this.reader);
    kfreeSkb(k, skb);
    this.armRead();
    this.wake();
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.readQueue.first, visitor, 'tun queue');
    this.visitQueued(visitor);
  }
}

declareState(Tun, {
  state: 'readStep readQueue reader asleep',
  constant: 'readTicks queueLength',
});
