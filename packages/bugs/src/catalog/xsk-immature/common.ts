import { GetPutPage, type Loan, type Page, type SkBuff, type SkbSharedInfo } from '@lastref/kernel';

/** One completion ring for all packets of a socket. */
export abstract class CompletionRing extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === loan || (skb.shinfo.loan === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.shinfo.loan === loan) return;
    skb.shinfo.loan = loan;
    this.k.hold(loan);
    this.submitted(loan);
  }

  override zcopyClear(shinfo: SkbSharedInfo): void {
    if (shinfo.loan !== null) this.finished(shinfo.loan);
    shinfo.loan = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }

  /** A packet with memory of `loan` was handed over. */
  protected abstract submitted(loan: Loan): void;
  /** And is gone. */
  protected abstract finished(loan: Loan): void;
}
