// The machine's side of a runtime: the program's buffers, its sockets and their error queues, its completion queue, and
// whoever asks it to send. The program is asked through events and answers with system calls (packages/kernel/src/runtime.ts);
// when it takes a buffer back, all that was sent from it is completed, and the buffer is written anew at once.
import {
  ANY_CONTEXT,
  Context,
  EAGAIN,
  ECANCELED,
  ECONNRESET,
  ENOBUFS,
  ENOENT,
  ENOMEM,
  EPIPE,
  IORING_CQE_F_MORE,
  IORING_CQE_F_NOTIF,
  IORING_NOTIF_USAGE_ZC_COPIED,
  KernelBug,
  MSG_MORE,
  MSG_ZEROCOPY,
  PAGE_SIZE,
  SeamMisuse,
  Side,
  SingleStep,
  Spend,
  TcpState,
  ZerocopyQueue,
  declareState,
  expectNoMemory,
  tcpAbort,
  tcpClose,
  tcpRecvmsg,
  tcpSendmsg,
  tcpSendpage,
  tcpShutdown,
  type ByteSink,
  type Calls,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Page,
  type Program,
  type SocketUser,
  type TcpPath,
  type TcpSock,
} from '@lastref/kernel';
import { ANSWER_BYTES } from '../apps/far-end.ts';
import type { Abortable } from '../apps/teardown.ts';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import { Producers } from './registry.ts';

export interface ProgramOptions {
  /** Requests in all. */
  readonly operations: number;
  readonly buffers: number;
  readonly pagesPerBuffer: number;
  readonly path: TcpPath;
  /** Send calls of a socket whose notifications can be out at a time (net.core.optmem_max); default: any number. */
  readonly optmemCalls?: number;
  /** The number that the first call of a socket has, which others have used before; default 0. */
  readonly firstCall?: number;
  /** Ticks after which who asked for a send waits no longer, and how often that happens; default: never. */
  readonly patience?: { readonly ticks: number; readonly times: number };
}

/** Where a buffer is: with whoever asks for sends, or with the program. */
const Holder = { APPLICATION: 0, PROGRAM: 1 } as const;

class SendBuffer {
  readonly pages: Page[];
  holder: number = Holder.APPLICATION;
  /** What was sent from it since the program got it last. */
  loans: Loan[] = [];

  constructor(pages: Page[]) {
    this.pages = pages;
  }
}

declareState(SendBuffer, { state: 'pages holder loans' });

/** A step whose work is somebody else's. */
class HostStep extends SingleStep {
  private readonly work: () => void;
  private readonly k: Kernel;

  constructor(k: Kernel, name: string, verb: string, work: () => void, spends?: Spend) {
    super(name, verb, spends);
    this.k = k;
    this.work = work;
    k.agenda.add(this);
  }

  arm(ticks = 0): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + ticks);
  }

  take(): boolean {
    const { k } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = Side.LENT;
    this.work();
    return true;
  }
}

declareState(HostStep, { constant: 'k work' });

/** The error queue of one socket, which the program reads; or where its notifications become completions of a ring. */
class Notifications extends ZerocopyQueue {
  private readonly machine: Kernel;
  private readonly of: number;
  private readonly connection: Connection;
  /** Calls that were announced: each was charged to the socket until then. */
  announced = 0;

  constructor(k: Kernel, producer: number, connection: Connection) {
    super(k, producer);
    this.machine = k;
    this.of = producer;
    this.connection = connection;
  }

  override push(lo: number, hi: number, copied: boolean): void {
    this.announced += hi - lo + 1;
    const { connection } = this;
    const { ring } = connection.host;
    if (ring !== null) {
      for (let call = lo; call <= hi; call++) ring.announced(connection, this.of, call, copied);
    } else if (connection.open) super.push(lo, hi, copied); // else nobody will ever read it
  }

  override take(): boolean {
    const { machine: k, connection } = this;
    if (this.queue.length === 0) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = Side.LENT;
    for (const { lo, hi, copied, party } of this.queue.splice(0)) {
      if (!connection.open) return true; // the program closed the socket while it was at it
      k.agenda.party = party;
      k.probe.notified(this.of, lo, hi, copied);
      const { host, number } = connection;
      host.program.notified(number, host.callNumber(lo), host.callNumber(hi), copied);
    }
    return true;
  }

  /** The socket is closed. */
  forget(): void {
    this.queue.length = 0;
    this.machine.agenda.disarm(this.place);
  }
}

declareState(Notifications, { state: 'connection announced', constant: 'machine of' });

