import { skbCloned, type SkBuff } from '@lastref/kernel';
import { Driver, received } from './common.ts';

/** A clone's pages come by plain references: they may stand behind such alone. */
class AsksForClones extends Driver {
  protected override mayCoalesce(to: SkBuff, from: SkBuff): boolean {
    return (to.ppRecycle !== 0) === (from.ppRecycle !== 0 && !skbCloned(from));
  }
}

export const fixed = received('fixed', (k) => new AsksForClones(k));
