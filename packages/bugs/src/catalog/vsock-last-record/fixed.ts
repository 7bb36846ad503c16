import type { Loan, SkBuff } from '@lastref/kernel';
import { VsockSender, vsockCall } from '../../vsock-sender.ts';

/** Each packet has a reference on what tells of its call, and so has the call. */
class EveryPacket extends VsockSender {
  protected override afterFill(skb: SkBuff, loan: Loan): void {
    skb.shinfo.loan = loan; // skb_zcopy_set
    this.k.hold(loan);
  }

  protected override returns(loan: Loan): void {
    this.k.drop(loan); // net_zcopy_put, net_zcopy_put_abort
  }
}

export const fixed = vsockCall('vsock-last-record-fixed', (k) => new EveryPacket(k, 2, 1));
