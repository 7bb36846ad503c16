import { GetPutPage, type Design, type Loan } from '@lastref/kernel';
import { design as other } from './own-acks.ts';

export const design = {
  ...other,
  id: 'own-acks-first-answer',
  title: "acknowledgements of the protocol's own, and the first will do",
  readingOf: 'own-acks',
  summary:
    'The protocol above TCP acknowledges data itself; the pages are used again when the first acknowledgement has come.',
  reading:
    'A call that was sent twice is over with one answer: it is rpc-reply then, told of a protocol that acknowledges on its own. The author does not speak of calls that are sent twice.',
  create: (k) => new FirstAnswer(k),
} satisfies Design;

class FirstAnswer extends GetPutPage {
  override replied(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan); // "until that ACK received" [18 Dec 2007]
  }

  override unanswered(loan: Loan, last: boolean): void {
    if (last && !loan.completed) this.k.complete(loan); // the operation ends with an error [in the card]
  }
}
