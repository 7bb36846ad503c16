// The stage on which one operation meets lent pages: a write queue with two neighbours of two loans, the
// operation, and then everybody who holds something lets go, in any order.
import {
  Context,
  FaultVerb,
  Link,
  Nic,
  PAGE_SIZE,
  type Pipe,
  Reader,
  Side,
  Site,
  TcpHost,
  TcpSock,
  TcpState,
  FaultStep,
  allocSkb,
  declareState,
  expectNoMemory,
  kfreeSkb,
  probeReads,
  skbSetOwnerW,
  skbClone,
  wmemFreeSkb,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type SkBuff,
  type StepSource,
} from '@lastref/kernel';
import {
  isForDevices,
  type Lending,
  type Operation,
  type OperationBench,
  type Situation,
} from '../operation.ts';
import { type Participant, ALL_FEATURES, HOST_A, HOST_B } from '@lastref/workloads';
import { Ack, HANDS, Hand, Once, TX_RING } from './hands.ts';
import { FIRST_BYTES, Lender } from './lender.ts';
import { Products } from './products.ts';

/** Where a packet waits for a program of the lending host that reads it. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['receive queue', 'message', 'rxrpc call']);

/** Somebody who can let go now: by which step of which source. */
export interface Release {
  readonly source: StepSource;
  readonly verb: number;
  readonly who: string;
}

export class OperationStage implements OperationBench, Holder, Participant {
  readonly name = 'stage';
  readonly k: Kernel;
  readonly sk: TcpSock;
  readonly device: Nic;
  private readonly hands: readonly Hand[];
  private readonly watched: Release[] = [];
  private readonly timers: Release[] = [];
  private readonly case: Situation;
  private readonly lender: Lender;
  private readonly acks: readonly Once[];
  private readonly reply: Once;
  private readonly later: Once;
  /** Somebody has the lock of the socket: an ACK or a reply that is being taken, an operation on the write queue. */
  private socketLocked = false;
  /** The first skb, once the operation has a packet made from it; whose data the queue may let go of then. */
  private sent: SkBuff | null = null;
  /** The operation goes on with what is in hands: nobody lets go of that before it is over. */
  private goesOn = false;
  /** The operation has run, and asked for so many allocations. */
  applied = false;
  allocations = 0;
  /** The design has said no to it. */
  refused = false;
  /** And handed so many packets to drivers. */
  handed = 0;
  readonly faults: FaultStep;

  constructor(k: Kernel, operation: Operation, situation: Situation) {
    this.k = k;
    this.case = situation;
    const host = new TcpHost(k, 'a', HOST_A);
    this.device = new Nic(k, 'nic a', {
      features: ALL_FEATURES,
      mtu: 1500,
      ringSize: 8,
      dmaTicks: 0,
      txDoneTicks: 0,
    });
    this.device.link = new Link(k, 'wire', { rate: 1e10, delayTicks: 0 }, null);
    const route = { device: this.device, sg: true, gso: false };
    this.sk = new TcpSock(host, 'sk', k.newFlow(Side.LENT), Side.LENT, route, 1, HOST_B, 2);
    this.sk.state = TcpState.ESTABLISHED;
    this.sk.driven = true;
    this.sk.mss = FIRST_BYTES;
    this.sk.sndWnd = 1 << 20;
    k.holders.push(this);
    const lend = new Once(k, 'producers', 'lend', () => {
      apply.arm(); // before anybody is told: the operation comes first
      this.lender.lend(this.sk, situation);
    });
    const apply = new Once(k, operation.id, 'runs', () => this.apply(operation));
    this.lender = new Lender(k);
    this.acks = [
      new Ack(this, 'ack of the first skb', () => this.ack()),
      new Ack(this, 'ack of the second skb', () => this.ack()),
    ];
    this.reply = new Once(k, 'the reply of the protocol', 'arrives', () => this.answer());
    this.later = new Once(k, 'a later packet of each socket', 'is sent and freed', () =>
      this.sendMore(),
    );
    this.faults = new FaultStep(k);
    this.watch(this.faults, 'the queue that runs again', FaultVerb.RUN_QUEUE);
    const [dma, txDone] = this.device.steps;
    this.watch(dma!, 'tx ring');
    this.watch(txDone!, 'tx completion');
    this.hands = Array.from({ length: HANDS }, (_, i) => new Hand(this, i + 1));
    lend.arm();
  }

