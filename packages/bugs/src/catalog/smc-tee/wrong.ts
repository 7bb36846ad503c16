import { SmcSplice, teed } from './common.ts';

class TakesThePage extends SmcSplice {
  protected override get(): boolean {
    return this.genericGet();
  }
}

export const wrong = teed('wrong', (k) => new TakesThePage(k));
