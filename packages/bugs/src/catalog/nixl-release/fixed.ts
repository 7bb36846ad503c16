import { declareState } from '@lastref/kernel';
import { Transfer, transfer } from './common.ts';

/** Returns when the transfer has come to its end. */
class Drains extends Transfer {
  private waits = false;

  protected override release(): void {
    if (this.inFlight) this.waits = true;
    else this.deregister();
  }

  protected override drained(): void {
    if (this.waits) this.deregister();
  }
}

declareState(Drains, { state: 'waits' });

export const fixed = transfer('fixed', (k) => new Drains(k));
