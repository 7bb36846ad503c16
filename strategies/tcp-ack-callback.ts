import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type Sock,
} from '@lastref/kernel';
import { calledBack } from './lib/called-back.ts';
import { StreamRanges } from './lib/stream-ranges.ts';
import { THREAD_OF_2007 } from './lib/thread-of-2007.ts';

export const design = {
  id: 'tcp-ack-callback',
  title: 'a callback from TCP at the ACK',
  year: 2007,
  source: "Matthew, comment of 19 Dec 2007 on Evgeniy Polyakov's blog entry",
  era: THREAD_OF_2007,
  status: 'proposed',
  summary:
    'TCP calls back when the cumulative ACK covers an operation, and the I/O is completed there. State in the socket.',
  reading:
    'One range per operation and transmission, from its first byte to its last. A connection that ends before the ACK calls back too, with an error. RDS over TCP does so since 4.17: a process that has sent with MSG_ZEROCOPY is told when snd_una has passed its message (net/rds/tcp_send.c rds_tcp_write_space, net/rds/message.c rds_message_purge; in 4.20, 5.10 and 7.2, not in 4.16.13).',
  domain: {
    over: ['tcp'],
    source: '"some kind of callback from the TCP stack" [19 Dec 2007, 12:55]',
  },
  adds: [{ struct: 'sock', name: 'ack_callback', type: 'callback' }],
  hooks: 0,
  claims: ['Z7', 'Z3'],
  create: (k) => new TcpAckCallback(k),
} satisfies Design;

class TcpAckCallback extends GetPutPage {
  private readonly ranges = new StreamRanges(this.k, true);

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.cover(skb, size, loan); // the range of the operation [in the card]
  }

  override merged(skb: SkBuff, _frag: SkbFrag, size: number, loan: Loan): void {
    this.cover(skb, size, loan); // the range of the operation [in the card]
  }

  override acked(sk: Sock, seq: number): void {
    this.ranges.passed(sk.slot, seq, (loan) => calledBack(this.k, loan)); // "when it receives the ACK from the peer" [19 Dec 2007, 12:55]
  }

  override closed(sk: Sock): void {
    this.ranges.all(sk.slot, (loan) => calledBack(this.k, loan)); // with an error: no ACK will come [in the card]
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }

  /** The range of `loan` goes on to the end of what `skb` has with `size` bytes more. */
  private cover(skb: SkBuff, size: number, loan: Loan): void {
    const endSeq = (skb.endSeq + size) | 0;
    const last = this.ranges.last(skb.flow);
    if (last !== undefined && last.loan === loan) {
      last.endSeq = endSeq;
    } else {
      this.ranges.add(skb.flow, loan, endSeq);
      this.k.hold(loan);
    }
  }
}
