// 64 bits that stand for a state of any length.

const P1 = 0x9e3779b1 | 0;
const P2 = 0x85ebca77 | 0;
const P3 = 0xc2b2ae3d | 0;

/** Spreads every bit over the word. */
function avalanche(h: number): number {
  h = Math.imul(h ^ (h >>> 16), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return h ^ (h >>> 16);
}

/** The fingerprint of a state, as two words that are read after `of`. */
export class Fingerprint {
  hi = 0;
  lo = 0;

  /** Takes the fingerprint of the first `n` words; `n` is even. */
  of(words: Int32Array, n: number): void {
    let a = P1;
    let b = P2;
    for (let i = 0; i < n; i += 2) {
      // Each word reaches both lanes: a lane of 32 bits alone would let states that differ in it collide.
      const x = a ^ words[i]!;
      const y = b ^ words[i + 1]!;
      a = (Math.imul((x << 13) | (x >>> 19), P1) + b) | 0;
      b = Math.imul((y << 17) | (y >>> 15), P3) ^ a;
    }
    const lo = avalanche(a + Math.imul(b, P2));
    this.lo = lo;
    this.hi = avalanche((b ^ (a >>> 15)) + Math.imul(lo, P1));
  }
}
