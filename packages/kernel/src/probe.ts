// What an observer of the machine is told. The machine calls it at the moments that matter for truth; it
// carries no reference count and no design's state. The judge is the one implementation that counts; who else wants
// to listen stands beside it, behind a tee.
import type { Loan } from './lifetime.ts';
import type { Page } from './mm/page_alloc.ts';
import type { PageHome } from './mm/page_home.ts';
import type { Call, Event } from './runtime.ts';
import { declareState } from './state.ts';

/** Who reads bytes. */
export const Reader = {
  /** A device's DMA engine. */
  NIC: 0,
  /** The application at the other end (or the local one, over loopback). */
  APPLICATION: 1,
  /** A packet tap. */
  TAP: 2,
  /** A pipe's reader. */
  PIPE: 3,
  /** A protocol that checks what it reads, and hands it on or throws it away. */
  PROTOCOL: 4,
} as const;
export type Reader = (typeof Reader)[keyof typeof Reader];
export const READER_NAMES = ['nic', 'application', 'tap', 'pipe', 'protocol'] as const;

/** Where a release runs. @kernel include/linux/hardirq.h in_irq, in_softirq, irqs_disabled */
export const Context = {
  PROCESS: 0,
  SOFTIRQ: 1,
  HARDIRQ: 2,
  /** Under a lock that was taken with interrupts off, whatever was interrupted by it. */
  IRQS_OFF: 3,
} as const;
export type Context = (typeof Context)[keyof typeof Context];
export const CONTEXT_NAMES = ['process', 'softirq', 'hardirq', 'irqs off'] as const;

export interface Probe {
  /** A producer is about to lend `size` bytes of `page`, as stream bytes from `seq` of `flow`. */
  lent(loan: Loan, page: Page, pageOffset: number, size: number, flow: number, seq: number): void;
  /** The same, but its bytes go out as a copy that the producer has made itself: none of the stack's doing. */
  sentCopy(...args: Parameters<Probe['lent']>): void;
  /** The `size` bytes of stream `from` from `fromSeq` on go out again, as bytes of stream `flow` from `seq` on. */
  carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void;
  /** The producer will not lend this loan again: from now on only the stack can read its pages. */
  released(loan: Loan): void;
  /** The design told the producer. */
  completed(loan: Loan): void;
  /** The producer is about to rewrite or unmap its page. */
  reused(page: Page): void;
  /**
   * `reader` reads `size` bytes at `address`, which the stream `flow` carries from `seq` on.
   * `page` is the page they stand in, or null for linear data.
   */
  read(
    reader: Reader,
    flow: number,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
  ): void;
  /** The stack has made a copy of bytes of `page` that goes on in its place, whether or not anybody reads it. */
  copied(page: Page): void;
  /** A page goes back to an allocator: to `to`, whichever its own may be. */
  pageFreed(page: Page, to: PageHome): void;
  /** An allocator other than the general free list hands the page out again. */
  pageTaken(page: Page): void;
  /** Its owner has given the page up to whoever still has references: the free list is its home now. */
  pageDisowned(page: Page): void;
  /** The stack itself writes over `size` bytes in place: of `page`, or of linear data that it has made its own. */
  written(page: Page | null, pageOffset: number, size: number): void;
  /** The producer reads that its send calls `lo` to `hi` are over, and whether copies were sent instead. */
  notified(producer: number, lo: number, hi: number, copied: boolean): void;
  /** The producer goes away. `gone`: nothing keeps what its callbacks need. */
  ownerLeaves(producer: number, gone: boolean): void;
  /** An object that a program has allocated is freed. `name`: in the field's words. */
  objectFreed(name: string): void;
  /** Such an object is used, or freed, though it was freed before. `text`: what is done to it. */
  freedUsed(name: string, text: string): void;
  /** A lock is to be taken, whoever may have it. */
  lockWanted(name: string): void;
  /** A processor waits for ever. `text`: for what, and why nobody ends it. */
  stuck(text: string): void;
  /** A program above a socket hears of something. */
  programHears(event: Event, given: readonly (number | boolean)[]): void;
  /** It makes a system call that answers nothing, or has made one that answered `result`. */
  programCalls(call: Call, given: readonly number[], result: number | null): void;
}

