import type { Loan } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'double',
  gravity: 90,
  found: 'in a step',
  about: 'when',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: '2',
  damage: 'use after free',
  says: 'the producer was told twice of one operation',
  saysNot: 'which of the two was right',
  legend: 'told twice',
} as const satisfies Card;

class Double extends Watch {
  override completed({ id }: Loan, record: LoanRecord | null): void {
    if (record === null || !record.completed) return;
    this.refute('hazard', 'producer', id, () => `loan ${id} is completed a second time`);
  }

  exercised(): boolean {
    const { loans } = this.evidence;
    return loans.count > 0 && loans.completions > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Double(card.id, evidence);
