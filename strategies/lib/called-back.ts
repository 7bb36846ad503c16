import type { Loan, Services } from '@lastref/kernel';

/** A call through the pointer that the design keeps, with one holder less: that of the last one is what `complete` counts. */
export function calledBack(k: Services, loan: Loan): void {
  if (k.decAndTest(loan)) k.complete(loan);
  else k.called();
}
