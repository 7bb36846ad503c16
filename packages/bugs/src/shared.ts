// What two processors share: the other one may come in before each operation on it, and in none.
import { KernelBug, declareState, type Kernel } from '@lastref/kernel';

/** @kernel include/linux/atomic/atomic-instrumented.h */
export class SharedCount {
  private readonly k: Kernel;
  private value: number;

  constructor(k: Kernel, value: number) {
    this.k = k;
    this.value = value;
  }

  /** atomic_read */
  read(): number {
    this.k.point();
    return this.value;
  }

  /** atomic_add_return */
  add(by: number): number {
    this.k.point();
    return (this.value += by);
  }

  /** atomic_xchg */
  exchange(by: number): number {
    this.k.point();
    const { value } = this;
    this.value = by;
    return value;
  }

  /** atomic_cmpxchg: `to`, if it is still `from`. */
  compareExchange(from: number, to: number): boolean {
    this.k.point();
    if (this.value !== from) return false;
    this.value = to;
    return true;
  }
}

declareState(SharedCount, {
  state: 'value',
  constant: 'k',
});

/** A lock that a step takes and gives back before it ends. */
export class SpinLock {
  held = false;

  /** Throws KernelBug where the step that comes in would wait for the one that it came into: it has to name the lock. */
  lock(): void {
    if (this.held) throw new KernelBug('a step that came in takes a lock that it does not name');
    this.held = true;
  }

  unlock(): void {
    this.held = false;
  }
}

declareState(SpinLock, {
  state: 'held',
});
