import type { SkBuff } from '@lastref/kernel';
import { Driver, tapped } from './common.ts';

class KeepsTheMark extends Driver {
  protected override expanded(clone: SkBuff): void {
    clone.ppRecycle = 1; // skb_release_data leaves it
  }
}

export const wrong = tapped('wrong', (k) => new KeepsTheMark(k));
