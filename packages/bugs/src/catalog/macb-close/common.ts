import {
  Context,
  PAGE_SIZE,
  Reader,
  Side,
  SkBuffHead,
  Spend,
  declareState,
  kfreeSkb,
  probeReads,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { pagedPacket } from '../../packets.ts';
import { workloadOf } from '../../wire.ts';

/**
 * Sends two packets, a page each, through a card that may be closed meanwhile.
 * @kernel drivers/net/ethernet/cadence/macb_main.c macb_start_xmit, macb_tx_complete, macb_close (7.1)
 */
export abstract class Card extends Owner implements Holder {
  private readonly pages: readonly Page[];
  private readonly flow: number;
  private sent = 0;
  private closed = false;
  /** queue->tx_skb, between tx_tail and tx_head: what the card has still to read, and what it has read. */
  private readonly ring = new SkBuffHead();
  private readonly transmitted = new SkBuffHead();
  private readonly xmit: Act;
  private readonly dma: Act;
  private readonly complete: Act;

  constructor(k: Kernel) {
    super(k, 'process', 2);
    this.flow = k.newFlow(Side.LENT);
    this.pages = ownPages(k, 2);
    for (const page of this.pages) writePage(k, page, 1);
    k.holders.push(this);
    this.xmit = new Act(k, 'process send', 'sends a page', () => this.startXmit());
    this.dma = new Act(k, 'card', 'reads a packet', () => this.read());
    this.complete = new Act(
      k,
      'card done',
      'frees what was read',
      () => this.txComplete(),
      Context.SOFTIRQ,
    );
    this.xmit.arm();
    const down = () => this.close();
    new Act(k, 'administrator', 'closes the card', down, Context.PROCESS, Spend.TEARDOWN).arm(100);
  }

  private startXmit(): void {
    const { k, flow } = this;
    const page = this.pages[this.sent]!;
    const seq = this.sent++ * PAGE_SIZE;
    const loan = this.newLoan(this.sent);
    const skb = pagedPacket(k, flow, seq, PAGE_SIZE);
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, seq);
    k.lifetime.lend(skb, page, 0, PAGE_SIZE, loan);
    this.handedOver(loan);
    if (this.closed) {
      kfreeSkb(k, skb); // the queue of a device that is down takes nothing
    } else {
      this.ring.push(skb);
      this.dma.arm();
    }
    if (this.sent < this.operations) this.xmit.arm();
  }

  private read(): void {
    const skb = this.ring.shift()!;
    probeReads(this.k, skb, Reader.NIC);
    this.k.releases++;
    this.transmitted.push(skb);
    this.complete.arm();
    if (this.ring.qlen > 0) this.dma.arm();
  }

  private txComplete(): void {
    for (let skb = this.transmitted.shift(); skb !== null; skb = this.transmitted.shift())
      kfreeSkb(this.k, skb);
  }

  /** macb_close: the card stands still, and macb_free_consistent frees the ring. */
  private close(): void {
    const { k } = this;
    this.closed = true;
    for (const step of [this.dma, this.complete]) k.agenda.disarm(step.place);
    for (const list of [this.transmitted, this.ring])
      for (let skb = list.shift(); skb !== null; skb = list.shift()) this.inFlight(skb);
    k.releases++;
  }

  /** A packet that the ring has when it is freed. */
  protected abstract inFlight(skb: SkBuff): void;

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.ring.first, visitor, 'tx ring');
  }
}

declareState(Card, {
  state: 'pages sent closed ring transmitted',
  constant: 'flow xmit dma complete',
});

export function closes(version: string, make: (k: Kernel) => Card): Workload {
  return workloadOf(`macb-close-${version}`, 'a card is closed while it sends', make, {
    by: 'process',
    over: 'device',
  });
}
