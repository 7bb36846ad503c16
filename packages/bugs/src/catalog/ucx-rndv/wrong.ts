import type { Loan, Page, SideField, SkBuff } from '@lastref/kernel';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

/** Counts the fragments that are posted: none is left means done. */
class CountsPosted extends FragCounts {
  private readonly begun: SideField<Loan, boolean> = this.k.sideField();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (this.begun.get(loan) === true) return;
    this.begun.set(loan, true);
    this.put(loan); // from the first one on the count is that of the fragments
  }

  override released(): void {}
}

export const wrong = program(
  'ucx-rndv-wrong',
  'an operation that is over when no posted fragment is left',
  2017,
  (k) => new CountsPosted(k),
);
