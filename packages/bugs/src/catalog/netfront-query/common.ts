import {
  Context,
  PAGE_SIZE,
  Reader,
  declareState,
  type HolderVisitor,
  type Kernel,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/** One entry of the table that two domains share. @kernel drivers/xen/grant-table.c (5.16) */
export class Grant {
  private readonly k: Kernel;
  /** GTF_permit_access: the other domain may map the page. */
  permitted = false;
  /** GTF_reading: it has. Xen sets it, for the other domain. */
  mapped = false;

  constructor(k: Kernel) {
    this.k = k;
  }

  /** gnttab_query_foreign_access: is it mapped now? */
  query(): boolean {
    this.k.point();
    return this.mapped;
  }

  /** gnttab_end_foreign_access_ref: a compare-and-exchange of the flags, which fails while the page is mapped. */
  end(): boolean {
    this.k.point();
    if (this.mapped) return false;
    this.permitted = false;
    return true;
  }
}

declareState(Grant, {
  state: 'permitted mapped',
  constant: 'k',
});

/** A guest sends a page through a backend that does as it likes. @kernel drivers/net/xen-netfront.c (5.16) */
export abstract class Netfront extends PageOwner {
  protected readonly grant: Grant;
  private readonly poll: Act;
  private readonly map: OtherAct;
  private readonly read: OtherAct;
  private readonly answer: OtherAct;

  constructor(k: Kernel) {
    super(k, 'netfront');
    this.grant = new Grant(k);
    // the other domain runs on processors of its own, and no lock of this kernel holds it up
    this.map = new OtherAct(k, 'backend', 'maps the grant', () => this.mapped());
    this.read = new OtherAct(k, 'backend mapping', 'is read and unmapped', () => this.unmapped());
    this.answer = new OtherAct(k, 'backend answer', 'says that it has sent the page', () =>
      this.poll.arm(),
    );
    this.poll = new Act(
      k,
      'netfront poll',
      'takes the answer',
      () => this.buffers(),
      Context.SOFTIRQ,
    );
    new Act(k, 'netfront submit', 'grants the page and sends it', () => this.submit()).arm();
  }

  private submit(): void {
    const loan = this.lend();
    this.grant.permitted = true;
    this.handedOver(loan);
    this.map.arm();
    this.answer.arm();
  }

  private mapped(): void {
    if (!this.grant.permitted) return;
    this.grant.mapped = true;
    this.read.arm();
  }

  private unmapped(): void {
    this.readBy(Reader.APPLICATION);
    this.grant.mapped = false;
    this.k.releases++;
  }

  /** xennet_tx_buf_gc */
  private buffers(): void {
    const { k } = this;
    if (!this.isRevoked()) return; // 'Grant still in use by backend domain': the device is broken
    k.releases++;
    k.complete(this.loan!); // dev_kfree_skb_irq
  }

  /** Is the grant the guest's own again? */
  protected abstract isRevoked(): boolean;

  /** The page is somebody else's now, who writes it. */
  protected override told(): void {
    writePage(this.k, this.page, 2);
  }

  forEachReader(visitor: HolderVisitor): void {
    const { permitted, mapped } = this.grant;
    if (permitted || mapped) visitor.page(this.page, 0, PAGE_SIZE, 'grant');
  }
}

declareState(Netfront, {
  state: 'grant',
  constant: 'poll map read answer',
});

export function granted(version: string, make: (k: Kernel) => Netfront): Workload {
  return workloadOf(
    `netfront-query-${version}`,
    'a guest sends one page through another domain',
    make,
    { by: 'driver', over: 'device' },
  );
}
