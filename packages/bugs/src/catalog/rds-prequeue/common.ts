import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  Side,
  declareState,
  expectNoMemory,
  handOut,
  putPage,
  takeHome,
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

/** struct rds_message, as far as this is about it. */
export class RdsMessage {
  readonly page: Page;
  /** rm->m_rs: it is in the queue of a socket. */
  queued = false;
  /** rm->data.op_mmp_znotifier: what accounts for the pinned pages, and tells the sender. */
  znotifier: Loan | null = null;

  constructor(page: Page) {
    this.page = page;
  }
}

declareState(RdsMessage, { state: 'page queued znotifier' });

/** A process that sends pinned pages over RDS. */
export abstract class RdsSender extends Owner implements Holder {
  private readonly page: Page;
  private readonly flow: number;
  private rm: RdsMessage | null = null;
  private readonly acked: Act;

  constructor(k: Kernel) {
    super(k, 'rds', 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1, PageHome.USER)[0]!;
    takeHome(k, this.page); // mapped, not pinned yet
    writePage(k, this.page, 1);
    k.holders.push(this);
    new Act(k, 'process', 'sends', () => this.sendmsg()).arm();
    this.acked = new Act(k, 'peer', 'acknowledges', () => this.sent(), Context.SOFTIRQ);
  }

  /** @kernel net/rds/send.c rds_sendmsg, net/rds/message.c rds_message_zcopy_from_user */
  private sendmsg(): void {
    const { k, page, flow } = this;
    const rm = new RdsMessage(page);
    try {
      k.mayFail(); // the message and its notifier
    } catch (error) {
      expectNoMemory(error);
      return;
    }
    handOut(k, page); // iov_iter_get_pages
    const loan = this.newLoan(1); // mm_account_pinned_pages
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    rm.znotifier = loan;
    k.lifetime.returned(loan);
    k.release(loan);
    try {
      k.mayFail(); // a connection, room in its queue
    } catch (error) {
      expectNoMemory(error);
      this.purge(rm);
      return;
    }
    rm.queued = true; // rds_send_queue_rm
    this.rm = rm;
    this.acked.arm();
  }

  private sent(): void {
    const { k, flow } = this;
    const rm = this.rm!;
    k.probe.read(Reader.NIC, flow, 0, PAGE_SIZE, rm.page.address, rm.page);
    k.releases++;
    this.rm = null;
    this.purge(rm);
  }

  /** The message is freed. @kernel net/rds/message.c rds_message_purge */
  private purge(rm: RdsMessage): void {
    const { k } = this;
    if (this.isZcopy(rm)) k.complete(rm.znotifier!); // unaccounted, and the sender told
    putPage(k, rm.page);
  }

  /** Were its pages pinned? Else they are payload that the message has allocated. */
  protected abstract isZcopy(rm: RdsMessage): boolean;

  forEachReader(visitor: HolderVisitor): void {
    if (this.rm !== null) visitor.page(this.rm.page, 0, PAGE_SIZE, 'send queue');
  }
}

declareState(RdsSender, { state: 'page rm', constant: 'flow acked' });

export function sends(version: string, make: (k: Kernel) => RdsSender): Workload {
  return workloadOf(`rds-prequeue-${version}`, 'a process sends pinned pages over RDS', make, {
    by: 'process',
    over: 'device',
  });
}
