// What an observer of the machine is told. The machine calls it at the moments that matter for truth; it
// carries no reference count and no design's state. The judge is the one implementation that counts.
import type { Loan } from './lifetime.ts';
import type { Page } from './mm/page_alloc.ts';
import type { PageHome } from './mm/page_home.ts';

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
}

/** Sees nothing: for code under test without a judge, and for measuring what judging costs. */
export class NoProbe implements Probe {
  lent(): void {}
  carried(): void {}
  released(): void {}
  completed(): void {}
  reused(): void {}
  read(): void {}
  pageFreed(): void {}
  pageTaken(): void {}
  pageDisowned(): void {}
  written(): void {}
  notified(): void {}
  ownerLeaves(): void {}
}
