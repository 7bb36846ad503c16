import type { Loan } from '@lastref/kernel';
import { program } from '../../lib.ts';
import { CompletionRing } from './common.ts';

/** The destructor of a packet writes the addresses that this packet used. */
class FilledAtFinish extends CompletionRing {
  protected override submitted(): void {}

  protected override finished(loan: Loan): void {
    this.k.drop(loan); // xsk_cq_submit_addr_locked
  }
}

export const fixed = program(
  'xsk-immature-fixed',
  'a completion ring that is filled when packets finish',
  2025,
  (k) => new FilledAtFinish(k),
);
