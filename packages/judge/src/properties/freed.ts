import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch } from './watch.ts';

export const card = {
  id: 'freed',
  gravity: 85,
  found: 'in a step',
  about: 'what',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'F',
  damage: 'use after free',
  says: 'something was used after it was freed, or freed twice: a packet, a context, whatever a program says that it allocates',
  saysNot:
    'what stood in its place by then; only objects that a program names are seen: pages are *stray* and *early*, a producer that is gone is *context*, and a freed sk_buff of the machine ends the run with a message',
  legend: 'used after it was freed',
} as const satisfies Card;

class Freed extends Watch {
  private any = false;

  override objectFreed(): void {
    this.any = true;
  }

  override freedUsed(name: string, text: string): void {
    this.refute('hazard', name, 0, () => `${name} ${text}`);
  }

  exercised(): boolean {
    return this.any;
  }
}

export const watch = (evidence: Evidence): Watch => new Freed(card.id, evidence);
