import { Driver, unbound } from './common.ts';

/** It has the address already, and leaves the fields alone. */
class HasThem extends Driver {
  protected override scrubbed(): void {}
}

export const fixed = unbound('fixed', (k) => new HasThem(k));
