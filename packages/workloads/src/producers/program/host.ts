// The machine's side of a runtime: the program's buffers, its sockets and their error queues, its completion queue, and
// whoever asks it to send. The program is asked through events and answers with system calls (packages/kernel/src/runtime.ts);
// when it takes a buffer back, all that was sent from it is completed, and the buffer is written anew at once.
import {
  ANY_CONTEXT,
  EAGAIN,
  ECONNRESET,
  ENOBUFS,
  EPIPE,
  KernelBug,
  MSG_MORE,
  MSG_ZEROCOPY,
  PAGE_SIZE,
  SeamMisuse,
  Side,
  Spend,
  TcpState,
  declareState,
  expectNoMemory,
  tcpAbort,
  tcpClose,
  tcpSendmsg,
  tcpSendpage,
  tcpShutdown,
  type Calls,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Program,
  type TcpPath,
  type TcpSock,
} from '@lastref/kernel';
import type { Abortable } from '../../apps/teardown.ts';
import { ownPages, writePage } from '../../pages.ts';
import type { Participant } from '../../scenario.ts';
import { Producers } from '../registry.ts';
import { Holder, SendBuffer, pagesOf } from './buffers.ts';
import { Connection } from './connection.ts';
import { NotedCalls, hearing } from './heard.ts';
import { Ring, type Request } from './ring.ts';
import { HostStep } from './step.ts';

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

/** What waits for the program's event loop. */
interface Waiting {
  readonly what: 'connected' | 'writable' | 'readable' | 'failed';
  readonly connection: Connection;
}

/** One program on one machine, with all that is around it. */
export class ProgramHost implements CompletionSink, Participant, Calls {
  readonly k: Kernel;
  readonly name: string;
  /** Its events, as who listens to the machine hears them too. */
  readonly program: Program;
  private readonly made: Program;
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
            'time-out',
            'runs off: the application waits no longer for a send',
            () => this.giveUp(),
            Spend.TEARDOWN,
          );
    this.ring = over === 'send-zc' ? new Ring(this) : null;
    const calls = new NotedCalls(this, k.probe);
    this.made = createProgram(calls, k);
    this.program = hearing(this.made, calls, k.probe);
    this.connect();
  }

  /** Nothing is left to do: a buffer that the program has, and of which nothing was sent, is with it for ever. */
  ended(): void {
    for (const buffer of this.buffers)
      if (buffer.holder === Holder.PROGRAM && buffer.loans.length === 0)
        buffer.loans.push(this.owed(buffer));
  }

  /** A loan that stands for a buffer of which nothing was sent. */
  private owed({ pages }: SendBuffer): Loan {
    const { k } = this;
    const loan = k.newLoan(this.copying, this.started, ANY_CONTEXT);
    k.probe.lent(loan, pages[0]!, 0, PAGE_SIZE, k.newFlow(Side.LENT), 0);
    k.probe.released(loan);
    return loan;
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
    const { holder, loans } = buffer;
    if (holder === Holder.APPLICATION && loans.length === 0) {
      const loan = this.owed(buffer);
      this.k.complete(loan);
      loans.push(loan);
    }
    for (const loan of loans) this.k.complete(loan);
    if (holder === Holder.APPLICATION) return; // it does not have it: the judge has heard it
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
  constant: 'k name options copying loop asking impatience program',
  elsewhere: 'made',
  also: (host, sink) => sink.design(host['made']),
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