  progress(): { done: number; of: number } {
    return this.lender.progress();
  }

  fresh(): Lending {
    this.ackAll();
    return this.lender.fresh();
  }

  next(): Lending {
    this.ackAll();
    return this.lender.next();
  }

  halves(): readonly [Lending, Lending] {
    const one = { ...this.next(), size: PAGE_SIZE / 2 };
    return [one, this.lender.otherHalf(one)];
  }

  private apply(operation: Operation): void {
    const { k } = this;
    k.context = Context.SOFTIRQ;
    const { allocations, refusals } = k;
    const { handed } = k.deviceFaults;
    const [ack] = this.acks;
    ack!.arm();
    try {
      operation.apply(this);
    } catch (error) {
      expectNoMemory(error); // the operation gave up: what it had is released like everything else
    }
    this.socketLocked = false;
    const waits = k.agenda.isArmed(ack!.place);
    this.allocations = k.allocations - allocations;
    this.refused = k.refusals > refusals;
    this.handed = k.deviceFaults.handed - handed;
    k.failIn = 0;
    this.applied = true;
    for (const loan of this.lender.loans) if (loan.op >= 3) this.lender.handedOver(loan);
    if (waits && this.sk.writeQueue.first !== null) ack!.arm();
    else if (waits) k.agenda.disarm(ack!.place);
    this.reply.arm();
  }

  private answer(): void {
    this.k.context = Context.SOFTIRQ;
    this.socketLocked = true; // it comes up through the socket [xs_tcp_data_ready]
    for (const loan of this.lender.loans) this.k.lifetime.replied(loan);
    this.socketLocked = false;
    this.later.arm();
  }

  /** Every socket goes on: what is looked for only when a packet is freed gets its chance. */
  private sendMore(): void {
    const { k, sk } = this;
    k.context = Context.SOFTIRQ;
    for (let flow = 1; flow <= k.flows; flow++) {
      try {
        const skb = allocSkb(k, 128, false);
        skb.flow = flow;
        skbSetOwnerW(k, skb, sk);
        kfreeSkb(k, skb);
      } catch (error) {
        expectNoMemory(error); // this one sends nothing
      }
    }
  }

  /** Place of the packets that each socket sends meanwhile: possible after every release. */
  armLater(): number {
    this.later.arm();
    return this.later.place;
  }

  // --- what the recipes use ---

  get first(): SkBuff {
    return this.sk.writeQueue.first!;
  }

  get second(): SkBuff {
    return this.sk.writeQueue.last!;
  }

  packet(skb: SkBuff): SkBuff {
    const first = skb === this.first;
    this.socketLocked = true;
    const alone = this.case !== 'shared';
    const packet =
      alone && isForDevices(this.k.design) ? this.handedOver(skb) : this.transmitted(skb);
    this.hold(packet, 'packet');
    if (alone) this.leftAlone(skb, packet);
    else if (first) this.sent = skb;
    this.socketLocked = false;
    return packet;
  }

  /** The very skb, which is charged as before. @kernel drivers/net/tun.c tun_alloc_skb; net/core/sock.c sock_alloc_send_pskb (3.8) */
  private handedOver(skb: SkBuff): SkBuff {
    this.takeOut(skb);
    this.sk.wmemQueued -= skb.truesize;
    skbSetOwnerW(this.k, skb, this.sk);
    return skb;
  }

