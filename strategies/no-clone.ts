import { COPY, SHARE, type CloneAnswer, type Design, type SkBuff } from '@lastref/kernel';
import { SkbDestructor } from './skb-destructor.ts';

export const design = {
  id: 'no-clone',
  title: 'copy instead of clone',
  year: 2011,
  source:
    'Ian Campbell and Jeremy Fitzhardinge, as told on xen-devel, 2011: "SKB paged fragment lifecycle on receive"',
  status: 'practice',
  summary:
    'A flag on the skb makes every clone a private copy, so that the plain skb destructor is enough. Completes when the flagged skb is freed.',
  reading:
    'Honoured at every skb_clone; operations that move frags to another skb (split, shift) are not clones and lose the flag.',
  adds: [{ struct: 'sk_buff', name: 'no_clone', type: 'bit' }],
  rank: 4,
  hooks: 0,
  claims: ['C5', 'C6'],
  create: (k) => new NoClone(k),
} satisfies Design;

/** The plain destructor, and the flag beside it: `skb.loan` is set on every flagged skb. */
class NoClone extends SkbDestructor {
  override clone(skb: SkBuff): CloneAnswer {
    return skb.loan === null ? SHARE : COPY;
  }
}
