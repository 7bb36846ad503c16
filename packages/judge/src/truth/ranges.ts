// Every range that is lent, by stream, by page and by loan: what a reader's bytes are held against.
import type { Page } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Sink } from '../properties/watch.ts';
import { FlowShadow, Lent, NONE, ShadowMemory } from './shadow.ts';

/** What stood in a page before the stack wrote over it: `size` bytes at `from` of it, kept at `kept`. */
interface Before {
  readonly from: number;
  readonly size: number;
  readonly kept: number;
}

function isIn({ from, size }: Before, at: number): boolean {
  return from <= at && at < from + size;
}

export class LentRanges {
  readonly memory = new ShadowMemory();
  /** By flow number. */
  readonly flows: (FlowShadow | undefined)[] = [];
  private readonly onPage: (Lent | null)[] = [];
  private readonly pool: Lent[] = [];
  /** By slot of a page of which nothing is lent, and over which the stack has written in place: what stood there before. */
  private readonly overwritten = new Map<number, Before[]>();
  /** Ranges of completed loans that are still kept. */
  spent = 0;

  /** The last range that was lent of the page, the others behind it; null: none is kept. */
  on(page: Page): Lent | null {
    return this.onPage[page.slot] ?? null;
  }

  /** What changes on the page from now on is not the doing of those who have lent it. */
  notItsProducers(page: Page): void {
    for (let e = this.on(page); e !== null; e = e.nextOnPage) e.loan.byOthers = true;
  }

  /** The stack is about to write over `size` bytes of the page where they stand in `mem`, at `from` of the page. */
  written(page: Page, from: number, size: number, mem: Uint8Array): void {
    if (this.on(page) !== null) return this.notItsProducers(page);
    const before = this.overwritten.get(page.slot) ?? [];
    before.push({ from, size, kept: this.memory.keep(mem, page.address + from, size) });
    this.overwritten.set(page.slot, before);
  }

  /** The page has another life. */
  begins(page: Page): void {
    const before = this.overwritten.get(page.slot);
    if (before === undefined) return;
    for (const { kept } of before) this.memory.release(kept);
    this.overwritten.delete(page.slot);
  }

  /**
   * Somebody has read, at `page` (null: in no page), `size` bytes at `at` that differ from those of `entry` from `into` on. Is that
   * the stack's own doing, which has written over its own copy of them? No page that anybody has lent is in it then, whoever reads
   * it on its way. It is where the copy was right before: one that was made too late, of a page that its producer had written anew,
   * is no better for what the stack did to it. What was read in the copy itself is known again by its bytes, at the other end of a
   * wire as well; another copy of the range, made of the page that was lent, has others.
   */
  isStacksOwn(
    entry: Lent,
    page: Page | null,
    mem: Uint8Array,
    at: number,
    into: number,
    size: number,
  ): boolean {
    if (page === entry.page) return false;
    const { memory } = this;
    if (entry.spoilt.length > 0) {
      const known = [entry.shadow, ...entry.spoilt].map((kept) => kept + into);
      if (memory.isMadeOf(known, mem, at, size)) return true;
    }
    const before = page === null ? undefined : this.overwritten.get(page.slot);
    if (before === undefined) return false;
    if (!this.wasRight(before, at - page!.address, entry.shadow + into, mem, at, size))
      return false;
    const kept = memory.again(entry.shadow, entry.size);
    memory.put(kept + into, mem, at, size);
    entry.spoilt = [...entry.spoilt, kept];
    return true;
  }

  /** Was each of `size` bytes, at `from` of a page and at `at` of `mem`, once the one that is kept at `lent`? */
  private wasRight(
    before: readonly Before[],
    from: number,
    lent: number,
    mem: Uint8Array,
    at: number,
    size: number,
  ): boolean {
    const { bytes } = this.memory;
    for (let i = 0; i < size; i++) {
      const wanted = bytes[lent + i]!;
      if (mem[at + i] === wanted) continue;
      const off = from + i;
      if (!before.some((b) => isIn(b, off) && bytes[b.kept + off - b.from] === wanted))
        return false;
    }
    return true;
  }

  /** A copy of bytes of the page goes on in its place: of any range of an open loan on it, as nobody says of which. */
  copied(page: Page): void {
    for (let e = this.on(page); e !== null; e = e.nextOnPage)
      if (!e.loan.completed) e.loan.copyMade = true;
  }

