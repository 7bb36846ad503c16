// Object caches. Objects are made once and handed out again, as the kernel's slabs do, so a warm machine
// allocates nothing. Last in, first out: the order depends on the run alone.
import { KernelBug } from '../errors.ts';
import { declareState } from '../state.ts';

/** What a slab needs of its objects. */
export interface SlabObject {
  /** Position in the slab, for side arrays. */
  slot: number;
  /** Counts how often the object was freed: (slot, gen) names one life of it. */
  gen: number;
  live: boolean;
}

/** @kernel mm/slub.c kmem_cache_alloc, kmem_cache_free */
export class Slab<T extends SlabObject> {
  readonly name: string;
  readonly all: T[] = [];
  private readonly make: () => T;
  /** Slots are `first`, `first + stride`, …: several slabs of one kind of object can share side arrays. */
  private readonly first: number;
  private readonly stride: number;
  private readonly freeList: T[] = [];

  constructor(name: string, make: () => T, first = 0, stride = 1) {
    this.name = name;
    this.first = first;
    this.stride = stride;
    this.make = make;
  }

  alloc(): T {
    const obj = this.freeList.pop() ?? this.grow();
    obj.live = true;
    return obj;
  }

  free(obj: T): void {
    if (!obj.live) throw new KernelBug(`${this.name}#${obj.slot} is freed twice`);
    obj.live = false;
    obj.gen++;
    this.freeList.push(obj);
  }

  /** Those that nobody has: what stands in them does not matter to whoever gets one. */
  forEachFree(visit: (obj: T) => void): void {
    for (const obj of this.freeList) visit(obj);
  }

  /** Objects in use. */
  get used(): number {
    return this.all.length - this.freeList.length;
  }

  private grow(): T {
    const obj = this.make();
    obj.slot = this.first + this.all.length * this.stride;
    this.all.push(obj);
    return obj;
  }
}

declareState(Slab, {
  constant: 'name make first stride',
  spare: 'all freeList',
});
