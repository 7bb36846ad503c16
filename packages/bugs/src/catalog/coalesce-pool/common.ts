import {
  Context,
  GetPutPage,
  PAGE_SIZE,
  PageHome,
  Reader,
  Side,
  Site,
  SkBuffHead,
  allocHomePage,
  declareState,
  fragAt,
  getPage,
  kfreeSkb,
  skbClone,
  skbCloned,
  skbTryCoalesce,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { pagedPacket, readAndFree } from '../../packets.ts';
import { workloadOf } from '../../wire.ts';

const HALF = PAGE_SIZE / 2;

/**
 * A pool counts the parts of its pages that are out, and a packet with the mark gives them back to it. Whoever takes a
 * reference takes a plain one. @kernel net/core/page_pool.c, include/linux/skbuff.h __skb_frag_ref (5.15)
 */
export class PoolOfParts extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size); // a part that the driver has
    skb.ppRecycle = 1;
    page.loan = loan;
    this.k.hold(loan);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag, skb: SkBuff | null): void {
    const { page } = frag;
    if (skb !== null && skb.ppRecycle !== 0 && page.home === PageHome.POOL) this.partBack(page);
    else super.fragUnref(shinfo, frag);
  }

  /** page_pool_return_skb_page: with the last part the page is the pool's own, or leaves it unmapped. */
  partBack(page: Page): void {
    this.k.poolPut(page);
    const { loan } = page;
    if (page.ppRefs > 0 || loan === null) return;
    page.loan = null;
    this.k.drop(loan);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

/**
 * Three descriptors: one has a page, two have half of another page each. The first two are received into, and the second
 * packet has a clone in a tap when TCP gets it. @kernel skb_try_coalesce, with drivers/net/ethernet/hisilicon/hns3 (5.17)
 */
export abstract class Driver extends Owner implements Holder {
  private readonly own: PoolOfParts;
  private readonly whole: Page;
  private readonly halves: Page;
  /** The third descriptor is with the device. */
  private posted = true;
  private readonly flow: number;
  private readonly backlog = new SkBuffHead();
  private readonly queue = new SkBuffHead();
  private readonly tapped = new SkBuffHead();
  private readonly steps: readonly Act[];
  private readonly application: Act;

  constructor(k: Kernel) {
    super(k, 'driver', 1);
    this.own = k.lifetime as PoolOfParts;
    this.flow = k.newFlow(Side.LENT);
    this.whole = allocHomePage(k, PageHome.POOL);
    this.halves = allocHomePage(k, PageHome.POOL);
    k.poolRef(this.halves); // page_pool_alloc_frag
    k.holders.push(this);
    this.steps = [
      new Act(k, 'tcp', 'receives the second packet', () => this.receive(), Context.SOFTIRQ),
      new Act(k, 'tap', 'reads, and frees the packet', () =>
        readAndFree(k, this.tapped, Reader.TAP),
      ),
      new Act(k, 'device', 'fills the third descriptor', () => this.third(), Context.SOFTIRQ),
    ];
    this.application = new Act(k, 'application', 'reads all', () => this.readAll());
    new Act(k, 'driver poll', 'passes two packets on', () => this.poll(), Context.SOFTIRQ).arm();
  }

  private poll(): void {
    const { k, flow, halves } = this;
    for (const page of [this.whole, halves]) writePage(k, page, 1); // the device has
    const loan = this.newLoan(1);
    k.probe.lent(loan, halves, 0, PAGE_SIZE, flow, PAGE_SIZE);
    const first = pagedPacket(k, flow, 0, PAGE_SIZE);
    k.fillPageDesc(first, this.whole, 0, PAGE_SIZE);
    first.ppRecycle = 1;
    this.queue.push(first);
    const second = pagedPacket(k, flow, PAGE_SIZE, HALF);
    k.lifetime.lend(second, halves, 0, HALF, loan);
    this.handedOver(loan);
    this.tapped.push(second);
    this.backlog.push(skbClone(k, second, Site.TAP)); // ip_rcv: shared with the tap
    for (const step of this.steps) step.arm();
  }

  /** tcp_queue_rcv; the application reads what is there as soon as both packets are. */
  private receive(): void {
    const { k, queue } = this;
    const skb = this.backlog.shift()!;
    if (this.coalesces(queue.first!, skb)) kfreeSkb(k, skb);
    else queue.push(skb);
    this.application.arm();
  }

  private coalesces(to: SkBuff, from: SkBuff): boolean {
    const { k } = this;
    if (!this.mayCoalesce(to, from)) return false;
    if (!skbCloned(from)) return skbTryCoalesce(k, to, from);
    for (let i = 0; i < from.shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = fragAt(from.shinfo, i);
      getPage(k, page); // __skb_frag_ref
      k.fillPageDesc(to, page, pageOffset, size);
      to.len += size;
      to.dataLen += size;
      to.truesize += size;
    }
    return true;
  }

  /** May the frags of `from` stand behind those of `to`, as far as pools are concerned? */
  protected abstract mayCoalesce(to: SkBuff, from: SkBuff): boolean;

  private readAll(): void {
    while (this.queue.first !== null) readAndFree(this.k, this.queue, Reader.APPLICATION);
  }

  /** Model: the driver drops that packet, as it is for nobody. */
  private third(): void {
    this.posted = false;
    this.k.releases++;
    this.own.partBack(this.halves);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
    visitList(this.backlog.first, visitor, 'backlog');
    visitList(this.tapped.first, visitor, 'tap');
    if (this.posted) visitor.page(this.halves, HALF, HALF, 'rx ring');
  }
}

declareState(Driver, {
  state: 'whole halves posted backlog queue tapped',
  constant: 'own flow steps application',
});

export function received(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `coalesce-pool-${version}`,
    'TCP joins two packets from a pool, of which one has a clone',
    make,
    { by: 'driver', over: 'device' },
  );
}
