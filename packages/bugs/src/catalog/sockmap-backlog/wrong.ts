import { Psock, redirected } from './common.ts';

/** The reader has the only one. */
class PassesItsOwn extends Psock {
  protected override takesOne(): boolean {
    return false;
  }
}

export const wrong = redirected('wrong', (k) => new PassesItsOwn(k));
