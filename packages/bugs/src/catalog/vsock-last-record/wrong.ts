import type { Loan, SkBuff } from '@lastref/kernel';
import { VsockSender, vsockCall } from '../../vsock-sender.ts';

/** What tells of a call is made with its last packet, which takes it along. */
class LastPacket extends VsockSender {
  protected override afterFill(skb: SkBuff, loan: Loan, isLast: boolean): void {
    if (isLast) skb.shinfo.loan = loan; // virtio_transport_init_zcopy_skb
  }

  protected override returns(loan: Loan, hasSent: boolean): void {
    if (!hasSent) this.k.drop(loan); // an error: nothing is out
  }
}

export const wrong = vsockCall('vsock-last-record-wrong', (k) => new LastPacket(k, 2, 1));
