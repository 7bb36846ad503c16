// Allocation failures, as a step that anybody may take: the n-th allocation from here fails.
import { SingleStep, Spend } from './agenda.ts';
import type { Kernel } from './kernel.ts';

/** How many allocations ahead one may be chosen to fail: more than any step asks for. */
const FAULT_REACH = 8;

export class FaultStep extends SingleStep {
  private readonly k: Kernel;

  constructor(k: Kernel) {
    super('memory', 'fails at allocation', Spend.FAILURE);
    this.k = k;
    k.agenda.add(this);
  }

  override choices(out: number[]): void {
    for (let n = 1; n <= FAULT_REACH && this.k.failIn === 0; n++) out.push(0, n);
  }

  /** `item`: 1 is the next allocation. */
  override take(_verb: number, item: number): boolean {
    if (item < 1) return false;
    this.k.failIn = item;
    return true;
  }
}
