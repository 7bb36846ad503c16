import {
  GetPutPage,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

/**
 * What many programs mean to do: each fragment counts, and so does the operation itself until all of it is handed
 * over. The last one tells.
 */
export class FragCounts extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan);
  }

  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan;
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null) this.k.hold(frag.loan);
    else super.fragRef(shinfo, frag);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null) this.put(frag.loan);
    else super.fragUnref(shinfo, frag);
  }

  override released(loan: Loan): void {
    this.put(loan);
  }

  protected put(loan: Loan): void {
    this.k.drop(loan);
  }
}
