import { GetPutPage, type Loan, type Page, type SkBuff, type SkbSharedInfo } from '@lastref/kernel';
import { program } from '../../lib.ts';

/** The addresses to publish stand behind the destructor argument of the shared info. */
class AddressesInShinfo extends GetPutPage {
  override canAppend(skb: SkBuff, loan: Loan): boolean {
    return skb.shinfo.loan === loan || (skb.shinfo.loan === null && skb.shinfo.nrFrags === 0);
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    if (skb.shinfo.loan === loan) return;
    skb.shinfo.loan = loan; // skb_shinfo(skb)->destructor_arg
    this.k.hold(loan);
  }

  override zcopyClear(shinfo: SkbSharedInfo): void {
    if (shinfo.loan !== null) this.k.drop(shinfo.loan); // xsk_destruct_skb
    shinfo.loan = null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan);
  }
}

export const fixed = program(
  'xsk-cb-fixed',
  'addresses to publish behind destructor_arg',
  2025,
  (k) => new AddressesInShinfo(k),
);
