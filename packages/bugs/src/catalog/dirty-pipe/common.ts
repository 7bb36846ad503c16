import {
  PAGE_SIZE,
  Reader,
  Side,
  allocPage,
  declareState,
  expectNoMemory,
  getPage,
  putPage,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** Slots of the ring, of which one is enough to be used again. */
const SLOTS = 2;
/** Bytes of each write. */
const BYTES = 256;

/** @kernel include/linux/pipe_fs_i.h struct pipe_buffer, PIPE_BUF_FLAG_CAN_MERGE */
export class Slot {
  page: Page | null = null;
  offset = 0;
  size = 0;
  canMerge = false;
  loan: Loan | null = null;
}

declareState(Slot, { state: 'page offset size canMerge loan' });

/**
 * A pipe that somebody writes to, somebody else reads, and a page of a file is spliced into. In which order is not said.
 * @kernel fs/pipe.c pipe_write, lib/iov_iter.c copy_page_to_iter_pipe (5.8 to 5.16)
 */
export abstract class PipeOfFile extends Owner implements Holder {
  private readonly slots = Array.from({ length: SLOTS }, () => new Slot());
  /** Ever growing: the slots from tail to head are in use. */
  private head = 0;
  private tail = 0;
  private readonly file: Page;
  private readonly flow: number;
  private writes = 3;
  private splices = 1;
  private readonly write: Act;
  private readonly read: Act;
  private readonly splice: Act;

  constructor(k: Kernel) {
    super(k, 'pipe', 1);
    this.flow = k.newFlow(Side.LENT);
    this.file = ownPages(k, 1)[0]!;
    writePage(k, this.file, 1);
    k.holders.push(this);
    this.write = new Act(k, 'writer', 'writes to the pipe', () => this.pipeWrite());
    this.read = new Act(k, 'reader', 'reads a slot', () => this.pipeRead());
    this.splice = new Act(k, 'splicer', 'splices a page of a file', () => this.spliceFile());
    this.arm();
  }

  private arm(): void {
    if (this.writes > 0) this.write.arm();
    if (this.splices > 0 && this.head - this.tail < SLOTS) this.splice.arm();
    if (this.head > this.tail) this.read.arm();
  }

  private slot(n: number): Slot {
    return this.slots[n % SLOTS]!;
  }

  private pipeWrite(): void {
    const { k, head, tail } = this;
    this.writes--;
    const last = head > tail ? this.slot(head - 1) : null;
    if (last?.canMerge === true && last.offset + last.size + BYTES <= PAGE_SIZE) {
      this.fill(last.page!, last.offset + last.size);
      last.size += BYTES;
    } else if (head - tail < SLOTS) {
      try {
        const page = allocPage(k);
        this.fill(page, 0);
        Object.assign(this.slot(this.head++), { page, offset: 0, size: BYTES, canMerge: true });
      } catch (error) {
        expectNoMemory(error);
      }
    }
    this.arm();
  }

  private fill(page: Page, offset: number): void {
    const { k } = this;
    k.probe.written(page, offset, BYTES);
    page.writes++;
    k.mem.fill(0x77, page.address + offset, page.address + offset + BYTES);
  }

  /** The first half of the page, which the pipe has by reference. */
  private spliceFile(): void {
    const { k, file, flow } = this;
    this.splices--;
    const loan = this.newLoan(1);
    const slot = this.slot(this.head++);
    k.probe.lent(loan, file, 0, PAGE_SIZE, flow, 0);
    getPage(k, file);
    k.hold(loan);
    this.copyPageToIter(slot, file, loan);
    this.handedOver(loan);
    this.arm();
  }

  /** Fills a slot that was used before. */
  protected copyPageToIter(slot: Slot, page: Page, loan: Loan): void {
    slot.page = page;
    slot.offset = 0;
    slot.size = PAGE_SIZE / 2;
    slot.loan = loan;
  }

  private pipeRead(): void {
    const { k, flow } = this;
    const slot = this.slot(this.tail++);
    const { loan, offset, size } = slot;
    const page = slot.page!;
    if (loan !== null) k.probe.read(Reader.PIPE, flow, offset, size, page.address + offset, page);
    slot.page = null; // and nothing else
    slot.loan = null;
    k.releases++;
    putPage(k, page);
    if (loan !== null) k.drop(loan);
    this.arm();
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, offset, size } of this.slots)
      if (page !== null) visitor.page(page, offset, size, 'pipe');
  }
}

declareState(PipeOfFile, {
  state: 'slots head tail file writes splices',
  constant: 'flow write read splice',
});

export function pipe(version: string, make: (k: Kernel) => PipeOfFile): Workload {
  return workloadOf(
    `dirty-pipe-${version}`,
    'a pipe is written to, read, and a page of a file is spliced into it',
    make,
    { by: 'stream', over: 'device' },
  );
}
