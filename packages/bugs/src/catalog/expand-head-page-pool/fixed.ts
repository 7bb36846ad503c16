import type { SkBuff } from '@lastref/kernel';
import { Driver, tapped } from './common.ts';

class LosesTheMark extends Driver {
  protected override expanded(clone: SkBuff): void {
    clone.ppRecycle = 0; // skb_release_data, where others have the data still
  }
}

export const fixed = tapped('fixed', (k) => new LosesTheMark(k));
