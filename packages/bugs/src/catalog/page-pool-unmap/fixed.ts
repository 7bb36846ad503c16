import { Driver, unbound } from './common.ts';

/** page_pool_scrub: all that it has mapped is unmapped, and waited for unmapped. */
class UnmapsThem extends Driver {
  protected override destroy(): void {
    this.unmap();
  }
}

export const fixed = unbound('fixed', (k) => new UnmapsThem(k));
