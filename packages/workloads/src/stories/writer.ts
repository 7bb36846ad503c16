// The two applications of a story: one that lends pages when the script says so, and one that reads them.
import {
  Context,
  Party,
  SingleStep,
  sendpageOk,
  takeHome,
  Spend,
  TcpState,
  tcpAbort,
  tcpClose,
  tcpPush,
  tcpRecvmsg,
  tcpSendmsg,
  tcpSendpage,
  type ByteSink,
  type CompletionSink,
  type Kernel,
  type Listener,
  type Loan,
  type Page,
  type PageHome,
  type Route,
  type Side,
  type SocketUser,
  type StepSource,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import { Producers } from '../producers/registry.ts';
import type { Participant } from '../scenario.ts';

/** Bytes of the status that a story's peer sends for every operation. */
const STATUS_BYTES = 8;

/** `size` bytes from `offset` of the writer's page number `page`. */
export interface Range {
  readonly page: number;
  readonly offset: number;
  readonly size: number;
}

/** What the writer can do: verbs of its steps. Items are operations, by their number in the story. */
export const WriterVerb = {
  LEND: 0,
  LEND_MORE: 1,
  RESET: 2,
  WRITE_UNASKED: 3,
  /** Its process is killed: the connection is aborted, and nobody waits for anything. */
  LEAVE: 4,
  /** The route that the socket knows loses scatter/gather. */
  LOSE_SG: 5,
} as const;

export interface WriterOptions {
  /** Ranges of its pages, by operation. */
  readonly operations: readonly (readonly Range[])[];
  /** Where its pages come from. Default: the general free list. */
  readonly home?: PageHome;
  /** Where its callback may run, one bit each. Default: anywhere. */
  readonly contexts?: number;
  /** It copies pages that the stack may take no references on. */
  readonly careful?: boolean;
}

class Operation {
  readonly ranges: readonly Range[];
  readonly bytes: number;
  loan: Loan | null = null;
  told = false;
  rewritten = false;

  constructor(ranges: readonly Range[]) {
    this.ranges = ranges;
    this.bytes = ranges.reduce((sum, r) => sum + r.size, 0);
  }
}

/** Writes what it was told of anew. */
class RewriteStep extends SingleStep {
  readonly writer: Writer;

  constructor(writer: Writer) {
    super('writer reuse', 'rewrites what it was told of');
    this.writer = writer;
  }

  override item(): number {
    return this.writer.nextTold();
  }

  take(_verb: number, op: number): boolean {
    return this.writer.rewrite(op);
  }
}

/** Lends the operations of a story, each once, and rewrites the bytes of each as soon as it is told. */
export class Writer implements StepSource, SocketUser, ByteSink, CompletionSink, Participant {
  readonly name = 'writer';
  readonly verbs = [
    'lends',
    'lends, more to come',
    'resets the connection',
    'writes unasked',
    'is killed',
    'learns that its route has lost scatter/gather',
  ];
  place = -1;
  readonly k: Kernel;
  readonly side: Side;
  readonly pages: readonly Page[];
  readonly operations: readonly Operation[];
  /** Operations in the order of lending: the stream. */
  readonly stream: Operation[] = [];
  sk: TcpSock | null = null;
  private readonly number: number;
  private readonly reuse: RewriteStep;
  private version = 0x80;
  private statusBytes = 0;
  private answered = 0;

  private readonly options: WriterOptions;
  private left = false;

  constructor(k: Kernel, side: Side, options: WriterOptions) {
    this.k = k;
    this.side = side;
    this.options = options;
    this.operations = options.operations.map((ranges) => new Operation(ranges));
    const last = Math.max(...options.operations.flatMap((ranges) => ranges.map((r) => r.page)));
    this.pages = ownPages(k, last + 1, k.design.home ?? options.home);
    for (const page of this.pages) writePage(k, page, 1 + (page.slot % 0x7f)); // top bit clear: not rewritten
    this.number = Producers.of(k).add(this);
    this.reuse = new RewriteStep(this);
    k.agenda.add(this);
    k.agenda.add(this.reuse);
  }

  progress(): { done: number; of: number } {
    return { done: this.operations.filter((op) => op.told).length, of: this.operations.length };
  }

  item(): number {
    return this.operations.findIndex((op) => op.loan === null);
  }

  spend(verb: number): Spend {
    return verb === WriterVerb.LEND || verb === WriterVerb.LEND_MORE
      ? Spend.NOTHING
      : Spend.FAILURE;
  }

  choices(out: number[]): void {
    if (this.sk !== null) out.push(WriterVerb.RESET, 0);
    this.operations.forEach((op, i) => {
      if (op.loan !== null) out.push(WriterVerb.WRITE_UNASKED, i);
      else if (this.sk !== null) out.push(WriterVerb.LEND, i, WriterVerb.LEND_MORE, i);
    });
  }

  take(verb: number, item: number): boolean {
    const op = this.operations[item];
    if (op === undefined) return false;
    this.k.context = Context.PROCESS;
    this.k.side = this.side;
    if (verb === WriterVerb.WRITE_UNASKED) {
      if (op.loan === null) return false;
      this.write(op);
      return true;
    }
    const { sk } = this;
    if (sk === null) return false;
    if (verb === WriterVerb.RESET || verb === WriterVerb.LEAVE) {
      tcpAbort(sk);
      if (verb === WriterVerb.LEAVE) this.leave();
      return true;
    }
    if (verb === WriterVerb.LOSE_SG) {
      sk.route = { ...sk.route, sg: false };
      return true;
    }
    if (op.loan !== null) return false;
    this.lend(sk, op, item, verb === WriterVerb.LEND_MORE);
    return true;
  }

  private leave(): void {
    this.left = true;
    this.k.ownerLeaves(this.number);
  }

  private lend(sk: TcpSock, op: Operation, item: number, more: boolean): void {
    const { k } = this;
    const loan = k.newLoan(this.number, item, this.options.contexts);
    op.loan = loan;
    this.stream.push(op);
    sk.corked = true;
    for (const r of op.ranges) {
      const taken = this.send(sk, this.pages[r.page]!, r, loan);
      if (taken < r.size) throw new RangeError(`operation ${item} does not fit the send buffer`);
    }
    if (!more) {
      sk.corked = false;
      tcpPush(sk);
    }
    k.lifetime.returned(loan);
    k.release(loan);
  }

  private send(sk: TcpSock, page: Page, { offset, size }: Range, loan: Loan): number {
    if (this.options.careful !== true || sendpageOk(page))
      return tcpSendpage(sk, page, offset, size, loan);
    const seq = sk.writeSeq;
    const taken = tcpSendmsg(sk, page.address + offset, size);
    this.k.probe.lent(loan, page, offset, taken, sk.flow, seq);
    return taken;
  }

  loanCompleted(loan: Loan): void {
    if (this.left) return;
    const op = this.operations[loan.op]!;
    op.told = true;
    const { agenda } = this.k;
    if (!agenda.isArmed(this.reuse.place)) agenda.arm(this.reuse.place, agenda.now);
  }

  nextTold(): number {
    return this.operations.findIndex((op) => op.told && !op.rewritten);
  }

  rewrite(item: number): boolean {
    const op = this.operations[item];
    if (op === undefined || !op.told || op.rewritten) return false;
    this.k.context = Context.PROCESS;
    op.rewritten = true;
    if (this.takeHome(op)) this.write(op);
    if (this.nextTold() < 0) this.k.agenda.disarm(this.reuse.place);
    return true;
  }

  /** Takes the operation's pages back; false: they went where they came from, and are not there to be written. */
  private takeHome(op: Operation): boolean {
    if (this.options.home === undefined) return true;
    let mine = true;
    for (const page of new Set(op.ranges.map((r) => this.pages[r.page]!)))
      mine = takeHome(this.k, page) && mine;
    return mine;
  }

  /** The bytes of one operation, and no others of its pages. */
  private write(op: Operation): void {
    const { k } = this;
    const version = this.version++ & 0xff;
    for (const r of op.ranges) {
      const page = this.pages[r.page]!;
      k.probe.reused(page);
      page.writes++;
      const at = page.address + r.offset;
      k.mem.fill(version, at, at + r.size);
    }
  }

  // --- the socket ---

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  dataReady(sk: TcpSock): void {
    tcpRecvmsg(sk, this, 0x7fffffff);
  }

  /** A status for every operation, in stream order. */
  bytes(_sk: TcpSock, _address: number, size: number): void {
    this.statusBytes += size;
    while (this.statusBytes >= STATUS_BYTES) {
      this.statusBytes -= STATUS_BYTES;
      const op = this.stream[this.answered++];
      if (op !== undefined) this.k.lifetime.replied(op.loan!);
    }
  }

  writeSpace(): void {}

  /** Whatever the reader has not answered is given up. */
  closed(sk: TcpSock): void {
    this.sk = null;
    tcpClose(sk);
    for (const op of this.stream.slice(this.answered)) this.k.lifetime.unanswered(op.loan!, true);
    this.answered = this.stream.length;
  }
}

class AnswerStep extends SingleStep {
  readonly reader: Reader;

  constructor(reader: Reader) {
    super('reader answer', 'answers');
    this.reader = reader;
  }

  take(): boolean {
    return this.reader.answerTo();
  }
}

/** Reads all that there is, and sends a status for every operation that it has read whole. */
export class Reader extends SingleStep implements Listener, SocketUser, ByteSink {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  readonly writer: Writer;
  readonly rcvbuf: number | undefined;
  private readonly status: Page;
  private readonly answer: AnswerStep;
  private sk: TcpSock | null = null;
  private bytesRead = 0;
  private answered = 0;

  constructor(k: Kernel, side: Side, route: Route, writer: Writer, rcvbuf?: number) {
    super('reader', 'reads');
    this.k = k;
    this.side = side;
    this.route = route;
    this.writer = writer;
    this.rcvbuf = rcvbuf;
    this.status = ownPages(k, 1)[0]!;
    this.answer = new AnswerStep(this);
    k.agenda.add(this);
    k.agenda.add(this.answer);
  }

  accept(sk: TcpSock): SocketUser {
    if (this.rcvbuf !== undefined) sk.rcvbuf = this.rcvbuf;
    return this;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  dataReady(sk: TcpSock): void {
    this.sk = sk;
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + 20);
  }

  override get party(): Party {
    return Party.READER;
  }

  take(): boolean {
    const { k } = this;
    const sk = this.sk;
    if (sk === null || !k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    tcpRecvmsg(sk, this, 0x7fffffff);
    if (sk.state === TcpState.CLOSED) this.hangUp(sk);
    else if (this.owed() > 0) k.agenda.arm(this.answer.place, k.agenda.now);
    return true;
  }

  bytes(_sk: TcpSock, _address: number, size: number): void {
    this.bytesRead += size;
  }

  /** Operations that were read whole and not answered. */
  private owed(): number {
    let end = 0;
    let whole = 0;
    for (const op of this.writer.stream) {
      end += op.bytes;
      if (end <= this.bytesRead) whole++;
    }
    return whole - this.answered;
  }

  answerTo(): boolean {
    const { k } = this;
    const sk = this.sk;
    if (sk === null || this.owed() === 0) return false;
    k.agenda.disarm(this.answer.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    for (let n = this.owed(); n > 0; n--) {
      this.answered++;
      tcpSendmsg(sk, this.status.address, STATUS_BYTES);
    }
    return true;
  }

  writeSpace(): void {}

  /** What has arrived is read first. */
  closed(sk: TcpSock): void {
    if (sk.dead || sk.receiveQueue.qlen === 0) this.hangUp(sk);
  }

  private hangUp(sk: TcpSock): void {
    this.sk = null;
    this.k.agenda.disarm(this.place);
    this.k.agenda.disarm(this.answer.place);
    tcpClose(sk);
  }
}
