import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type Services,
  type SkBuff,
  type Sock,
} from '@lastref/kernel';

export const design = {
  id: 'splice-pipe-release',
  title: 'pipe buffers released at the ACK',
  year: 2007,
  source:
    "Jens Axboe, comment of 19 Dec 2007 on Evgeniy Polyakov's blog: socket ops ->splice_write()",
  status: 'proposed',
  summary:
    'The socket keeps each page in a pipe buffer (page, offset, length, private) and releases it when the cumulative ACK covers its range.',
  grows: { pipe_buffer: 8, sock: 8 },
  hooks: 0,
  claims: ['Z6', 'Z3'],
  create: (k) => new SplicePipeRelease(k),
} satisfies Design;

/** struct pipe_buffer, as far as a release needs it. */
interface Buffer {
  loan: Loan;
  /** One past the last sequence number that its bytes have. */
  endSeq: number;
}

class SplicePipeRelease extends GetPutPage {
  /** The socket's pipe, by socket slot: buffers in stream order, and how many were released. */
  readonly #pipes: Buffer[][] = [];
  readonly #released: number[] = [];

  constructor(k: Services) {
    super(k);
  }

  override mayMerge(): boolean {
    return false; // every lending is a buffer of its own
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    (this.#pipes[skb.flow] ??= []).push({ loan, endSeq: (skb.endSeq + size) | 0 });
    this.k.hold(loan);
  }

  override acked(sk: Sock, seq: number): void {
    const pipe = this.#pipes[sk.slot];
    if (pipe === undefined) return;
    let i = this.#released[sk.slot] ?? 0;
    for (; i < pipe.length && ((pipe[i]!.endSeq - seq) | 0) <= 0; i++) this.k.drop(pipe[i]!.loan);
    if (i === pipe.length) i = pipe.length = 0;
    this.#released[sk.slot] = i;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
