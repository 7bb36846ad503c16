// What an operation leaves behind, as pages: to see whether it kept those that were lent, or private copies.
import type { HolderVisitor, Page, SkBuff } from '@lastref/kernel';

export class Products implements HolderVisitor {
  readonly pages: Page[] = [];
  /** There is a packet or a page reference at all. */
  found = false;

  skb(skb: SkBuff): void {
    this.found = true;
    const { frags, nrFrags, fragList } = skb.shinfo;
    for (let i = 0; i < nrFrags; i++) this.pages.push(frags[i]!.page);
    for (let member = fragList; member !== null; member = member.next) this.skb(member);
  }

  page(page: Page): void {
    this.found = true;
    this.pages.push(page);
  }
}