  /** A clone that is charged to the socket, as tcp_transmit_skb makes it. */
  private transmitted(skb: SkBuff, sk = this.sk): SkBuff {
    const clone = skbClone(this.k, skb, Site.XMIT);
    skbSetOwnerW(this.k, clone, sk);
    if (this.k.era.qdiscControlBlock) clone.cb = null; // it came through the qdisc
    return clone;
  }

  /** Every connection transmits its whole write queue once more, and the device is done with it at once. */
  retransmit(): void {
    const { k } = this;
    for (const sk of k.holders) {
      if (!(sk instanceof TcpSock)) continue;
      for (let skb = sk.writeQueue.first; skb !== null; skb = skb.next)
        kfreeSkb(k, this.transmitted(skb, sk));
    }
  }

  inFlight(skb: SkBuff): void {
    this.socketLocked = true;
    if (this.case === 'shared') this.hold(this.transmitted(skb), TX_RING);
  }

  /**
   * The socket has no more to do with a packet that is still somewhere. No ACK is to come that covers the last of the queue: it
   * has come, and covers all that was sent, whichever packet the operation took last.
   */
  private leftAlone(skb: SkBuff, packet: SkBuff): void {
    const { k, sk } = this;
    if (skb !== packet) this.dequeue(skb);
    if (sk.writeQueue.first !== null) return;
    sk.sndUna = sk.writeSeq;
    k.lifetime.acked(sk, sk.writeSeq);
  }

  dequeue(skb: SkBuff): void {
    this.takeOut(skb);
    wmemFreeSkb(this.sk, skb);
  }

  private takeOut(skb: SkBuff): void {
    this.sk.writeQueue.unlink(skb);
    if (this.sk.sendHead === skb) this.sk.sendHead = this.sk.writeQueue.first;
  }

  hold(skb: SkBuff, who: string): void {
    const hand = this.emptyHand();
    hand.skb = skb;
    hand.who = who;
  }

  inHands(): SkBuff[] {
    this.goesOn = true;
    return this.hands.flatMap((hand) => (hand.skb === null ? [] : [hand.skb]));
  }

  holdPages(pipe: Pipe, who: string): void {
    const hand = this.emptyHand();
    hand.pipe = pipe;
    hand.who = who;
  }

  watch(source: StepSource, who: string, verb = 0): void {
    this.watched.push({ source, verb, who });
  }

  atLast(source: StepSource, who: string): void {
    this.timers.push({ source, verb: 0, who });
  }

  private emptyHand(): Hand {
    const hand = this.hands.find((h) => h.skb === null && h.pipe === null);
    if (hand === undefined) throw new Error(`an operation left more than ${HANDS} packets behind`);
    this.k.agenda.arm(hand.place, this.k.agenda.now);
    return hand;
  }

  gone(skb: SkBuff): void {
    const hand = this.hands.find((h) => h.skb === skb);
    if (hand === undefined) return;
    hand.skb = null;
    this.k.agenda.disarm(hand.place);
  }

  used(skb: SkBuff): void {
    this.gone(skb);
    kfreeSkb(this.k, skb);
  }

  // --- the releases ---

  /** There is something in the hand; while the operation runs, only what a device has sent, and it no longer works on. */
  mayLetGo({ skb, pipe, who }: Hand): boolean {
    return (skb !== null || pipe !== null) && (this.applied || (who === TX_RING && !this.goesOn));
  }

