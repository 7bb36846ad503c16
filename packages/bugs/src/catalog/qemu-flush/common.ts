import {
  Context,
  PAGE_SIZE,
  Reader,
  declareState,
  type HolderVisitor,
  type Kernel,
  type Loan,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PagesOwner } from '../../pages-owner.ts';
import { workloadOf } from '../../wire.ts';

/** Calls in all: a page of the guest each. */
const CALLS = 2;

/**
 * A channel of a migration, which sends by MSG_ZEROCOPY and flushes. Model: of the stack there are a device that reads and an
 * error queue. @kernel QEMU io/channel-socket.c qio_channel_socket_writev, qio_channel_socket_flush (7.0)
 */
export abstract class ZeroCopyChannel extends PagesOwner {
  private readonly loans: Loan[] = [];
  /** Which call the device has not read yet. */
  private readonly out: boolean[] = [false, false];
  /** Calls that the error queue has said to be over, in all and up to the last look. */
  private announced = 0;
  private zeroCopySent = 0;
  /** Calls that a flush waits for. */
  protected zeroCopyQueued = 0;
  /** Pages that the guest has back. */
  private back = 0;
  private readonly write: Act;
  private readonly flush: Act;
  private readonly reads: readonly Act[];

  constructor(k: Kernel) {
    super(k, 'channel', CALLS);
    this.write = new Act(k, 'channel', 'sends a page', () => this.writev());
    this.flush = new Act(k, 'channel flush', 'looks at the error queue', () => this.flushed());
    this.reads = [0, 1].map(
      (n) => new Act(k, `device, call ${n + 1}`, 'reads it', () => this.read(n), Context.SOFTIRQ),
    );
    this.write.arm();
  }

  private writev(): void {
    const { loans } = this;
    const n = loans.length;
    const loan = this.lend(n);
    loans.push(loan);
    this.out[n] = true;
    this.sent();
    this.handedOver(loan);
    this.reads[n]!.arm();
    if (loans.length < CALLS) this.write.arm();
    this.flush.arm();
  }

  /** The socket has taken a call. */
  protected abstract sent(): void;

  private read(n: number): void {
    this.readBy(Reader.NIC, n);
    this.out[n] = false;
    this.announced++;
    this.k.releases++;
    this.flush.arm();
  }

  private flushed(): void {
    this.zeroCopySent = this.announced; // recvmsg, MSG_ERRQUEUE
    if (this.zeroCopySent < this.zeroCopyQueued) return; // and waits: the next one arms it
    while (this.back < this.loans.length) this.k.complete(this.loans[this.back++]!);
  }

  protected override told(loan: Loan): void {
    const n = this.loans.indexOf(loan);
    writePage(this.k, this.pages[n]!, 3 + n);
  }

  forEachReader(visitor: HolderVisitor): void {
    this.pages.forEach((page, n) => {
      if (this.out[n] === true) visitor.page(page, 0, PAGE_SIZE, 'device');
    });
  }
}

declareState(ZeroCopyChannel, {
  state: 'loans out announced zeroCopySent zeroCopyQueued back',
  constant: 'write flush reads',
});

export function migrated(version: string, make: (k: Kernel) => ZeroCopyChannel): Workload {
  return workloadOf(
    `qemu-flush-${version}`,
    'a migration sends two pages of a guest and flushes',
    make,
    { by: 'socket', over: 'device' },
  );
}
