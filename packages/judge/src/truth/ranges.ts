// Every range that is lent, by stream, by page and by loan: what a reader's bytes are held against.
import { PAGE_SIZE, type Page } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Sink } from '../properties/watch.ts';
import { FlowShadow, Lent, NONE, ShadowMemory } from './shadow.ts';

/** What stood in a page before the stack wrote over it: `size` bytes at `from` of it, kept at `kept`. */
interface Before {
  readonly from: number;
  readonly size: number;
  readonly kept: number;
}

/** A page over which the stack has written: how often anybody had before it did, and what stood there. */
interface Overwritten {
  readonly page: Page;
  readonly before: Before[];
  writes: number;
}

/** What such a page holds, at `at` of `bytes`, or held as its life ended, and what stood there before. */
interface Holds {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly before: readonly Before[];
}

/** `size` bytes that were read, at `at` of `mem`, where those that are kept at `lent` were wanted. */
interface Read {
  readonly mem: Uint8Array;
  readonly at: number;
  readonly size: number;
  readonly lent: number;
}

/** Nobody has written to it since but the stack in place: it holds what came of that. */
function isAsLeft({ page, writes }: Overwritten): boolean {
  return page.writes <= writes + 1;
}

function holding({ page, before }: Overwritten, mem: Uint8Array): Holds {
  return { bytes: mem, at: page.address, before };
}

function isIn({ from, size }: Before, at: number): boolean {
  return from <= at && at < from + size;
}

const EVERYWHERE: readonly number[] = Array.from({ length: PAGE_SIZE }, (_, from) => from);

export class LentRanges {
  readonly memory = new ShadowMemory();
  /** By flow number. */
  readonly flows: (FlowShadow | undefined)[] = [];
  private readonly onPage: (Lent | null)[] = [];
  private readonly pool: Lent[] = [];
  /** By slot of a page of which nothing is lent, and over which the stack has written in place: what stood there before. */
  private readonly overwritten = new Map<number, Overwritten>();
  /** The same of pages that have another life since: where all that such a page held last is kept, and what stood there before. */
  private readonly left: { readonly kept: number; readonly before: readonly Before[] }[] = [];
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
    const before: Before[] = this.overwritten.get(page.slot)?.before ?? [];
    before.push({ from, size, kept: this.memory.keep(mem, page.address + from, size) });
    this.overwritten.set(page.slot, { page, before, writes: page.writes });
  }

  /** The page, whose bytes stand in `mem` as yet, has another life: what was copied from it in this one may still be read. */
  begins(page: Page, mem: Uint8Array): void {
    const over = this.overwritten.get(page.slot);
    if (over === undefined) return;
    if (!isAsLeft(over)) return this.forgets(page);
    this.left.push({ kept: this.memory.keep(mem, page.address, PAGE_SIZE), before: over.before });
    this.overwritten.delete(page.slot);
  }

  /** The page holds something else, which is no copy of the stack's. */
  private forgets(page: Page): void {
    const over = this.overwritten.get(page.slot);
    if (over === undefined) return;
    for (const { kept } of over.before) this.memory.release(kept);
    this.overwritten.delete(page.slot);
  }

  /**
   * Somebody has read, at `page` (null: in no page), `size` bytes at `at` that differ from those of `entry` from `into` on. Is that
   * the stack's own doing, which has written over its own copy of them? No page that anybody has lent is in it then, whoever reads
   * it on its way. It is where the copy was right before: one that was made too late, of a page that its producer had written anew,
   * is no better for what the stack did to it. What was read in the copy itself is known again by its bytes, at the other end of a
   * wire as well; and so is what was copied from it before anybody had read it, into a head (__pskb_pull_tail) or another page.
   * Another copy of the range, made of the page that was lent, has others.
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
    const read: Read = { mem, at, size, lent: entry.shadow + into };
    const over = page === null ? undefined : this.overwritten.get(page.slot);
    const isItself =
      over !== undefined &&
      this.matching(read, 0, holding(over, mem), at - over.page.address) === size;
    if (!isItself && !this.isCopied(read)) return false;
    const kept = memory.again(entry.shadow, entry.size);
    memory.put(kept + into, mem, at, size);
    entry.spoilt = [...entry.spoilt, kept];
    return true;
  }

  /** Was all that was read copied from pages over which the stack had written: from any place of one, and on from the top of others? */
  private isCopied(read: Read): boolean {
    const pages = this.overwrittenPages(read.mem);
    const goesOn = (done: number, froms: readonly number[]): boolean =>
      done === read.size ||
      pages.some((page) =>
        froms.some((from) => {
          const end = done + this.matching(read, done, page, from);
          return (end === read.size || end - done === PAGE_SIZE - from) && goesOn(end, [0]);
        }),
      );
    return pages.length > 0 && goesOn(0, EVERYWHERE);
  }

  private overwrittenPages(mem: Uint8Array): readonly Holds[] {
    const { bytes } = this.memory;
    const now = [...this.overwritten.values()].filter((over) => isAsLeft(over));
    return [
      ...now.map((over) => holding(over, mem)),
      ...this.left.map(({ kept, before }) => ({ bytes, at: kept, before })),
    ];
  }

  /**
   * So many of the bytes that were read, from `done` on, stand in `page` from `from` on, and were once there what had been lent, as
   * far as the page goes.
   */
  private matching(
    { mem, at, size, lent }: Read,
    done: number,
    { bytes, at: where, before }: Holds,
    from: number,
  ): number {
    const kept = this.memory.bytes;
    let i = done;
    for (let off = from; i < size && off < PAGE_SIZE; i++, off++) {
      const found = mem[at + i]!;
      if (bytes[where + off] !== found) break;
      const wanted = kept[lent + i]!;
      if (found === wanted) continue;
      if (!before.some((b) => isIn(b, off) && kept[b.kept + off - b.from] === wanted)) break;
    }
    return i - done;
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
    this.forgets(page);
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
      const over = this.overwritten.get(slot)!;
      sink.number(~slot);
      sink.number(isAsLeft(over) ? 1 : 0);
      this.rememberedBefore(over.before, sink);
    }
    for (const { kept, before } of this.left) {
      sink.number(this.memory.sum(kept, PAGE_SIZE));
      this.rememberedBefore(before, sink);
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

  private rememberedBefore(before: readonly Before[], sink: Sink): void {
    for (const { from, size, kept } of before) {
      sink.number(from);
      sink.number(this.memory.sum(kept, size));
    }
  }
}
