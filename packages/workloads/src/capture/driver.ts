// A socket that a capture drives: the capture says when segments go, come back acknowledged and are answered;
// write queue, clones, device and design do the rest.
import {
  Context,
  Nic,
  PAGE_SIZE,
  Party,
  Link,
  Reader,
  Side,
  SingleStep,
  TcpHeader,
  TcpHost,
  TcpSock,
  TcpState,
  after,
  before,
  cleanRtxQueue,
  declareState,
  sacktag,
  setTsoSegs,
  tcpFragment,
  tcpSendmsg,
  tcpSendpage,
  transmitSkb,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type WireSink,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import { Producers } from '../producers/registry.ts';
import type { Participant } from '../scenario.ts';
import { ALL_FEATURES, HOST_A, HOST_B } from '../topology.ts';
import { EventKind, type CapturePlan, type PlanEvent, type PlanOperation } from './plan.ts';

export interface DriverOptions {
  /** Ticks for which the driver holds a packet before the device reads it. */
  readonly driverTicks: number;
}

/** A call, or a chunk of the stream: pages that may be sent more than once. */
class Operation {
  readonly loan: Loan;
  readonly pages: Page[];
  answered = false;
  done = false;

  constructor(loan: Loan, pages: Page[]) {
    this.loan = loan;
    this.pages = pages;
  }
}

declareState(Operation, {
  state: 'loan pages answered done',
});

class ReuseStep extends SingleStep {
  readonly driver: CaptureDriver;

  constructor(driver: CaptureDriver) {
    super('capture reuse', 'writes its pages anew');
    this.driver = driver;
  }

  take(): boolean {
    return this.driver.reuse();
  }
}

declareState(ReuseStep, {
  state: 'driver',
});

export class CaptureDriver extends SingleStep implements CompletionSink, Participant, WireSink {
  readonly k: Kernel;
  readonly plan: CapturePlan;
  readonly sk: TcpSock;
  private readonly number: number;
  private readonly reuseStep: ReuseStep;
  private readonly scratch: Page;
  private readonly operations = new Map<number, Operation>();
  private readonly byLoan = new Map<Loan, Operation>();
  private readonly dirty: Operation[] = [];
  private readonly header = new TcpHeader();
  private next = 0;
  private done = 0;
  private lent = 0;
  private once = 0;
  /** Events that named bytes which the model's queue no longer had. */
  skipped = 0;

  constructor(k: Kernel, plan: CapturePlan, options: DriverOptions) {
    super('capture', 'goes on');
    this.k = k;
    this.plan = plan;
    const host = new TcpHost(k, 'a', HOST_A);
    const nic = new Nic(k, 'nic a', {
      features: ALL_FEATURES,
      mtu: 1500,
      ringSize: 4096,
      dmaTicks: options.driverTicks,
      txDoneTicks: 30,
    });
    const link = new Link(k, 'link a>', { rate: 10_000_000_000, delayTicks: 0 }, null);
    link.sink = this;
    nic.link = link;
    nic.receiver = host;
    const route = { device: nic, sg: true, gso: true };
    const sk = new TcpSock(host, 'capture', k.newFlow(Side.LENT), Side.LENT, route, 1, HOST_B, 2);
    sk.state = TcpState.ESTABLISHED;
    sk.driven = true;
    sk.sndbuf = 0x3fffffff;
    sk.writeSeq = plan.baseSeq;
    sk.sndUna = plan.baseSeq;
    sk.sndNxt = plan.baseSeq;
    sk.sndWnd = 0x3fffffff;
    this.sk = sk;
    this.number = Producers.of(k).add(this);
    this.scratch = ownPages(k, 1)[0]!;
    this.reuseStep = new ReuseStep(this);
    k.agenda.add(this);
    k.agenda.add(this.reuseStep);
    this.arm();
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.lent };
  }

  private arm(): void {
    const event = this.plan.events[this.next];
    if (event === undefined) this.k.agenda.disarm(this.place);
    else this.k.agenda.arm(this.place, event.tick);
  }

  override item(): number {
    return this.next;
  }

  override choices(out: number[]): void {
    if (this.next < this.plan.events.length) out.push(0, this.next);
  }

  /** The next event of the capture. Its order is what the capture is for, so no other can be taken. */
  override get party(): Party {
    const kind = this.plan.events[this.next]?.kind;
    return kind === EventKind.ACK || kind === EventKind.REPLY ? Party.PEER : Party.NOBODY;
  }

  take(_verb: number, item: number): boolean {
    const event = this.plan.events[this.next];
    if (event === undefined || item !== this.next) return false;
    this.next++;
    this.k.side = Side.LENT;
    switch (event.kind) {
      case EventKind.SUBMIT:
        this.submit(this.plan.operations[event.start]!);
        break;
      case EventKind.DATA:
        this.transmit(event.start, event.end);
        break;
      case EventKind.ACK:
        this.ack(event);
        break;
      case EventKind.REPLY:
        this.reply(event.start);
        break;
    }
    this.arm();
    return true;
  }

  private seq(offset: number): number {
    return (this.plan.baseSeq + offset) | 0;
  }

  /** The operation's bytes go to the write queue. */
  private submit(op: PlanOperation): void {
    const { k, sk } = this;
    k.context = Context.PROCESS;
    for (let left = op.lentFrom - op.start; left > 0;) {
      left -= tcpSendmsg(sk, this.scratch.address, Math.min(left, PAGE_SIZE));
    }
    if (op.lentFrom === op.end) return;
    const operation = this.operationOf(op);
    const bytes = op.end - op.lentFrom;
    for (let at = 0; at < bytes; at += PAGE_SIZE) {
      const page = operation.pages[at / PAGE_SIZE]!;
      tcpSendpage(sk, page, 0, Math.min(PAGE_SIZE, bytes - at), operation.loan);
    }
    k.lifetime.returned(operation.loan);
    if (this.plan.notRpc !== '') k.release(operation.loan);
  }

  private operationOf(op: PlanOperation): Operation {
    const { k } = this;
    let operation = this.operations.get(op.key);
    if (operation === undefined) {
      const pages = ownPages(k, Math.ceil((op.end - op.lentFrom) / PAGE_SIZE));
      for (const page of pages) writePage(k, page, 1 + (op.key & 0x7f));
      operation = new Operation(k.newLoan(this.number, op.key), pages);
      this.operations.set(op.key, operation);
      this.byLoan.set(operation.loan, operation);
      this.lent++;
    }
    return operation;
  }

  /** A segment went: cut the queue where the capture cut it, and transmit. */
  private transmit(start: number, end: number): void {
    const { k, sk } = this;
    k.context = Context.SOFTIRQ;
    let from = this.seq(start);
    const to = this.seq(end);
    if (before(from, sk.sndUna)) {
      this.skipped++; // a copy of what was acknowledged already
      from = sk.sndUna;
    }
    while (before(from, to)) {
      const skb = this.isolate(from, to);
      if (skb === null) {
        this.skipped++;
        return;
      }
      setTsoSegs(sk, skb);
      transmitSkb(sk, skb);
      this.countSent(skb);
      from = skb.endSeq;
    }
  }

  /** The write-queue skb that starts at `from` and ends at `to` or before. */
  private isolate(from: number, to: number): SkBuff | null {
    const { sk } = this;
    let skb = sk.writeQueue.first;
    while (skb !== null && !after(skb.endSeq, from)) skb = skb.next;
    if (skb === null || after(skb.seq, from)) return null;
    if (before(skb.seq, from)) skb = tcpFragment(sk, skb, (from - skb.seq) | 0);
    if (after(skb.endSeq, to)) tcpFragment(sk, skb, (to - skb.seq) | 0);
    return skb;
  }

  /** New data was sent: everything up to the end of `skb` is out. */
  private countSent(skb: SkBuff): void {
    const { sk } = this;
    while (sk.sendHead !== null && !after(sk.sendHead.endSeq, skb.endSeq)) {
      sk.packetsOut += sk.sendHead.pcount;
      sk.sndNxt = sk.sendHead.endSeq;
      sk.sendHead = sk.sendHead.next;
    }
  }

  private ack(event: PlanEvent): void {
    const { k, sk } = this;
    k.context = Context.SOFTIRQ;
    const ack = this.seq(event.start);
    const h = this.header;
    h.sacks = Math.min(4, event.sack.length >> 1);
    for (let i = 0; i < 2 * h.sacks; i++) h.sack[i] = this.seq(event.sack[i]!);
    if (h.sacks > 0) sacktag(sk, h);
    if (!after(ack, sk.sndUna) || after(ack, sk.writeSeq)) return;
    if (after(ack, sk.sndNxt)) this.skipTo(ack);
    sk.sndUna = ack;
    cleanRtxQueue(sk, ack);
  }

  /** The other end acknowledged what the capture did not see sent. */
  private skipTo(ack: number): void {
    const { sk } = this;
    this.skipped++;
    for (let skb = sk.sendHead; skb !== null && before(skb.seq, ack); skb = sk.sendHead) {
      if (after(skb.endSeq, ack)) tcpFragment(sk, skb, (ack - skb.seq) | 0);
      this.countSent(skb);
    }
  }

  private reply(key: number): void {
    const { k } = this;
    const operation = this.operations.get(key);
    if (operation === undefined) return;
    k.context = Context.SOFTIRQ;
    k.lifetime.replied(operation.loan);
    if (operation.answered) return; // the answer to a second copy
    operation.answered = true;
    if (this.plan.notRpc === '') k.release(operation.loan);
    this.maybeDone(operation);
  }

  loanCompleted(loan: Loan): void {
    const operation = this.byLoan.get(loan);
    if (operation !== undefined) this.maybeDone(operation);
  }

  /** A call is over when it is answered and the design has told; a chunk when the design has told. */
  private maybeDone(operation: Operation): void {
    if (operation.done || !operation.loan.completed) return;
    if (this.plan.notRpc === '' && !operation.answered) return;
    operation.done = true;
    this.done++;
    this.dirty.push(operation);
    this.k.agenda.arm(this.reuseStep.place, this.k.agenda.now);
  }

  reuse(): boolean {
    const { k } = this;
    if (this.dirty.length === 0) return false;
    k.agenda.disarm(this.reuseStep.place);
    k.context = Context.PROCESS;
    for (const operation of this.dirty) {
      for (const page of operation.pages) writePage(k, page, 0x80 | (operation.loan.id & 0x7f));
    }
    this.dirty.length = 0;
    return true;
  }

  /** A range that was sent once reached the other end as it was read here. */
  wireRead(flow: number, seq: number, size: number, address: number, page: Page | null): void {
    const { sentOnce, baseSeq } = this.plan;
    const from = (seq - baseSeq) | 0;
    const end = from + size;
    if (this.once >= sentOnce.length || (sentOnce[this.once]?.[0] ?? 0) > from) this.once = 0;
    while (this.once < sentOnce.length && sentOnce[this.once]![1] <= from) this.once++;
    for (let i = this.once; i < sentOnce.length && sentOnce[i]![0] < end; i++) {
      const a = Math.max(from, sentOnce[i]![0]);
      const b = Math.min(end, sentOnce[i]![1]);
      this.k.probe.read(
        Reader.APPLICATION,
        flow,
        (seq + (a - from)) | 0,
        b - a,
        address + (a - from),
        page,
      );
    }
  }
}

declareState(CaptureDriver, {
  state: 'plan sk reuseStep scratch operations byLoan dirty header next done lent once skipped',
  constant: 'k number',
});
