import { SmcSplice, teed } from './common.ts';

class Refuses extends SmcSplice {
  protected override get(): boolean {
    return false;
  }
}

export const fixed = teed('fixed', (k) => new Refuses(k));
