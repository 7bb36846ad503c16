import {
  Context,
  PAGE_SIZE,
  Reader,
  SpinLock,
  declareState,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { SharedCount } from '../../shared.ts';
import { workloadOf } from '../../wire.ts';

/** rq->state: MQ_RQ_IDLE, MQ_RQ_IN_FLIGHT, MQ_RQ_COMPLETE */
const IDLE = 0;
const IN_FLIGHT = 1;
const COMPLETE = 2;

/** A write to a network block device, and who ends it. @kernel drivers/block/nbd.c recv_work, nbd_clear_que (5.13) */
export abstract class BlockDevice extends PageOwner {
  private readonly request: SharedCount;
  /** Somebody is in recv_work. */
  protected readonly receiving: SpinLock;
  private queued = false;
  private readonly send: Act;
  private readonly recv: Act;
  private readonly clear: OtherAct;

  constructor(k: Kernel) {
    super(k, 'nbd');
    this.request = new SharedCount(k, IDLE);
    this.receiving = new SpinLock(k, 'the work that receives');
    this.send = new Act(k, 'socket', 'sends the request', () => this.sent());
    this.recv = new Act(k, 'recv work', 'receives the reply', () => this.recvWork());
    this.clear = new OtherAct(
      k,
      'administrator',
      'disconnects',
      () => this.clearQue(),
      Context.PROCESS,
      this.flushed(),
    );
    new Act(k, 'file system', 'writes a page', () => this.submit()).arm();
  }

  /** What a disconnect waits for, before it goes through the requests. */
  protected abstract flushed(): SpinLock | null;

  private submit(): void {
    const loan = this.lend();
    this.queued = true;
    this.request.exchange(IN_FLIGHT);
    this.handedOver(loan);
    this.send.arm();
  }

  private sent(): void {
    this.readBy(Reader.NIC);
    this.queued = false;
    this.k.releases++;
    this.recv.arm();
    this.clear.arm();
  }

  private recvWork(): void {
    this.receiving.lock();
    if (this.request.read() === IN_FLIGHT) this.end(); // nbd_read_stat
    this.receiving.unlock();
  }

  /** nbd_clear_que: every request that is not idle. */
  private clearQue(): void {
    const state = this.request.read();
    if (state === IDLE || this.skips(state === COMPLETE)) return;
    this.end(); // nbd_clear_req
  }

  protected abstract skips(completed: boolean): boolean;

  /** blk_mq_complete_request */
  private end(): void {
    this.request.exchange(COMPLETE);
    this.k.complete(this.loan!);
    this.request.exchange(IDLE);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.queued) visitor.page(this.page, 0, PAGE_SIZE, 'socket');
  }
}

declareState(BlockDevice, {
  state: 'request receiving queued',
  constant: 'send recv clear',
});

export function ended(version: string, make: (k: Kernel) => BlockDevice): Workload {
  return workloadOf(
    `nbd-clear-que-${version}`,
    'a page is written to a network block device, which is disconnected',
    make,
    { by: 'requests', over: 'device' },
  );
}
