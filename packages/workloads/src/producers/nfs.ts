// An NFS client. With O_DIRECT each writer has a buffer of pages, issues a WRITE, waits until it is over, writes the
// buffer anew and issues the next. Buffered, the pages are the page cache's: an application writes to them when it
// likes, and a flusher sends what is dirty. @kernel fs/nfs/direct.c nfs_direct_write, fs/nfs/write.c nfs_writepages (2.6.24)
import {
  Context,
  PAGE_SIZE,
  RpcTcpXprt,
  RpcUdpXprt,
  SingleStep,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Page,
  type RpcRequest,
  type RpcUser,
  type RpcXprt,
  type Side,
  type SocketUser,
  type TcpPath,
  type UdpSock,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import type { PageWatcher } from './ordinary.ts';
import { Producers } from './registry.ts';

export interface NfsOptions {
  readonly name: string;
  readonly side: Side;
  /** Writers, which is also RPC slots. */
  readonly writers: number;
  readonly pagesPerWrite: number;
  readonly writesPerWriter: number;
  readonly timeoutTicks: number;
  /** Where it connects to, one after the other; none: somebody else connects, once. */
  readonly paths?: readonly TcpPath[];
  /** It disconnects before it sends calls again, as NFSv4 does. */
  readonly discrtry?: boolean;
  /** Over UDP, by this socket. */
  readonly udp?: UdpSock;
  /** What is sent again is copied. Default: as the era does. */
  readonly resendCopies?: boolean;
  /** Ticks from the end of a write to the moment when the application writes its buffer anew, or the flusher looks. */
  readonly reuseTicks: number;
  /** The pages are the page cache's: whoever writes to them says so (`pageWritten`), and nobody else does. */
  readonly buffered?: boolean;
}

/** One application thread with its buffer; or the flusher's work on one file. */
class Writer extends SingleStep {
  readonly client: NfsClient;
  readonly request: RpcRequest;
  readonly pages: Page[];
  loan: Loan | null = null;
  answered = false;
  /** Of a file: something was written since the last WRITE began. */
  dirty = true;
  writes = 0;
  version = 0;

  constructor(client: NfsClient, request: RpcRequest, pages: Page[], does: string) {
    super(`${client.name} writer ${request.slot}`, does);
    this.client = client;
    this.request = request;
    this.pages = pages;
  }

  take(): boolean {
    return this.client.write(this);
  }
}

export class NfsClient implements RpcUser, CompletionSink, Participant, PageWatcher {
  readonly k: Kernel;
  readonly name: string;
  readonly options: NfsOptions;
  readonly xprt: RpcXprt;
  readonly writers: readonly Writer[];
  private readonly number: number;
  private done = 0;

  constructor(k: Kernel, options: NfsOptions) {
    this.k = k;
    this.name = options.name;
    this.options = options;
    this.xprt = this.transport();
    this.number = Producers.of(k).add(this);
    const does = options.buffered === true ? 'sends what is dirty' : 'fills its buffer and writes';
    this.writers = this.xprt.slots.map(
      (request) => new Writer(this, request, ownPages(k, options.pagesPerWrite), does),
    );
    for (const writer of this.writers) {
      k.agenda.add(writer);
      if (options.buffered === true) this.fill(writer);
    }
    if (options.udp !== undefined) this.connected();
  }

  private transport(): RpcXprt {
    const { k, options } = this;
    const xprt = { ...options, slots: options.writers };
    return options.udp === undefined
      ? new RpcTcpXprt(k, xprt, this)
      : new RpcUdpXprt(k, xprt, options.udp, this);
  }

  /** Who uses the connection that somebody makes for it. Throws RangeError for a client without one. */
  get connection(): SocketUser {
    if (this.xprt instanceof RpcTcpXprt) return this.xprt;
    throw new RangeError(`${this.name} has no connection`);
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.options.writers * this.options.writesPerWriter };
  }

  connected(): void {
    for (const writer of this.writers) this.k.agenda.arm(writer.place, this.k.agenda.now);
  }

  private fill(writer: Writer): void {
    writer.version++;
    for (const page of writer.pages)
      writePage(this.k, page, writer.version * 16 + writer.request.slot);
  }

  /** The application fills its buffer anew and issues the next WRITE; or the flusher sends a file's dirty pages. */
  write(writer: Writer): boolean {
    const { k, options } = this;
    if (!k.agenda.isArmed(writer.place)) return false;
    k.agenda.disarm(writer.place);
    k.context = Context.PROCESS;
    k.side = options.side;
    if (options.buffered !== true) this.fill(writer);
    if (writer.writes >= options.writesPerWriter) return true;
    writer.writes++;
    writer.answered = false;
    writer.dirty = false; // clear_page_dirty_for_io, set_page_writeback
    writer.loan = k.newLoan(this.number, writer.request.slot);
    this.xprt.call(writer.request, writer.pages, options.pagesPerWrite * PAGE_SIZE, writer.loan);
    return true;
  }

  /** Somebody has written to a page: its file is dirty again, under writeback or not. */
  pageWritten(page: Page): void {
    const writer = this.writers.find((w) => w.pages.includes(page));
    if (writer === undefined || writer.dirty) return;
    writer.dirty = true;
    if (writer.loan === null) this.armNext(writer);
  }

  answered(request: RpcRequest): void {
    const writer = this.writers[request.slot]!;
    writer.answered = true;
    this.maybeDone(writer);
  }

  loanCompleted(loan: Loan): void {
    const writer = this.writers.find((w) => w.loan === loan);
    if (writer !== undefined) this.maybeDone(writer);
  }

  /** A write is over for the application when the server has answered and the design has told. */
  private maybeDone(writer: Writer): void {
    if (!writer.answered || writer.loan === null || !writer.loan.completed) return;
    writer.loan = null;
    this.done++;
    if (this.options.buffered !== true || writer.dirty) this.armNext(writer);
  }

  private armNext(writer: Writer): void {
    this.k.agenda.arm(writer.place, this.k.agenda.now + this.options.reuseTicks);
  }
}
