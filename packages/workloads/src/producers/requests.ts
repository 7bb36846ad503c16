// What clients of a storage protocol have in common. Without a page cache (O_DIRECT) each writer has a buffer of pages,
// issues a write, waits until it is over, writes the buffer anew and issues the next: pages of a process, which has them
// mapped, pinned for each write (get_user_pages in nfs_get_user_pages, 2.6.24). Buffered, the pages are the page
// cache's: an application writes to them when it likes, and a flusher sends what is dirty.
import {
  Context,
  PAGE_SIZE,
  PageHome,
  SingleStep,
  declareState,
  handOut,
  takeHome,
  type CompletionSink,
  type Kernel,
  type Loan,
  type Page,
  type Side,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import type { PageWatcher } from './ordinary.ts';
import { Producers } from './registry.ts';

export interface RequestOptions {
  readonly name: string;
  readonly side: Side;
  /** Writers, which is also requests at a time. */
  readonly writers: number;
  readonly pagesPerWrite: number;
  readonly writesPerWriter: number;
  /** Ticks from the end of a write to the moment when the application writes its buffer anew, or the flusher looks. */
  readonly reuseTicks: number;
  /** The pages are the page cache's: whoever writes to them says so (`pageWritten`), and nobody else does. */
  readonly buffered?: boolean;
}

/** One application thread with its buffer; or the flusher's work on one file. */
class Writer extends SingleStep {
  readonly requests: Requests;
  readonly slot: number;
  readonly pages: Page[];
  loan: Loan | null = null;
  answered = false;
  /** Of a file: something was written since the last write began. */
  dirty = true;
  writes = 0;
  version = 0;

  constructor(requests: Requests, slot: number, pages: Page[], does: string) {
    super(`${requests.name} writer ${slot}`, does);
    this.requests = requests;
    this.slot = slot;
    this.pages = pages;
  }

  take(): boolean {
    return this.requests.write(this);
  }
}

declareState(Writer, {
  state: 'requests pages loan answered dirty writes version',
  constant: 'slot',
});

/** Those that are pinned for a write, and let go behind it. */
function userPages({ pages }: Writer): Page[] {
  return pages.filter((page) => page.home === PageHome.USER);
}

export abstract class Requests implements CompletionSink, Participant, PageWatcher {
  readonly k: Kernel;
  readonly name: string;
  readonly writers: Writer[] = [];
  private readonly requestOptions: RequestOptions;
  private readonly number: number;
  private done = 0;

  constructor(k: Kernel, options: RequestOptions) {
    this.k = k;
    this.name = options.name;
    this.requestOptions = options;
    this.number = Producers.of(k).add(this);
  }

  /** Sends `bytes` of `pages`, lent as `loan`, as request number `slot`. */
  protected abstract submit(slot: number, pages: readonly Page[], bytes: number, loan: Loan): void;

  /** The writers come to the machine. Once, behind whatever the protocol has there. */
  protected addWriters(): void {
    const { k, requestOptions: options } = this;
    const home = options.buffered === true ? undefined : (k.design.home ?? PageHome.USER);
    const does = options.buffered === true ? 'sends what is dirty' : 'fills its buffer and writes';
    for (let slot = 0; slot < options.writers; slot++)
      this.writers.push(new Writer(this, slot, ownPages(k, options.pagesPerWrite, home), does));
    for (const writer of this.writers) {
      k.agenda.add(writer);
      if (options.buffered === true) this.fill(writer);
    }
  }

  progress(): { done: number; of: number } {
    const { writers, writesPerWriter } = this.requestOptions;
    return { done: this.done, of: writers * writesPerWriter };
  }

  /** The way to the server is open: everybody may begin. */
  protected begin(): void {
    for (const writer of this.writers) this.k.agenda.arm(writer.place, this.k.agenda.now);
  }

  private fill(writer: Writer): void {
    writer.version++;
    for (const page of writer.pages) writePage(this.k, page, writer.version * 16 + writer.slot);
  }

  /** The application fills its buffer anew and issues the next write; or the flusher sends a file's dirty pages. */
  write(writer: Writer): boolean {
    const { k, requestOptions: options } = this;
    if (!k.agenda.isArmed(writer.place)) return false;
    k.agenda.disarm(writer.place);
    k.context = Context.PROCESS;
    k.side = options.side;
    if (options.buffered !== true) this.fill(writer);
    if (writer.writes >= options.writesPerWriter) return true;
    if (writer.writes > 0) for (const page of userPages(writer)) handOut(k, page);
    writer.writes++;
    writer.answered = false;
    writer.dirty = false; // clear_page_dirty_for_io, set_page_writeback
    writer.loan = k.newLoan(this.number, writer.slot);
    writer.loan.writeback = options.buffered === true; // those of O_DIRECT are no file system's [nfs_set_page_writeback]
    this.submit(writer.slot, writer.pages, options.pagesPerWrite * PAGE_SIZE, writer.loan);
    return true;
  }

  /** Somebody has written to a page: its file is dirty again, under writeback or not. */
  pageWritten(page: Page): void {
    const writer = this.writers.find((w) => w.pages.includes(page));
    if (writer === undefined || writer.dirty) return;
    writer.dirty = true;
    if (writer.loan === null) this.armNext(writer);
  }

  /** The protocol says that the request is over. */
  protected over(slot: number): void {
    const writer = this.writers[slot]!;
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
    for (const page of userPages(writer)) takeHome(this.k, page);
    if (this.requestOptions.buffered !== true || writer.dirty) this.armNext(writer);
  }

  private armNext(writer: Writer): void {
    this.k.agenda.arm(writer.place, this.k.agenda.now + this.requestOptions.reuseTicks);
  }
}

declareState(Requests, {
  state: 'writers done',
  constant: 'k name requestOptions number',
});
