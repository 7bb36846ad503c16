import type { Loan, Page, SkBuff, Sock } from '@lastref/kernel';
import { StreamRanges } from '@lastref/strategies/lib/stream-ranges';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

/** A connection that goes takes its requests along, and their buffers go back to the pool of the target. */
class AbortRecycles extends FragCounts {
  private readonly requests = new StreamRanges(this.k, false);

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.requests.add(skb.flow, loan, 0);
  }

  override closed(sk: Sock): void {
    this.requests.all(sk.slot, (loan) => {
      if (!loan.completed) this.k.complete(loan); // the abort of a request frees its buffer
    });
  }

  protected override put(loan: Loan): void {
    if (this.k.decAndTest(loan) && !loan.completed) this.k.complete(loan);
  }
}

export const wrong = program(
  'spdk-listener-stop-wrong',
  'buffers that an abort gives back',
  2025,
  (k) => new AbortRecycles(k),
);
