import { GetPutPage, type Loan } from '@lastref/kernel';
import { program } from '../../lib.ts';

/** With protocol A a write is over when it is queued to the peer. */
class OverWhenQueued extends GetPutPage {
  override returned(loan: Loan): void {
    this.k.complete(loan); // _req_mod(req, HANDED_OVER_TO_NETWORK)
  }
}

export const wrong = program(
  'drbd-protocol-a-wrong',
  'a write that is over when it is queued',
  2010,
  (k) => new OverWhenQueued(k),
);
