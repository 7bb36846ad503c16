import type { Loan, Page } from '@lastref/kernel';
import { PipeOfFile, pipe, type Slot } from './common.ts';

class FlagsSet extends PipeOfFile {
  protected override copyPageToIter(slot: Slot, page: Page, loan: Loan): void {
    super.copyPageToIter(slot, page, loan);
    slot.canMerge = false; // buf->flags = 0
  }
}

export const fixed = pipe('fixed', (k) => new FlagsSet(k));
