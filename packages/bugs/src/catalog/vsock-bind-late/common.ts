import type { Loan, SkBuff } from '@lastref/kernel';
import { VsockSender } from '../../vsock-sender.ts';

/** A request with a registered buffer, in one packet. */
export abstract class Request extends VsockSender {
  /** skb_zcopy_set */
  protected bind({ shinfo }: SkBuff, loan: Loan): void {
    shinfo.loan = loan;
    shinfo.managed = true;
    this.k.hold(loan);
  }

  protected override returns(loan: Loan): void {
    this.k.drop(loan); // io_notif_flush
  }
}
