// The judge's own walk, and the few looks that mostly stand in for it: one witness for each loan that is watched, an
// skb that was seen to reach it and still does as long as it is what it was.
import type { Holder, Kernel, SkBuff } from '@lastref/kernel';
import type { LoanBook } from '../account/loans.ts';
import type { LoanRecord } from '../account/record.ts';
import type { LentRanges } from './ranges.ts';
import type { FlowShadow, Lent } from './shadow.ts';
import { Walk, covers, movesOn } from './walk.ts';

/** With more loans to watch than `watchAll`, their witnesses are asked only so often. */
const SPARSE_TICKS = 500;
/** Old copies are looked through when there are at least so many, and twice as many as could not go last time. */
const RETIRE_LEAST = 32;

export class Readers extends Walk {
  private readonly loans: LoanBook;
  /** Of the open loans, those that had a reader at the last look or were lent since. In no order. */
  private readonly watched: LoanRecord[] = [];
  /** Those of them whose witness is gone. */
  private readonly lost: LoanRecord[] = [];
  /** Loans that the walk still seeks a witness for. */
  private sought = 0;
  /** The holder that had the last witness. */
  private likely = 0;
  private lookedReleases = -1;
  private lookedTick = -1;
  /** Some witness is missing, or its reader moves on without any release. */
  private restless = false;
  /** Something was lent since the last walk for loans that have no reader. */
  private lentSince = false;
  /** So many spent ranges are worth a walk to let them go. */
  private retireAt = RETIRE_LEAST;
  /** Walk from all roots after every step: slower, for tests of the judge and for searches. */
  always = false;
  /** So many loans are watched after every step. */
  watchAll = 16;

  constructor(ranges: LentRanges, loans: LoanBook) {
    super(ranges);
    this.loans = loans;
  }

  /** Something more of the loan was lent. */
  lends(record: LoanRecord): void {
    record.goneTick = -1;
    this.lentSince = true;
    if (!record.completed && record.watchedAt < 0) record.watchedAt = this.watched.push(record) - 1;
    if (record.witness === null) this.restless = true;
  }

  /** Nobody asks any more who can read the loan. */
  unwatch(record: LoanRecord): void {
    const at = record.watchedAt;
    if (at < 0) return;
    const last = this.watched.pop()!;
    if (last !== record) {
      this.watched[at] = last;
      last.watchedAt = at;
    }
    record.watchedAt = -1;
    record.witness = null;
  }

  /**
   * Keeps the times at which last readers went, and lets go of old copies. True: it has looked for everybody who can
   * read the loans just told of, and for those that have a reader `seen` is the number of the walk.
   */
  look(k: Kernel, step: number): boolean {
    const { told } = this.loans;
    if (this.always) {
      this.everywhere(k);
      this.age(k, step);
      return true;
    }
    if (told.length === 0 && !this.restless && k.releases === this.lookedReleases) return false;
    const { watched, lost } = this;
    const soon = watched.length > this.watchAll && k.agenda.now - this.lookedTick < SPARSE_TICKS;
    if (soon && told.length === 0) return false;
    if (!soon) {
      this.lookedReleases = k.releases;
      this.lookedTick = k.agenda.now;
    }
    if (
      (told.length > 0 && this.ranges.spent >= this.retireAt) ||
      (this.lentSince && watched.length < this.loans.open.size)
    ) {
      this.lentSince = false;
      this.restless = true;
      for (let i = 0; i < watched.length; i++) watched[i]!.witness = null;
      this.everywhere(k);
      this.age(k, step);
      return true;
    }
    let restless = false;
    if (soon) restless = this.restless;
    for (let i = 0; i < watched.length && !soon; i++) {
      const record = watched[i]!;
      if (this.holds(record)) {
        if (record.moving) restless = true;
        continue;
      }
      record.witness = null;
      lost.push(record);
    }
    this.restless = restless;
    if (told.length === 0 && lost.length === 0) return false;
    this.walkFor(k, told, lost);
    for (let i = 0; i < lost.length; i++) {
      const record = lost[i]!;
      if (record.seen === this.number) {
        if (record.witness === null || record.moving) this.restless = true;
        continue;
      }
      record.goesAt(k.agenda.now, step);
      this.unwatch(record);
    }
    lost.length = 0;
    return told.length > 0;
  }

  override everywhere(k: Kernel): void {
    for (const shadow of this.ranges.flows)
      if (shadow !== undefined) shadow.lowest = Number.MAX_SAFE_INTEGER;
    super.everywhere(k);
  }

