import { ResyncQueue, ktlsResync, type Dump } from './common.ts';

/** And what could not be posted is put at once. */
class PutByCompletion extends ResyncQueue {
  protected override failed(left: Dump[]): void {
    for (const dump of left.splice(0)) this.put(dump);
  }
}

export const fixed = ktlsResync('(fixed)', (k) => new PutByCompletion(k));
