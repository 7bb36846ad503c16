// Who can read what: a walk from the roots (queues, rings, taps, pipes) to the frags that they hold, and from those
// to the ranges that were lent. The one walk of the project: the judge marks what it comes to, a teller lists it.
import {
  fragSeq,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { LentRanges } from './ranges.ts';
import type { FlowShadow, Lent } from './shadow.ts';

/** A reader here moves on inside the first skb, now or later; elsewhere an skb is read whole, or not at all any more. */
export function movesOn(where: string): boolean {
  return where === 'receive queue' || where === 'out-of-order queue';
}

export abstract class Walk implements HolderVisitor {
  protected readonly ranges: LentRanges;
  /** Number of the walk that is going on, or was the last. */
  number = 0;
  /** Does it look at every range, or only at pages stamped with its number? */
  protected everything = true;
  private stamps = new Int32Array(64);

  constructor(ranges: LentRanges) {
    this.ranges = ranges;
  }

  /**
   * Comes upon a range that can be read from `where`, in the `frag`-th frag of `skb`; null: without an skb. `whole`:
   * the reader has read nothing of the frag yet.
   */
  protected abstract reached(
    entry: Lent,
    where: string,
    skb: SkBuff | null,
    frag: number,
    whole: boolean,
  ): void;

  /** Comes upon an skb with payload that can be read as stream bytes from `at` on. */
  protected abstract passed(shadow: FlowShadow, at: number): void;

  /** From every root, looking at everything. */
  everywhere(k: Kernel): void {
    this.begin(true);
    const { holders } = k;
    for (let i = 0; i < holders.length; i++) (holders[i] as Holder).forEachReader(this);
  }

  protected begin(everything: boolean): void {
    this.number++;
    this.everything = everything;
  }

  /** The walk that is going on looks at the pages of this loan. */
  protected stamp(record: LoanRecord): void {
    for (let e = record.ranges; e !== null; e = e.nextOfLoan) {
      const { slot } = e.page!;
      if (slot >= this.stamps.length) {
        const bigger = new Int32Array(2 * slot);
        bigger.set(this.stamps);
        this.stamps = bigger;
      }
      this.stamps[slot] = this.number;
    }
  }

  skb(skb: SkBuff, where: string, from: number): void {
    if (this.everything) {
      const shadow = this.ranges.flows[skb.flow];
      if (shadow !== undefined && skb.len > skb.headers)
        this.passed(shadow, shadow.offset(skb.seq));
    }
    const { shinfo } = skb;
    if (shinfo.nrFrags > 0 && (this.everything || this.stampedIn(shinfo)))
      this.frags(skb, where, from);
    for (let m = shinfo.fragList; m !== null; m = m.next) this.skb(m, where, from);
  }

  /** Most packets on the way of a walk have none of the pages that it looks for. */
  private stampedIn({ frags, nrFrags }: SkbSharedInfo): boolean {
    const { stamps, number } = this;
    for (let i = 0; i < nrFrags; i++) if (stamps[frags[i]!.page.slot] === number) return true;
    return false;
  }

  private frags(skb: SkBuff, where: string, from: number): void {
    const shadow = this.ranges.flows[skb.flow];
    const { frags, nrFrags } = skb.shinfo;
    let seq = fragSeq(skb);
    for (let i = 0; i < nrFrags; i++) {
      const frag = frags[i]!;
      const gone = Math.max(0, (from - seq) | 0);
      if (gone < frag.size && (this.everything || this.stamps[frag.page.slot] === this.number)) {
        const at = frag.pageOffset + gone;
        const size = frag.size - gone;
        for (let e = this.ranges.on(frag.page); e !== null; e = e.nextOnPage)
          if (covers(e, at, size, shadow, (seq + gone) | 0))
            this.reached(e, where, skb, i, gone === 0);
      }
      seq = (seq + frag.size) | 0;
    }
  }

  page(page: Page, pageOffset: number, size: number, where: string): void {
    for (let e = this.ranges.on(page); e !== null; e = e.nextOnPage)
      if (covers(e, pageOffset, size, undefined, 0)) this.reached(e, where, null, 0, false);
  }
}

/**
 * Does the range stand in these bytes? With a stream: as its bytes from `seq` on, not by another lending of the page.
 */
export function covers(
  e: Lent,
  pageOffset: number,
  size: number,
  shadow: FlowShadow | undefined,
  seq: number,
): boolean {
  if (e.pageOffset >= pageOffset + size || e.pageOffset + e.size <= pageOffset) return false;
  if (shadow === undefined) return true;
  const at = shadow.offset(seq);
  return e.at < at + size && e.at + e.size > at;
}
