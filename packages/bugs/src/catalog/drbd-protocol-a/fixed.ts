import {
  GetPutPage,
  type Loan,
  type Page,
  type SideField,
  type SkBuff,
  type Sock,
} from '@lastref/kernel';
import { program } from '../../lib.ts';

/** Sent pages are parked until nobody but their owner counts on them. */
class ParkAndPoll extends GetPutPage {
  private readonly pages: SideField<Loan, Page[]> = this.k.sideField();
  /** net_ee */
  private readonly parked: Loan[] = [];

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    const pages = this.pages.get(loan);
    if (pages === undefined) this.pages.set(loan, [page]);
    else pages.push(page);
  }

  override returned(loan: Loan): void {
    this.parked.push(loan);
  }

  override acked(_sk: Sock, _seq: number): void {
    this.reclaim(); // drbd_kick_lo_and_reclaim_net
  }

  private reclaim(): void {
    for (let i = 0; i < this.parked.length;) {
      const loan = this.parked[i]!;
      if (this.pages.get(loan)!.every((page) => page.count === 1)) {
        this.parked.splice(i, 1);
        this.k.complete(loan);
      } else i++;
    }
  }
}

export const fixed = program(
  'drbd-protocol-a-fixed',
  'pages that are parked until their count has fallen',
  2010,
  (k) => new ParkAndPoll(k),
);