class Connection implements SocketUser, ByteSink {
  readonly host: ProgramHost;
  readonly number: number;
  /** Its calls with MSG_ZEROCOPY, or its requests, are the loans of this producer. */
  readonly producer: number;
  readonly news: Notifications;
  sk: TcpSock | null = null;
  /** The program has not closed it. */
  open = true;
  /** The program said that it will send no more. */
  shut = false;
  /** Calls that lent something. */
  lent = 0;
  /** Bytes of an answer that are read. */
  private answer = 0;
  private heardEnd = false;

  constructor(host: ProgramHost, number: number) {
    const { k } = host;
    this.host = host;
    this.number = number;
    this.producer = Producers.of(k).add(host);
    this.news = new Notifications(k, this.producer, this);
    k.zerocopyQueues[this.producer] = this.news;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.host.happens('connected', this);
  }

  writeSpace(): void {
    this.host.happens('writable', this);
  }

  dataReady(): void {
    this.host.happens('readable', this);
  }

  /** By a RST or a timer: a close that both ends wanted is no news. */
  closed(sk: TcpSock): void {
    if (sk.dead || !this.open) tcpClose(sk);
    else if (!(this.shut && sk.finReceived)) this.host.happens('failed', this);
  }

  /** Reads what has come; how many answers that is, and whether the peer's end came with it. */
  read(): { answers: number; ended: boolean } {
    const { sk } = this;
    if (sk === null || !this.open) return { answers: 0, ended: false };
    tcpRecvmsg(sk, this, 0x7fffffff);
    const answers = Math.floor(this.answer / ANSWER_BYTES);
    this.answer %= ANSWER_BYTES;
    const ended = sk.finReceived && !this.heardEnd;
    this.heardEnd ||= ended;
    return { answers, ended };
  }

  bytes(_sk: TcpSock, _address: number, size: number): void {
    this.answer += size;
  }

  /** Socket that can send; null: the connection is over, or shut. */
  get sender(): TcpSock | null {
    const { sk } = this;
    return sk === null || sk.dead || this.shut || sk.state === TcpState.CLOSED ? null : sk;
  }
}

declareState(Connection, {
  state: 'host news sk open shut lent answer heardEnd',
  constant: 'number producer',
});

interface Request {
  readonly connection: Connection;
  readonly buffer: number;
  readonly offset: number;
  readonly size: number;
  readonly id: number;
}

interface Completion {
  readonly id: number;
  readonly result: number;
  readonly flags: number;
  /** Of a notification of something that was lent: of whom, and which of his calls; else -1. */
  readonly producer: number;
  readonly call: number;
}

/** A ring of io_uring with one program: IORING_OP_SEND_ZC. @kernel io_uring/net.c, io_uring/notif.c (6.12) */
class Ring {
  private readonly host: ProgramHost;
  private readonly reading: HostStep;
  private readonly queue: Completion[] = [];
  /** Requests that found the send buffer full. */
  private waiting: Request[] = [];
  /** Ids of requests by producer and call. */
  private readonly ids = new Map<number, number[]>();

  constructor(host: ProgramHost) {
    this.host = host;
    this.reading = new HostStep(host.k, 'completion queue', 'is read by the program', () =>
      this.read(),
    );
  }

  /** io_send_zc_prep, then io_send_zc. */
  submit(request: Request): void {
    const { k } = this.host;
    const { id } = request;
    try {
      k.mayFail(); // io_alloc_notif
    } catch (error) {
      expectNoMemory(error);
      this.post(id, -ENOMEM, 0);
      return;
    }
    try {
      k.mayFail(); // io_msg_alloc_async
    } catch (error) {
      expectNoMemory(error);
      this.fail(id, -ENOMEM);
      return;
    }
    this.issue(request);
  }

  private issue(request: Request): void {
    const { host } = this;
    const { connection, id } = request;
    const sk = connection.open ? connection.sender : null;
    if (sk === null) {
      this.fail(id, -EPIPE);
      return;
    }
    if (sk.wmemQueued >= sk.sndbuf) {
      sk.wantSpace = true;
      this.waiting.push(request); // io_arm_poll_handler
      return;
    }
    sk.corked = false;
    const ids = this.ids.get(connection.producer) ?? [];
    this.ids.set(connection.producer, ids);
    ids.push(id);
    host.lend(connection, sk, request, (taken) => this.post(id, taken, IORING_CQE_F_MORE));
  }

