import { RdsSender, sends, type RdsMessage } from './common.ts';

/** Whoever is not on a socket is no zero-copy message. */
class AsksTheSocket extends RdsSender {
  protected override isZcopy({ queued, znotifier }: RdsMessage): boolean {
    return queued && znotifier !== null;
  }
}

export const wrong = sends('wrong', (k) => new AsksTheSocket(k));
