// The bytes of a stream that a capture carries, one after the other: what nobody captured takes no room, is lent by
// nobody and costs nothing. Sequence numbers of the modelled socket count these bytes.

export class StreamMap {
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  /** Bytes carried below each range. */
  private readonly below: Float64Array;
  readonly bytes: number;

  /** @param ranges disjoint, in ascending order */
  constructor(ranges: readonly (readonly [start: number, end: number])[]) {
    this.starts = Float64Array.from(ranges, ([start]) => start);
    this.ends = Float64Array.from(ranges, ([, end]) => end);
    this.below = new Float64Array(ranges.length);
    let bytes = 0;
    for (let i = 0; i < ranges.length; i++) {
      this.below[i] = bytes;
      bytes += this.ends[i]! - this.starts[i]!;
    }
    this.bytes = bytes;
  }

  /** Bytes carried below `offset`. O(log ranges) */
  of(offset: number): number {
    const i = this.firstEndingAfter(offset);
    if (i === this.starts.length) return this.bytes;
    return this.below[i]! + Math.max(0, offset - this.starts[i]!);
  }

  /** The carried parts of [start, end), each as stream offsets. */
  *parts(start: number, end: number): Generator<readonly [start: number, end: number]> {
    for (let i = this.firstEndingAfter(start); i < this.starts.length; i++) {
      if (this.starts[i]! >= end) return;
      yield [Math.max(start, this.starts[i]!), Math.min(end, this.ends[i]!)];
    }
  }

  private firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
