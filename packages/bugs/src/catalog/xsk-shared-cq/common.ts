import {
  Context,
  PAGE_SIZE,
  Reader,
  Side,
  type SpinLock,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** A socket of AF_XDP and its one packet, which a card has. */
class XdpSock {
  readonly page: Page;
  readonly loan: Loan;
  readonly lock: SpinLock;
  inFlight = true;

  constructor(page: Page, loan: Loan, lock: SpinLock) {
    this.page = page;
    this.loan = loan;
    this.lock = lock;
  }
}

declareState(XdpSock, { state: 'page loan lock inFlight' });

/**
 * Two sockets send from one memory, and share its completion ring. Packets that are sent are freed on two processors.
 * @kernel net/xdp/xsk.c xsk_generic_xmit, xsk_destruct_skb; net/xdp/xsk_queue.h xskq_prod_submit_addr (5.10)
 */
export abstract class Umem extends Owner implements Holder {
  /** ring->desc, ring->producer */
  private readonly desc: Loan[] = [];
  private producer = 0;
  private consumer = 0;
  private readonly flow: number;
  private readonly pages: readonly Page[];
  private readonly sockets: XdpSock[] = [];
  private readonly first: OtherAct;
  private readonly second: OtherAct;
  private readonly reap: Act;

  constructor(k: Kernel) {
    super(k, 'process', 2);
    this.flow = k.newFlow(Side.LENT);
    this.pages = ownPages(k, 2);
    for (const page of this.pages) writePage(k, page, 1);
    k.holders.push(this);
    const locks = this.locks();
    this.first = this.destructor(0, locks[0]);
    this.second = this.destructor(1, locks[1]);
    this.reap = new Act(k, 'process', 'looks into the completion ring', () => this.consume());
    new Act(k, 'process sends', 'from both sockets', () => this.send(locks)).arm();
  }

  /** What a destructor takes, of the first socket and of the second. */
  protected abstract locks(): readonly [SpinLock, SpinLock];

  private destructor(n: number, lock: SpinLock): OtherAct {
    const name = `card done, socket ${n + 1}`;
    const free = () => this.destructSkb(this.sockets[n]!);
    return new OtherAct(this.k, name, 'frees its packet', free, Context.SOFTIRQ, lock);
  }

  private send(locks: readonly SpinLock[]): void {
    const { k, flow } = this;
    this.pages.forEach((page, n) => {
      const loan = this.newLoan(n + 1);
      k.probe.lent(loan, page, 0, PAGE_SIZE, flow, n * PAGE_SIZE);
      this.sockets.push(new XdpSock(page, loan, locks[n]!));
      this.handedOver(loan);
    });
    this.first.arm();
    this.second.arm();
  }

  /** xsk_destruct_skb */
  private destructSkb(xs: XdpSock): void {
    const { k, flow } = this;
    const { page, loan, lock } = xs;
    k.probe.read(
      Reader.NIC,
      flow,
      this.pages.indexOf(page) * PAGE_SIZE,
      PAGE_SIZE,
      page.address,
      page,
    );
    xs.inFlight = false;
    k.releases++;
    lock.lockIrqsave();
    k.point();
    const idx = this.producer;
    k.point();
    this.desc[idx] = loan;
    this.producer = idx + 1; // smp_store_release
    lock.unlockIrqrestore();
    this.reap.arm();
  }

  /** xsk_ring_cons__peek, in the process. */
  private consume(): void {
    while (this.consumer < this.producer) this.k.complete(this.desc[this.consumer++]!);
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { page, inFlight } of this.sockets)
      if (inFlight) visitor.page(page, 0, PAGE_SIZE, 'tx ring');
  }
}

declareState(Umem, {
  state: 'desc producer consumer pages sockets',
  constant: 'flow first second reap',
});

export function shared(version: string, make: (k: Kernel) => Umem): Workload {
  return workloadOf(
    `xsk-shared-cq-${version}`,
    'two sockets with one completion ring send a packet each',
    make,
    { by: 'process', over: 'device' },
  );
}
