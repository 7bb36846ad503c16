import { UnixPair, spliced } from './common.ts';

class LocksToQueue extends UnixPair {
  protected override lockQueue(): void {}
  protected override unlockQueue(): void {}
}

export const wrong = spliced('wrong', (k) => new LocksToQueue(k));