  letGo(hand: Hand): boolean {
    if (!this.mayLetGo(hand)) return false;
    const { k } = this;
    const { skb, pipe } = hand;
    k.agenda.disarm(hand.place);
    const program = FOR_PROGRAMS.has(hand.who);
    k.context = program ? Context.PROCESS : Context.SOFTIRQ;
    if (skb !== null) {
      probeReads(k, skb, program ? Reader.APPLICATION : Reader.NIC);
      hand.skb = null;
      kfreeSkb(k, skb);
    }
    if (pipe !== null) {
      hand.pipe = null;
      for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
        const { page, pageOffset, size, flow, seq } = b;
        // what came through a socket a program reads; of what a driver keeps by itself nobody knows what it is
        const reader = flow === 0 ? Reader.PIPE : Reader.APPLICATION;
        k.probe.read(reader, flow, seq, size, page.address + pageOffset, page);
        pipe.consume(size);
      }
    }
    this.later.arm();
    return true;
  }

  /** An ACK waits for the lock; while the operation runs, one of what it has yet to get from the queue is none of its cases. */
  get mayAck(): boolean {
    const { first } = this.sk.writeQueue;
    return !this.socketLocked && (this.applied || (first !== null && first === this.sent));
  }

  /** The cumulative ACK covers the first skb that is left. */
  private ack(): void {
    const { k, sk } = this;
    k.context = Context.SOFTIRQ;
    if (sk.writeQueue.first === null) return;
    this.socketLocked = true;
    this.acknowledge();
    this.socketLocked = false;
    if (sk.writeQueue.first !== null) this.acks[1]!.arm();
    this.later.arm();
  }

  /** Only a third loan is still under way then. */
  private ackAll(): void {
    while (this.sk.writeQueue.first !== null) this.acknowledge();
  }

  acknowledge(): void {
    const { k, sk } = this;
    const skb = sk.writeQueue.first!;
    const seq = skb.endSeq;
    this.dequeue(skb);
    sk.sndUna = seq;
    k.lifetime.acked(sk, seq);
  }

  /** Who lets go by a step of this source. */
  whoIs(source: StepSource): string {
    if (source instanceof Hand) return source.who;
    return this.watched.find((release) => release.source === source)?.who ?? source.name;
  }

  /**
   * TCP sends its write queue again and the device reads it, as it may at any time. Nothing of it stays, and no
   * reference moves.
   */
  transmitAgain(): void {
    const { k, sk } = this;
    for (let skb = sk.writeQueue.first; skb !== null; skb = skb.next)
      probeReads(k, skb, Reader.NIC);
  }

  /** Who can let go now. */
  releases(): Release[] {
    const { agenda } = this.k;
    const open: Release[] = [];
    for (const source of this.hands) {
      if (source.skb !== null || source.pipe !== null)
        open.push({ source, verb: 0, who: source.who });
    }
    for (const release of this.watched)
      if (agenda.isArmed(release.source.place)) open.push(release);
    if (open.length === 0)
      open.push(...this.timers.filter((timer) => agenda.isArmed(timer.source.place)));
    for (const source of [...this.acks, this.reply])
      if (agenda.isArmed(source.place)) open.push({ source, verb: 0, who: source.name });
    return open;
  }

  /** A timer goes on when nobody else does. */
  get timerRuns(): boolean {
    return this.timers.some((timer) => this.k.agenda.isArmed(timer.source.place));
  }

  /** What the operation has made; where it made nothing, the packet that it changed. */
  products(): Products {
    const made = new Products();
    for (const holder of this.k.holders)
      if (holder !== this.sk && holder !== this) holder.forEachReader(made);
    const changed = new Products();
    for (const { skb, pipe, who } of this.hands) {
      const input = who === 'packet' || who === TX_RING;
      if (skb !== null) (input ? changed : made).skb(skb);
      if (pipe !== null) made.found = true;
    }
    return made.found ? made : changed;
  }

  /** Place of the producer's rewriting, if it is due. */
  reusePlace(): number {
    return this.lender.reusePlace();
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { skb, who } of this.hands) if (skb !== null) visitor.skb(skb, who, skb.seq);
  }
}

declareState(OperationStage, {
  state: 'lender watched timers socketLocked sent goesOn applied',
  constant: 'name k sk device hands case acks reply later faults',
  count: 'allocations handed refused',
});
