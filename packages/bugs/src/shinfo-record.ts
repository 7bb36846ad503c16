import { GetPutPage, type Loan, type Page, type SkBuff, type SkbSharedInfo } from '@lastref/kernel';

/** A record of the owner in the shared info, as a ubuf_info is: it has a count of its own for each, and goes with it. */
export class ShinfoRecord extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === null || skb.shinfo.loan === loan; // copied bytes are nobody's [skb_zerocopy_iter_stream]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.shinfo.loan === loan) return;
    skb.shinfo.loan = loan;
    this.k.hold(loan);
  }

  override zcopyClear({ loan }: SkbSharedInfo): void {
    if (loan !== null) this.put(loan);
  }

  override released(loan: Loan): void {
    this.put(loan);
  }

  protected put(loan: Loan): void {
    this.k.drop(loan);
  }
}
