import type { Loan, Services } from '@lastref/kernel';

/** What a socket remembers of lent bytes: to whom they belong, and where in the stream they end. */
interface Range {
  loan: Loan;
  /** One past the last sequence number of the range. */
  endSeq: number;
}

/** Lent ranges of every socket, in stream order: for designs that finish at an acknowledgement. */
export class StreamRanges {
  private readonly ranges: Range[][] = [];
  private readonly first: number[] = [];
  private readonly k: Services;
  private readonly allocates: boolean;

  /** `allocates`: a range is an object of its own, and no slot of a ring that is there. */
  constructor(k: Services, allocates: boolean) {
    this.k = k;
    this.allocates = allocates;
  }

  /** The last range of this stream, if there is one. */
  last(flow: number): Range | undefined {
    return this.ranges[flow]?.at(-1);
  }

  add(flow: number, loan: Loan, endSeq: number): void {
    (this.ranges[flow] ??= []).push({ loan, endSeq });
    if (this.allocates) this.k.allocated();
    this.k.looked(1);
  }

  /** Takes out every range that ends at `seq` or before. */
  passed(flow: number, seq: number, each: (loan: Loan) => void): void {
    const ranges = this.ranges[flow];
    if (ranges === undefined) return;
    const from = this.first[flow] ?? 0;
    let i = from;
    for (; i < ranges.length && ((ranges[i]!.endSeq - seq) | 0) <= 0; i++) each(ranges[i]!.loan);
    this.k.looked(Math.min(i + 1, ranges.length) - from);
    if (i === ranges.length) i = ranges.length = 0;
    this.first[flow] = i;
  }

  /** Takes out all that is left. */
  all(flow: number, each: (loan: Loan) => void): void {
    const ranges = this.ranges[flow] ?? [];
    this.k.looked(ranges.length - (this.first[flow] ?? 0));
    for (let i = this.first[flow] ?? 0; i < ranges.length; i++) each(ranges[i]!.loan);
    ranges.length = 0;
    this.first[flow] = 0;
  }
}
