import { ANY_CONTEXT, CONTEXT_NAMES, type Loan } from '@lastref/kernel';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch, type Sink } from './watch.ts';

export const card = {
  id: 'context',
  gravity: 70,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'C',
  damage: 'stall',
  says: 'the producer was told where its callback may not run (process, softirq, hard interrupt, or interrupts off under a lock), or after it was gone',
  saysNot: 'how long the callback holds up what it interrupts',
  legend: 'told where its callback may not run',
} as const satisfies Card;

class InContext extends Watch {
  /** Producers that are gone, by number. */
  private readonly gone: boolean[] = [];
  /** Some producer was told, or went away, where that mattered. */
  private mattered = false;

  override completed(loan: Loan): void {
    const { context } = this.evidence.machine;
    const { id } = loan;
    if (loan.contexts !== ANY_CONTEXT) this.mattered = true;
    if ((loan.contexts & (1 << context)) === 0) {
      const where = CONTEXT_NAMES[context];
      const text = `loan ${id} is completed in context ${where}, where its producer's callback may not run`;
      this.refute('hazard', where, id, () => text);
    }
    if (this.gone[loan.producer] === true)
      this.refute(
        'hazard',
        'owner',
        id,
        () => `loan ${id} is completed after its producer was gone`,
      );
  }

  override ownerLeaves(producer: number, gone: boolean): void {
    this.mattered = true;
    this.gone[producer] = gone;
  }

  override remembered(sink: Sink): void {
    sink.value(this.gone);
  }

  exercised(): boolean {
    return this.mattered;
  }
}

export const watch = (evidence: Evidence): Watch => new InContext(card.id, evidence);
