import { declareState } from '@lastref/kernel';

let draws = 0;

/** How often anybody in this isolate drew: a run in which nobody does is the same with any seed. Of no machine, so in none. */
export function drawn(): number {
  return draws;
}

/** xoshiro128** with a splitmix32 seed: 32-bit integers, the same everywhere. */
export class Prng {
  private readonly s = new Uint32Array(4);

  constructor(seed: number) {
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      this.s[i] = t ^ (t >>> 15);
    }
  }

  /** The next 32 bits. */
  next(): number {
    draws++;
    const s = this.s;
    const m = Math.imul(s[1]!, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** Uniform in 0 .. n-1. */
  below(n: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * n);
  }

  /** True `parts` times in a million. */
  chance(parts: number): boolean {
    return this.below(1_000_000) < parts;
  }
}

declareState(Prng, {
  state: 's',
});
