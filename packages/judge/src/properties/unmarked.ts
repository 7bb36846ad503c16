import { PageHome, type Page } from '@lastref/kernel';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'unmarked',
  gravity: 60,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'M',
  damage: 'foreign write',
  says: "somebody wrote in place over bytes that are not the stack's own",
  saysNot: 'that anybody read them afterwards: that is *corrupt*',
  legend: 'written in place, though lent',
} as const satisfies Card;

class Unmarked extends Watch {
  private writes = 0;

  override written(page: Page | null): void {
    this.writes++;
    if (page === null) return;
    // what a driver received is the stack's to write, as ESP does [cac2661c53f3], and so is what its pool has given up
    if (page.home === PageHome.POOL || this.evidence.pages.isDisowned(page)) return;
    const loan = this.evidence.pages.loanOn(page);
    if (loan === 0) return;
    const text = `the stack writes in place over page ${page.slot}, which the producer of loan ${loan} has lent`;
    this.refute('hazard', 'in-place writer', loan, () => text);
  }

  exercised(): boolean {
    return this.writes > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Unmarked(card.id, evidence);
