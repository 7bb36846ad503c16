import { Delivery, deliverToAll } from './common.ts';

/** The packet is let go of behind the loop. */
class ReleasesBehind extends Delivery {
  protected override over(): void {
    this.release();
  }
}

export const fixed = deliverToAll('(fixed)', (k) => new ReleasesBehind(k));
