import { StridingQueue, refilled } from './common.ts';

class NotesIt extends StridingQueue {
  protected override failed(): void {
    this.skipRelease = true; // bitmap_fill
  }
}

export const fixed = refilled('fixed', (k) => new NotesIt(k));
