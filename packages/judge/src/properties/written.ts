import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { WatchOfReads, type Watch } from './watch.ts';

export const card = {
  id: 'written',
  gravity: 10,
  found: 'in a step',
  about: 'what',
  stands: 'beside the word',
  word: 'id',
  tone: 'hazard',
  letter: 'w',
  damage: 'leak',
  says: 'somebody read bytes that differ from the bytes that were lent, and nobody had been told that the pages are free: whoever wrote asked nobody',
  saysNot:
    'anything about the design: no notification helps against a writer that does not ask, only a copy, or making him wait (stable pages), which some kernels do by themselves and this model does not',
  legend: 'a writer that asked nobody changed bytes in flight',
} as const satisfies Card;

class Written extends WatchOfReads {
  protected concerns(record: LoanRecord): boolean {
    return !record.completed && !record.byOthers; // else that is *corrupt*
  }

  protected text(who: string, { loan }: LoanRecord): string {
    return `the ${who} reads bytes of loan ${loan!.id} that were changed before anybody was told`;
  }
}

export const watch = (evidence: Evidence): Watch => new Written(card.id, evidence);
