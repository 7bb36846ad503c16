import {
  Destructor,
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type Sock,
} from '@lastref/kernel';

export const design = {
  id: 'tx-count',
  title: 'acknowledged, and no transmission of it is out',
  year: 2024,
  source:
    'Xilinx-CNS/tcpdirect 5c1458664b4b (ON-15895, pull request 28, Jul 2024): tcp_seg_free, zf_stack_handle_tx_tcp; openucx/ucx pull request 11246 (Mar 2026): a buffer goes when it is acknowledged and the NIC has completed its last transmission',
  era: {
    id: '7.2.13',
    source: 'both are stacks of user space of 2024 and 2026: the newest release that is modelled',
  },
  status: 'practice',
  summary:
    'The send queue counts the transmissions of each range that the driver has not given back. A range is over when it is acknowledged and none of them is out.',
  reading:
    'A transmission is out from the moment when it is charged to its socket to the moment when the charge is taken back, which here is what their TX completion is there. With the connection, the acknowledgement is waited for no more, the transmissions are. A tap, and a receiver on the same host, are none, and neither stack has such; what the rule is worth where a packet comes to them all the same is in the matrix.',
  domain: {
    over: ['tcp'],
    onHost: false,
    since: '6.10',
    source:
      '"handle TX completions for in-flight retransmitted packets" [tcpdirect, ON-15895]: both stacks write into the rings of a device by themselves, the older one since July 2024, the month of 6.10',
  },
  adds: [{ struct: 'sock', name: 'tx_ranges', type: 'pointer' }],
  hooks: 0,
  claims: [],
  create: (k) => new TxCount(k),
} satisfies Design;

/** Lent bytes of a stream. */
interface Range {
  readonly loan: Loan;
  readonly seq: number;
  readonly endSeq: number;
  /** Transmissions that carry some of it and are out. */
  out: number;
  acked: boolean;
}

class TxCount extends GetPutPage {
  /** The send queues, by stream. */
  private readonly queues: Range[][] = [];
  /** What each transmission carries: the request id of its completion. */
  private readonly carried = this.k.sideField<SkBuff, readonly Range[]>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.queue(skb, size, loan); // a tcp_seg of the send queue [tcp_alloc_segment_in_flight]
  }

  override merged(skb: SkBuff, _frag: SkbFrag, size: number, loan: Loan): void {
    this.queue(skb, size, loan); // its bytes go with the segment [tcp_alloc_segment_in_flight]
  }

  override charged(skb: SkBuff, from: SkBuff | null): void {
    const ranges = this.queues[skb.flow]?.filter((range) => overlap(range, skb)) ?? [];
    this.k.looked(ranges.length);
    this.carried.set(skb, ranges);
    for (const range of ranges) range.out++; // in_flight = true [tcp_segment_to_vi]; tx_sn [ucx 11246]
    if (from?.destructor === Destructor.NONE) this.back(from); // its segments are what is out
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.destructor === Destructor.SOCK_WFREE) this.back(skb); // TX complete [zf_stack_handle_tx_tcp]; comp_sn [ucx 11246]
  }

  override acked({ slot }: Sock, seq: number): void {
    for (const range of this.queues[slot] ?? [])
      if (((range.endSeq - seq) | 0) <= 0) range.acked = true; // tcp_seg_free: not while it is in flight
    this.sweep(slot);
  }

  override closed({ slot }: Sock): void {
    for (const range of this.queues[slot] ?? []) range.acked = true; // tcp_free_sendq: no ACK is waited for
    this.sweep(slot);
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }

  private back(skb: SkBuff): void {
    const ranges = this.carried.get(skb);
    if (ranges === undefined) return;
    this.carried.set(skb, undefined);
    this.k.looked(ranges.length);
    for (const range of ranges) range.out--;
    this.sweep(skb.flow);
  }

  private queue({ flow, endSeq }: SkBuff, size: number, loan: Loan): void {
    const range: Range = {
      loan,
      seq: endSeq,
      endSeq: (endSeq + size) | 0,
      out: 0,
      acked: false,
    };
    (this.queues[flow] ??= []).push(range);
    this.k.allocated();
    this.k.looked(1);
    this.k.hold(loan);
  }

  private sweep(flow: number): void {
    const ranges = this.queues[flow];
    if (ranges === undefined) return;
    const acked = ranges.findIndex((range) => !range.acked);
    this.k.looked(acked < 0 ? ranges.length : acked + 1); // in the order of the stream, to the first that waits for its ACK
    const over: Range[] = [];
    let kept = 0;
    for (const range of ranges) {
      if (range.acked && range.out === 0) over.push(range);
      else ranges[kept++] = range;
    }
    ranges.length = kept; // before anybody is told: on the way there the queue may be looked through again
    for (const { loan } of over) this.k.drop(loan);
  }
}

/** Does `skb` carry some of `range`? */
function overlap({ seq, endSeq }: Range, skb: SkBuff): boolean {
  return ((seq - skb.endSeq) | 0) < 0 && ((skb.seq - endSeq) | 0) < 0;
}
