// Allocation failures, as a step that anybody may take: the n-th allocation from here fails.
import { SingleStep } from './agenda.ts';
import type { Kernel } from './kernel.ts';

export class FaultStep extends SingleStep {
  private readonly k: Kernel;

  constructor(k: Kernel) {
    super('memory', 'fails at allocation');
    this.k = k;
    k.agenda.add(this);
  }

  /** `item`: 1 is the next allocation. */
  override take(_verb: number, item: number): boolean {
    if (item < 1) return false;
    this.k.failIn = item;
    return true;
  }
}
