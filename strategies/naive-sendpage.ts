import { GetPutPage, type Design, type Loan } from '@lastref/kernel';

export const design = {
  id: 'naive-sendpage',
  title: 'sendpage as it is',
  year: 2007,
  source:
    'Evgeniy Polyakov, blog, 18 Dec 2007: "Fundamental race between block layer/IO and networking"',
  era: {
    id: '2.6.24',
    source: 'what NFS and sendfile were when the thread of Dec 2007 was written',
  },
  status: 'practice',
  summary: 'Page references only. The producer takes the return of sendpage for the end.',
  adds: [],
  rank: 1,
  hooks: 0,
  claims: ['Z2', 'Z4', 'L4'],
  create: (k) => new NaiveSendpage(k),
} satisfies Design;

export class NaiveSendpage extends GetPutPage {
  override returned(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan); // one operation, one end, however often it is sent [in the card]
  }
}
