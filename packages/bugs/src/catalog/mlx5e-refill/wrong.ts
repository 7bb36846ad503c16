import { StridingQueue, refilled } from './common.ts';

class NotesNothing extends StridingQueue {
  protected override failed(): void {}
}

export const wrong = refilled('wrong', (k) => new NotesNothing(k));
