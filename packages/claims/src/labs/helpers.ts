// Which buffer operations take or drop a reference of a frag page, wherever they do it: what a wrapper around
// get_page and put_page has to reach, and what a design gets for nothing once they are wrapped.
import { existsIn, operationWorkload, casesOf, matrixOperations } from '@lastref/operations';
import type { Page, SkbFrag, SkbSharedInfo } from '@lastref/kernel';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

export interface Helpers {
  readonly operations: number;
  /** Operations that take references of frag pages while they run, and that drop some. */
  readonly take: readonly string[];
  readonly drop: readonly string[];
  /** Operations in which the count of a lent page changed elsewhere: a bare get_page or put_page. */
  readonly bare: readonly string[];
}

export const helperLab: Lab<Helpers> = (design, era) => {
  const movers = matrixOperations().filter((m) => existsIn(m, era.id));
  const take = new Set<string>();
  const drop = new Set<string>();
  const bare = new Set<string>();
  for (const mover of movers) {
    for (const situation of casesOf(mover)) {
      const workload = operationWorkload(mover, situation);
      const cell = new Cell({ design, workload, era, seed: 1 });
      const { lifetime } = cell.k;
      const fragRef = lifetime.fragRef.bind(lifetime);
      const fragUnref = lifetime.fragUnref.bind(lifetime);
      cell.clock(); // lends
      const pages = cell.judge.lentPages();
      const before = new Map([...pages].map((page) => [page, page.count]));
      const through = (page: Page, call: () => void): void => {
        const was = page.count;
        call();
        const counted = before.get(page);
        if (counted !== undefined) before.set(page, counted + page.count - was);
      };
      lifetime.fragRef = (shinfo: SkbSharedInfo, frag: SkbFrag) => {
        take.add(mover.id);
        through(frag.page, () => fragRef(shinfo, frag));
      };
      lifetime.fragUnref = (shinfo, frag, skb) => {
        drop.add(mover.id);
        through(frag.page, () => fragUnref(shinfo, frag, skb));
      };
      const lend = lifetime.lend.bind(lifetime);
      lifetime.lend = (skb, page, ...rest) => through(page, () => lend(skb, page, ...rest));
      cell.clock(); // the operation
      if ([...before].some(([page, count]) => page.count !== count)) bare.add(mover.id);
    }
  }
  return { operations: movers.length, take: [...take], drop: [...drop], bare: [...bare] };
};
