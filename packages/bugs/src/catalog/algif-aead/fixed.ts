import { AlgSocket, deciphered } from './common.ts';

class OutOfPlace extends AlgSocket {
  protected override tagIsInDestination(): boolean {
    return false;
  }
}

export const fixed = deciphered('fixed', (k) => new OutOfPlace(k));
