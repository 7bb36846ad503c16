import {
  Destructor,
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
} from '@lastref/kernel';
import { calledBack } from './lib/called-back.ts';
import { THREAD_OF_2007 } from './lib/thread-of-2007.ts';

export const design = {
  id: 'skb-destructor',
  title: 'the plain skb destructor',
  year: 2007,
  source:
    'Evgeniy Polyakov, comment of 19 Dec 2007, 13:45, on his blog entry (a destructor given to sendpage, "really tricky", beside page->lru); his own objection, at 21:19, is that whoever overwrites it has to keep and call the other; Ian Campbell, xen-devel 2011, who had looked into it',
  era: THREAD_OF_2007,
  status: 'considered',
  summary:
    'skb->destructor of the write-queue skb tells the producer, chained to the one that was there before.',
  reading:
    'A write-queue skb has no destructor of its own. Sendpage goes on with an skb that has room, whose destructor may be that of another sender by then: it is kept ("copy it into private area") and invoked behind the new one. PACKET_TX_RING has had it since 2.6.31 (tpacket_destruct_skb), and was told early behind a TUN device from 2.6.34 on, as vringfd shows, until whoever would orphan or clone such a packet copied it first (5cd8d46ea156, 4.20), as under ubuf-orphan. AF_XDP has it (xsk_destruct_skb), and is told early where virtio_net, the one driver to which it sends by reference, has no NAPI for transmission.',
  adds: [],
  hooks: 0,
  claims: ['L3', 'C4', 'C7', 'Z8', 'Z11'],
  create: (k) => new SkbDestructor(k),
} satisfies Design;

export class SkbDestructor extends GetPutPage {
  /** The private areas: the destructors that were there before, the latest first. */
  private readonly before = this.k.sideField<SkBuff, readonly Loan[]>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.setDestructor(skb, loan); // [19 Dec 2007, 13:45]
  }

  override merged(skb: SkBuff, _frag: SkbFrag, _size: number, loan: Loan): void {
    this.setDestructor(skb, loan); // [19 Dec 2007, 13:45]
  }

  override skbDestructor(skb: SkBuff): void {
    if (skb.loan === null || skb.destructor !== Destructor.DESIGN) return; // overwritten without being called
    const original = this.before.get(skb) ?? [];
    this.before.set(skb, undefined);
    this.k.drop(skb.loan);
    skb.loan = null;
    for (const loan of original) calledBack(this.k, loan); // "which will invoke original one" [19 Dec 2007, 13:45]
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }

  /** "Provide skb destructor to the ->sendpage() callback" [19 Dec 2007, 13:45] */
  private setDestructor(skb: SkBuff, loan: Loan): void {
    if (skb.loan === loan) return;
    if (skb.loan !== null) this.before.set(skb, [skb.loan, ...(this.before.get(skb) ?? [])]); // [19 Dec 2007, 21:19]
    skb.loan = loan;
    skb.destructor = Destructor.DESIGN; // a clone gets none: __skb_clone clears it
    this.k.hold(loan);
  }
}
