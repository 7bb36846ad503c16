import type { SpinLock } from '@lastref/kernel';
import { Pool, pool } from './common.ts';

class GoesAtOnce extends Pool {
  protected override passes(): SpinLock | null {
    return null;
  }
}

export const wrong = pool('wrong', (k) => new GoesAtOnce(k));
