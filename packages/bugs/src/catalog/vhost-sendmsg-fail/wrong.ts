import type { Loan } from '@lastref/kernel';
import { VhostTx, guestSends } from './common.ts';

class PutsOnError extends VhostTx {
  protected override failed(loan: Loan): void {
    this.k.drop(loan); // vhost_net_ubuf_put
  }
}

export const wrong = guestSends('wrong', (k, device) => new PutsOnError(k, device));
