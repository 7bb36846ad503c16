import type { Loan } from '@lastref/kernel';
import { Dma, VhostTx, guestSends } from './common.ts';

/** Unless the callback has done it: then the descriptor says that it is done. */
class PutsOnError extends VhostTx {
  protected override failed(loan: Loan): void {
    if (this.dma === Dma.IN_PROGRESS) this.k.drop(loan); // vhost_net_ubuf_put
  }
}

export const fixed = guestSends('fixed', (k, device) => new PutsOnError(k, device));
