import { Psock, redirected } from './common.ts';

class KeepsOne extends Psock {
  protected override takesOne(): boolean {
    return true;
  }
}

export const fixed = redirected('fixed', (k) => new KeepsOne(k));
