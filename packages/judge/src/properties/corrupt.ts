import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { WatchOfReads, type Watch } from './watch.ts';

export const card = {
  id: 'corrupt',
  gravity: 110,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'harm',
  tone: 'broken',
  letter: 'B',
  damage: 'leak',
  says: 'somebody read bytes that differ from the bytes that were lent, after the producer had been told, or though the producer did not change them (the page went to an allocator, or the stack wrote in place)',
  saysNot:
    'that TCP would notice: a checksum taken later makes changed bytes look right to it. Bytes that were changed before anybody was told are *written*',
  legend: 'changed bytes were read',
} as const satisfies Card;

/** Truth compares; here it gets its name. */
class Corrupt extends WatchOfReads {
  protected concerns(record: LoanRecord): boolean {
    return record.completed || record.byOthers; // else that is *written*
  }

  protected text(who: string, record: LoanRecord): string {
    const told = record.completed ? 'after its completion' : 'which its producer did not change';
    return `the ${who} reads changed bytes of loan ${record.loan!.id}, ${told}`;
  }
}

export const watch = (evidence: Evidence): Watch => new Corrupt(card.id, evidence);
