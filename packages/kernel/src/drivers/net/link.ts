// One direction of a wire: packets in flight, in order of arrival. What happens to each is not up to the
// machine: delivered, dropped, duplicated, overtaken; or the whole direction is held back for a while.
import { Party, Spend, type StepSource } from '../../agenda.ts';
import type { HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { expectNoMemory } from '../../errors.ts';
import { Side } from '../../ledger.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import type { NetDevice } from '../../net/core/dev.ts';
import { GroList } from '../../net/core/napi_gro.ts';
import { allocSkb, classOf, skbPut } from '../../net/core/skb_alloc.ts';
import { kfreeSkb } from '../../net/core/skb_free.ts';
import { Checksum, type SkBuff } from '../../net/core/skbuff.ts';
import { declareState } from '../../state.ts';

export interface LinkConfig {
  /** Bits per second. */
  readonly rate: number;
  /** Propagation in ticks. */
  readonly delayTicks: number;
  /** The host at the far end joins what comes in a row before it looks at it (GRO, or LRO in the years before). */
  readonly gro?: boolean;
}

/** What the link may do to a packet: verbs of its steps. */
export const LinkVerb = { DELIVER: 0, DROP: 1, DUPLICATE: 2, DELAY: 3, HOLD: 4 } as const;

/** Looks at what is read for a wire that ends nowhere, while the bytes stand at `address`. */
export interface WireSink {
  wireRead(flow: number, seq: number, size: number, address: number, page: Page | null): void;
}

/** Ethernet framing, preamble and gap per packet. */
const FRAME_OVERHEAD = 38;
/** The longest frame at an MTU of 1500. */
const FRAME = 1522;

/** A packet on the wire: its bytes stand in an skb that the receiver's ring provided. */
class WirePacket {
  skb: SkBuff | null = null;
  /** Right behind it comes the next segment of the packet that it was cut from. Known for a far end with GRO. */
  more = false;
  due = 0;
  serial = 0;
  next: WirePacket | null = null;
  prev: WirePacket | null = null;
}

declareState(WirePacket, {
  state: 'skb more next prev',
  moment: 'due',
  name: 'serial',
});

export class Link implements StepSource {
  readonly k: Kernel;
  readonly name: string;
  readonly verbs = ['delivers', 'drops', 'duplicates', 'delays', 'holds back'] as const;
  readonly party = Party.PEER;
  place = -1;
  readonly config: LinkConfig;
  /** The far end; null: a wire that ends nowhere (a capture says what happened behind it). */
  readonly to: NetDevice | null;
  sink: WireSink | null = null;
  /** Extra ticks that a delayed packet takes. */
  delayExtra = 10_000;
  /** Ticks for which a direction that is held back delivers nothing. */
  holdTicks = 250_000;
  private heldUntil = 0;
  /** When the wire is free again, in ns. */
  private freeNs = 0;
  private serials = 0;
  private first: WirePacket | null = null;
  private last: WirePacket | null = null;
  /** What the far end has begun to join; null: it joins nothing. */
  private readonly gro: GroList | null;
  private readonly pool: WirePacket[] = [];
  private onWire = 0;
  packets = 0;
  dropped = 0;
  duplicated = 0;
  delayed = 0;
  held = 0;

  constructor(k: Kernel, name: string, config: LinkConfig, to: NetDevice | null) {
    this.k = k;
    this.name = name;
    this.config = config;
    this.to = to;
    this.gro = config.gro === true && to !== null ? new GroList(k, to) : null;
    k.agenda.add(this);
  }

  /** What arrives or is lost here matters to the far end alone. */
  get lendsNothing(): boolean {
    return this.to?.lendsNothing === true;
  }

  /** Packets that have left one host and not come up in the other. */
  get inFlight(): number {
    return this.gro === null ? this.onWire : this.onWire + this.gro.held;
  }

  /** First tick at which the wire takes another packet. */
  freeAt(): number {
    return Math.ceil(this.freeNs / 1000);
  }

  /**
   * Puts a packet of `size` bytes on the wire, the first `headers` of them headers; `flow` and `seq` tell an
   * observer whose stream bytes the others are; `more`: the next segment of the same packet follows at once.
   * Returns the offset where the device must write its bytes, or -1 if the wire ends nowhere.
   */
  send(size: number, headers: number, flow: number, seq: number, more = false): number {
    const { k } = this;
    const start = Math.max(this.freeNs, k.agenda.now * 1000);
    this.freeNs = start + ((size + FRAME_OVERHEAD) * 8e9) / this.config.rate;
    this.packets++;
    if (this.to === null) return -1;
    const side = k.side;
    k.side = Side.PEER;
    const skb = this.ringBuffer(size);
    k.side = side;
    if (skb === null) return -1;
    skb.ipSummed = Checksum.NONE;
    skb.headers = headers;
    skb.flow = flow;
    skb.seq = seq;
    const due = Math.max(Math.ceil(this.freeNs / 1000) + this.config.delayTicks, this.heldUntil);
    this.insert(skb, due, more && this.gro !== null);
    return skbPut(skb, size);
  }

  /** A driver has buffers for whole frames in its ring, however short the one that comes; longer ones take their size. */
  private bufferClass(size: number): number | undefined {
    return size > FRAME ? undefined : classOf(this.k.structs.receive);
  }

  /** A buffer of the receiver's ring; without memory for one the packet is lost. */
  private ringBuffer(size: number): SkBuff | null {
    try {
      return allocSkb(this.k, size, false, this.bufferClass(size));
    } catch (error) {
      expectNoMemory(error);
      this.dropped++;
      return null;
    }
  }

  private insert(skb: SkBuff, wanted: number, more: boolean): void {
    // Where the clock stands still, the order is all that there is: behind what is on the wire.
    const due = this.k.agenda.stopped ? Math.max(wanted, this.last?.due ?? 0) : wanted;
    const packet = this.pool.pop() ?? new WirePacket();
    packet.skb = skb;
    packet.more = more;
    packet.due = due;
    packet.serial = ++this.serials;
    let prev = this.last;
    while (prev !== null && prev.due > due) prev = prev.prev;
    packet.prev = prev;
    packet.next = prev === null ? this.first : prev.next;
    if (packet.next === null) this.last = packet;
    else packet.next.prev = packet;
    if (prev === null) this.first = packet;
    else prev.next = packet;
    this.onWire++;
    if (prev === null) this.k.agenda.arm(this.place, due);
  }

  private remove(packet: WirePacket): SkBuff {
    const skb = packet.skb!;
    if (packet.prev === null) this.first = packet.next;
    else packet.prev.next = packet.next;
    if (packet.next === null) this.last = packet.prev;
    else packet.next.prev = packet.prev;
    packet.skb = null;
    this.pool.push(packet);
    this.onWire--;
    if (this.first === null) this.k.agenda.disarm(this.place);
    else this.k.agenda.arm(this.place, this.first.due);
    return skb;
  }

  private find(serial: number): WirePacket | null {
    for (let p = this.first; p !== null; p = p.next) if (p.serial === serial) return p;
    return null;
  }

  item(): number {
    return this.first === null ? 0 : this.first.serial;
  }

  /** Shows the packets in flight. They are copies: nobody can read a lent page through them. */
  forEachInFlight(visitor: HolderVisitor): void {
    this.gro?.visit(visitor);
    for (let p = this.first; p !== null; p = p.next) visitor.skb(p.skb!, 'wire', p.skb!.seq);
  }

  choices(out: number[]): void {
    for (let p = this.first; p !== null; p = p.next) {
      for (let verb = 0; verb < this.verbs.length; verb++) out.push(verb, p.serial);
    }
  }

  spend(verb: number, serial: number): Spend {
    switch (verb) {
      case LinkVerb.DELIVER:
        return this.first?.serial === serial ? Spend.NOTHING : Spend.OVERTAKE;
      case LinkVerb.DROP:
        return Spend.DROP;
      case LinkVerb.DUPLICATE:
        return Spend.DUPLICATE;
      default:
        return Spend.DELAY;
    }
  }

  take(verb: number, serial: number): boolean {
    const packet =
      this.first !== null && this.first.serial === serial ? this.first : this.find(serial);
    if (packet === null) return false;
    const { k } = this;
    k.context = Context.SOFTIRQ;
    k.side = Side.PEER;
    const taken = this.does(verb, packet);
    this.gro?.waitFor(this.first?.skb ?? null);
    return taken;
  }

  private does(verb: number, packet: WirePacket): boolean {
    const { k } = this;
    switch (verb) {
      case LinkVerb.DELIVER: {
        const { more } = packet;
        const skb = this.remove(packet);
        if (this.gro === null) this.to!.netifReceiveSkb(skb);
        else this.gro.receive(skb, more);
        return true;
      }
      case LinkVerb.DROP:
        this.dropped++;
        kfreeSkb(k, this.remove(packet));
        return true;
      case LinkVerb.DUPLICATE: {
        const { skb } = packet;
        const twin = this.ringBuffer(skb!.len);
        if (twin === null) return true;
        this.duplicated++;
        k.copyBytes(skbPut(twin, skb!.len), skb!.data, skb!.len);
        twin.headers = skb!.headers;
        twin.flow = skb!.flow;
        twin.seq = skb!.seq;
        this.insert(twin, packet.due + this.config.delayTicks, false);
        return true;
      }
      case LinkVerb.DELAY: {
        this.delayed++;
        const { due } = packet;
        this.insert(this.remove(packet), due + this.delayExtra, false);
        return true;
      }
      case LinkVerb.HOLD: {
        this.held++;
        this.gro?.flush();
        this.heldUntil = k.agenda.now + this.holdTicks;
        for (let p = this.first; p !== null; p = p.next) p.due = Math.max(p.due, this.heldUntil);
        k.agenda.arm(this.place, this.first!.due);
        return true;
      }
      default:
        return false;
    }
  }
}

declareState(Link, {
  state: 'to sink delayExtra holdTicks first last gro onWire',
  constant: 'k name verbs party place config',
  moment: 'heldUntil freeNs',
  name: 'serials',
  count: 'packets dropped duplicated delayed held',
  spare: 'pool',
});
