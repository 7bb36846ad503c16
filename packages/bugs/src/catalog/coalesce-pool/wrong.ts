import type { SkBuff } from '@lastref/kernel';
import { Driver, received } from './common.ts';

/** Both are of pools, or neither is [6a5bcd84e886]. */
class AsksTheMarks extends Driver {
  protected override mayCoalesce(to: SkBuff, from: SkBuff): boolean {
    return to.ppRecycle === from.ppRecycle;
  }
}

export const wrong = received('wrong', (k) => new AsksTheMarks(k));
