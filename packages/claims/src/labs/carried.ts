// Does what stands beside the page pointer travel with it? Looks at what each operation leaves behind.
import { existsIn, OPERATIONS, operationWorkload, casesOf } from '@lastref/operations';
import type { HolderVisitor, Page, SkBuff } from '@lastref/kernel';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

export interface Carried {
  /** Operations after which a lent page stands in some packet's fragments, with the slot filled everywhere. */
  readonly whole: readonly string[];
  /** Operations after which a lent page is somewhere without it. */
  readonly apart: readonly string[];
  /** Operations after which an entry has a destructor beside a page that was never lent: what stood there before. */
  readonly stale: readonly string[];
}

export const carriedLab: Lab<Carried> = (design, era) => {
  const whole: string[] = [];
  const apart: string[] = [];
  const stale: string[] = [];
  for (const mover of OPERATIONS.filter((m) => existsIn(m, era.id))) {
    const seen = { with: 0, without: 0, stale: 0 };
    for (const situation of casesOf(mover)) {
      const workload = operationWorkload(mover, situation);
      const cell = new Cell({ design, workload, era, seed: 1 });
      cell.clock(); // lends
      const before = cell.judge.lentPages();
      cell.clock(); // the operation, which may lend itself
      const look = new Slots(new Set([...before, ...cell.judge.lentPages()]));
      for (const holder of cell.k.holders) holder.forEachReader(look);
      seen.with += look.with;
      seen.without += look.without;
      seen.stale += look.stale;
    }
    if (seen.stale > 0) stale.push(mover.id);
    if (seen.without > 0) apart.push(mover.id);
    else if (seen.with > 0) whole.push(mover.id);
  }
  return { whole, apart, stale };
};

class Slots implements HolderVisitor {
  private readonly lent: ReadonlySet<Page>;
  with = 0;
  without = 0;
  stale = 0;

  constructor(lent: ReadonlySet<Page>) {
    this.lent = lent;
  }

  skb(skb: SkBuff): void {
    for (let i = 0; i < skb.shinfo.nrFrags; i++) {
      const { page, loan } = skb.shinfo.frags[i]!;
      if (!this.lent.has(page)) {
        if (loan !== null) this.stale++;
        continue;
      }
      if (loan === null) this.without++;
      else this.with++;
    }
    for (let m = skb.shinfo.fragList; m !== null; m = m.next) this.skb(m);
  }

  page(page: Page): void {
    if (this.lent.has(page)) this.without++; // a page and an offset, and no entry around them
  }
}
