// What a run has reached: pairs of (what happened, state of the references). A pair that is new is worth
// keeping the run that met it.
import type { HolderVisitor, Page, SkBuff } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import type { Choice } from '../run-list.ts';

/** Counts above this are all the same. */
const MANY = 4;

export class Coverage implements HolderVisitor {
  readonly pairs = new Set<number>();
  private hash = 0;

  /** Step `kind` was taken: is the pair with the references as they are now new? */
  meet(cell: Cell, kind: number): boolean {
    this.hash = kind | 0;
    const { k } = cell;
    for (const holder of k.holders) {
      holder.forEachReader(this);
      this.add(0x7f);
    }
    for (const loan of k.loans.all) {
      if (loan.live) this.add((loan.completed ? 64 : 0) + Math.min(loan.refs, MANY));
    }
    const { size } = this.pairs;
    this.pairs.add(this.hash);
    return this.pairs.size > size;
  }

  skb(skb: SkBuff): void {
    const { shinfo } = skb;
    this.add(Math.min(shinfo.dataref & 0xffff, MANY) * 8 + Math.min(shinfo.nrFrags, MANY));
    for (let i = 0; i < shinfo.nrFrags; i++) this.page(shinfo.frags[i]!.page);
  }

  page(page: Page): void {
    this.add(16 + Math.min(page.count, MANY));
  }

  private add(v: number): void {
    this.hash = Math.imul(this.hash ^ v, 0x01000193);
    this.hash = (this.hash << 7) | (this.hash >>> 25);
  }
}

/** What a run meets that its batch had not met. */
export class News {
  private readonly coverage: Coverage;
  private readonly before: number;
  /** The last step that was one; 0: none. */
  last = 0;

  constructor(coverage: Coverage) {
    this.coverage = coverage;
    this.before = coverage.pairs.size;
  }

  get fresh(): boolean {
    return this.last > 0;
  }

  /** `choice` was just taken. */
  look(cell: Cell, { place, verb }: Choice): void {
    if (this.coverage.meet(cell, (place << 4) | verb)) this.last = cell.judge.step - 1;
  }

  pairs(): number[] {
    return [...this.coverage.pairs].slice(this.before);
  }
}
