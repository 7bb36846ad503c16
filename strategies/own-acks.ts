import { GetPutPage, type Design, type Loan } from '@lastref/kernel';
import { THREAD_OF_2007 } from './lib/thread-of-2007.ts';

export const design = {
  id: 'own-acks',
  title: "acknowledgements of the protocol's own",
  year: 2007,
  source: 'Evgeniy Polyakov, blog, 18 Dec 2007: the second of his two fixes',
  era: THREAD_OF_2007,
  status: 'practice',
  summary:
    'The protocol above TCP acknowledges data itself; the pages are used again when every transmission that it made was acknowledged.',
  reading:
    'A call that was sent twice needs two answers. A variant that takes the first answer for the end is rpc-reply.',
  domain: {
    by: ['requests', 'writeback'],
    source: 'a system of acknowledgements that is specific to the protocol [18 Dec 2007]',
  },
  adds: [],
  hooks: 0,
  claims: ['Z5', 'C9'],
  create: (k) => new OwnAcks(k),
} satisfies Design;

class OwnAcks extends GetPutPage {
  override returned(loan: Loan): void {
    this.k.hold(loan); // one transmission more to be acknowledged [in the card]
  }

  override replied(loan: Loan): void {
    this.k.drop(loan); // its own acknowledgement [18 Dec 2007]
  }

  override unanswered(loan: Loan): void {
    this.k.drop(loan); // nothing will come over a connection that is gone [in the card]
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // no transmission more [in the card]
  }
}
