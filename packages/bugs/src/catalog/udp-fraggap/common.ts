import {
  Context,
  PAGE_SIZE,
  Reader,
  SkBuffHead,
  allocSkb,
  declareState,
  getPage,
  kfreeSkb,
  skbPut,
  visitList,
  type HolderVisitor,
  type Kernel,
  type SkBuff,
} from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { Act } from '../../act.ts';
import { readAndFree } from '../../packets.ts';
import { PageOwner } from '../../page-owner.ts';
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
export abstract class CorkedSocket extends PageOwner {
  private gap = 0;
  private readonly ring = new SkBuffHead();
  private readonly device: Act;

  constructor(k: Kernel) {
    super(k, 'pipe');
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
    const { k, flow } = this;
    const first = this.append(0);
    kfreeSkb(k, first); // Model: a datagram that is dropped; what it had stands in that memory
    const loan = this.lend();
    const skb = this.append(this.gap);
    skb.flow = flow;
    skb.endSeq = PAGE_SIZE;
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
    readAndFree(k, this.ring, Reader.NIC);
    k.complete(this.loan!);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.ring.first, visitor, 'tx ring');
  }
}

declareState(CorkedSocket, { state: 'gap ring', constant: 'device' });

export function splices(version: string, make: (k: Kernel) => CorkedSocket): Workload {
  return workloadOf(
    `udp-fraggap-${version}`,
    'a page of a pipe goes into a datagram that is cut into fragments',
    make,
    { by: 'process', over: 'device' },
  );
}
