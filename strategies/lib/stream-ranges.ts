import type { Loan } from '@lastref/kernel';

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

  /** The last range of this stream, if there is one. */
  last(flow: number): Range | undefined {
    return this.ranges[flow]?.at(-1);
  }

  add(flow: number, loan: Loan, endSeq: number): void {
    (this.ranges[flow] ??= []).push({ loan, endSeq });
  }

  /** Takes out every range that ends at `seq` or before. */
  passed(flow: number, seq: number, each: (loan: Loan) => void): void {
    const ranges = this.ranges[flow];
    if (ranges === undefined) return;
    let i = this.first[flow] ?? 0;
    for (; i < ranges.length && ((ranges[i]!.endSeq - seq) | 0) <= 0; i++) each(ranges[i]!.loan);
    if (i === ranges.length) i = ranges.length = 0;
    this.first[flow] = i;
  }

  /** Takes out all that is left. */
  all(flow: number, each: (loan: Loan) => void): void {
    const ranges = this.ranges[flow] ?? [];
    for (let i = this.first[flow] ?? 0; i < ranges.length; i++) each(ranges[i]!.loan);
    ranges.length = 0;
    this.first[flow] = 0;
  }
}