/** Sees nothing: for code under test without a judge, for measuring what judging costs, and to start a listener from. */
export class NoProbe implements Probe {
  lent(
    _loan: Loan,
    _page: Page,
    _pageOffset: number,
    _size: number,
    _flow: number,
    _seq: number,
  ): void {}
  sentCopy(...args: Parameters<Probe['lent']>): void {
    this.lent(...args);
  }
  carried(_flow: number, _seq: number, _size: number, _from: number, _fromSeq: number): void {}
  released(_loan: Loan): void {}
  completed(_loan: Loan): void {}
  reused(_page: Page): void {}
  read(
    _reader: Reader,
    _flow: number,
    _seq: number,
    _size: number,
    _address: number,
    _page: Page | null,
  ): void {}
  copied(_page: Page): void {}
  pageFreed(_page: Page, _to: PageHome): void {}
  pageTaken(_page: Page): void {}
  pageDisowned(_page: Page): void {}
  written(_page: Page | null, _pageOffset: number, _size: number): void {}
  notified(_producer: number, _lo: number, _hi: number, _copied: boolean): void {}
  ownerLeaves(_producer: number, _gone: boolean): void {}
  objectFreed(_name: string): void {}
  freedUsed(_name: string, _text: string): void {}
  lockWanted(_name: string): void {}
  stuck(_text: string): void {}
  programHears(_event: Event, _given: readonly (number | boolean)[]): void {}
  programCalls(_call: Call, _given: readonly number[], _result: number | null): void {}
}

/** Several observers of one machine, told one after the other. A machine with a single one needs no tee. */
export class Tee implements Probe {
  private readonly probes: readonly Probe[];

  constructor(...probes: readonly Probe[]) {
    this.probes = probes;
  }

  lent(...args: Parameters<Probe['lent']>): void {
    for (const probe of this.probes) probe.lent(...args);
  }

  sentCopy(...args: Parameters<Probe['lent']>): void {
    for (const probe of this.probes) probe.sentCopy(...args);
  }

  carried(...args: Parameters<Probe['carried']>): void {
    for (const probe of this.probes) probe.carried(...args);
  }

  released(loan: Loan): void {
    for (const probe of this.probes) probe.released(loan);
  }

  completed(loan: Loan): void {
    for (const probe of this.probes) probe.completed(loan);
  }

  reused(page: Page): void {
    for (const probe of this.probes) probe.reused(page);
  }

  read(...args: Parameters<Probe['read']>): void {
    for (const probe of this.probes) probe.read(...args);
  }

  copied(page: Page): void {
    for (const probe of this.probes) probe.copied(page);
  }

  pageFreed(page: Page, to: PageHome): void {
    for (const probe of this.probes) probe.pageFreed(page, to);
  }

  pageTaken(page: Page): void {
    for (const probe of this.probes) probe.pageTaken(page);
  }

  pageDisowned(page: Page): void {
    for (const probe of this.probes) probe.pageDisowned(page);
  }

  written(...args: Parameters<Probe['written']>): void {
    for (const probe of this.probes) probe.written(...args);
  }

  notified(...args: Parameters<Probe['notified']>): void {
    for (const probe of this.probes) probe.notified(...args);
  }

  ownerLeaves(producer: number, gone: boolean): void {
    for (const probe of this.probes) probe.ownerLeaves(producer, gone);
  }

  objectFreed(name: string): void {
    for (const probe of this.probes) probe.objectFreed(name);
  }

  freedUsed(name: string, text: string): void {
    for (const probe of this.probes) probe.freedUsed(name, text);
  }

  lockWanted(name: string): void {
    for (const probe of this.probes) probe.lockWanted(name);
  }

  stuck(text: string): void {
    for (const probe of this.probes) probe.stuck(text);
  }

  programHears(...args: Parameters<Probe['programHears']>): void {
    for (const probe of this.probes) probe.programHears(...args);
  }

  programCalls(...args: Parameters<Probe['programCalls']>): void {
    for (const probe of this.probes) probe.programCalls(...args);
  }
}

declareState(Tee, { constant: 'probes' });
