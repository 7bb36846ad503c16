import { Driver, unbound } from './common.ts';

/** page_pool_release_retry: it waits for them. */
class WaitsForThem extends Driver {
  protected override destroy(): void {}
}

export const wrong = unbound('wrong', (k) => new WaitsForThem(k));