  /** The request has a notification, of which nobody holds anything. */
  private fail(id: number, error: number): void {
    this.post(id, error, IORING_CQE_F_MORE);
    this.post(id, 0, IORING_CQE_F_NOTIF); // io_notif_flush
  }

  private post(id: number, result: number, flags: number, producer = -1, call = -1): void {
    this.queue.push({ id, result, flags, producer, call });
    this.reading.arm();
  }

  /** io_tx_ubuf_complete: nobody has the notification any more. */
  announced({ producer }: Connection, of: number, call: number, copied: boolean): void {
    const id = this.ids.get(producer)![call]!;
    const result = copied ? IORING_NOTIF_USAGE_ZC_COPIED : 0;
    this.post(id, result, IORING_CQE_F_NOTIF, of, call);
  }

  private read(): void {
    const { k, program } = this.host;
    for (const { id, result, flags, producer, call } of this.queue.splice(0)) {
      if (call >= 0) k.probe.notified(producer, call, call, result !== 0);
      program.cqe(id, result, flags);
    }
  }

  cancel(id: number): number {
    const at = this.waiting.findIndex((r) => r.id === id);
    if (at < 0) return -ENOENT;
    this.waiting.splice(at, 1);
    this.fail(id, -ECANCELED);
    return 0;
  }

  /** `connection` has room again, or is over. */
  goOn(connection: Connection): void {
    const all = this.waiting;
    this.waiting = [];
    for (const request of all) {
      if (request.connection === connection) this.issue(request);
      else this.waiting.push(request);
    }
  }
}

declareState(Ring, { state: 'host queue waiting ids', constant: 'reading' });

/** What waits for the program's event loop. */
interface Waiting {
  readonly what: 'connected' | 'writable' | 'readable' | 'failed';
  readonly connection: Connection;
}

/** One program on one machine, with all that is around it. */
export class ProgramHost implements CompletionSink, Participant, Calls {
  readonly k: Kernel;
  readonly name: string;
  readonly program: Program;
  /** null: it is told by error queues. */
  readonly ring: Ring | null;
  private readonly options: ProgramOptions;
  private readonly path: TcpPath;
  private readonly buffers: SendBuffer[];
  private readonly connections: Connection[] = [];
  /** Copying sends are loans of this producer. */
  private readonly copying: number;
  private readonly loop: HostStep;
  private readonly asking: HostStep;
  private readonly impatience: HostStep | null;
  private waiting: Waiting[] = [];
  /** A connection is up, as far as the program has heard. */
  private up = false;
  private stopped = false;
  private started = 0;
  private done = 0;
  private version = 0;
  private timeouts = 0;