  /** Pages that some producer has lent and nobody has forgotten. */
  pages(): Page[] {
    return this.onPage.flatMap((entry) => (entry?.page ? [entry.page] : []));
  }

  /** A new range of a loan, whose bytes the caller fills in. */
  add(
    record: LoanRecord,
    page: Page,
    pageOffset: number,
    size: number,
    flow: number,
    seq: number,
  ): Lent {
    let shadow = this.flows[flow];
    if (shadow === undefined) {
      shadow = new FlowShadow(seq);
      while (this.flows.length < flow) this.flows.push(undefined);
      this.flows[flow] = shadow;
    }
    const entry = this.pool.pop() ?? new Lent();
    entry.loan = record;
    entry.page = page;
    entry.pageOffset = pageOffset;
    entry.size = size;
    entry.flow = flow;
    entry.at = shadow.offset(seq);
    entry.seen = 0;
    entry.sum = 0;
    entry.nextOnPage = this.onPage[page.slot] ?? null;
    this.onPage[page.slot] = entry;
    this.begins(page);
    entry.nextOfLoan = record.ranges;
    record.ranges = entry;
    record.rangeCount++;
    shadow.entries.push(entry);
    if (record.completed) this.spent++;
    return entry;
  }

  /** Drops the copies that nobody can read again. `walk`: the number of the look over everything just made. */
  retire(walk: number): void {
    if (this.spent === 0) return;
    for (const shadow of this.flows) if (shadow !== undefined) this.retireOf(shadow, walk);
  }

  private retireOf(shadow: FlowShadow, walk: number): void {
    const safe = Math.min(shadow.consumed, shadow.lowest);
    const { entries, head } = shadow;
    // Of a loan that is lost, ranges stay for ever: those behind them do not wait for that.
    let i = head;
    let kept = head;
    for (; i < entries.length; i++) {
      const entry = entries[i]!;
      if (entry.at + entry.size > safe) break;
      if (!entry.loan.completed || entry.seen === walk) entries[kept++] = entry;
      else this.unlink(entry);
    }
    if (kept === i) return;
    shadow.head = i - (kept - head);
    entries.copyWithin(shadow.head, head, kept);
    shadow.compact();
  }

  private unlink(entry: Lent): void {
    const { slot } = entry.page!;
    this.spent--;
    let e = this.onPage[slot] ?? null;
    if (e === entry) {
      this.onPage[slot] = entry.nextOnPage;
    } else {
      while (e !== null && e.nextOnPage !== entry) e = e.nextOnPage;
      if (e !== null) e.nextOnPage = entry.nextOnPage;
    }
    this.memory.release(entry.shadow);
    for (const kept of entry.spoilt) this.memory.release(kept);
    entry.spoilt = NONE;
    entry.page = null;
    entry.nextOnPage = null;
    const { loan } = entry;
    if (loan.ranges === entry) {
      loan.ranges = entry.nextOfLoan;
    } else {
      let r = loan.ranges;
      while (r !== null && r.nextOfLoan !== entry) r = r.nextOfLoan;
      if (r !== null) r.nextOfLoan = entry.nextOfLoan;
    }
    entry.nextOfLoan = null;
    this.pool.push(entry);
  }

  /** For a fingerprint: which bytes were lent and are still kept. */
  remembered(sink: Sink): void {
    for (const slot of [...this.overwritten.keys()].sort((a, b) => a - b)) {
      sink.number(~slot);
      for (const { from, size, kept } of this.overwritten.get(slot)!) {
        sink.number(from);
        sink.number(this.memory.sum(kept, size));
      }
    }
    for (const shadow of this.flows) {
      if (shadow === undefined) continue;
      sink.number(shadow.consumed);
      for (let i = shadow.head; i < shadow.entries.length; i++) {
        const e = shadow.entries[i]!;
        sink.value(e.page);
        sink.value(e.loan.loan);
        sink.number(e.pageOffset);
        sink.number(e.size);
        sink.number(e.at);
        sink.number((e.isOwnCopy ? 1 : 0) | (e.spoilt.length << 1));
        if (e.sum === 0) e.sum = this.memory.sum(e.shadow, e.size);
        sink.number(e.sum);
        for (const kept of e.spoilt) sink.number(this.memory.sum(kept, e.size));
      }
    }
  }
}
