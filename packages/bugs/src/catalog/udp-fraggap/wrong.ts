import { CorkedSocket, splices } from './common.ts';

class ForgetsTheGap extends CorkedSocket {
  protected override allocLength(fragheaderlen: number): number {
    return fragheaderlen; // + transhdrlen, which is 0 behind the first
  }
}

export const wrong = splices('wrong', (k) => new ForgetsTheGap(k));
