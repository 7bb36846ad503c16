// What the tests of TCP send, what they look for at the other end, and what they lose on the way.
import { PAGE_SIZE } from '../src/index.ts';
import type { Machine, Segment } from './machine.ts';

/** `size` bytes that do not repeat soon. */
export function noise(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => i * 7 + (i >> 7) + (i >> 13)));
}

/** What a producer lends: the bytes of its pages. */
export function bytesOf(m: Machine): Buffer {
  return Buffer.concat(m.owned.map((p) => m.k.mem.subarray(p.address, p.address + PAGE_SIZE)));
}

/** Loses each segment that fits, the first `times` times. */
export function loseFirst(m: Machine, fits: (s: Segment) => boolean, times = 1): void {
  let left = times;
  m.lose = (s) => fits(s) && left-- > 0;
}

/** The first `size` bytes of each page of the producer. */
export function bytesOfEach(m: Machine, size: number): Buffer {
  return Buffer.concat(m.owned.map((p) => m.k.mem.subarray(p.address, p.address + size)));
}