  constructor(k: Kernel, options: ProgramOptions) {
    const { createProgram, over } = k.design;
    if (createProgram === undefined) throw new KernelBug(`${k.design.id} is no runtime`);
    this.k = k;
    this.name = 'program';
    this.options = options;
    this.path = options.path;
    this.buffers = Array.from({ length: options.buffers }, () => {
      const buffer = new SendBuffer(ownPages(k, options.pagesPerBuffer));
      this.fill(buffer);
      return buffer;
    });
    this.copying = Producers.of(k).add(this);
    this.loop = new HostStep(k, 'program', 'hears what happened', () => this.deliver());
    this.asking = new HostStep(k, 'application', 'asks for a send', () => this.ask());
    const { patience } = options;
    this.impatience =
      patience === undefined
        ? null
        : new HostStep(
            k,
            'application gives up',
            'waits no longer for a send',
            () => this.giveUp(),
            Spend.TEARDOWN,
          );
    this.ring = over === 'send-zc' ? new Ring(this) : null;
    this.program = createProgram(this, k);
    this.connect();
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.options.operations };
  }

  /** The program itself says when, by `release`. */
  loanCompleted(): void {}

  private fill({ pages }: SendBuffer): void {
    this.version++;
    for (const page of pages) writePage(this.k, page, this.version);
  }

  /** A socket counts its calls in 32 bits. @kernel include/net/sock.h sk_zckey */
  callNumber(nth: number): number {
    return ((this.options.firstCall ?? 0) + nth) >>> 0;
  }

  // --- what happens to the program ---

  happens(what: Waiting['what'], connection: Connection): void {
    if (this.waiting.some((w) => w.what === what && w.connection === connection)) return;
    this.waiting.push({ what, connection });
    this.loop.arm();
  }

  private deliver(): void {
    const all = this.waiting;
    this.waiting = [];
    for (const { what, connection } of all) if (connection.open) this.hear(what, connection);
  }

  private hear(what: Waiting['what'], connection: Connection): void {
    const { program, ring } = this;
    const { number } = connection;
    if (what === 'connected') {
      this.up = true;
      program.connected(number, this.callNumber(connection.lent));
      this.armAsking();
    } else if (what === 'writable') {
      ring?.goOn(connection);
      program.writable(number);
    } else if (what === 'readable') {
      const { answers, ended } = connection.read();
      for (let n = 0; n < answers; n++) program.answered(number);
      if (ended) program.ended(number);
    } else {
      this.up = false;
      ring?.goOn(connection);
      program.failed(number, -ECONNRESET);
    }
  }

  private armAsking(): void {
    if (!this.up || this.stopped || this.started === this.options.operations) return;
    if (this.freeBuffer() >= 0) this.asking.arm();
  }

  /** Round robin, as a ring of buffers is used; -1: none. */
  private freeBuffer(): number {
    const { length } = this.buffers;
    for (let i = 0; i < length; i++) {
      const n = (this.started + i) % length;
      if (this.buffers[n]!.holder === Holder.APPLICATION) return n;
    }
    return -1;
  }

  private ask(): void {
    const n = this.freeBuffer();
    if (n < 0 || !this.up || this.stopped) return;
    const buffer = this.buffers[n]!;
    buffer.holder = Holder.PROGRAM;
    buffer.loans = [];
    this.started++;
    const { patience } = this.options;
    if (patience !== undefined && this.timeouts < patience.times)
      this.impatience!.arm(patience.ticks);
    this.program.request(n, buffer.pages.length * PAGE_SIZE);
    this.armAsking();
  }

  /** Of the first buffer that the program has. */
  private giveUp(): void {
    const n = this.buffers.findIndex((b) => b.holder === Holder.PROGRAM);
    if (n < 0) return;
    this.timeouts++;
    this.program.timedOut(n);
  }

  /** No request comes any more. */
  stop(): void {
    this.k.side = Side.LENT;
    this.stopped = true;
    this.program.stop();
  }

  // --- its system calls ---

  private connection(call: string, number: number): Connection {
    const connection = this.connections[number];
    if (connection === undefined)
      throw new SeamMisuse(`${call} was given connection ${number}, which nobody opened`);
    if (!connection.open)
      throw new SeamMisuse(`${call} was given connection ${number}, which the program has closed`);
    return connection;
  }

  private buffer(call: string, number: number): SendBuffer {
    const buffer = this.buffers[number];
    if (buffer === undefined)
      throw new SeamMisuse(
        `${call} was given buffer ${number}; there are 0 to ${this.buffers.length - 1}`,
      );
    return buffer;
  }

  private range(call: string, number: number, offset: number, size: number): void {
    const bytes = this.buffer(call, number).pages.length * PAGE_SIZE;
    if (offset < 0 || size <= 0 || offset + size > bytes)
      throw new SeamMisuse(
        `${call} was given ${size} bytes from ${offset} on of buffer ${number}, which has ${bytes}`,
      );
  }

  send(connection: number, buffer: number, offset: number, size: number, flags: number): number {
    const to = this.connection('send', connection);
    this.range('send', buffer, offset, size);
    const { k } = this;
    const sk = to.sender;
    if (sk === null) return to.sk === null ? -EAGAIN : -EPIPE;
    sk.corked = (flags & MSG_MORE) !== 0;
    const request = { connection: to, buffer, offset, size, id: 0 };
    if ((flags & MSG_ZEROCOPY) === 0 || this.ring !== null) return this.copy(sk, request);
    const { optmemCalls = Infinity } = this.options;
    if (to.lent - to.news.announced + to.news.pending.length >= optmemCalls) return -ENOBUFS;
    try {
      k.mayFail(); // sock_omalloc
    } catch (error) {
      expectNoMemory(error);
      return -ENOBUFS;
    }
    if (sk.wmemQueued >= sk.sndbuf) {
      sk.wantSpace = true;
      return -EAGAIN; // net_zcopy_put_abort: the call gets no number
    }
    return this.lend(to, sk, request);
  }

  /** Sends by reference: a loan of its own. There is room. `told`: before anybody can say that it is over. */
  lend(
    to: Connection,
    sk: TcpSock,
    { buffer: number, offset, size }: Omit<Request, 'connection'>,
    told: (taken: number) => void = () => {},
  ): number {
    const { k } = this;
    const buffer = this.buffers[number]!;
    const loan = k.newLoan(to.producer, this.started, ANY_CONTEXT);
    buffer.loans.push(loan);
    to.lent++;
    const taken = pagesOf(buffer, offset, size, (page, into, n) =>
      tcpSendpage(sk, page, into, n, loan),
    );
    told(taken);
    k.lifetime.returned(loan);
    k.release(loan);
    this.ofOthers(buffer, loan);
    return taken;
  }

  /** A buffer that the program was not given, or gave back, is somebody else's: what is sent from it is so from the start. */
  private ofOthers({ holder }: SendBuffer, loan: Loan): void {
    if (holder === Holder.APPLICATION) this.k.complete(loan);
  }

  /** Copies: a loan that is over when the call returns, and that no notification announces. */
  private copy(sk: TcpSock, { buffer: number, offset, size }: Request): number {
    const { k } = this;
    const buffer = this.buffers[number]!;
    const loan = k.newLoan(this.copying, this.started, ANY_CONTEXT);
    const taken = pagesOf(buffer, offset, size, (page, into, n) => {
      const seq = sk.writeSeq;
      const copied = tcpSendmsg(sk, page.address + into, n);
      if (copied > 0) k.probe.lent(loan, page, into, copied, sk.flow, seq);
      return copied;
    });
    if (taken === 0) return -EAGAIN;
    buffer.loans.push(loan);
    k.probe.released(loan);
    this.ofOthers(buffer, loan);
    return taken;
  }

  sendZc(connection: number, buffer: number, offset: number, size: number, id: number): void {
    const to = this.connection('sendZc', connection);
    this.range('sendZc', buffer, offset, size);
    if (this.ring === null)
      throw new SeamMisuse("sendZc is io_uring's, and this runtime is over msg-zerocopy");
    this.ring.submit({ connection: to, buffer, offset, size, id });
  }

  cancel(id: number): number {
    if (this.ring === null)
      throw new SeamMisuse("cancel is io_uring's, and this runtime is over msg-zerocopy");
    return this.ring.cancel(id);
  }

  release(number: number): void {
    const buffer = this.buffer('release', number);
    for (const loan of buffer.loans) this.k.complete(loan);
    if (buffer.holder === Holder.APPLICATION) return; // a second time: the judge has heard it
    buffer.holder = Holder.APPLICATION;
    this.done++;
    this.fill(buffer);
    this.armAsking();
  }

  connect(): number {
    const connection = new Connection(this, this.connections.length);
    this.connections.push(connection);
    this.path.connect(connection);
    return connection.number;
  }

  shutdown(number: number): void {
    const connection = this.connection('shutdown', number);
    connection.shut = true;
    if (connection.sk !== null) tcpShutdown(connection.sk);
  }

  close(number: number): void {
    const connection = this.connection('close', number);
    this.leave(connection);
    if (connection.sk !== null) tcpClose(connection.sk);
  }

  abort(number: number): void {
    const connection = this.connection('abort', number);
    this.leave(connection);
    if (connection.sk !== null) tcpAbort(connection.sk);
  }

  private leave(connection: Connection): void {
    connection.open = false;
    this.ring?.goOn(connection);
    connection.news.forget();
    if (this.connections.every((c) => !c.open)) this.up = false;
  }

  outq(number: number): number {
    const { sk } = this.connection('outq', number);
    return sk === null || sk.state === TcpState.CLOSED ? 0 : (sk.writeSeq - sk.sndUna) | 0;
  }
}

declareState(ProgramHost, {
  state: 'path ring buffers connections waiting up stopped started done version timeouts',
  constant: 'k name options copying loop asking impatience',
  elsewhere: 'program',
  also: (host, sink) => sink.design(host.program),
});

/** Somebody who has the program finish. */
export class Operator implements Abortable {
  private readonly host: ProgramHost;

  constructor(host: ProgramHost) {
    this.host = host;
  }

  abort(): void {
    this.host.stop();
  }
}

declareState(Operator, { state: 'host' });

/** Does `work` with each page of bytes `offset` to `offset + size`, until one takes less than it was given. */
function pagesOf(
  { pages }: SendBuffer,
  offset: number,
  size: number,
  work: (page: Page, into: number, bytes: number) => number,
): number {
  let done = 0;
  while (done < size) {
    const at = offset + done;
    const into = at % PAGE_SIZE;
    const wanted = Math.min(size - done, PAGE_SIZE - into);
    const taken = work(pages[Math.floor(at / PAGE_SIZE)]!, into, wanted);
    done += taken;
    if (taken < wanted) break;
  }
  return done;
}
