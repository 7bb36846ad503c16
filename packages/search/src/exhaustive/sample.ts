import { Prng } from '@lastref/workloads';

/** Samples that are kept. */
const KEPT = 512;

/** A sample of what it is offered, each with the same chance (reservoir sampling). */
export class Sample<T> {
  private readonly kept: T[] = [];
  private offered = 0;
  private readonly prng: Prng;

  constructor(seed: number) {
    this.prng = new Prng(seed);
  }

  offer(make: () => T): void {
    this.offered++;
    if (this.kept.length < KEPT) {
      this.kept.push(make());
      return;
    }
    const at = this.prng.below(this.offered);
    if (at < KEPT) this.kept[at] = make();
  }

  /** The kept ones, in no order that they were offered in. */
  shuffled(): T[] {
    const out = this.kept.slice();
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.prng.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}
