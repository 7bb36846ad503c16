import { SpinLock, declareState, type Kernel } from '@lastref/kernel';
import { Socket, closes } from './common.ts';

/** Count and completion are looked at under a lock, which the callback gives back when it has woken up who waits. */
class UnderALock extends Socket {
  private readonly complLock = new SpinLock(this.k, 'decrypt_compl_lock');

  constructor(k: Kernel) {
    super(k, 0);
  }

  protected override notify(): void {
    this.complLock.lockBh();
    if (this.pending.add(-1) === 0) this.complete();
    this.ctx.use(); // it has the lock
    this.complLock.unlockBh();
  }

  protected override isIdle(): boolean {
    this.complLock.lockBh();
    const pending = this.pending.read();
    this.complLock.unlockBh();
    return pending === 0;
  }
}

declareState(UnderALock, { state: 'complLock' });

export const wrong = closes('wrong', (k) => new UnderALock(k));
