import { Netfront, granted } from './common.ts';

class Revokes extends Netfront {
  protected override isRevoked(): boolean {
    return this.grant.end();
  }
}

export const fixed = granted('fixed', (k) => new Revokes(k));
