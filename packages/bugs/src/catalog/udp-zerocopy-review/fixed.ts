import type { Loan, SkBuff } from '@lastref/kernel';
import { UdpSender, datagram } from './common.ts';

/** The record is attached below the only place that frees the packet. */
class AttachesLast extends UdpSender {
  protected override append(loan: Loan, i: number): SkBuff {
    const skb = this.alloc();
    this.getfrag(skb);
    this.zcopySet(skb, loan);
    return this.lendPage(skb, loan, i);
  }
}

export const fixed = datagram('fixed', (k) => new AttachesLast(k));
