import { RangeSet } from '@lastref/capture';

/** Which DATA events put each byte on the wire for the first or the second time, by offset of carried bytes. */
export class Carriers {
  private readonly proven = new RangeSet();
  private readonly all: { readonly start: number; readonly end: number; readonly data: number }[] =
    [];

  add(start: number, end: number, data: number): void {
    this.all.push({ start, end, data });
  }

  sort(): void {
    this.all.sort((a, b) => a.start - b.start);
  }

  /** [start, end) has arrived: the highest of the DATA events below `sent` that carried any of it, plus 1. */
  arrived(start: number, end: number, sent: number): number {
    let proves = 0;
    if (end <= start) return 0;
    this.proven.add(start, end, (from, to) => {
      for (let i = this.firstBehind(from); i < this.all.length && this.all[i]!.start < to; i++) {
        const { data } = this.all[i]!;
        if (data < sent && data >= proves) proves = data + 1;
      }
    });
    return proves;
  }

  /** The first that ends behind `offset`. */
  private firstBehind(offset: number): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.all[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
