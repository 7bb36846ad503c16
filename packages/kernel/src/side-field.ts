// A field that a design's patch adds to a struct of the kernel, besides the one loan slot that every struct has.
import type { SlabObject } from './mm/slab.ts';
import { declareState } from './state.ts';

export class SideField<O extends SlabObject, V> {
  private readonly values: (V | undefined)[] = [];
  /** The life of the object that a value belongs to. */
  private readonly gens: number[] = [];
  /** The class of its objects, since the first value. */
  private kind: object | null = null;

  /** What was set in this life of `o`, or undefined. */
  get(o: O): V | undefined {
    return this.gens[o.slot] === o.gen ? this.values[o.slot] : undefined;
  }

  set(o: O, value: V | undefined): void {
    this.kind ??= o.constructor;
    this.values[o.slot] = value;
    this.gens[o.slot] = o.gen;
  }

  /** For a fingerprint, which asks of objects of any class: `get` if `o` is of the struct that has the field. */
  of(o: SlabObject): V | undefined {
    return o.constructor === this.kind ? this.get(o as O) : undefined; // an skb and a page may have one slot and gen
  }
}

declareState(SideField, { elsewhere: 'values gens kind' });

/** One life of an object of a slab: a pointer that is kept, and the means to see that what it led to is gone. */
export class Life<O extends SlabObject> {
  private readonly object: O;
  private readonly gen: number;

  /** The life of `object` that goes on now. */
  constructor(object: O) {
    this.object = object;
    this.gen = object.gen;
  }

  /** The object was freed since; it may be another one by now. */
  get over(): boolean {
    return this.object.gen !== this.gen;
  }

  /** Is it `object` that lives it, now? */
  is(object: O): boolean {
    return this.object === object && !this.over;
  }
}

declareState(Life, {
  elsewhere: 'object',
  name: 'gen',
  also(life, sink) {
    sink.value(life.over ? null : life['object']); // whose the object is by now, nobody can ask of it
  },
});
