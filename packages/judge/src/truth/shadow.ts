// What was lent, byte for byte, kept apart from the machine: one entry per lent range, found by stream
// position or by page.
import { Reader, type Page } from '@lastref/kernel';
import { NO_LOAN, type LoanRecord } from '../account/record.ts';

/** Bytes of the largest range: one page. */
const SLOT = 4096;
/** Of nearly every range nothing is kept but what was lent. */
export const NONE: readonly number[] = [];

/** A range of one page that a producer lent, as `size` stream bytes from `at`. */
export class Lent {
  loan: LoanRecord = NO_LOAN;
  page: Page | null = null;
  pageOffset = 0;
  size = 0;
  flow = 0;
  /** Offset in the flow's stream, from the first byte ever lent there. */
  at = 0;
  /** page.writes when it was lent: the bytes are the same as long as this is. */
  writes = 0;
  /** Offset of the copy in the shadow memory. */
  shadow = 0;
  /** A sum over the copy, which never changes, once somebody has asked for it; 0: not yet. */
  sum = 0;
  /** What goes out is a copy that its producer has made, whoever reads it. */
  isOwnCopy = false;
  /** What somebody has read in copies over which the stack has written: where the whole range is kept as it was read there. */
  spoilt: readonly number[] = NONE;
  /** Next range on the same page. */
  nextOnPage: Lent | null = null;
  /** Next range of the same loan. */
  nextOfLoan: Lent | null = null;
  /** Number of the last walk that reached it. */
  seen = 0;
}

/** The lent ranges of one stream, in stream order. */
export class FlowShadow {
  readonly baseSeq: number;
  readonly entries: Lent[] = [];
  /** Entries before this index are retired. */
  head = 0;
  /** Where the last look ended: no more than a hint. A range in front of one that begins at `at` or before ends there. */
  private cursor = 0;
  /** Offset that the application has read up to; nothing below is delivered again. */
  consumed = 0;
  /** Lowest offset that a walk found in any queue. */
  lowest = 0;

  constructor(baseSeq: number) {
    this.baseSeq = baseSeq;
  }

  offset(seq: number): number {
    return (seq - this.baseSeq) | 0;
  }

  /** `reader` has read up to here; what an application has read is not delivered again. */
  readUpTo(reader: Reader, end: number): void {
    if (reader === Reader.APPLICATION && end > this.consumed) this.consumed = end;
  }

  /** Index of the first live entry that ends behind `at`, or entries.length. */
  find(at: number): number {
    const { entries } = this;
    let i = this.cursor;
    if (i >= this.head && i < entries.length) {
      const e = entries[i]!;
      if (e.at <= at) {
        while (i < entries.length && entries[i]!.at + entries[i]!.size <= at) {
          if (++i - this.cursor > 8) return this.search(at);
        }
        this.cursor = i;
        return i;
      }
    }
    return this.search(at);
  }

  private search(at: number): number {
    let lo = this.head;
    let hi = this.entries.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      const e = this.entries[mid]!;
      if (e.at + e.size <= at) lo = mid + 1;
      else hi = mid;
    }
    this.cursor = lo;
    return lo;
  }

  /** Forgets retired entries once they are many. */
  compact(): void {
    if (this.head < 4096) return;
    this.entries.splice(0, this.head);
    this.head = 0;
  }
}

/** Copies of lent bytes, in slots of one page. */
export class ShadowMemory {
  bytes = Buffer.alloc(8 * SLOT);
  private readonly free: number[] = [];
  private brk = 0;
  /** How often bytes were put in. */
  private puts = 0;

  /** Bytes that hold, or have held, copies: those in front. */
  get used(): number {
    return this.brk;
  }

  private slot(): number {
    this.puts++;
    const free = this.free.pop();
    if (free !== undefined) return free;
    const at = this.brk;
    this.brk += SLOT;
    if (this.brk > this.bytes.length) {
      const bigger = Buffer.alloc(this.bytes.length * 2);
      this.bytes.copy(bigger);
      this.bytes = bigger;
    }
    return at;
  }

  /** Keeps the `size` bytes that are kept at `from` a second time; returns where. */
  again(from: number, size: number): number {
    const at = this.slot();
    this.bytes.copyWithin(at, from, from + size);
    return at;
  }

  /** Keeps `size` bytes at `address` of `mem`; returns where. */
  keep(mem: Uint8Array, address: number, size: number): number {
    const at = this.slot();
    const { bytes } = this;
    if (size < 512) for (let i = 0; i < size; i++) bytes[at + i] = mem[address + i]!;
    else bytes.set(mem.subarray(address, address + size), at);
    return at;
  }

  /** Writes `size` bytes at `address` of `mem` over what is kept at `at`. */
  put(at: number, mem: Uint8Array, address: number, size: number): void {
    this.bytes.set(mem.subarray(address, address + size), at);
  }

  /** Is each of `size` bytes at `address` of `mem` the one that is kept there, at one of `places`? */
  isMadeOf(places: readonly number[], mem: Uint8Array, address: number, size: number): boolean {
    const { bytes } = this;
    for (let i = 0; i < size; i++)
      if (!places.some((at) => bytes[at + i] === mem[address + i])) return false;
    return true;
  }

  /** A sum over `size` bytes at `at`, for whoever compares. */
  sum(at: number, size: number): number {
    let h = size;
    for (let i = at; i < at + size; i++) h = Math.imul(h ^ this.bytes[i]!, 0x01000193);
    return h;
  }

  release(at: number): void {
    this.free.push(at);
  }
}
