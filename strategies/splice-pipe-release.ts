import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type Sock,
} from '@lastref/kernel';
import { StreamRanges } from './lib/stream-ranges.ts';

export const design = {
  id: 'splice-pipe-release',
  title: 'pipe buffers released at the ACK',
  year: 2007,
  source:
    "Jens Axboe, comment of 19 Dec 2007 on Evgeniy Polyakov's blog: socket ops ->splice_write()",
  status: 'proposed',
  summary:
    'The socket keeps each page in a pipe buffer (page, offset, length, private) and releases it when the cumulative ACK covers its range.',
  reading:
    "The socket points to its pipe; the sequence number that releases a buffer fits in the buffer's own private field.",
  adds: [{ struct: 'sock', name: 'sk_pipe', type: 'pointer' }],
  rank: 6,
  hooks: 0,
  claims: ['Z6', 'Z3'],
  create: (k) => new SplicePipeRelease(k),
} satisfies Design;

class SplicePipeRelease extends GetPutPage {
  /** The pipe of each socket. */
  private readonly pipes = new StreamRanges();

  override mayMerge(): boolean {
    return false; // every lending is a buffer of its own
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.pipes.add(skb.flow, loan, (skb.endSeq + size) | 0);
    this.k.hold(loan);
  }

  override acked(sk: Sock, seq: number): void {
    this.pipes.passed(sk.slot, seq, (loan) => this.k.drop(loan)); // "do the pipe buffer release on the ACK"
  }

  override closed(sk: Sock): void {
    this.pipes.all(sk.slot, (loan) => this.k.drop(loan)); // a pipe that is closed releases its buffers
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
