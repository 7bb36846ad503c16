import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'stuck',
  gravity: 75,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'K',
  damage: 'stall',
  says: 'a processor waits for a lock that nobody can give back: it holds it itself, what it interrupted holds it, two wait for each other, or it was left taken',
  saysNot:
    'that locks of two steps are taken in one order where both are half way through at the same moment; only locks that a step names are seen, and those of the machine itself are not among them',
  legend: 'waits for ever, for a lock',
} as const satisfies Card;

class Stuck extends Watch {
  private wanted = false;

  override lockWanted(): void {
    this.wanted = true;
  }

  override stuck(text: string): void {
    this.refute('hazard', 'lock', 0, () => text);
  }

  exercised(): boolean {
    return this.wanted;
  }
}

export const watch = (evidence: Evidence): Watch => new Stuck(card.id, evidence);
