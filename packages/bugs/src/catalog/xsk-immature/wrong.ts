import type { Loan } from '@lastref/kernel';
import { program } from '../../lib.ts';
import { CompletionRing } from './common.ts';

/** Addresses are written into the ring at submission; whichever packet finishes publishes one more of them. */
class FilledAtSubmission extends CompletionRing {
  private readonly slots: Loan[] = [];

  protected override submitted(loan: Loan): void {
    this.slots.push(loan); // xskq_prod_write_addr
  }

  protected override finished(): void {
    this.k.drop(this.slots.shift()!); // xskq_prod_submit_n(1)
  }
}

export const wrong = program(
  'xsk-immature-wrong',
  'a completion ring that is filled at submission',
  2025,
  (k) => new FilledAtSubmission(k),
);
