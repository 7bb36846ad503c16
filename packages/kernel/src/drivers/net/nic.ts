// An Ethernet device with a transmit ring. The driver's xmit puts an skb into the ring; the device reads
// its bytes later (DMA), and the driver frees it later still (transmit completion).
import { Party, SingleStep, Spend } from '../../agenda.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Context, Reader } from '../../probe.ts';
import { NetDevice, type Features, type XmitResult } from '../../net/core/dev.ts';
import { kfreeSkb, skbOrphan } from '../../net/core/skb_free.ts';
import { fragAt, skbCloned, skbHeadlen, type SkBuff } from '../../net/core/skbuff.ts';
import { ipId } from '../../net/ipv4/ip_header.ts';
import { fixSegmentHeader } from '../../net/ipv4/tcp_header.ts';
import type { Link } from './link.ts';
import { declareState, type StateSink } from '../../state.ts';

/** What the device can do with its ring. */
export const NicVerb = { READ: 0, RESET: 1 } as const;

class DmaStep extends SingleStep {
  override readonly verbs = [
    'reads a descriptor',
    'is reset: its driver drops what it has not read',
  ];
  readonly nic: Nic;

  constructor(nic: Nic) {
    super(`dma ${nic.name}`, 'reads a descriptor', Spend.NOTHING, nic.lendsNothing);
    this.nic = nic;
  }

  get comesIn(): boolean {
    return true;
  }

  get byDevice(): boolean {
    return true;
  }

  override get party(): Party {
    return Party.DEVICE;
  }

  override choices(out: number[]): void {
    out.push(NicVerb.READ, 0);
    if (this.nic.unread > 0) out.push(NicVerb.RESET, 0);
  }

  override spend(verb: number): Spend {
    return verb === NicVerb.RESET ? Spend.FAILURE : this.spends;
  }

  take(verb: number): boolean {
    return verb === NicVerb.RESET ? this.nic.reset() : this.nic.dma();
  }
}

declareState(DmaStep, {
  state: 'nic',
  constant: 'verbs',
});

class TxDoneStep extends SingleStep {
  readonly nic: Nic;

  constructor(nic: Nic) {
    super(`txdone ${nic.name}`, 'frees what was sent', Spend.NOTHING, nic.lendsNothing);
    this.nic = nic;
  }

  get comesIn(): boolean {
    return true;
  }

  override get party(): Party {
    return Party.DEVICE;
  }

  override get lendsNothing(): boolean {
    return this.nic.lendsNothing;
  }

  /** @kernel net/ipv4/tcp_output.c tcp_transmit_skb: skb_cloned asks whether the driver has the last transmission yet */
  mayBeSentAgain(): boolean {
    return this.nic.hasClones();
  }

  take(): boolean {
    return this.nic.txDone();
  }
}

declareState(TxDoneStep, {
  state: 'nic',
});

export interface NicConfig {
  readonly features: Features;
  readonly mtu: number;
  readonly ringSize: number;
  /** From xmit to the earliest DMA, in ticks. */
  readonly dmaTicks: number;
  /** From the last DMA to the completion interrupt, in ticks. */
  readonly txDoneTicks: number;
  /** Its host lends nothing: whether a packet waits in the ring or on the wire is all the same. */
  readonly lendsNothing?: boolean;
}

/** @kernel drivers/net/e1000e (2.6.32): the shape, not the registers */
export class Nic extends NetDevice implements Holder {
  protected override get netmemTx(): boolean {
    return true;
  }

  readonly config: NicConfig;
  link: Link | null = null;
  /** Ring positions, ever growing: completed <= read <= filled. */
  private completed = 0;
  private read = 0;
  private filled = 0;
  private readonly ring: (SkBuff | null)[] = [];
  private readonly dmaStep: DmaStep;
  private readonly txDoneStep: TxDoneStep;
  /** The device does not read until resumed. */
  private stalled = false;
  /**
   * Its driver takes a packet from its socket as soon as it is in the ring: nobody waits for what the device has still to read.
   * @kernel drivers/net/virtio_net.c start_xmit (2.6.32, 4.11; without NAPI for transmission 4.12, 7.2); cxgb3/sge.c t3_eth_xmit (2.6.24)
   */
  orphans = false;
  /** Where the gather of a packet stands: frag index and bytes into it. */
  private frag = 0;
  private into = 0;

