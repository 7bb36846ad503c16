import { GetPutPage, type Design, type Loan, type Page, type SkBuff } from '@lastref/kernel';

export const design = {
  id: 'copy-always',
  title: 'no zero-copy',
  year: 2007,
  source:
    'Evgeniy Polyakov, blog, 18 Dec 2007 (sendpage with a copy); Ian Campbell, xen-devel 2011 (grant-copy in netback)',
  era: { id: '2.6.24', source: 'what the thread of Dec 2007 compares with' },
  status: 'merged',
  summary:
    'The payload is copied into fresh pages at send time. No state anywhere; done when sendpage returns.',
  adds: [],
  rank: 3,
  hooks: 0,
  claims: ['Z5', 'C2', 'C9'],
  create: (k) => new CopyAlways(k),
} satisfies Design;

class CopyAlways extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number): void {
    const copy = this.k.copyPage(page, pageOffset, size);
    this.k.fillPageDesc(skb, copy, pageOffset, size); // its one reference is the frag's [in the card]
  }

  override returned(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan); // nothing of the producer's is in the stack [in the card]
  }
}
