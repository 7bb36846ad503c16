import { ZeroCopyChannel, migrated } from './common.ts';

class CountsCalls extends ZeroCopyChannel {
  protected override sent(): void {
    this.zeroCopyQueued++;
  }
}

export const fixed = migrated('fixed', (k) => new CountsCalls(k));
