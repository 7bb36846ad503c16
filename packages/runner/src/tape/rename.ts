// Other names for the objects of a machine: which of its slots is handed out next, and how often that was before. No state
// of a search has names, so a design whose answers depend on them (whether a slot is even, which of two is the lower) is
// not the same in two machines that a search takes for one.
import type { Kernel, SlabObject } from '@lastref/kernel';

interface Slab {
  alloc(): SlabObject;
  free(o: SlabObject): void;
}

/** Objects of each slab that are there from the start, and to what they are turned. */
const READY = 24;

/** Gives the objects of `k`, of which nobody has one yet, names that no other of the first few machines gives. */
export function rename(k: Kernel, machine: number): void {
  if (machine === 0) return;
  for (const slab of [k.skbs, k.fclones, k.shinfos, k.loans] as unknown as readonly Slab[])
    turn(slab, READY, machine);
  turn(k.pages, k.frames - k.pages.used, machine);
}

function turn(slab: Slab, count: number, machine: number): void {
  if (count <= 0) return;
  const objects = Array.from({ length: count }, () => slab.alloc());
  const by = (machine * 7) % count;
  for (const o of [...objects.slice(by), ...objects.slice(0, by)].reverse()) {
    o.gen += machine; // of one that is alive nobody knows it yet
    slab.free(o);
  }
}
