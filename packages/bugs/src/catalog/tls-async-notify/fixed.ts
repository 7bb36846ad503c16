import type { Kernel } from '@lastref/kernel';
import { Socket, closes } from './common.ts';

/** The thread has one of the count, and whoever takes it to 0 touches nothing behind that. */
class ByTheCountAlone extends Socket {
  constructor(k: Kernel) {
    super(k, 1);
  }

  protected override notify(): void {
    this.ctx.use();
    if (this.pending.add(-1) === 0) this.complete();
  }

  protected override isIdle(): boolean {
    return this.pending.add(-1) === 0;
  }
}

export const fixed = closes('fixed', (k) => new ByTheCountAlone(k));
