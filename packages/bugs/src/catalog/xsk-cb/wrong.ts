import { GetPutPage, type Loan, type Page, type SkBuff } from '@lastref/kernel';
import { program } from '../../lib.ts';

/** The addresses to publish stand in the control block of the packet. */
class AddressesInCb extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.cb === loan || (skb.cb === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.cb === loan) return;
    skb.cb = loan; // XSKCB(skb)
    this.k.hold(loan);
  }

  override cbFound(skb: SkBuff): void {
    if (skb.cb !== null) this.k.drop(skb.cb); // xsk_destruct_skb
    skb.cb = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

export const wrong = program(
  'xsk-cb-wrong',
  'addresses to publish in skb->cb',
  2025,
  (k) => new AddressesInCb(k),
);