  constructor(k: Kernel, name: string, config: NicConfig) {
    super(k, name, config.features, config.mtu);
    this.config = config;
    for (let i = 0; i < config.ringSize; i++) this.ring.push(null);
    this.dmaStep = new DmaStep(this);
    this.txDoneStep = new TxDoneStep(this);
    k.agenda.add(this.dmaStep);
    k.agenda.add(this.txDoneStep);
    k.holders.push(this);
  }

  /** What the device does by itself: it reads, and it says that it has read. */
  get steps(): readonly SingleStep[] {
    return [this.dmaStep, this.txDoneStep];
  }

  override get lendsNothing(): boolean {
    return this.config.lendsNothing === true;
  }

  /** Skbs in the ring that the device has not read yet. */
  get unread(): number {
    return this.filled - this.read;
  }

  /** Skbs that the device has read since it is there. */
  get packetsRead(): number {
    return this.read;
  }

  /** Is the page mapped for the device, from the driver's xmit to its completion? */
  dmaMapped(page: Page): boolean {
    for (let i = this.completed; i < this.filled; i++) {
      const { shinfo } = this.ring[i % this.config.ringSize]!;
      for (let f = 0; f < shinfo.nrFrags; f++) if (fragAt(shinfo, f).page === page) return true;
    }
    return false;
  }

  /** The skb that the device reads next. */
  get next(): SkBuff | null {
    return this.read === this.filled ? null : this.ring[this.read % this.config.ringSize]!;
  }

  /** The device stops reading: a stalled PCI bus, a slow guest, a flow-control pause. */
  stall(): void {
    this.stalled = true;
    this.k.agenda.disarm(this.dmaStep.place);
  }

  resume(): void {
    this.stalled = false;
    this.armDma();
  }

  protected startXmit(skb: SkBuff): XmitResult {
    if (this.filled - this.completed === this.config.ringSize) return 'busy';
    this.ring[this.filled % this.config.ringSize] = skb;
    this.filled++;
    if (this.orphans) skbOrphan(this.k, skb);
    this.armDma();
    if (this.filled - this.completed === this.config.ringSize) this.stopped = true;
    return 'ok';
  }

  private armDma(): void {
    const { agenda } = this.k;
    if (this.stalled || this.read === this.filled || agenda.isArmed(this.dmaStep.place)) return;
    agenda.arm(
      this.dmaStep.place,
      Math.max(agenda.now + this.config.dmaTicks, this.link!.freeAt()),
    );
  }

  /** One descriptor: the whole skb is read, cut if the device does TSO, and put on the wire. */
  dma(): boolean {
    if (this.read === this.filled || this.stalled) return false;
    const { k } = this;
    k.context = Context.HARDIRQ;
    const skb = this.ring[this.read % this.config.ringSize]!;
    this.read++;
    k.releases++; // the device will not read this skb again
    this.transmit(skb);
    skb.isSpent = skb.users === 1; // who has it too may read on
    k.agenda.disarm(this.dmaStep.place);
    this.armDma();
    if (!k.agenda.isArmed(this.txDoneStep.place)) {
      const { agenda } = k;
      agenda.arm(
        this.txDoneStep.place,
        Math.max(agenda.now, this.link!.freeAt()) + this.config.txDoneTicks,
      );
    }
    return true;
  }

  private transmit(skb: SkBuff): void {
    const mss = skb.shinfo.gsoSize === 0 ? skb.len : skb.shinfo.gsoSize;
    const payload = skb.len - skb.headers;
    this.frag = 0;
    this.into = 0;
    let offset = 0;
    let id = ipId(this.k.mem, skb.data);
    do {
      const size = Math.min(mss, payload - offset);
      const seq = (skb.seq + offset) | 0;
      const more = offset + size < payload;
      const at = this.link!.send(skb.headers + size, skb.headers, skb.flow, seq, more);
      if (at >= 0) {
        const { mem } = this.k;
        mem.copyWithin(at, skb.data, skb.data + skb.headers);
        if (size < payload) {
          const last = offset + size === payload;
          fixSegmentHeader(
            mem,
            at,
            skb.headers + size,
            (skb.seq + offset) | 0,
            id++ & 0xffff,
            last,
          );
        }
      }
      this.gather(skb, offset, size, at < 0 ? -1 : at + skb.headers);
      offset += size;
    } while (offset < payload);
  }

