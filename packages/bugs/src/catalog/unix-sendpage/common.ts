import {
  Context,
  HeapObject,
  PAGE_SIZE,
  Reader,
  SpinLock,
  declareState,
  getPage,
  putPage,
  type HolderVisitor,
  type Kernel,
  type Loan,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PagesOwner } from '../../pages-owner.ts';
import { workloadOf } from '../../wire.ts';

const SENDS = 2;

/**
 * A socket of a pair: what is spliced to it goes into the last packet of the peer's queue. @kernel net/unix/af_unix.c
 * unix_stream_sendpage (4.10)
 */
export abstract class UnixPair extends PagesOwner {
  /** other->sk_receive_queue.lock */
  protected readonly queueLock: SpinLock;
  /** A packet for each send, if it comes to that. */
  private readonly packets: readonly HeapObject[];
  private readonly loans: (Loan | null)[] = [null, null];
  /** Which packet has which page, and which are in the queue. */
  private readonly inPacket: number[] = [-1, -1];
  private readonly queued: boolean[] = [false, false];
  private tail = -1;
  private sends = 0;
  private readonly splice: Act;
  private readonly read: Act;
  private readonly collect: OtherAct;

  constructor(k: Kernel) {
    super(k, 'unix', SENDS);
    this.queueLock = new SpinLock(k, 'sk_receive_queue.lock');
    this.packets = this.pages.map((_, i) => new HeapObject(k, `packet ${i + 1}`));
    this.splice = new Act(k, 'sender', 'splices a page to the socket', () => this.sendpage());
    // recvmsg takes iolock, as the sender does
    this.read = new Act(k, 'reader', 'reads what there is', () => this.purge(true));
    // the garbage collector does not
    this.collect = new OtherAct(
      k,
      'garbage collector',
      'empties the queue',
      () => this.gc(),
      Context.PROCESS,
      this.queueLock,
    );
    this.splice.arm();
  }

  private sendpage(): void {
    const { k, pages, packets } = this;
    const n = this.sends++;
    const loan = this.lend(n);
    getPage(k, pages[n]!);
    this.loans[n] = loan;
    this.lockQueue();
    const tail = this.tail; // skb_peek_tail
    if (tail !== -1) {
      packets[tail]!.use(); // skb_append_pagefrags
      this.inPacket[n] = tail;
    } else {
      this.inPacket[n] = n;
      this.queued[n] = true;
      this.tail = n;
    }
    this.unlockQueue();
    this.handedOver(loan);
    this.read.arm();
    this.collect.arm();
    if (this.sends < SENDS) this.splice.arm();
  }

  protected abstract lockQueue(): void;
  protected abstract unlockQueue(): void;

  private gc(): void {
    this.queueLock.lock();
    this.purge(false);
    this.queueLock.unlock();
  }

  private purge(reads: boolean): void {
    const { k, tail, pages } = this;
    if (tail === -1) return;
    this.tail = -1;
    this.queued[tail] = false;
    for (let n = 0; n < SENDS; n++) {
      if (this.inPacket[n] !== tail) continue;
      const page = pages[n]!;
      if (reads) this.readBy(Reader.APPLICATION, n);
      this.inPacket[n] = -1;
      putPage(k, page);
      k.releases++;
      k.complete(this.loans[n]!);
    }
    this.packets[tail]!.free();
  }

  forEachReader(visitor: HolderVisitor): void {
    this.pages.forEach((page, n) => {
      const packet = this.inPacket[n]!;
      if (packet !== -1 && this.queued[packet]) visitor.page(page, 0, PAGE_SIZE, 'receive queue');
    });
  }
}

declareState(UnixPair, {
  state: 'queueLock packets loans inPacket queued tail sends',
  constant: 'splice read collect',
});

export function spliced(version: string, make: (k: Kernel) => UnixPair): Workload {
  return workloadOf(`unix-sendpage-${version}`, 'two pages are spliced to a local socket', make, {
    by: 'socket',
    over: 'device',
  });
}
