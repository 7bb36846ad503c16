import { Delivery, deliverToAll } from './common.ts';

/** The callback for an endpoint lets go of the packet. */
class ReleasesInside extends Delivery {
  protected override delivered(): void {
    this.release();
  }
}

export const wrong = deliverToAll('(wrong)', (k) => new ReleasesInside(k));
