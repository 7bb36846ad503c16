import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'unbounded',
  gravity: 30,
  found: 'at the end',
  about: 'when',
  stands: 'beside the word',
  word: 'id',
  tone: 'hazard',
  letter: 'u',
  damage: 'stall',
  says: 'a program or a guest (the reader of a tap, a pipe or a socket) that does nothing for ever keeps the producer from being told, when everything else has been done',
  saysNot:
    'that this is wrong: who waits for the last reader waits for that one too. Devices and the other end of a wire go on: that a peer which keeps its window shut can do the same over TCP is not looked for. Looked for in a run of its own, in which programs stop when the first page has been lent',
  legend: 'a program or guest can put off the telling for ever',
} as const satisfies Card;

class Unbounded extends Watch {
  private withheld = false;

  override finished(drained: boolean): void {
    const { loans, walk, machine } = this.evidence;
    const { now, withholding } = machine.agenda;
    this.withheld = withholding;
    if (!withholding) return;
    for (const record of loans.open) {
      if (!drained && record.lentTick * 2 > now) continue; // the run was cut: this one may only have had no time
      const where = record.seen === walk.number ? record.where : 'producer';
      const { id } = record.loan!;
      const reader = record.seen === walk.number ? `, and the ${where} has its pages` : '';
      const text = () => `loan ${id} is never told while programs and guests do nothing${reader}`;
      this.refute('hazard', where, id, text);
    }
  }

  exercised(): boolean {
    return this.withheld && this.evidence.loans.count > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Unbounded(card.id, evidence);
