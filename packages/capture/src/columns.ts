// Goal: long lists of numbers without an object for each. They grow by doubling.

type Numbers = Float64Array | Uint32Array | Uint8Array;

export class Column<T extends Numbers> {
  private data: T;
  private readonly make: (length: number) => T;
  length = 0;

  constructor(make: (length: number) => T) {
    this.make = make;
    this.data = make(64);
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = this.make(2 * this.length);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  /** The value at `i`, which must be less than `length`. */
  at(i: number): number {
    return this.data[i]!;
  }

  set(i: number, value: number): void {
    this.data[i] = value;
  }
}

export const float64 = (): Column<Float64Array> => new Column((n) => new Float64Array(n));
export const uint32 = (): Column<Uint32Array> => new Column((n) => new Uint32Array(n));
export const uint8 = (): Column<Uint8Array> => new Column((n) => new Uint8Array(n));
