// How a slab is written down and put back: which of its objects nobody has.
import { SkBuff, type Slab, type SlabObject } from '@lastref/kernel';
import { nowhere, type Layout } from './layout.ts';

/** Of each object that nobody has: itself, which life of it comes next, and the same of the other half of a pair. */
const PER_FREE = 3;

/**
 * How many objects it had made, and which of them nobody has. Those that it made since are at the bottom of the free
 * list, as if they were still to be made.
 */
export const SLAB: Layout = {
  comesAndGoes: false,
  flat: null,
  differs(o, block) {
    const slab = o as Slab<SlabObject>;
    const free = freeOf(slab);
    const made = block[0] as number;
    const since = slab.all.length - made;
    if (1 + PER_FREE * (free.length - since) !== block.length) return true;
    for (let i = 0; i < since; i++) if (free[i] !== slab.all[made + i]) return true;
    for (let i = since, at = 1; i < free.length; i++, at += PER_FREE) {
      const one = free[i]!;
      if (block[at] !== one || block[at + 1] !== one.gen) return true;
      if (block[at + 2] !== pairGen(one)) return true;
    }
    return false;
  },
  keep(o, block) {
    if (block !== null && !SLAB.differs(o, block)) return block;
    const slab = o as Slab<SlabObject>;
    const now: unknown[] = [slab.all.length];
    for (const one of freeOf(slab)) now.push(one, one.gen, pairGen(one));
    return now;
  },
  meetConstants: nowhere,
  restore(o, block) {
    const slab = o as Slab<SlabObject>;
    const free = freeOf(slab);
    const made = block[0] as number;
    const since = slab.all.length - made;
    free.length = since + (block.length - 1) / PER_FREE;
    for (let i = 0; i < since; i++) letGo((free[i] = slab.all[made + i]!));
    for (let i = since, at = 1; i < free.length; i++, at += PER_FREE) {
      const one = block[at] as SlabObject;
      free[i] = one;
      letGo(one);
      one.gen = block[at + 1] as number;
      if (one instanceof SkBuff && one.pair !== null) one.pair.gen = block[at + 2] as number;
    }
  },
};

function freeOf(slab: Slab<SlabObject>): SlabObject[] {
  return Reflect.get(slab, 'freeList') as SlabObject[];
}

function pairGen(one: SlabObject): number {
  return one instanceof SkBuff && one.pair !== null ? one.pair.gen : 0;
}

function letGo(one: SlabObject): void {
  one.live = false;
  if (one instanceof SkBuff && one.pair !== null) one.pair.live = false;
}
