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
  id: 'splice-pipe-release',
  title: 'pipe buffers released at the ACK',
  year: 2007,
  source:
    "Jens Axboe, comment of 19 Dec 2007 on Evgeniy Polyakov's blog: socket ops ->splice_write()",
  era: THREAD_OF_2007,
  status: 'proposed',
  summary:
    'The socket keeps each page in a pipe buffer (page, offset, length, private) and releases it when the cumulative ACK covers its range.',
  reading:
    "The socket points to its pipe; the sequence number that releases a buffer fits in the buffer's own private field. PIPE_BUFFERS is 16, so a flow has 64 KiB a round trip; here nothing limits it, and its throughput is flattered. That NFS and iSCSI would go through splice_write is assumed; today they do not.",
  domain: {
    over: ['tcp'],
    source:
      '"properly implement socket ops ->splice_write() and do the pipe buffer release on the ACK" [19 Dec 2007, 21:00]; distributed storage is named beside it [21:37]',
  },
  adds: [{ struct: 'sock', name: 'sk_pipe', type: 'pointer' }],
  rank: 6,
  hooks: 0,
  claims: ['Z6', 'Z3'],
  create: (k) => new SplicePipeRelease(k),
} satisfies Design;

class SplicePipeRelease extends GetPutPage {
  /** The pipe of each socket. */
  private readonly pipes = new StreamRanges(this.k, false);

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.keep(skb, size, loan); // the page stays in its pipe_buffer [in the card]
  }

  override merged(skb: SkBuff, _frag: SkbFrag, size: number, loan: Loan): void {
    this.keep(skb, size, loan); // a buffer of its own, whatever the frag is [in the card]
  }

  override acked(sk: Sock, seq: number): void {
    this.pipes.passed(sk.slot, seq, (loan) => calledBack(this.k, loan)); // "do the pipe buffer release on the ACK": ops->release
  }

  override closed(sk: Sock): void {
    this.pipes.all(sk.slot, (loan) => calledBack(this.k, loan)); // a pipe that is closed releases its buffers [pipe_release]
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // splice_write has taken all of it
  }

  /** "The pipe_buffer is just a page/len/off" [19 Dec 2007, 21:37]; that it has the end of its range, too, is our reading. */
  private keep(skb: SkBuff, size: number, loan: Loan): void {
    this.pipes.add(skb.flow, loan, (skb.endSeq + size) | 0);
    this.k.hold(loan);
  }
}
