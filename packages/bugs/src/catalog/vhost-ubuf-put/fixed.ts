import { declareState } from '@lastref/kernel';
import { Act } from '../../act.ts';
import { Vhost, packet } from './common.ts';

class FreesBehindReaders extends Vhost {
  /** A grace period ends when no put is under way any more: between steps, as each of them is within one. */
  private readonly gracePeriod = new Act(this.k, 'grace period', 'ends', () => this.leave());

  protected override free(): void {
    this.gracePeriod.arm(); // kfree_rcu
  }
}

declareState(FreesBehindReaders, { constant: 'gracePeriod' });

export const fixed = packet('fixed', (k) => new FreesBehindReaders(k));
