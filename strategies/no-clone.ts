import {
  COPY,
  SHARE,
  type CloneAnswer,
  type Design,
  type Loan,
  type Page,
  type Site,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { SkbDestructor } from './skb-destructor.ts';

export const design = {
  id: 'no-clone',
  title: 'copy instead of clone',
  year: 2011,
  source:
    'Ian Campbell and Jeremy Fitzhardinge, as told on xen-devel, 2011: "SKB paged fragment lifecycle on receive"',
  era: {
    id: '2.6.32',
    source:
      'told in 2011 of a look that was taken before, at kernels with foreign pages: the last of those with netback is 2.6.32.y',
  },
  status: 'considered',
  summary:
    'A flag on the skb makes every clone a private copy, so that the plain skb destructor is enough. Completes when the flagged skb is freed.',
  reading:
    'Honoured at every skb_clone, and carried along by whatever moves frags to another skb (split, shift), as "honouring it universally" asks for; the destructor stays where it was set. Its other half is the plain skb destructor, which invokes the one that was there before.',
  adds: [{ struct: 'sk_buff', name: 'no_clone', type: 'bit' }],
  rank: 4,
  hooks: 0,
  claims: ['C5', 'C6'],
  create: (k) => new NoClone(k),
} satisfies Design;

/** The plain destructor, and the flag beside it. */
class NoClone extends SkbDestructor {
  /** skb->no_clone: also where frags went to an skb without the destructor. */
  private readonly flagged = this.k.sideField<SkBuff, boolean>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.flagged.set(skb, true); // skb->no_clone = 1 [in the card]
  }

  override merged(skb: SkBuff, frag: SkbFrag, size: number, loan: Loan): void {
    super.merged(skb, frag, size, loan);
    this.flagged.set(skb, true); // skb->no_clone = 1 [in the card]
  }

  override clone(skb: SkBuff): CloneAnswer {
    return this.flagged.get(skb) === true ? COPY : SHARE; // "always forcing a copy instead of a clone" [xen-devel 2011]
  }

  override adopt(parent: SkBuff, _child: SkbSharedInfo, _site: Site, into: SkBuff): void {
    if (this.flagged.get(parent) === true) this.flagged.set(into, true); // "honouring it universally" [xen-devel 2011]
  }
}
