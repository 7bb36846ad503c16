import { ResyncQueue, ktlsResync } from './common.ts';

/** What is posted is put by its completion. */
class PutByCompletion extends ResyncQueue {
  protected override failed(): void {}
}

export const wrong = ktlsResync('(wrong)', (k) => new PutByCompletion(k));
