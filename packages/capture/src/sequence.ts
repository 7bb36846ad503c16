// Goal: 32-bit sequence numbers that wrap, and sets of byte ranges in a stream.

/** a - b as a signed distance; right as long as the two are less than 2 GiB apart (RFC 793). */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** True if sequence number `a` comes after `b`. */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** (a + b) modulo 2^32. */
export function plus(a: number, b: number): number {
  return (a + b) >>> 0;
}

/**
 * Turns sequence numbers into stream offsets that do not wrap. Offset 0 is the byte after the SYN.
 * Numbers may come in any order, up to 2 GiB away from the newest one seen.
 */
export class StreamOffsets {
  #newestSeq: number;
  #newest = 0;

  /** @param first the sequence number of offset 0. */
  constructor(first: number) {
    this.#newestSeq = first;
  }

  /** Offset of a sequence number; negative before the stream's first byte. */
  of(seq: number): number {
    const offset = this.#newest + distance(seq, this.#newestSeq);
    if (offset > this.#newest) {
      this.#newest = offset;
      this.#newestSeq = seq;
    }
    return offset;
  }
}

/** A set of bytes, kept as disjoint ranges in ascending order. */
export class RangeSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /**
   * Adds [start, end) and reports the parts that were not in the set before, in ascending order.
   * O(log ranges) where ranges mostly grow at the end, as a stream's do.
   */
  add(start: number, end: number, fresh?: (start: number, end: number) => void): number {
    const starts = this.#starts;
    const ends = this.#ends;
    const first = this.#firstEndingAtOrAfter(start);
    let last = first;
    let low = start;
    let high = end;
    let at = start;
    let added = 0;
    const gap = (gapStart: number, gapEnd: number): void => {
      if (gapEnd <= gapStart) return;
      added += gapEnd - gapStart;
      fresh?.(gapStart, gapEnd);
    };
    for (; last < starts.length; last++) {
      const rangeStart = starts[last] ?? 0;
      const rangeEnd = ends[last] ?? 0;
      if (rangeStart > end) break;
      gap(at, Math.min(rangeStart, end));
      at = Math.max(at, rangeEnd);
      low = Math.min(low, rangeStart);
      high = Math.max(high, rangeEnd);
    }
    gap(at, end);
    if (last === first + 1) {
      starts[first] = low;
      ends[first] = high;
    } else {
      starts.splice(first, last - first, low);
      ends.splice(first, last - first, high);
    }
    return added;
  }

  /** Adds the parts of [start, end) that are in this set to `other`, and reports each that is new there. */
  intersect(start: number, end: number, other: RangeSet, fresh: (a: number, b: number) => void) {
    for (let i = this.#firstEndingAtOrAfter(start + 1); i < this.#starts.length; i++) {
      const from = Math.max(start, this.#starts[i]!);
      const to = Math.min(end, this.#ends[i]!);
      if (from >= end) return;
      if (to > from) other.add(from, to, fresh);
    }
  }

  /** How far the set goes on from `offset` without a gap: `offset` itself where it is not in the set. O(log ranges) */
  endFrom(offset: number): number {
    const i = this.#firstEndingAtOrAfter(offset);
    return i < this.#starts.length && this.#starts[i]! <= offset ? this.#ends[i]! : offset;
  }

  /** The ranges, in ascending order. */
  list(): readonly (readonly [start: number, end: number])[] {
    return this.#starts.map((start, i) => [start, this.#ends[i]!] as const);
  }

  #firstEndingAtOrAfter(offset: number): number {
    const ends = this.#ends;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