  /** Reads `size` payload bytes from `offset`, in order, to `to` (-1: nowhere). */
  private gather(skb: SkBuff, offset: number, size: number, to: number): void {
    const linear = skbHeadlen(skb) - skb.headers;
    let at = offset;
    let left = size;
    let dst = to;
    if (at < linear) {
      const n = Math.min(left, linear - at);
      dst = this.fetch(skb, (skb.seq + at) | 0, n, skb.data + skb.headers + at, null, dst);
      at += n;
      left -= n;
    }
    while (left > 0) {
      const frag = fragAt(skb.shinfo, this.frag);
      const n = Math.min(left, frag.size - this.into);
      const address = frag.page.address + frag.pageOffset + this.into;
      dst = this.fetch(skb, (skb.seq + at) | 0, n, address, frag.page, dst);
      at += n;
      left -= n;
      this.into += n;
      if (this.into === frag.size) {
        this.frag++;
        this.into = 0;
      }
    }
  }

  private fetch(
    skb: SkBuff,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
    to: number,
  ): number {
    const { k } = this;
    k.probe.read(Reader.NIC, skb.flow, seq, size, address, page);
    if (to < 0) {
      this.link!.sink?.wireRead(skb.flow, seq, size, address, page);
      return to;
    }
    k.mem.copyWithin(to, address, address + size);
    return to + size;
  }

  /**
   * The driver empties its ring under a lock that it takes with interrupts off, and frees there what it drops, or behind it.
   * @kernel drivers/net/xen-netback/rx.c xenvif_rx_queue_tail (before and after 74e7e1efdad4)
   */
  reset(): boolean {
    const { k, ring } = this;
    const { ringSize } = this.config;
    if (this.read === this.filled) return false;
    this.txDone();
    k.context = k.era.ringFreesUnlocked ? Context.SOFTIRQ : Context.IRQS_OFF;
    for (; this.read < this.filled; this.read++) {
      const i = this.read % ringSize;
      const skb = ring[i]!;
      ring[i] = null;
      this.drops++;
      k.side = k.sideOf(skb.flow);
      kfreeSkb(k, skb);
    }
    this.completed = this.read;
    this.stopped = false;
    k.agenda.disarm(this.dmaStep.place); // also for what came into the ring meanwhile
    this.run();
    return true;
  }

  /** Of what was read and not yet given back, has somebody the original? */
  hasClones(): boolean {
    for (let i = this.completed; i < this.read; i++)
      if (skbCloned(this.ring[i % this.config.ringSize]!)) return true;
    return false;
  }

  /** The completion interrupt: frees every skb that was read, and lets the queue go on. */
  txDone(): boolean {
    const { k } = this;
    if (this.completed === this.read) return false;
    while (this.completed < this.read) {
      const i = this.completed++ % this.config.ringSize;
      const skb = this.ring[i]!;
      this.ring[i] = null;
      k.context = Context.SOFTIRQ;
      k.side = k.sideOf(skb.flow);
      kfreeSkb(k, skb);
    }
    k.agenda.disarm(this.txDoneStep.place); // also what the device has read meanwhile is freed
    this.wake();
    return true;
  }

  /** What is in the ring, and not where: a ring has no first place. */
  tellRing(sink: StateSink): void {
    const { completed, read, filled, ring } = this;
    sink.number(read - completed);
    sink.number(filled - read);
    for (let i = completed; i < filled; i++) sink.value(ring[i % ring.length]);
  }

  forEachReader(visitor: HolderVisitor): void {
    for (let i = this.read; i < this.filled; i++) {
      const skb = this.ring[i % this.config.ringSize]!;
      visitor.skb(skb, 'tx ring', skb.seq);
    }
    this.visitQueued(visitor);
  }
}

declareState(Nic, {
  state: 'link dmaStep txDoneStep stalled orphans',
  elsewhere: 'completed read filled ring',
  scratch: 'frag into',
  constant: 'config',
  also: (nic, sink) => nic.tellRing(sink),
});
