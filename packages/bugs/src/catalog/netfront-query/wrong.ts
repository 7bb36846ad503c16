import { Netfront, granted } from './common.ts';

class AsksFirst extends Netfront {
  protected override isRevoked(): boolean {
    if (this.grant.query()) return false;
    this.grant.end();
    return true;
  }
}

export const wrong = granted('wrong', (k) => new AsksFirst(k));
