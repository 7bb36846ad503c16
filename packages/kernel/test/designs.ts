// Two designs as small as they can be: one that holds, one that trusts the return of sendpage.
import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '../src/index.ts';
import { mainline } from './machine.ts';

/** A counted destructor beside each frag's page pointer, in as few lines as it takes. */
export class PerFrag extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan);
  }
  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan;
  }
  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null) super.fragRef(shinfo, frag);
    else this.k.hold(frag.loan);
  }
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan === null) super.fragUnref(shinfo, frag);
    else this.k.drop(frag.loan);
  }
  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

class AtReturn extends GetPutPage {
  override returned(loan: Loan): void {
    if (!loan.completed) this.k.complete(loan);
  }
}

export const perFrag: Design = { ...mainline, id: 'per-frag', create: (k) => new PerFrag(k) };
export const atReturn: Design = { ...mainline, id: 'at-return', create: (k) => new AtReturn(k) };
