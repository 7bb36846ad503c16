import { READER_NAMES, Reader } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'corrupt',
  gravity: 110,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'harm',
  tone: 'broken',
  letter: 'B',
  says: 'somebody read bytes that differ from the bytes that were lent, after the producer had been told, or though the producer did not change them (the page went to an allocator, or the stack wrote in place)',
  saysNot:
    'that TCP would notice: a checksum taken later makes changed bytes look right to it. Bytes that were changed before anybody was told are *written*',
  legend: 'changed bytes were read',
} as const satisfies Card;

/** Truth compares; here it gets its name. */
class Corrupt extends Watch {
  override changedRead(record: LoanRecord, reader: Reader): void {
    if (!record.completed && !record.byOthers) return; // that is *written*
    const who = READER_NAMES[reader];
    const { id } = record.loan!;
    this.refute(reader === Reader.APPLICATION ? 'delivered' : 'wire', who, id, () => {
      const told = record.completed ? 'after its completion' : 'which its producer did not change';
      return `the ${who} reads changed bytes of loan ${id}, ${told}`;
    });
  }

  exercised(): boolean {
    return this.evidence.reads.some((n) => n > 0);
  }
}

export const watch = (evidence: Evidence): Watch => new Corrupt(card.id, evidence);
