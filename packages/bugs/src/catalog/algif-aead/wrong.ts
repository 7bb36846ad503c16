import { AlgSocket, deciphered } from './common.ts';

class InPlace extends AlgSocket {
  protected override tagIsInDestination(): boolean {
    return true; // sg_chain
  }
}

export const wrong = deciphered('wrong', (k) => new InPlace(k));
