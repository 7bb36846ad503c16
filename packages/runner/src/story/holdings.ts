// Who can reach the bytes of one loan, by a walk from the roots: by reference to its pages, or as a copy.
import {
  Link,
  after,
  fragSeq,
  type HolderVisitor,
  type Kernel,
  type Page,
  type SkBuff,
} from '@lastref/kernel';

/** Bytes that were lent: which page, as which bytes of which stream, and what they were. */
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
  private readonly ranges: readonly LentRange[];
  /** Does the page still carry this loan, or has it been lent again? */
  private readonly current: (page: Page) => boolean;

  constructor(k: Kernel, ranges: readonly LentRange[], current: (page: Page) => boolean) {
    this.k = k;
    this.ranges = ranges;
    this.current = current;
  }

  walk(): void {
    this.found.clear();
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
    if (!this.current(page)) return;
    for (const range of this.ranges) {
      if (range.page !== page) continue;
      if (range.pageOffset >= pageOffset + size) continue;
      if (range.pageOffset + range.bytes.length <= pageOffset) continue;
      const there = this.at(where);
      there.refs++;
      if (this.differs(range, 0, range.bytes.length, page.address + range.pageOffset, page))
        there.changed = true;
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
      const there = this.at(where);
      if (page === range.page) there.refs++;
      else copied = true;
      if (this.differs(range, (seq + start - range.seq) | 0, end - start, address + start, page))
        there.changed = true;
    }
    return copied;
  }

  /** Are `size` bytes at `address`, on `page` (null: on none), other than those lent from `into` on? */
  differs(
    range: LentRange,
    into: number,
    size: number,
    address: number,
    page: Page | null,
  ): boolean {
    if (page === range.page && page.writes === range.writes) return false;
    return range.bytes.compare(this.k.mem, address, address + size, into, into + size) !== 0;
  }

  private at(where: string): Found {
    let there = this.found.get(where);
    if (there === undefined)
      this.found.set(where, (there = { refs: 0, copies: 0, changed: false }));
    return there;
  }
}
