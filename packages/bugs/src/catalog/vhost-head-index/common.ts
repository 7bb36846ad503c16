import {
  Context,
  PAGE_SIZE,
  Reader,
  declareState,
  type HolderVisitor,
  type Kernel,
  type Loan,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { PagesOwner } from '../../pages-owner.ts';
import { workloadOf } from '../../wire.ts';

const SENDS = 2;
/** The head that the guest names, every time. */
const HEAD = 0;

/** What the host keeps for a packet that is out: struct ubuf_info. */
export class Ubuf {
  /** Which entry of the list of heads to mark. */
  desc = 0;
}

declareState(Ubuf, { state: 'desc' });

/** A guest sends through the host, which gives its buffers back in order. @kernel drivers/vhost/net.c handle_tx (3.6) */
export abstract class VhostNet extends PagesOwner {
  private readonly ubufs: readonly Ubuf[];
  private readonly loans: (Loan | null)[] = [null, null];
  /** For each packet its record; -1: the device has read it. */
  private readonly record: number[] = [-1, -1];
  private readonly done: boolean[] = [false, false];
  private upendIdx = 0;
  private doneIdx = 0;
  private readonly transmit: Act;
  private readonly reads: readonly Act[];

  constructor(k: Kernel) {
    super(k, 'vhost', SENDS);
    this.ubufs = this.pages.map(() => new Ubuf());
    this.transmit = new Act(k, 'guest', 'sends a page', () => this.handleTx());
    this.reads = [0, 1].map(
      (n) => new Act(k, `device, packet ${n + 1}`, 'reads it', () => this.read(n), Context.SOFTIRQ),
    );
    this.transmit.arm();
  }

  private handleTx(): void {
    const { ubufs } = this;
    const n = this.upendIdx;
    const loan = this.lend(n);
    this.loans[n] = loan;
    const at = this.indexOf(HEAD, n);
    ubufs[at]!.desc = n;
    this.record[n] = at;
    this.upendIdx++;
    this.handedOver(loan);
    this.reads[n]!.arm();
    if (this.upendIdx < SENDS) this.transmit.arm();
  }

  /** Which record a packet gets. */
  protected abstract indexOf(head: number, upendIdx: number): number;

  private read(n: number): void {
    const { k, ubufs } = this;
    this.readBy(Reader.NIC, n);
    const { desc } = ubufs[this.record[n]!]!;
    this.record[n] = -1;
    k.releases++;
    this.done[desc] = true; // vhost_zerocopy_callback
    while (this.doneIdx < this.upendIdx && this.done[this.doneIdx])
      k.complete(this.loans[this.doneIdx++]!);
  }

  forEachReader(visitor: HolderVisitor): void {
    this.pages.forEach((page, n) => {
      if (this.record[n] !== -1) visitor.page(page, 0, PAGE_SIZE, 'device');
    });
  }
}

declareState(VhostNet, {
  state: 'ubufs loans record done upendIdx doneIdx',
  constant: 'transmit reads',
});

export function guest(version: string, make: (k: Kernel) => VhostNet): Workload {
  return workloadOf(`vhost-head-index-${version}`, 'a guest sends two pages under one name', make, {
    by: 'driver',
    over: 'device',
  });
}
