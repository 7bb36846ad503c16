// Who has something of one loan: by reference to its pages, as the judge's own walk has it, or as a copy.
import type { ReaderList } from '@lastref/judge';
import {
  Link,
  after,
  fragSeq,
  type HolderVisitor,
  type Kernel,
  type Page,
  type SkBuff,
} from '@lastref/kernel';

/** Bytes that were lent, or that another stream went on to carry: which page, as which bytes of which stream, and what they were. */
export interface LentRange {
  readonly page: Page;
  readonly pageOffset: number;
  readonly flow: number;
  readonly seq: number;
  readonly bytes: Buffer;
  /** page.writes then: as long as it is the same, so are the bytes. */
  readonly writes: number;
}

export interface Found {
  refs: number;
  copies: number;
  changed: boolean;
}

export class Holdings implements HolderVisitor {
  /** What the last walk found, by holder. */
  readonly found = new Map<string, Found>();
  private readonly k: Kernel;
  private readonly loan: number;
  private readonly ranges: readonly LentRange[];
  private readonly readers: ReaderList;

  constructor(k: Kernel, loan: number, ranges: readonly LentRange[], readers: ReaderList) {
    this.k = k;
    this.loan = loan;
    this.ranges = ranges;
    this.readers = readers;
  }

  walk(): void {
    this.found.clear();
    this.readers.look(this.k);
    for (const [where, refs] of this.readers.of(this.loan)) this.at(where).refs = refs;
    for (const holder of this.k.holders) holder.forEachReader(this);
    for (const source of this.k.agenda.sources)
      if (source instanceof Link) source.forEachInFlight(this);
  }

  skb(skb: SkBuff, where: string, from: number): void {
    if (!this.carries(skb)) return;
    const { shinfo } = skb;
    const linear = skb.len - skb.dataLen - skb.headers;
    let copied = this.bytes(skb.flow, skb.seq, linear, from, skb.data + skb.headers, null, where);
    let seq = fragSeq(skb);
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = shinfo.frags[i]!;
      if (this.bytes(skb.flow, seq, size, from, page.address + pageOffset, page, where))
        copied = true;
      seq = (seq + size) | 0;
    }
    if (copied) this.at(where).copies++;
    for (let m = shinfo.fragList; m !== null; m = m.next) this.skb(m, where, from);
  }

  /** Can any payload of the skb be the loan's? */
  private carries({ flow, seq, len, headers }: SkBuff): boolean {
    const end = (seq + len - headers) | 0;
    return this.ranges.some(
      (r) => r.flow === flow && after(end, r.seq) && after((r.seq + r.bytes.length) | 0, seq),
    );
  }

  page(page: Page, pageOffset: number, size: number, where: string): void {
    const there = this.found.get(where);
    if (there === undefined) return; // the judge sees no reader of this loan here
    for (const range of this.ranges) {
      if (range.page !== page) continue;
      if (range.pageOffset >= pageOffset + size) continue;
      if (range.pageOffset + range.bytes.length <= pageOffset) continue;
      const at = page.address + range.pageOffset;
      if (differs(this.k.mem, range, 0, range.bytes.length, at, page)) there.changed = true;
      return;
    }
  }

  /** Looks at `size` stream bytes from `seq` that stand at `address`. True: they hold copied bytes of the loan. */
  private bytes(
    flow: number,
    seq: number,
    size: number,
    from: number,
    address: number,
    page: Page | null,
    where: string,
  ): boolean {
    let copied = false;
    if (size <= 0) return false;
    for (const range of this.ranges) {
      if (range.flow !== flow) continue;
      const start = Math.max(0, (range.seq - seq) | 0, (from - seq) | 0);
      const end = Math.min(size, (range.seq + range.bytes.length - seq) | 0);
      if (start >= end || !after((seq + size) | 0, from)) continue;
      if (page !== range.page) copied = true;
      else if (this.found.get(where) === undefined) continue; // no reader, says the judge
      const into = (seq + start - range.seq) | 0;
      if (differs(this.k.mem, range, into, end - start, address + start, page))
        this.at(where).changed = true;
    }
    return copied;
  }

  private at(where: string): Found {
    let there = this.found.get(where);
    if (there === undefined)
      this.found.set(where, (there = { refs: 0, copies: 0, changed: false }));
    return there;
  }
}

/** Are `size` bytes at `address`, on `page` (null: on none), other than those lent from `into` on? */
export function differs(
  mem: Uint8Array,
  range: LentRange,
  into: number,
  size: number,
  address: number,
  page: Page | null,
): boolean {
  if (page === range.page && page.writes === range.writes) return false;
  return range.bytes.compare(mem, address, address + size, into, into + size) !== 0;
}
