// One loan as the judge keeps it: what is known of its times, its readers and its ranges. One class with named
// fields, as every part of the judge looks at it after every step.
import { Party, Reader, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import type { SkbFrag, SkbSharedInfo } from '@lastref/kernel';
import type { Lent } from '../truth/shadow.ts';

/** The judge's own account of a loan. */
export class LoanRecord {
  loan: Loan | null = null;
  lentTick = 0;
  /** Number of the last walk that reached one of its ranges, and where. */
  seen = 0;
  where = '';
  completed = false;
  /** Whose step that was. */
  toldBy: Party = Party.NOBODY;
  /** The step in which that was, and who took it there. */
  toldStep = 0;
  toldOn = 0;
  /** When the producer's own use ended; -1: it may still lend the pages again. */
  releasedTick = -1;
  /** The step in which it ended. */
  releasedStep = 0;
  /** When a walk first found no reader; -1: readers were seen at the last look. */
  goneTick = -1;
  /** The step whose end that was. */
  goneStep = 0;
  /** A page of it went to an allocator, or the stack wrote in place over it: what changed there is not its producer's doing. */
  byOthers = false;
  /** A device has read of it, so an application that reads it later does so at the other end of a wire. */
  transmitted = false;
  /** Somebody on the lending host read from a lent page; from a copy. */
  readFromPage = false;
  readFromCopy = false;
  /** The stack has made a copy of some of it, read or not. */
  copyMade = false;
  /** A notification has covered it, and said whether a copy was sent. */
  announced = false;
  saidCopied = false;
  /** Its ranges, the last one first, and how many there were. */
  ranges: Lent | null = null;
  rangeCount = 0;
  /** Place among those that are watched, or -1. */
  watchedAt = -1;
  /** An skb that was seen to reach it, in which life, by which frag; null: the next look has to find one. */
  witness: SkBuff | null = null;
  gen = 0;
  shinfo: SkbSharedInfo | null = null;
  place = 0;
  frag: SkbFrag | null = null;
  /** Whose the skb was. */
  sk: SkBuff['sk'] = null;
  /** Its reader moves on inside the skb. */
  moving = false;
  /** The skb and the frag as they were: unchanged, they still reach it. */
  page: Page | null = null;
  pageOffset = 0;
  size = 0;
  seq = 0;
  len = 0;
  dataLen = 0;

  /** Nobody can read it any more: found at the end of `step`. */
  goesAt(tick: number, step: number): void {
    this.goneTick = tick;
    this.goneStep = step;
  }

  witnessAt(skb: SkBuff, place: number, moving: boolean): void {
    const { shinfo } = skb;
    const frag = shinfo.frags[place]!;
    this.witness = skb;
    this.gen = skb.gen;
    this.sk = skb.sk;
    this.shinfo = shinfo;
    this.place = place;
    this.frag = frag;
    this.moving = moving;
    this.page = frag.page;
    this.pageOffset = frag.pageOffset;
    this.size = frag.size;
    this.seq = skb.seq;
    this.len = skb.len;
    this.dataLen = skb.dataLen;
  }

  /** Its bytes were read on the lending host, from the lent page itself or from a copy. */
  readBy(reader: Reader, fromPage: boolean): void {
    if (reader === Reader.NIC) this.transmitted = true;
    else if (this.transmitted && (reader === Reader.APPLICATION || reader === Reader.PROTOCOL))
      return; // at the other end of a wire
    if (fromPage) this.readFromPage = true;
    else this.readFromCopy = true;
  }

  /** Different pages of which something is lent. */
  pages(): number {
    let pages = 0;
    for (let e = this.ranges; e !== null; e = e.nextOfLoan) {
      let again = e.nextOfLoan;
      while (again !== null && again.page !== e.page) again = again.nextOfLoan;
      if (again === null) pages++;
    }
    return pages;
  }
}

/** Stands where no loan is. */
export const NO_LOAN = new LoanRecord();
