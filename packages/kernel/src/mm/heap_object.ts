// Memory that is allocated, used and freed, and belongs to no slab of the machine: what a program, a driver or a layer that is
// not modelled keeps its own fields in. Whoever uses it once it is freed is told of, as KASAN does.
import type { Kernel } from '../kernel.ts';
import { declareState } from '../state.ts';

/**
 * Model: what was freed is never handed out again, as in KASAN's quarantine, so that every later use shows, and does no harm.
 * @kernel mm/kasan/generic.c kasan_check_range, mm/kasan/quarantine.c kasan_quarantine_put (6.8)
 */
export class HeapObject {
  readonly name: string;
  private readonly k: Kernel;
  private freed = false;

  /** `name`: in the field's words, for whoever reads that it was used. */
  constructor(k: Kernel, name: string) {
    this.k = k;
    this.name = name;
  }

  /** Somebody reads or writes a field of it; just before, another processor may come in. */
  use(): void {
    const { k, name } = this;
    k.point();
    if (this.freed) k.probe.freedUsed(name, 'is used after it was freed');
  }

  /** kfree */
  free(): void {
    const { k, name } = this;
    k.point();
    if (this.freed) k.probe.freedUsed(name, 'is freed a second time');
    this.freed = true;
    k.probe.objectFreed(name);
  }
}

declareState(HeapObject, {
  state: 'freed',
  constant: 'k name',
});
