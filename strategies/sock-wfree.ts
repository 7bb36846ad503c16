import {
  Destructor,
  GetPutPage,
  fragAt,
  skbCloned,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
} from '@lastref/kernel';
import { THREAD_OF_2007 } from './lib/thread-of-2007.ts';

export const design = {
  id: 'sock-wfree',
  title: 'a callback in sock_wfree',
  year: 2007,
  source:
    'Evgeniy Polyakov, comments of 19 Dec 2007 on his blog entry: 21:46 (a socket looks through its requests), 22:00 (in sock_wfree, with a check for clones)',
  era: THREAD_OF_2007,
  status: 'proposed',
  summary:
    "sock_wfree() calls back into the socket's owner, unless the skb has clones; the owner looks which of its requests the data belongs to.",
  reading:
    'Word for word: if skb_cloned() says that somebody else has the data, nothing is done, else what the skb carries is over. TCP charges the clone that it gives away, not the original in its queue: as long as that is there, every clone has company, and when it goes, no destructor runs. The callback has a data pointer of its own: the protocol above TCP already uses sk_user_data.',
  domain: {
    over: ['tcp'],
    source: '"I think no one cares about transferring data over UDP" [19 Dec 2007, 22:00]',
  },
  adds: [
    { struct: 'sock', name: 'sk_wfree', type: 'callback' },
    { struct: 'sock', name: 'sk_wfree_data', type: 'pointer' },
  ],
  rank: 5,
  hooks: 0,
  claims: ['Z13', 'Z14'],
  create: (k) => new SockWfree(k),
} satisfies Design;

/** Bytes of a page that a request waits for. */
interface Piece {
  readonly loan: Loan;
  readonly page: Page;
  readonly start: number;
  readonly end: number;
}

class SockWfree extends GetPutPage {
  /** The socket's queue of requests, by stream. */
  private readonly requests: Piece[][] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.queue(skb.flow, { loan, page, start: pageOffset, end: pageOffset + size }); // "the queue of bio/pipe/whatever requests" [21:46]
  }

  override merged(skb: SkBuff, frag: SkbFrag, size: number, loan: Loan): void {
    const { page, pageOffset } = frag; // "the queue of bio/pipe/whatever requests" knows nothing of frags [21:46]
    const behind = pageOffset + frag.size;
    this.queue(skb.flow, { loan, page, start: behind - size, end: behind });
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.destructor !== Destructor.SOCK_WFREE) return; // "the only thing we have to change is sock_wfree()" [22:00]
    if (skbCloned(skb)) return; // "it has to check for clones though" [22:00]
    this.k.called(); // "a private callback invocation" [22:00]
    const { shinfo } = skb;
    for (let i = 0; i < shinfo.nrFrags; i++) this.processed(skb.flow, fragAt(shinfo, i));
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the request itself: sendpage has all of it [in the card]
  }

  private queue(flow: number, piece: Piece): void {
    (this.requests[flow] ??= []).push(piece);
    this.k.looked(1);
    this.k.hold(piece.loan);
  }

  /** "It could check the queue of bio/pipe/whatever requests and find which become ready" [21:46]: the oldest that waits for these bytes. */
  private processed(flow: number, { page, pageOffset, size }: SkbFrag): void {
    const behind = pageOffset + size;
    let at = pageOffset;
    const left: Piece[] = [];
    const waiting = this.requests[flow] ?? [];
    this.k.looked(waiting.length);
    for (const piece of waiting) {
      const first = Math.max(at, piece.start);
      const next = Math.min(behind, piece.end);
      if (piece.page !== page || first >= next) {
        left.push(piece);
        continue;
      }
      at = next;
      this.rest(left, piece, piece.start, first);
      this.rest(left, piece, next, piece.end);
      this.k.drop(piece.loan);
    }
    this.requests[flow] = left;
  }

  /** What of `piece` is still waited for. */
  private rest(left: Piece[], { loan, page }: Piece, start: number, end: number): void {
    if (start >= end) return;
    left.push({ loan, page, start, end });
    this.k.hold(loan);
  }
}
