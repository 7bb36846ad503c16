import { Reading, reads } from './common.ts';

/** An error is one of a request that was never made. */
class FreesOnError extends Reading {
  protected override failed(): void {
    this.freePages();
  }
}

export const wrong = reads('wrong', (k) => new FreesOnError(k));
