import { SpinLock } from '@lastref/kernel';
import { Umem, shared } from './common.ts';

class LockInSocket extends Umem {
  protected override locks(): readonly [SpinLock, SpinLock] {
    const { k } = this;
    return [
      new SpinLock(k, 'tx_completion_lock of the first socket'),
      new SpinLock(k, 'tx_completion_lock of the second socket'),
    ];
  }
}

export const wrong = shared('wrong', (k) => new LockInSocket(k));
