import {
  Context,
  GetPutPage,
  PAGE_SIZE,
  PageHome,
  Reader,
  SkBuffHead,
  allocHomePage,
  declareState,
  visitList,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { pagedPacket, readAndFree } from '../../packets.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/** Of a page, one half is received into at a time. */
const HALF = PAGE_SIZE / 2;

/** What the stack does with such a packet: put_page. The loan is over with it, though no driver hears of that. */
export class PutsPages extends GetPutPage {
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { loan } = frag;
    super.fragUnref(shinfo, frag);
    if (loan !== null) this.k.drop(loan);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

/**
 * A driver passes half a page on and keeps the page for the other half, if nobody else has it.
 * @kernel drivers/net/ethernet/intel/ixgbe/ixgbe_main.c ixgbe_add_rx_frag (3.17)
 */
export abstract class Driver extends PageOwner {
  private readonly queue = new SkBuffHead();
  private readonly read: Act;
  private readonly look: OtherAct;
  private readonly put: OtherAct;

  constructor(k: Kernel) {
    super(k, 'driver', allocHomePage(k, PageHome.GENERAL));
    this.read = new Act(k, 'receiver', 'reads, and frees the packet', () => this.receive());
    // whoever walks the frames of memory: migration, compaction, poisoning. No lock of the page's owner is asked for
    this.look = new OtherAct(k, 'page walker', 'takes a reference, to look at the page', () =>
      this.getUnlessZero(),
    );
    this.put = new OtherAct(k, 'page walker put', 'puts its reference', () => k.putPage(this.page));
    new Act(k, 'driver poll', 'passes a packet on', () => this.poll(), Context.SOFTIRQ).arm();
    this.look.arm();
  }

  private poll(): void {
    const { k, page, flow } = this;
    writePage(k, page, 1); // the device has
    const loan = this.lend(HALF);
    const skb = pagedPacket(k, flow, 0, HALF);
    k.fillPageDesc(skb, page, 0, HALF).loan = loan; // skb_add_rx_frag: the packet has the reference of the driver
    k.hold(loan);
    k.point();
    if (page.count === 1) this.keep(page);
    else k.probe.pageDisowned(page);
    this.handedOver(loan);
    this.queue.push(skb);
    this.read.arm();
  }

  /** The driver has the page to itself, and takes a reference of its own again. */
  protected abstract keep(page: Page): void;

  private receive(): void {
    readAndFree(this.k, this.queue, Reader.APPLICATION);
  }

  /** get_page_unless_zero */
  private getUnlessZero(): void {
    if (this.page.count === 0) return;
    this.k.getPage(this.page);
    this.put.arm();
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
  }
}

declareState(Driver, {
  state: 'queue',
  constant: 'read look put',
});

export function halfPage(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `page-count-set-${version}`,
    'a driver passes half a page on while somebody looks at the page',
    make,
    { by: 'driver', over: 'device' },
  );
}
