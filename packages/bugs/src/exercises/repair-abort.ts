import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
  type Sock,
} from '@lastref/kernel';

export const design = {
  id: 'repair-abort',
  title: 'exercise 6: a connection that goes takes its requests along',
  year: 2026,
  source: 'an exercise: it is wrong on purpose',
  status: 'canary',
  summary: 'Entries count for the loan; what a connection still had is told when it is over.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Repair(k),
} satisfies Design;

class Repair extends GetPutPage {
  /** By stream. */
  private readonly requests: Loan[][] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    this.k.fillPageDesc(skb, page, pageOffset, size).loan = loan;
    this.k.hold(loan);
    (this.requests[skb.flow] ??= []).push(loan);
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

  override closed(sk: Sock): void {
    for (const loan of this.requests[sk.slot]?.splice(0) ?? [])
      if (!loan.completed) this.k.complete(loan);
  }

  override released(loan: Loan): void {
    this.put(loan);
  }

  private put(loan: Loan): void {
    if (this.k.decAndTest(loan) && !loan.completed) this.k.complete(loan);
  }
}
