import {
  GetPutPage,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type Sock,
} from '@lastref/kernel';

export const design = {
  id: 'repair-acked',
  title: 'exercise 5: the peer has it, so the pages are free',
  year: 2026,
  source: 'an exercise: it is wrong on purpose',
  status: 'canary',
  summary: 'The loan is over when the peer has acknowledged its last byte.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new Repair(k),
} satisfies Design;

/** Whom to tell behind which byte. */
interface Waiting {
  readonly loan: Loan;
  readonly endSeq: number;
}

class Repair extends GetPutPage {
  /** By stream. */
  private readonly waiting: Waiting[][] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    (this.waiting[skb.flow] ??= []).push({ loan, endSeq: (skb.endSeq + size) | 0 });
    this.k.hold(loan);
  }

  override acked(sk: Sock, seq: number): void {
    const list = this.waiting[sk.slot] ?? [];
    while (list.length > 0 && ((list[0]!.endSeq - seq) | 0) <= 0) this.k.drop(list.shift()!.loan);
  }

  override closed(sk: Sock): void {
    for (const { loan } of this.waiting[sk.slot]?.splice(0) ?? []) this.k.drop(loan);
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}
