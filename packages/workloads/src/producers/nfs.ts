// An NFS client with O_DIRECT writers: each writer has a buffer of pages, issues a WRITE, waits until it is over,
// writes the buffer anew and issues the next. @kernel fs/nfs/direct.c nfs_direct_write (2.6.24)
import {
  Context,
  PAGE_SIZE,
  RpcXprt,
  SingleStep,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Page,
  type RpcRequest,
  type RpcUser,
  type Side,
  type TcpPath,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
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
  /** Ticks from the end of a write to the moment when the application writes its buffer anew. */
  readonly reuseTicks: number;
}

/** One application thread with its buffer. */
class Writer extends SingleStep {
  readonly client: NfsClient;
  readonly request: RpcRequest;
  readonly pages: Page[];
  loan: Loan | null = null;
  answered = false;
  writes = 0;
  version = 0;

  constructor(client: NfsClient, request: RpcRequest, pages: Page[]) {
    super(`${client.name} writer ${request.slot}`, 'fills its buffer and writes');
    this.client = client;
    this.request = request;
    this.pages = pages;
  }

  take(): boolean {
    return this.client.write(this);
  }
}

export class NfsClient implements RpcUser, CompletionSink, Participant {
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
    this.xprt = new RpcXprt(
      k,
      options.name,
      options.writers,
      options.timeoutTicks,
      this,
      options.paths,
      options.discrtry,
    );
    this.number = Producers.of(k).add(this);
    this.writers = this.xprt.slots.map(
      (request) => new Writer(this, request, ownPages(k, options.pagesPerWrite)),
    );
    for (const writer of this.writers) k.agenda.add(writer);
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.options.writers * this.options.writesPerWriter };
  }

  connected(): void {
    for (const writer of this.writers) this.k.agenda.arm(writer.place, this.k.agenda.now);
  }

  /** The application fills its buffer anew and issues the next WRITE. */
  write(writer: Writer): boolean {
    const { k, options } = this;
    if (!k.agenda.isArmed(writer.place)) return false;
    k.agenda.disarm(writer.place);
    k.context = Context.PROCESS;
    k.side = options.side;
    writer.version++;
    for (const page of writer.pages) writePage(k, page, writer.version * 16 + writer.request.slot);
    if (writer.writes >= options.writesPerWriter) return true;
    writer.writes++;
    writer.answered = false;
    writer.loan = k.newLoan(this.number, writer.request.slot);
    this.xprt.call(writer.request, writer.pages, options.pagesPerWrite * PAGE_SIZE, writer.loan);
    return true;
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
    this.k.agenda.arm(writer.place, this.k.agenda.now + this.options.reuseTicks);
  }
}
