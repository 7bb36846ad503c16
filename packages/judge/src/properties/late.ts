import { Party } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'late',
  gravity: 20,
  found: 'in a step',
  about: 'when',
  stands: 'beside the word',
  word: 'id',
  tone: 'hazard',
  letter: 'l',
  damage: 'stall',
  says: 'nobody was left who could read the pages, and the producer had to wait for one step more: for the reader of another loan, a timer, a poll, an ACK, a reply',
  saysNot:
    'that a page is in danger; nor how long it took, which the times of holding say. A device that gives back what it has read is waited for by all. With many loans under way not every look is taken, so one that was late by little may go unseen',
  legend: 'told in a later step than the one that took the last reader',
} as const satisfies Card;

class Late extends Watch {
  private told = 0;

  override settled(record: LoanRecord, readable: boolean): void {
    if (readable) return;
    this.told++;
    const { goneTick, goneStep, releasedTick, releasedStep, toldBy } = record;
    const { step, machine } = this.evidence;
    if (toldBy === Party.DEVICE) return; // a descriptor that was read is given back when the device says so, and not before
    if (goneTick < 0 || releasedTick < 0 || Math.max(goneStep, releasedStep) >= step) return;
    const { id } = record.loan!;
    const waited = machine.agenda.now - Math.max(goneTick, releasedTick);
    const steps = step - Math.max(goneStep, releasedStep);
    const text = () =>
      `loan ${id} is completed ${steps} ${steps === 1 ? 'step' : 'steps'} (${waited} µs) after its last reader went`;
    this.refute('hazard', 'producer', id, text);
  }

  exercised(): boolean {
    return this.told > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Late(card.id, evidence);
