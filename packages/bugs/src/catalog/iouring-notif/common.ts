import {
  PAGE_SIZE,
  Side,
  declareState,
  expectNoMemory,
  kfreeSkb,
  linearPacket,
  zerocopySgFromIovec,
  type Kernel,
  type Loan,
  type NetDevice,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { program } from '../../lib.ts';
import { Owner } from '../../owner.ts';
import { ShinfoRecord } from '../../shinfo-record.ts';
import { card, workloadOf } from '../../wire.ts';

/** struct io_notif_data: counted by the request and by its packets, posted when nobody has it. */
class Notif extends ShinfoRecord {
  protected override put(loan: Loan): void {
    if (!this.k.decAndTest(loan)) return;
    this.k.notify(loan.producer, loan.call, loan.call, false); // IORING_CQE_F_NOTIF
  }
}

export const design = program(
  'iouring-notif',
  'a notification that is posted when nobody has it',
  2025,
  (k) => new Notif(k),
);

/** The first completion of a request. */
export interface Cqe {
  readonly failed: boolean;
  /** IORING_CQE_F_MORE: the notification follows. */
  readonly more: boolean;
}

const HEADERS = 28;

/** An event loop that sends a buffer with IORING_OP_SEND_ZC. */
export abstract class EventLoop extends Owner {
  private readonly page: Page;
  private readonly device: NetDevice;
  private readonly flow: number;
  private readonly complete: Act;
  private readonly flush: Act;
  private cqe: Cqe | null = null;
  private loan: Loan | null = null;

  constructor(k: Kernel, device: NetDevice) {
    super(k, 'event loop', 1);
    this.device = device;
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    new Act(k, 'event loop submit', 'submits SEND_ZC', () => this.submit()).arm();
    this.complete = new Act(k, 'event loop completion', 'is read', () => this.read());
    this.flush = new Act(k, 'task work', 'lets go of the notification', () => this.flushed());
  }

  /** @kernel io_uring/net.c io_send_zc_prep, io_send_zc */
  private submit(): void {
    const { k, flow } = this;
    const loan = this.newLoan(1);
    this.loan = loan;
    k.probe.lent(loan, this.page, 0, PAGE_SIZE, flow, 0);
    this.cqe = this.send(loan);
    this.complete.arm();
  }

  private send(loan: Loan): Cqe {
    const { k, flow, page } = this;
    try {
      k.mayFail(); // io_alloc_notif
    } catch (error) {
      expectNoMemory(error);
      return { failed: true, more: false };
    }
    let skb: SkBuff | null = null;
    try {
      k.mayFail(); // io_msg_alloc_async
      const bytes = { pages: [page], size: PAGE_SIZE, flow, seq: 0, saddr: 1, daddr: 2 };
      skb = linearPacket(k, bytes, HEADERS);
      zerocopySgFromIovec(k, skb, bytes, loan, 'plain');
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return { failed: true, more: true };
    }
    this.device.queueXmit(skb);
    return { failed: false, more: true };
  }

  private read(): void {
    const { k, loan } = this;
    const cqe = this.cqe!;
    if (this.isOver(cqe)) k.complete(loan!); // the entry of the buffer is removed, and the buffer released
    if (cqe.more) this.flush.arm();
    else k.probe.released(loan!);
  }

  /** Is the first completion the last one? */
  protected abstract isOver(cqe: Cqe): boolean;

  private flushed(): void {
    this.handedOver(this.loan!);
  }
}

declareState(EventLoop, {
  state: 'page cqe loan',
  constant: 'device flow complete flush',
});

export function sendZc(
  version: string,
  make: (k: Kernel, device: NetDevice) => EventLoop,
): Workload {
  return workloadOf(
    `iouring-notif-${version}`,
    'SEND_ZC, which may fail in several places with one error',
    (k) => make(k, card(k)),
    { by: 'process', over: 'device' },
  );
}
