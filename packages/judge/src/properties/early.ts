import { READER_NAMES, type Reader } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'early',
  gravity: 40,
  found: 'in a step',
  about: 'when',
  stands: 'in the word',
  word: 'id',
  tone: 'hazard',
  letter: 'E',
  damage: 'leak',
  says: 'the producer was told that its pages are its own while some holder (write queue, qdisc, transmit ring, tap, receive queue, pipe, …) could still read them',
  saysNot: 'that anybody read them after that: in these runs nobody did, or *corrupt* says so',
  legend: 'told while somebody could still read',
} as const satisfies Card;

class Early extends Watch {
  override settled(record: LoanRecord, readable: boolean): void {
    if (!readable) return;
    const { where } = record;
    const { id } = record.loan!;
    const text = () => `loan ${id} is completed while the ${where} can still read its pages`;
    this.refute('hazard', where, id, text);
  }

  override readOnceTold(record: LoanRecord, reader: Reader): void {
    const who = READER_NAMES[reader];
    const { id } = record.loan!;
    const text = () =>
      `loan ${id} is completed inside a step in which the ${who} goes on to read its pages`;
    this.refute('hazard', who, id, text);
  }

  exercised(): boolean {
    const { loans } = this.evidence;
    return loans.count > 0 && loans.completions > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Early(card.id, evidence);
