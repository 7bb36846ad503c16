import { Reading, reads } from './common.ts';

/** async_done: the callback has run, and freed them. */
class KnowsThatItRan extends Reading {
  protected override failed(): void {}
}

export const fixed = reads('fixed', (k) => new KnowsThatItRan(k));