  /**
   * Marks the ranges of the loans that were just completed and of those that lost their witness, as far as some
   * holder can read them. With none completed, it ends when every loan has a witness.
   */
  private walkFor(k: Kernel, told: readonly LoanRecord[], lost: readonly LoanRecord[]): void {
    this.begin(false);
    for (let i = 0; i < told.length; i++) this.stamp(told[i]!);
    for (let i = 0; i < lost.length; i++) this.stamp(lost[i]!);
    const { holders } = k;
    if (told.length > 0) {
      for (let i = 0; i < holders.length; i++) (holders[i] as Holder).forEachReader(this);
      return;
    }
    this.sought = lost.length;
    const likely = this.likely;
    if (likely < holders.length) (holders[likely] as Holder).forEachReader(this);
    for (let i = 0; i < holders.length && this.sought > 0; i++) {
      if (i === likely) continue;
      (holders[i] as Holder).forEachReader(this);
      if (this.sought === 0) this.likely = i;
    }
  }

  protected passed(shadow: FlowShadow, at: number): void {
    if (at < shadow.lowest) shadow.lowest = at;
  }

  protected reached(
    entry: Lent,
    where: string,
    skb: SkBuff | null,
    frag: number,
    whole: boolean,
  ): void {
    const { loan } = entry;
    entry.seen = this.number;
    loan.seen = this.number;
    loan.where = where;
    if (skb === null || !whole || loan.watchedAt < 0) return;
    const moving = movesOn(where);
    if (!canWitness(skb, moving)) return;
    if (loan.witness === null) this.sought--;
    loan.witnessAt(skb, frag, moving);
  }

  /** Can the skb that was seen to reach `record` still do so? If the skb changed, looks for another range in it. */
  private holds(record: LoanRecord): boolean {
    const skb = record.witness;
    if (skb === null || skb.gen !== record.gen || !skb.live) return false;
    if (skb.sk !== record.sk) return false; // with its new owner its reader may move on inside it
    const { next } = skb;
    if (record.moving || next === null ? !canWitness(skb, record.moving) : next.prev !== skb)
      return false;
    const { shinfo } = skb;
    const frag = record.frag!;
    if (
      shinfo === record.shinfo &&
      skb.len === record.len &&
      skb.dataLen === record.dataLen &&
      skb.seq === record.seq &&
      frag.page === record.page &&
      frag.pageOffset === record.pageOffset &&
      frag.size === record.size &&
      record.place < shinfo.nrFrags
    )
      return true;
    return this.seek(record, skb);
  }

  /** Finds the last range of `record` that `skb` holds. */
  private seek(record: LoanRecord, skb: SkBuff): boolean {
    const { shinfo } = skb;
    const shadow = this.ranges.flows[skb.flow];
    let seq = (skb.seq + skb.len - skb.headers) | 0;
    for (let m = shinfo.fragList; m !== null; m = m.next) seq = (seq - m.len) | 0;
    for (let i = shinfo.nrFrags - 1; i >= 0; i--) {
      const frag = shinfo.frags[i]!;
      seq = (seq - frag.size) | 0;
      for (let e = this.ranges.on(frag.page); e !== null; e = e.nextOnPage) {
        if (e.loan !== record || !covers(e, frag.pageOffset, frag.size, shadow, seq)) continue;
        record.witnessAt(skb, i, record.moving);
        return true;
      }
    }
    return false;
  }

  /** After a walk over everything: notes which loans have lost their last reader, and lets go of old copies. */
  private age(k: Kernel, step: number): void {
    for (const record of this.loans.open) {
      if (record.seen === this.number) {
        record.goneTick = -1;
        if (record.watchedAt < 0) record.watchedAt = this.watched.push(record) - 1;
      } else {
        if (record.goneTick < 0) record.goesAt(k.agenda.now, step);
        this.unwatch(record);
      }
    }
    this.ranges.retire(this.number);
    this.retireAt = Math.max(RETIRE_LEAST, 2 * this.ranges.spent);
  }
}

/**
 * Will this skb be found without a walk as long as it can be read? It must be linked with another one, as only
 * skbs in a holder's queue are; and where the reader moves, behind the one that it reads in.
 */
function canWitness(skb: SkBuff, moving: boolean): boolean {
  const { next, prev } = skb;
  if (moving) return prev !== null && prev.next === skb && ((prev.endSeq - skb.seq) | 0) <= 0;
  return next === null ? prev !== null && prev.next === skb : next.prev === skb;
}
