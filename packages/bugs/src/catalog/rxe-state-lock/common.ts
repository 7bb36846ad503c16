import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  SpinLock,
  declareState,
  handOut,
  putPage,
  takeHome,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act, InterruptAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/** A queue pair over Ethernet whose user posts the send of a registered page. @kernel drivers/infiniband/sw/rxe (6.4-rc1) */
export abstract class QueuePair extends PageOwner {
  /** qp->state_lock: which packets and which work requests the state of the pair allows. */
  protected readonly stateLock: SpinLock;
  private readonly acked: InterruptAct;

  constructor(k: Kernel) {
    super(k, 'queue pair', ownPages(k, 1, PageHome.USER)[0]);
    this.stateLock = new SpinLock(k, "the queue pair's state_lock");
    takeHome(k, this.page);
    writePage(k, this.page, 1);
    new Act(k, 'process', 'posts a send', () => this.postSend()).arm();
    new InterruptAct(
      k,
      'softirq',
      'receives a packet of the peer',
      () => this.receive(),
      Context.SOFTIRQ,
    ).arm();
    this.acked = new InterruptAct(
      k,
      'softirq, for an acknowledgement',
      'receives it',
      () => this.complete(),
      Context.SOFTIRQ,
    );
  }

  /** ib_post_send, and rxe_requester behind it. */
  private postSend(): void {
    const { k, page } = this;
    handOut(k, page);
    this.handedOver(this.lend());
    this.nextWqe();
    this.acked.arm();
  }

  /** req_next_wqe: may the next work request be sent in this state? */
  private nextWqe(): void {
    this.lockState();
    this.k.point(); // an interrupt finds the lock held
    this.unlockState();
  }

  protected abstract lockState(): void;
  protected abstract unlockState(): void;

  /** rxe_rcv, check_type_state: may the packet be received in this state? */
  private receive(): void {
    this.stateLock.lockBh();
    this.stateLock.unlockBh();
  }

  private complete(): void {
    const { k, page } = this;
    this.receive();
    this.readBy(Reader.NIC);
    k.releases++;
    const loan = this.loan!;
    this.loan = null;
    putPage(k, page);
    k.complete(loan);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.loan !== null) visitor.page(this.page, 0, PAGE_SIZE, 'send queue');
  }
}

declareState(QueuePair, { state: 'stateLock', constant: 'acked' });

export function posts(version: string, make: (k: Kernel) => QueuePair): Workload {
  return workloadOf(`rxe-state-lock-${version}`, 'a process sends a registered page', make, {
    by: 'process',
    over: 'device',
  });
}
