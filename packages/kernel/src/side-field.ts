// A field that a design's patch adds to a struct of the kernel, besides the one loan slot that every struct has.
import type { SlabObject } from './mm/slab.ts';

export class SideField<O extends SlabObject, V> {
  private readonly values: (V | undefined)[] = [];
  /** The life of the object that a value belongs to. */
  private readonly gens: number[] = [];

  /** What was set in this life of `o`, or undefined. */
  get(o: O): V | undefined {
    return this.gens[o.slot] === o.gen ? this.values[o.slot] : undefined;
  }

  set(o: O, value: V | undefined): void {
    this.values[o.slot] = value;
    this.gens[o.slot] = o.gen;
  }
}
