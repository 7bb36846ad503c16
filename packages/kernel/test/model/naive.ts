// The reference that the buffer operations are held against: a packet is an array of bytes and a list of
// (page, offset, bytes), and whatever an operation gives to a second packet is copied. Nothing is shared and
// nothing is counted, so nothing can be got wrong that the machine could get wrong.
import { POISON_PAGE, type Page } from '../../src/index.ts';

/** Bytes that stand in a page. The page is only a name here: its own bytes are never looked at. */
export interface NaiveFrag {
  readonly page: Page;
  readonly offset: number;
  readonly bytes: Buffer;
}

const cut = (frag: NaiveFrag, from: number, to: number): NaiveFrag => ({
  page: frag.page,
  offset: frag.offset + from,
  bytes: Buffer.from(frag.bytes.subarray(from, to)),
});

const size = (frags: readonly NaiveFrag[]): number => frags.reduce((n, f) => n + f.bytes.length, 0);

/** The part of `frags` from byte `from` on, up to `to`. */
function slice(frags: readonly NaiveFrag[], from: number, to: number): NaiveFrag[] {
  const out: NaiveFrag[] = [];
  let at = 0;
  for (const frag of frags) {
    const start = Math.max(0, from - at);
    const end = Math.min(frag.bytes.length, to - at);
    if (start < end) out.push(cut(frag, start, end));
    at += frag.bytes.length;
  }
  return out;
}

export class Naive {
  linear: Buffer;
  frags: NaiveFrag[];
  members: Naive[] = [];
  /** Bytes of headers in front. */
  headers = 0;

  constructor(linear: Uint8Array, frags: readonly NaiveFrag[] = []) {
    this.linear = Buffer.from(linear);
    this.frags = slice(frags, 0, size(frags));
  }

  get len(): number {
    return this.linear.length + size(this.frags) + this.members.reduce((n, m) => n + m.len, 0);
  }

  bytes(): Buffer {
    const { linear, frags, members } = this;
    return Buffer.concat([linear, ...frags.map((f) => f.bytes), ...members.map((m) => m.bytes())]);
  }

  /** The same packet a second time. */
  copy(): Naive {
    const copy = new Naive(this.linear, this.frags);
    copy.members = this.members.map((m) => m.copy());
    copy.headers = this.headers;
    return copy;
  }

  /** The same bytes in one piece. */
  flat(): Naive {
    const flat = new Naive(this.bytes());
    flat.headers = this.headers;
    return flat;
  }

  /** The same bytes in one piece for each packet of the list. */
  apart(): Naive {
    const own = Buffer.concat([this.linear, ...this.frags.map((f) => f.bytes)]);
    const apart = new Naive(own);
    apart.members = this.members.map((m) => m.flat());
    apart.headers = this.headers;
    return apart;
  }

  /** Becomes what `other` is. */
  become(other: Naive): void {
    const { linear, frags, members, headers } = other.copy();
    Object.assign(this, { linear, frags, members, headers });
  }

  /** A design has made one packet of it and its members. */
  dissolve(): void {
    for (const member of this.members) {
      this.frags.push({ page: POISON_PAGE, offset: 0, bytes: member.bytes() });
    }
    this.members = [];
  }

  /** The first `count` bytes behind the linear ones join them. */
  pull(count: number): void {
    const moved = this.bytes().subarray(this.linear.length, this.linear.length + count);
    const linear = Buffer.concat([this.linear, moved]);
    this.dropFront(linear.length);
    this.linear = linear;
  }

  /** Loses its first `count` bytes. */
  dropFront(count: number): void {
    const rest = count - this.linear.length;
    this.linear = Buffer.from(this.linear.subarray(Math.min(count, this.linear.length)));
    if (rest <= 0) return;
    const paged = size(this.frags);
    this.frags = slice(this.frags, rest, paged);
    this.members = this.members.map((m) => m.copy());
    for (let left = rest - paged; left > 0;) {
      const member = this.members[0]!;
      const { len } = member;
      if (len <= left) this.members.shift();
      else member.dropFront(left);
      left -= len;
    }
  }

  /** Keeps its first `count` bytes. */
  trim(count: number): void {
    const paged = size(this.frags);
    let left = count - this.linear.length - paged;
    this.frags = slice(this.frags, 0, count - this.linear.length);
    this.linear = Buffer.from(this.linear.subarray(0, count));
    const kept: Naive[] = [];
    for (const member of this.members) {
      if (left <= 0) break;
      const copy = member.copy();
      if (copy.len > left) copy.trim(left);
      left -= copy.len;
      kept.push(copy);
    }
    this.members = kept;
  }

  /** Everything behind `count` bytes, taken out. Without members. */
  split(count: number): Naive {
    const rest = new Naive(
      this.linear.subarray(Math.min(count, this.linear.length)),
      slice(this.frags, count - this.linear.length, size(this.frags)),
    );
    this.trim(count);
    return rest;
  }

  /** Entries go behind the others; the first one goes on in the last where the bytes are neighbours and `merge` says so. */
  append(frags: readonly NaiveFrag[], merge: boolean): void {
    frags.forEach((frag, i) => {
      const last = this.frags.at(-1);
      if (merge && i === 0 && last !== undefined && continues(last, frag)) {
        const bytes = Buffer.concat([last.bytes, frag.bytes]);
        this.frags[this.frags.length - 1] = { page: last.page, offset: last.offset, bytes };
      } else {
        this.frags.push(cut(frag, 0, frag.bytes.length));
      }
    });
  }

  /** Linear bytes at the end, of a packet that is all linear then. */
  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.linear = Buffer.concat([this.bytes(), bytes]);
    this.frags = [];
    this.members = [];
  }

  /** A header in front. */
  push(bytes: Uint8Array): void {
    this.linear = Buffer.concat([bytes, this.linear]);
    this.headers += bytes.length;
  }

  /** Packets of `mss` payload bytes, each with the headers in front. */
  segments(mss: number, byReference: boolean): Naive[] {
    const { headers, linear, frags } = this;
    const head = linear.subarray(0, headers);
    const payload = linear.length - headers;
    const out: Naive[] = [];
    for (let at = 0; at < this.len - headers; at += mss) {
      const part = linear.subarray(
        headers + Math.min(at, payload),
        headers + Math.min(at + mss, payload),
      );
      const segment = new Naive(
        Buffer.concat([head, part]),
        slice(frags, at - payload, at + mss - payload),
      );
      segment.headers = headers;
      out.push(byReference ? segment : segment.flat());
    }
    return out;
  }
}

function continues(last: NaiveFrag, next: NaiveFrag): boolean {
  return last.page === next.page && last.offset + last.bytes.length === next.offset;
}
