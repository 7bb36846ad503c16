// A packet that goes to somebody on the same host: what its sender lends, a receiver may keep for as long as he likes.
import {
  Reader,
  Side,
  SkBuffHead,
  allocSkb,
  declareState,
  skbOrphanFragsRx,
  skbPut,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { ownPages, writePage } from '@lastref/workloads';
import { Act } from './act.ts';
import { Owner } from './owner.ts';
import { readAndFree } from './packets.ts';

/** Bytes that fit into the head of a packet. */
export const SMALL = 512;

/** Sends once, to another one on the same host. */
export abstract class LocalSender extends Owner implements Holder {
  private readonly page: Page;
  private readonly size: number;
  private readonly flow: number;
  private readonly queue = new SkBuffHead();
  private readonly read: Act;

  constructor(k: Kernel, size: number) {
    super(k, 'process', 1);
    this.size = size;
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    k.holders.push(this);
    new Act(k, 'process send', 'sends to its own host', () => this.send()).arm();
    this.read = new Act(k, 'receiver', 'reads', () => this.receive());
  }

  private send(): void {
    const { k, flow, page, size } = this;
    const loan = this.newLoan(1);
    const skb = allocSkb(k, 1024, false);
    skb.flow = flow;
    k.probe.lent(loan, page, 0, size, flow, 0);
    this.place(skb, page, size, loan);
    skb.endSeq = size;
    this.handedOver(loan);
    skbOrphanFragsRx(k, skb); // __netif_receive_skb_core
    this.queue.push(skb);
    this.read.arm();
  }

  /** All `size` bytes of the page become payload of `skb`, on behalf of `loan`. */
  protected abstract place(skb: SkBuff, page: Page, size: number, loan: Loan): void;

  protected inFrag(skb: SkBuff, page: Page, size: number, loan: Loan): void {
    this.k.lifetime.lend(skb, page, 0, size, loan);
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }

  /** Copied into the head of the packet, with the record of the owner attached all the same. */
  protected inHead(skb: SkBuff, page: Page, size: number, loan: Loan): void {
    this.k.copyBytes(skbPut(skb, size), page.address, size);
    skb.shinfo.loan = loan;
    this.k.hold(loan);
  }

  private receive(): void {
    readAndFree(this.k, this.queue, Reader.APPLICATION);
  }

  forEachReader(visitor: HolderVisitor): void {
    for (let skb = this.queue.first; skb !== null; skb = skb.next)
      visitor.skb(skb, 'receive queue', skb.seq);
  }
}

declareState(LocalSender, { state: 'page queue', constant: 'size flow read' });
