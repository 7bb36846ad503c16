import {
  Context,
  PAGE_SIZE,
  Reader,
  Side,
  SkBuffHead,
  allocSkb,
  declareState,
  getPage,
  kfreeSkb,
  probeReads,
  skbPut,
  visitList,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { ownPages, writePage, type Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { Owner } from '../../owner.ts';
import { workloadOf } from '../../wire.ts';

/** Bytes of headers of each fragment, and of what does not fill a unit of eight and goes on in the next packet. */
const HEADERS = 48;
const GAP = 15;
/** A byte of the user's where the number of entries stands. */
const USER_BYTE = 1;

/**
 * A process splices the page of a pipe into a datagram that goes on behind a fragment. How many bytes the packet before
 * hands on (fraggap) depends on what the process has sent. Model: of what stands behind the end of a head the number of entries
 * alone is overwritten; entries behind that number are left, as in the tree, from whoever had the memory before.
 * @kernel net/ipv6/ip6_output.c __ip6_append_data (7.1)
 */
export abstract class CorkedSocket extends Owner implements Holder {
  private readonly page: Page;
  private readonly flow: number;
  private gap = 0;
  private loan: Loan | null = null;
  private readonly ring = new SkBuffHead();
  private readonly device: Act;

  constructor(k: Kernel) {
    super(k, 'pipe', 1);
    this.flow = k.newFlow(Side.LENT);
    this.page = ownPages(k, 1)[0]!;
    writePage(k, this.page, 1);
    k.holders.push(this);
    this.device = new Act(
      k,
      'device',
      'sends the datagram, and frees it',
      () => this.sent(),
      Context.SOFTIRQ,
    );
    new Act(k, 'process splice', 'splices a page, twice', () => this.splice()).arm();
    const odd = () => (this.gap = GAP);
    new Act(k, 'process write', 'sends what fills no fragment', odd).arm();
  }

  private splice(): void {
    const { k, page, flow } = this;
    const first = this.append(0);
    kfreeSkb(k, first); // Model: a datagram that is dropped; what it had stands in that memory
    const loan = this.newLoan(1);
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    const skb = this.append(this.gap);
    skb.flow = flow;
    skb.endSeq = PAGE_SIZE;
    this.loan = loan;
    this.handedOver(loan);
    this.ring.push(skb);
    this.device.arm();
  }

  /** __ip6_append_data, with a head for what is linear and a reference on the page. */
  private append(fraggap: number): SkBuff {
    const { k, page } = this;
    const room = this.allocLength(HEADERS, fraggap);
    const skb = allocSkb(k, room, false);
    skbPut(skb, room);
    skb.headers = room;
    if (HEADERS + fraggap > room) skb.shinfo.nrFrags = USER_BYTE; // skb_copy_and_csum_bits, behind skb->end
    getPage(k, page); // skb_splice_from_iter
    k.fillPageDesc(skb, page, 0, PAGE_SIZE);
    skb.len += PAGE_SIZE;
    skb.dataLen += PAGE_SIZE;
    skb.truesize += PAGE_SIZE;
    return skb;
  }

  /** alloclen: bytes that the head is made for. */
  protected abstract allocLength(fragheaderlen: number, fraggap: number): number;

  private sent(): void {
    const { k } = this;
    const skb = this.ring.shift()!;
    probeReads(k, skb, Reader.NIC);
    kfreeSkb(k, skb);
    k.complete(this.loan!);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.ring.first, visitor, 'tx ring');
  }
}

declareState(CorkedSocket, { state: 'page gap loan ring', constant: 'flow device' });

export function splices(version: string, make: (k: Kernel) => CorkedSocket): Workload {
  return workloadOf(
    `udp-fraggap-${version}`,
    'a page of a pipe goes into a datagram that is cut into fragments',
    make,
    { by: 'process', over: 'device' },
  );
}
