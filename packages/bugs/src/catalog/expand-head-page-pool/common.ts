import {
  Context,
  GetPutPage,
  PAGE_SIZE,
  PageHome,
  Reader,
  Site,
  SkBuffHead,
  allocHomePage,
  declareState,
  pskbExpandHead,
  skbClone,
  visitList,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { writePage, type Workload } from '@lastref/workloads';
import { Act, OtherAct } from '../../act.ts';
import { pagedPacket, readAndFree } from '../../packets.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

/**
 * Pages of a pool as they first came back by skbs: the pool counts none of its own, whoever has the mark gives the page
 * back. @kernel include/linux/skbuff.h __skb_frag_unref; net/core/page_pool.c page_pool_return_skb_page (5.14-rc1)
 */
export class RecyclesByMark extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan; // with the reference that the pool gave out
    this.k.hold(loan);
    skb.ppRecycle = 1; // skb_mark_for_recycle
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    super.fragRef(shinfo, frag);
    if (frag.loan !== null) this.k.hold(frag.loan);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag, skb: SkBuff | null): void {
    const { page, loan } = frag;
    // page->pp_magic: is it of a pool?
    if (skb !== null && skb.ppRecycle !== 0 && page.home === PageHome.POOL) this.k.poolPut(page);
    else super.fragUnref(shinfo, frag);
    if (loan !== null) this.k.drop(loan);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

/** A driver passes a packet on; a tap has a clone of it, which got a head of its own. */
export abstract class Driver extends PageOwner {
  private readonly queue = new SkBuffHead();
  private readonly tapped = new SkBuffHead();
  private readonly read: OtherAct;
  private readonly tap: OtherAct;

  constructor(k: Kernel) {
    super(k, 'driver', allocHomePage(k, PageHome.POOL));
    // to free a packet that is in no queue any more takes no lock
    this.read = new OtherAct(k, 'receiver', 'reads, and frees the packet', () =>
      readAndFree(k, this.queue, Reader.APPLICATION),
    );
    this.tap = new OtherAct(k, 'tap', 'reads, and frees the clone', () =>
      readAndFree(k, this.tapped, Reader.TAP),
    );
    new Act(k, 'driver poll', 'passes a packet on', () => this.poll(), Context.SOFTIRQ).arm();
  }

  private poll(): void {
    const { k, page, flow } = this;
    writePage(k, page, 1); // the device has
    const loan = this.lend();
    const skb = pagedPacket(k, flow, 0, PAGE_SIZE);
    k.lifetime.lend(skb, page, 0, PAGE_SIZE, loan);
    const clone = skbClone(k, skb, Site.TAP);
    pskbExpandHead(k, clone, 64, 0);
    this.expanded(clone);
    this.handedOver(loan);
    this.queue.push(skb);
    this.tapped.push(clone);
    this.read.arm();
    this.tap.arm();
  }

  /** Behind pskb_expand_head, which has called skb_release_data for the data that the clone had. */
  protected abstract expanded(clone: SkBuff): void;

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
    visitList(this.tapped.first, visitor, 'tap');
  }
}

declareState(Driver, {
  state: 'queue tapped',
  constant: 'read tap',
});

export function tapped(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `expand-head-page-pool-${version}`,
    'a packet from a pool, and a clone with a head of its own',
    make,
    { by: 'driver', over: 'device' },
  );
}
