import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'lost',
  gravity: 100,
  found: 'at the end',
  about: 'when',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'L',
  damage: 'stall',
  says: 'no holder is left, nothing is pending, and the producer was never told; or a writer is kept waiting for ever, with every producer told',
  saysNot:
    'that it was told late: a run that ends before everything is done cannot say so; nor that a loan is lost whose connection goes on behind the end of a capture',
  legend: 'never told, with nobody left',
} as const satisfies Card;

class Lost extends Watch {
  private drained = false;
  /** Loans of which the end says nothing. */
  private censored = 0;

  override finished(drained: boolean): void {
    this.drained = drained;
    if (!drained) return;
    const { loans, walk } = this.evidence;
    for (const record of loans.open) {
      if (record.seen === walk.number || record.releasedTick < 0) continue;
      const { id, censored } = record.loan!;
      if (censored) {
        this.censored++;
        continue;
      }
      const text = `loan ${id} has no reader left, nothing is pending, and its producer was never told`;
      this.refute('hazard', 'producer', id, () => text);
    }
    if (loans.open.size === 0) this.nobodyWaits();
  }

  /** Every producer was told: for whom does a writer still wait? He is told by being asked again, which never happens now. */
  private nobodyWaits(): void {
    const writer = this.evidence.machine.agenda.keptWaiting;
    if (writer === null) return;
    const text = `${writer.name} waits for ever, as the design lets nobody write, though every producer was told`;
    this.refute('hazard', 'writer', 0, () => text);
  }

  exercised(): boolean {
    return this.evidence.loans.count > this.censored && this.drained;
  }
}

export const watch = (evidence: Evidence): Watch => new Lost(card.id, evidence);
