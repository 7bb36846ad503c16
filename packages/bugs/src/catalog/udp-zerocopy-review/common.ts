import {
  GetPutPage,
  Context,
  PAGE_SIZE,
  Reader,
  Side,
  allocSkb,
  declareState,
  expectNoMemory,
  kfreeSkb,
  probeReads,
  SkBuffHead,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { program } from '../../lib.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** A ubuf_info that each packet has one count of. */
class Uarg extends GetPutPage {
  override zcopyClear({ loan }: SkbSharedInfo): void {
    if (loan === null || !this.k.decAndTest(loan)) return; // sock_zerocopy_put
    if (!loan.completed) this.k.complete(loan); // the notification, unless the call was aborted: uarg->len is 0
  }
}

export const design = program(
  'udp-zerocopy-review',
  'a ubuf_info that is counted by packets',
  2018,
  (k) => new Uarg(k),
);

/** Packets that a datagram is cut into. */
const FRAGMENTS = 2;

/** One datagram, appended fragment by fragment. @kernel net/ipv4/ip_output.c __ip_append_data (5.0) */
export abstract class UdpSender extends Owner implements Holder {
  private readonly flow: number;
  private readonly pages: readonly Page[];
  private readonly queue = new SkBuffHead();
  private readonly sent: Act;
  /** The call has a count of its own, until the first packet takes it over. */
  private extraUref = true;

  constructor(k: Kernel) {
    super(k, 'udp sender', 1);
    this.flow = k.newFlow(Side.LENT);
    this.pages = ownPages(k, FRAGMENTS);
    this.pages.forEach((page, i) => writePage(k, page, i + 1));
    k.holders.push(this);
    new Act(k, 'process', 'sends a datagram', () => this.sendmsg()).arm();
    this.sent = new Act(k, 'device', 'sends a fragment', () => this.transmit(), Context.HARDIRQ);
  }

  private sendmsg(): void {
    const { k, queue, flow } = this;
    const loan = this.newLoan(1); // sock_zerocopy_realloc
    this.pages.forEach((page, i) => k.probe.lent(loan, page, 0, PAGE_SIZE, flow, i * PAGE_SIZE));
    k.lifetime.returned(loan);
    k.release(loan);
    try {
      for (let i = 0; i < FRAGMENTS; i++) queue.push(this.append(loan, i));
    } catch (error) {
      expectNoMemory(error);
      this.abort(loan);
      for (let skb = queue.shift(); skb !== null; skb = queue.shift()) kfreeSkb(k, skb); // ip_flush_pending_frames
      return;
    }
    this.sent.arm();
  }

  /** A packet with its part of the datagram, of which some bytes are copied from the caller, which may fail. */
  protected abstract append(loan: Loan, i: number): SkBuff;

  protected alloc(): SkBuff {
    return allocSkb(this.k, 128, false);
  }

  /** getfrag: bytes of user space that may be gone. Throws, with the packet freed. */
  protected getfrag(skb: SkBuff): void {
    try {
      this.k.mayFail();
    } catch (error) {
      kfreeSkb(this.k, skb);
      throw error;
    }
  }

  /** skb_zcopy_set(skb, uarg, &extra_uref) */
  protected zcopySet(skb: SkBuff, loan: Loan): void {
    skb.shinfo.loan = loan;
    if (this.extraUref) this.extraUref = false;
    else this.k.hold(loan);
  }

  /** The pages themselves. */
  protected lendPage(skb: SkBuff, loan: Loan, i: number): SkBuff {
    const { k, flow } = this;
    const page = this.pages[i]!;
    skb.flow = flow;
    skb.seq = i * PAGE_SIZE;
    skb.endSeq = skb.seq + PAGE_SIZE;
    k.lifetime.lend(skb, page, 0, PAGE_SIZE, loan);
    skb.len += PAGE_SIZE;
    skb.dataLen += PAGE_SIZE;
    return skb;
  }

  /** The call returns an error, and takes its number back: there will be no notification. @kernel sock_zerocopy_put_abort */
  private abort(loan: Loan): void {
    this.k.complete(loan);
    if (this.extraUref) this.k.decAndTest(loan);
  }

  private transmit(): void {
    const { k, queue } = this;
    const skb = queue.shift();
    if (skb === null) return;
    probeReads(k, skb, Reader.NIC);
    kfreeSkb(k, skb);
    if (queue.first !== null) this.sent.arm();
  }

  forEachReader(visitor: HolderVisitor): void {
    for (let skb = this.queue.first; skb !== null; skb = skb.next)
      visitor.skb(skb, 'write queue', skb.seq);
  }
}

declareState(UdpSender, {
  state: 'queue extraUref pages',
  constant: 'flow sent',
});

export function datagram(version: string, make: (k: Kernel) => UdpSender): Workload {
  return workloadOf(
    `udp-zerocopy-review-${version}`,
    'a datagram of two fragments, whose append loop may fail anywhere',
    make,
    { by: 'process', over: 'udp' },
  );
}
