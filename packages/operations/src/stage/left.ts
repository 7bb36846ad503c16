// What an operation met on the stage, and what it left there: lent pages, or private copies.
import type { Cell } from '@lastref/search';
import type { Operation } from '../operation.ts';
import { Products } from './products.ts';
import type { OperationStage } from './stage.ts';

/** Listens whether the operation meets anything of what the socket has. */
export class Called {
  private readonly cell: Cell;
  private named = false;
  private met = false;

  constructor(cell: Cell, { id }: Operation) {
    this.cell = cell;
    const [name] = id.split(' ');
    cell.k.onOperation = (called, skb) => {
      if (called !== name) return;
      this.named = true;
      this.met ||= skb.flow !== 0;
    };
  }

  /** Of what does not say its name, that it ran is all that is known. */
  acted(): boolean {
    this.cell.k.onOperation = null;
    return this.met || !this.named;
  }
}

/** Has anybody a lent page at all? A design that copies what is lent has let go of it by now. */
export function isThere({ k, judge }: Cell): boolean {
  const all = new Products();
  for (const holder of k.holders) holder.forEachReader(all);
  return among(all, judge);
}

function among({ pages }: Products, judge: Cell['judge']): boolean {
  const lent = new Set(judge.lentPages());
  return pages.some((page) => lent.has(page));
}

export function leftLent({ judge }: Cell, stage: OperationStage): boolean {
  return among(stage.products(), judge);
}

/**
 * Did the operation leave only private copies behind? Looks at what it produced (or, where it produced nothing,
 * at the packet that it changed), for pages that a producer lent.
 */
export function leftCopies(cell: Cell, stage: OperationStage): boolean {
  return stage.products().found && !leftLent(cell, stage);
}
