// A socket that a capture drives: the capture says when segments go, come back acknowledged and are answered;
// write queue, clones, device and design do the rest.
import { float64 } from '@lastref/capture';
import {
  Context,
  GetPutPage,
  Nic,
  NicVerb,
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
import { EventKind } from './events.ts';
import type { PlanOperation } from './operations.ts';
import type { CapturePlan } from './plan.ts';
import { SentIndex } from './sent-index.ts';

/** 64 MiB */
const RECYCLE_PAGES = 16384;

/** Does the machine's design do anything with the answer to a call? Then it depends on there being one. */
export function waitsForReply({ lifetime }: Kernel): boolean {
  return lifetime.replied !== GetPutPage.prototype.replied;
}

export interface DriverOptions {
  /** Ticks for which the driver holds a packet before the device reads it. */
  readonly driverTicks: number;
}

/** A call, or a chunk of the stream: pages that may be sent more than once. */
class Operation {
  readonly loan: Loan;
  /** By place in what is lent; those that nothing was captured of are missing. */
  readonly pages = new Map<number, Page>();
  /** Up to here its bytes were put into the stream. */
  end = 0;
  /** Transmissions of it that are still to be queued. */
  copies = 0;
  answered = false;
  /** How many packets the device had been given when the producer's own use ended. */
  releasedAt = 0;
  done = false;

  constructor(loan: Loan) {
    this.loan = loan;
  }
}

declareState(Operation, {
  state: 'loan pages end copies answered releasedAt done',
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
  private readonly nic: Nic;
  /** Skbs that were sent, by what they start with. */
  private readonly index = new SentIndex();
  /** How many packets the device had been given after each DATA event. */
  private readonly given = float64();
  private packets = 0;
  /** Up to here all was acknowledged when the last of them was sent. */
  private settled = 0;
  /** Pages that were written anew and that nobody can read any more: lent again. */
  private readonly spare: Page[] = [];
  /** Operations that are over, and how many pages make it worth looking through them. */
  private readonly over: Operation[] = [];
  private overPages = 0;
  private recycleAt = RECYCLE_PAGES;
  /** Pages of its own. */
  private pages = 0;
  private next = 0;
  private done = 0;
  private lent = 0;
  private once = 0;
  /** Transmissions of what had been acknowledged already. */
  skipped = 0;
  /** A producer of calls, and one whose design waits for an answer, is not done before it has one. */
  private readonly waits: boolean;

  constructor(k: Kernel, plan: CapturePlan, options: DriverOptions) {
    super('capture', 'goes on');
    this.k = k;
    this.plan = plan;
    this.waits = plan.unit === 'calls' || waitsForReply(k);
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
    this.nic = nic;
    const route = { device: nic, sg: true, gso: true };
    const sk = new TcpSock(host, 'capture', k.newFlow(Side.LENT), Side.LENT, route, 1, HOST_B, 2);
    sk.state = TcpState.ESTABLISHED;
    sk.driven = true;
    sk.sndbuf = 0x3fffffff;
    sk.writeSeq = 0;
    sk.sndUna = 0;
    sk.sndNxt = 0;
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
    const { events } = this.plan;
    if (this.next === events.length) this.k.agenda.disarm(this.place);
    else this.k.agenda.arm(this.place, events.tick(this.next));
  }

  override item(): number {
    return this.next;
  }

  override choices(out: number[]): void {
    if (this.next < this.plan.events.length) out.push(0, this.next);
  }

  /** The next event of the capture. Its order is what the capture is for, so no other can be taken. */
  override get party(): Party {
    const { events } = this.plan;
    if (this.next === events.length) return Party.NOBODY;
    const kind = events.kind(this.next);
    return kind === EventKind.ACK || kind === EventKind.REPLY ? Party.PEER : Party.NOBODY;
  }

  take(_verb: number, item: number): boolean {
    const { events } = this.plan;
    if (this.next === events.length || item !== this.next) return false;
    this.k.side = Side.LENT;
    if (this.readProven(events.proves(this.next))) return true;
    const i = this.next++;
    switch (events.kind(i)) {
      case EventKind.SUBMIT:
        this.submit(this.plan.operations[events.start(i)]!);
        break;
      case EventKind.DATA:
        this.transmit(events.start(i), events.end(i));
        this.given.push(this.packets);
        break;
      case EventKind.ACK:
        this.ack(events.start(i), events.sack(i));
        break;
      case EventKind.REPLY:
        this.reply(events.start(i));
        break;
    }
    if (this.next === events.length) this.censor();
    this.arm();
    return true;
  }

  /**
   * The event that comes proves that the device has read the packets of the first `data` transmissions. It reads one
   * of them now, if it has not: however long the driver is said to hold a packet, it did not hold this one longer.
   */
  private readProven(data: number): boolean {
    const { nic, k } = this;
    if (data === 0 || nic.packetsRead >= this.given.at(data - 1)) return false;
    const [read, completed] = nic.steps;
    // With a ring full of what was read, its interrupt makes room for what waits in the queue.
    const { place } = nic.unread > 0 ? read! : completed!;
    return k.agenda.take(place, NicVerb.READ, 0);
  }

  private seq(offset: number): number {
    return offset | 0;
  }

  /** The operation's bytes go to the write queue. */
  private submit(op: PlanOperation): void {
    const { k } = this;
    k.context = Context.PROCESS;
    this.copy(op.lentFrom - op.start);
    if (op.lentFrom === op.end) return;
    const full = this.pages >= this.plan.lentPagesMax && this.spare.length === 0;
    if (full && !this.operations.has(op.key)) {
      this.copy(op.end - op.lentFrom); // a design that tells nobody has it all
      return;
    }
    const operation = this.operationOf(op);
    if (op.pieces === null) this.send(operation, 0, op.end - op.lentFrom);
    else for (const { start, end, into } of op.pieces) this.send(operation, into, end - start);
    operation.end = Math.max(operation.end, op.end);
    operation.copies--;
    k.lifetime.returned(operation.loan);
    if (!this.waits) this.release(operation);
  }

  private copy(size: number): void {
    for (let left = size; left > 0;)
      left -= tcpSendmsg(this.sk, this.scratch.address, Math.min(left, PAGE_SIZE));
  }

  /** Sends `size` bytes from byte `into` of what the operation lends. */
  private send(operation: Operation, into: number, size: number): void {
    for (let at = into; at < into + size;) {
      const place = Math.floor(at / PAGE_SIZE);
      const offset = at % PAGE_SIZE;
      const n = Math.min(PAGE_SIZE - offset, into + size - at);
      tcpSendpage(this.sk, this.pageOf(operation, place), offset, n, operation.loan);
      at += n;
    }
  }

  private pageOf(operation: Operation, place: number): Page {
    const { k } = this;
    let page = operation.pages.get(place);
    if (page === undefined) {
      page = this.spare.pop();
      if (page === undefined) {
        page = ownPages(k, 1)[0]!;
        this.pages++;
      }
      writePage(k, page, 1 + (operation.loan.id & 0x7f));
      operation.pages.set(place, page);
    }
    return page;
  }

  private operationOf(op: PlanOperation): Operation {
    const { k } = this;
    let operation = this.operations.get(op.key);
    if (operation === undefined) {
      operation = new Operation(k.newLoan(this.number, op.key));
      operation.loan.writeback = true; // or not: nothing in a capture says so, and who is made for that is asked, too
      operation.copies = this.plan.copies.get(op.key) ?? 1;
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
      if (transmitSkb(sk, skb)) this.packets++;
      this.settled = sk.sndUna;
      this.countSent(skb);
      from = skb.endSeq;
    }
  }

  /** The write-queue skb that starts at `from` and ends at `to` or before. O(log skbs that were sent) */
  private isolate(from: number, to: number): SkBuff | null {
    const { sk } = this;
    let skb = sk.sendHead;
    if (skb === null || before(from, skb.seq)) skb = this.index.find(from) ?? sk.writeQueue.first;
    while (skb !== null && !after(skb.endSeq, from)) skb = skb.next;
    if (skb === null || after(skb.seq, from)) return null;
    if (before(skb.seq, from)) {
      skb = tcpFragment(sk, skb, (from - skb.seq) | 0);
      this.index.insert(skb);
    }
    if (after(skb.endSeq, to)) this.index.insert(tcpFragment(sk, skb, (to - skb.seq) | 0));
    return skb;
  }

  /** New data was sent: everything up to the end of `skb` is out. */
  private countSent(skb: SkBuff): void {
    const { sk } = this;
    while (sk.sendHead !== null && !after(sk.sendHead.endSeq, skb.endSeq)) {
      sk.packetsOut += sk.sendHead.pcount;
      sk.sndNxt = sk.sendHead.endSeq;
      this.index.insert(sk.sendHead);
      sk.sendHead = sk.sendHead.next;
    }
  }

  private ack(offset: number, sack: readonly number[]): void {
    const { k, sk } = this;
    k.context = Context.SOFTIRQ;
    const ack = this.seq(offset);
    const h = this.header;
    h.sacks = Math.min(4, sack.length >> 1);
    for (let i = 0; i < 2 * h.sacks; i++) h.sack[i] = this.seq(sack[i]!);
    if (h.sacks > 0) sacktag(sk, h, (seq) => this.index.find(seq));
    if (!after(ack, sk.sndUna) || after(ack, sk.writeSeq)) return;
    if (after(ack, sk.sndNxt)) this.skipTo(ack);
    sk.sndUna = ack;
    cleanRtxQueue(sk, ack);
    this.index.forget(ack);
    this.recycle();
  }

  /** The other end acknowledged what the capture has only later: it was taken where the ACK passed first. */
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
    if (this.waits) this.release(operation);
    this.maybeDone(operation);
  }

  private release(operation: Operation): void {
    operation.releasedAt = this.packets;
    this.k.release(operation.loan);
  }

  /**
   * The capture ends here, and the connection need not. A design may find what is over when the socket sends or frees
   * something again (sock_wfree), so only what was over before the last packet was sent can be lost.
   */
  private censor(): void {
    for (const { loan, copies, end, releasedAt } of this.operations.values())
      loan.censored =
        copies > 0 || after(this.seq(end), this.settled) || releasedAt === this.packets;
  }

  loanCompleted(loan: Loan): void {
    const operation = this.byLoan.get(loan);
    if (operation !== undefined) this.maybeDone(operation);
  }

  /** A call is over when it is answered and the design has told; a chunk when the design has told. */
  private maybeDone(operation: Operation): void {
    if (operation.done || !operation.loan.completed) return;
    if (this.plan.unit === 'calls' && !operation.answered) return;
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
      for (const page of operation.pages.values())
        writePage(k, page, 0x80 | (operation.loan.id & 0x7f));
      this.over.push(operation);
      this.overPages += operation.pages.size;
    }
    this.dirty.length = 0;
    this.recycle();
    return true;
  }

  /**
   * Pages of what is over are lent again, once all of it is acknowledged and the device has read all that it was
   * given: then nobody is left who could tell. So the machine needs memory for what is under way, not for all.
   */
  private recycle(): void {
    const { over, sk } = this;
    if (this.overPages < this.recycleAt || this.nic.packetsRead < this.packets) return;
    let kept = 0;
    this.overPages = 0;
    for (const operation of over) {
      if (operation.copies > 0 || after(this.seq(operation.end), sk.sndUna)) {
        over[kept++] = operation;
        this.overPages += operation.pages.size;
        continue;
      }
      for (const page of operation.pages.values()) if (page.count <= 1) this.spare.push(page);
      operation.pages.clear();
      this.operations.delete(operation.loan.op);
      this.byLoan.delete(operation.loan);
    }
    over.length = kept;
    this.recycleAt = Math.max(RECYCLE_PAGES, 2 * this.overPages);
  }

  /** A range that was sent once reached the other end as it was read here. */
  wireRead(flow: number, seq: number, size: number, address: number, page: Page | null): void {
    const { sentOnce } = this.plan;
    const from = seq >>> 0;
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
  state:
    'sk reuseStep scratch operations byLoan dirty header nic given packets settled spare over overPages recycleAt pages ' +
    'next done lent once skipped',
  elsewhere: 'index', // of skbs that the socket's queues have
  constant: 'k plan number waits',
});
