// How what an object holds is written down and put back. A block is a list of values; objects that hold the same as before
// give the block that they had before.

import type { Frames } from './frames.ts';

export type Block = readonly unknown[];

/** An object that was met, with the block that it held at the last moment that was kept or come back to. */
export interface Known {
  readonly o: object;
  readonly layout: Layout;
  /** By field: what it referred to the last time. */
  readonly sites: (Known | undefined)[];
  block: Block | null;
  /** Number of the last look that met it. */
  look: number;
}

/** Who wants to know of every object that another one refers to. */
export interface Keeper {
  /** Number of the look that is going on. */
  readonly look: number;
  /** The bytes of its machine. */
  readonly frames: Frames;
  known(o: object): Known;
  meet(one: Known): void;
}

/** The `nth` field of an object refers to `o`. */
export function refers(o: object, sites: (Known | undefined)[], nth: number, keeper: Keeper): void {
  let one = sites[nth];
  if (one === undefined || one.o !== o) one = sites[nth] = keeper.known(o);
  if (one.look < keeper.look) keeper.meet(one);
}

export interface Layout {
  /** It is a slab's: what stands in it while nobody has it does not matter. */
  readonly comesAndGoes: boolean;
  /** The fields whose values a block begins with, in order; null: only `differs` can tell. */
  readonly flat: readonly string[] | null;
  /** Does `o` hold something else than `block`? */
  differs(o: object, block: Block): boolean;
  /** What `o` holds now: `before` if it is that. Tells `keeper` of what can be reached by fields that change. */
  keep(o: object, before: Block | null, keeper: Keeper, sites: (Known | undefined)[]): Block;
  /** Tells `keeper` of what can be reached by fields that never change. */
  meetConstants(o: object, keeper: Keeper): void;
  restore(o: object, block: Block, frames: Frames): void;
}

/** Of an object that nobody has. */
export const DEAD: Block = [];

export const nowhere = (): void => undefined;
