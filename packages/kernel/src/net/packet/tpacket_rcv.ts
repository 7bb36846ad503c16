// An AF_PACKET socket with a receive ring that its owner has mapped: a packet is copied into a frame and freed at
// once, unless it is too long for a frame and the owner asked to get such packets whole.
import { SingleStep } from '../../agenda.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Context, Reader } from '../../probe.ts';
import { probeReads } from '../core/datagram.ts';
import type { Tap } from '../core/dev.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { kfreeSkb, skbSetOwnerR } from '../core/skb_free.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { Sock } from '../core/sock.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { declareState } from '../../state.ts';

/** kmalloc class of a frame: 4096 bytes. */
const FRAME_CLASS = 3;

/** One frame of the ring. Its memory is the ring's own for ever. */
interface Frame {
  readonly address: number;
  /** TP_STATUS_USER: the owner has not looked at it yet. */
  full: boolean;
  flow: number;
  seq: number;
  headers: number;
  size: number;
}

export interface RingConfig {
  readonly frames: number;
  /** Bytes of a packet that a frame holds, 4096 at most. */
  readonly frameSize: number;
  /** PACKET_COPY_THRESH: packets that are longer wait whole as well. */
  readonly copyThresh: boolean;
  /** Ticks from one look at the ring to the next. */
  readonly readTicks: number;
}

class LookStep extends SingleStep {
  private readonly ring: PacketRing;

  constructor(ring: PacketRing) {
    super(`read ${ring.name}`, 'looks at a frame');
    this.ring = ring;
  }

  get comesIn(): boolean {
    return true;
  }

  take(): boolean {
    return this.ring.look();
  }
}

declareState(LookStep, {
  state: 'ring',
});

/** @kernel net/packet/af_packet.c tpacket_rcv (2.6.24, 3.8) */
export class PacketRing extends Sock implements Holder, Tap {
  readonly k: Kernel;
  readonly name: string;
  readonly lookStep: LookStep;
  drops = 0;
  private readonly config: RingConfig;
  private readonly frames: Frame[];
  private readonly whole = new SkBuffHead();
  /** The frame that the next packet goes to, and the one that the owner looks at next. */
  private head = 0;
  private next = 0;

  constructor(k: Kernel, name: string, config: RingConfig) {
    super();
    this.k = k;
    this.name = name;
    this.config = config;
    this.rcvbuf = 212992;
    this.frames = Array.from({ length: config.frames }, () => ({
      address: k.kmalloc(FRAME_CLASS),
      full: false,
      flow: 0,
      seq: 0,
      headers: 0,
      size: 0,
    }));
    this.lookStep = new LookStep(this);
    k.agenda.add(this.lookStep);
    k.holders.push(this);
  }

  receive(skb: SkBuff): void {
    const { k, config } = this;
    const frame = this.frames[this.head % config.frames]!;
    if (frame.full) {
      this.drops++;
      kfreeSkb(k, skb);
      return;
    }
    this.head++;
    frame.full = true;
    frame.flow = skb.flow;
    frame.seq = skb.seq;
    frame.size = Math.min(skb.len, config.frameSize);
    frame.headers = Math.min(skb.headers, frame.size);
    skbCopyBits(k, skb, 0, frame.address, frame.size);
    const { agenda } = k;
    const { place } = this.lookStep;
    if (!agenda.isArmed(place)) agenda.arm(place, agenda.now + config.readTicks);
    const keeps = skb.len > config.frameSize && config.copyThresh;
    if (keeps && this.rmemAlloc + skb.truesize < this.rcvbuf) {
      skbSetOwnerR(k, skb, this);
      this.whole.push(skb);
    } else {
      kfreeSkb(k, skb);
    }
  }

  /** The owner reads a frame and gives it back; of a packet that was too long, also what waits on the socket. */
  look(): boolean {
    const { k, config } = this;
    const frame = this.frames[this.next % config.frames]!;
    if (!frame.full) return false;
    this.next++;
    frame.full = false;
    k.context = Context.PROCESS;
    const { flow, seq, headers, size, address } = frame;
    if (size > headers)
      k.probe.read(Reader.TAP, flow, seq, size - headers, address + headers, null);
    const { place } = this.lookStep;
    k.agenda.disarm(place);
    const skb = this.whole.first;
    if (skb !== null && skb.flow === flow && skb.seq === seq) {
      this.whole.unlink(skb);
      probeReads(k, skb, Reader.TAP);
      kfreeSkb(k, skb);
    }
    if (this.frames[this.next % config.frames]!.full)
      k.agenda.arm(place, k.agenda.now + config.readTicks);
    return true;
  }

  /** The ring is unmapped and the socket closed. @kernel net/packet/af_packet.c packet_release */
  close(): void {
    const { k } = this;
    for (const frame of this.frames) k.kfree(frame.address, FRAME_CLASS);
    this.frames.length = 0;
    for (let skb = this.whole.shift(); skb !== null; skb = this.whole.shift()) kfreeSkb(k, skb);
    k.agenda.disarm(this.lookStep.place);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.whole.first, visitor, 'tap');
  }
}

declareState(PacketRing, {
  state: 'lookStep frames whole head next',
  count: 'drops',
  constant: 'k name config',
});
