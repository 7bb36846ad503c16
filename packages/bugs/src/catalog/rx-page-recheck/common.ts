import {
  Context,
  PAGE_SIZE,
  PageHome,
  Reader,
  SkBuffHead,
  allocHomePage,
  declareState,
  getPage,
  putPage,
  visitList,
  type HolderVisitor,
  type Kernel,
  type Page,
} from '@lastref/kernel';
import { writeBytes, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { pagedPacket, readAndFree } from '../../packets.ts';
import { PageOwner } from '../../page-owner.ts';
import { workloadOf } from '../../wire.ts';

const HALF = PAGE_SIZE / 2;
/** References that a driver takes on a page at once. Model: USHRT_MAX in the tree. */
const MANY = 4;

/**
 * A driver receives into the halves of a page in turn. Of the references that it took it gives one away with each half; what
 * the count has more than those that are left is out. @kernel drivers/net/ethernet/intel/i40e/i40e_txrx.c (5.9)
 */
export abstract class Driver extends PageOwner {
  /** rx_buffer->pagecnt_bias: references that the driver has left. */
  private bias = MANY;
  private kept = true;
  private readonly queue = new SkBuffHead();
  private readonly read: Act;
  private readonly second: Act;
  private readonly device: Act;

  constructor(k: Kernel) {
    super(k, 'driver', allocHomePage(k, PageHome.GENERAL));
    for (let n = 1; n < MANY; n++) getPage(k, this.page);
    this.read = new Act(k, 'receiver', 'reads, and frees the packet', () => this.consume());
    this.second = new Act(
      k,
      'driver poll 2',
      'redirects a packet in the other half',
      () => this.redirect(),
      Context.SOFTIRQ,
    );
    this.device = new Act(k, 'device', 'receives into the first half', () => this.receive(2));
    new Act(k, 'driver poll', 'passes a packet on', () => this.pass(), Context.SOFTIRQ).arm();
  }

  /** The device has written the first half of the page. */
  private receive(packet: number): void {
    writeBytes(this.k, this.page, 0, HALF, packet);
  }

  /** A packet for the stack: i40e_build_skb, i40e_put_rx_buffer. The other half is free, so the page stays. */
  private pass(): void {
    const { k, page, flow } = this;
    this.receive(1);
    const loan = this.lend(HALF);
    const skb = pagedPacket(k, flow, 0, HALF);
    k.fillPageDesc(skb, page, 0, HALF); // with one of the driver's references
    this.bias--;
    this.handedOver(loan);
    this.queue.push(skb);
    this.read.arm();
    this.second.arm();
  }

  /** A packet that goes elsewhere, which is through with it before it returns: xdp_do_redirect. */
  private redirect(): void {
    const { k, page } = this;
    const before = page.count;
    this.bias--;
    putPage(k, page); // a program of user space has a copy
    if (this.count(page, before) - this.bias > 1) this.letGo(page);
    else this.reuse();
  }

  /** What is asked how many references are out. */
  protected abstract count(page: Page, before: number): number;

  /** i40e_reuse_rx_page: nobody has the first half any more. */
  private reuse(): void {
    this.k.complete(this.loan!);
    this.device.arm();
  }

  /** __page_frag_cache_drain: the page is of whoever has the rest of it. */
  private letGo(page: Page): void {
    this.kept = false;
    this.k.probe.pageDisowned(page);
    for (; this.bias > 0; this.bias--) putPage(this.k, page);
  }

  private consume(): void {
    const { k } = this;
    readAndFree(k, this.queue, Reader.APPLICATION);
    if (!this.kept) k.complete(this.loan!); // Model: a loan is over with its page
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.queue.first, visitor, 'receive queue');
  }
}

declareState(Driver, {
  state: 'bias kept queue',
  constant: 'read second device',
});

export function halves(version: string, make: (k: Kernel) => Driver): Workload {
  return workloadOf(
    `rx-page-recheck-${version}`,
    'a driver receives into the halves of a page, and redirects a packet',
    make,
    { by: 'driver', over: 'device' },
  );
}
