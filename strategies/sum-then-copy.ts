import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';

export const design = {
  id: 'sum-then-copy',
  title: 'a sum before and after, and a copy where they differ',
  year: 2025,
  source:
    'ydb-platform/nbs pull request 2985, "Checksum write buffer before and after write" (6 Feb 2025), and issue 2988: the buffer of a write is summed before it is sent and when the replicas have answered; if the sums differ it is copied, and the copy is written',
  era: {
    id: '7.2.13',
    source: 'a block storage service of user space, 2025: the newest release that is modelled',
  },
  status: 'practice',
  summary:
    'Nothing in the stack. The reply ends a write; bytes that are not what they were when they were first sent are copied, and only the copy is sent again.',
  reading:
    'Who sends again is the protocol: a retry of its own after an answer, or after a lost connection. The sum is made anew before that, and what has changed goes out as a copy from then on. That a write whose sums differ is repeated after its answer changes nothing for the pages: what is repeated is the copy.',
  domain: {
    by: ['requests', 'writeback'],
    over: ['tcp'],
    memory: 'pages',
    source: '"Checksum write buffer before and after write" [nbs 2985]: writes to replicas',
  },
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new SumThenCopy(k),
} satisfies Design;

/** Bytes that were sent by reference, and their sum at that time. */
interface Summed {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly sum: number;
}

class SumThenCopy extends GetPutPage {
  private readonly sent = this.k.sideField<Loan, readonly Summed[]>();
  /** Something of it has changed: all that is sent now is a copy. */
  private readonly spoiled = this.k.sideField<Loan, boolean>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    if (this.spoiled.get(loan) === true || this.changed(loan, page)) {
      this.spoiled.set(loan, true); // "if the checksum has changed … repeat the writing, having previously copied the buffer" [nbs 2988]
      this.k.fillPageDesc(skb, this.k.copyPage(page, pageOffset, size), pageOffset, size);
      return;
    }
    super.lend(skb, page, pageOffset, size, loan);
    const sum = this.k.csumPage(page, pageOffset, size); // "before the start of writing" [nbs 2988]
    const pieces = this.sent.get(loan) ?? [];
    if (!pieces.some((p) => p.page === page && p.pageOffset === pageOffset && p.size === size))
      this.sent.set(loan, [...pieces, { page, pageOffset, size, sum }]);
  }

  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan); // "and after the data is written" [nbs 2988]: the write is over, or goes on with a copy
  }

  override unanswered(loan: Loan, last: boolean): void {
    if (last && !loan.completed) this.k.complete(loan); // the write ends with an error [in the card]
  }

  /** Is what was sent of `page` not what is there now? */
  private changed(loan: Loan, page: Page): boolean {
    const pieces = this.sent.get(loan) ?? [];
    return pieces.some(
      (p) => p.page === page && this.k.csumPage(page, p.pageOffset, p.size) !== p.sum,
    );
  }
}
