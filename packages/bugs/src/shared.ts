// What two processors share: the other one may come in before each operation on it, and in none.
import { declareState, type Kernel } from '@lastref/kernel';

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
