import {
  Context,
  HeapObject,
  PAGE_SIZE,
  Reader,
  declareState,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { SharedCount } from '../../shared.ts';
import { workloadOf } from '../../wire.ts';

/**
 * A packet that BPF has sent to another socket: a work takes it from one queue, makes a message of it in another one, and
 * the reader of that frees it. The sk_buff is an object of its own, its data a page that is lent as long as it lives.
 * @kernel net/core/skmsg.c sk_psock_backlog, sk_psock_handle_skb, sk_msg_recvmsg (6.5)
 */
export abstract class Psock extends PageOwner {
  /** skb->users */
  private readonly users: SharedCount;
  private readonly skb: HeapObject;
  /** psock->ingress_skb has it. */
  private queued = false;
  /** psock->ingress_msg has a message with it. */
  private readable = false;
  private readonly backlog: Act;
  private readonly recv: OtherAct;

  constructor(k: Kernel) {
    super(k, 'psock');
    this.users = new SharedCount(k, 1);
    this.skb = new HeapObject(k, 'the packet');
    this.backlog = new Act(k, 'work', 'moves a packet to the reader', () => this.work());
    // it takes the lock of the message queue alone, which is held only while a message is put in
    this.recv = new OtherAct(k, 'reader', 'reads what there is', () => this.recvmsg());
    new Act(
      k,
      'softirq',
      'sends a packet to the socket',
      () => this.redirect(),
      Context.SOFTIRQ,
    ).arm();
  }

  private redirect(): void {
    const loan = this.lend();
    this.queued = true;
    this.handedOver(loan);
    this.backlog.arm();
    this.recv.arm();
  }

  /** sk_psock_backlog */
  private work(): void {
    const { k, skb, users } = this;
    this.readBy(Reader.TAP); // skb_peek, skb_to_sgvec
    const own = this.takesOne();
    if (own) users.add(1); // skb_get
    this.readable = true; // sk_psock_queue_msg
    skb.use(); // skb_dequeue: writes to it
    this.queued = false;
    k.releases++;
    if (own) this.put(); // kfree_skb
  }

  /** Has the work a reference of its own on what it passes on? */
  protected abstract takesOne(): boolean;

  /** Model: a reader who finds nothing looks again, so that he can be on his way at any point. */
  private recvmsg(): void {
    if (!this.readable) {
      this.recv.arm();
      return;
    }
    this.readable = false;
    this.put(); // consume_skb
  }

  private put(): void {
    if (this.users.add(-1) > 0) return;
    this.skb.free();
    this.k.releases++;
    this.k.complete(this.loan!);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.queued) visitor.page(this.page, 0, PAGE_SIZE, 'backlog of the psock');
    if (this.readable) visitor.page(this.page, 0, PAGE_SIZE, 'message of the psock');
  }
}

declareState(Psock, {
  state: 'users skb queued readable',
  constant: 'backlog recv',
});

export function redirected(version: string, make: (k: Kernel) => Psock): Workload {
  return workloadOf(
    `sockmap-backlog-${version}`,
    'a packet is sent to another socket, whose reader waits for it',
    make,
    { by: 'socket', over: 'device' },
  );
}
