import type { Loan, SkBuff } from '@lastref/kernel';
import { UdpSender, datagram } from './common.ts';

/** The record is attached before the bytes are fetched. */
class AttachesFirst extends UdpSender {
  protected override append(loan: Loan, i: number): SkBuff {
    const skb = this.alloc();
    this.zcopySet(skb, loan);
    this.getfrag(skb);
    return this.lendPage(skb, loan, i);
  }
}

export const wrong = datagram('wrong', (k) => new AttachesFirst(k));
