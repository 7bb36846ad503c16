import {
  GetPutPage,
  Site,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { calledBack } from './lib/called-back.ts';

export const design = {
  id: 'rusty-page-shinfo',
  title: 'a destructor per page, kept in the shared info',
  year: 2011,
  source:
    'Rusty Russell, as mentioned by Ian Campbell, xen-devel 2011: it could not be made to work',
  era: {
    id: '2.6.28',
    source:
      'looked into before 2011; what Rusty Russell is known to have sent of the shared info is of May to December 2008',
  },
  status: 'considered',
  summary:
    'Beside its frags a shared info keeps a destructor for each page, run when it lets go of that page.',
  reading:
    'No code is known. The array is a second one beside frags[], so an entry that is copied or moved to another shared info leaves its destructor behind; the block copy of pskb_expand_head takes the array along, counted.',
  adds: [
    {
      struct: 'skb_shared_info',
      name: 'destructors',
      type: 'pointer',
      length: 'MAX_SKB_FRAGS',
      after: 'frags',
    },
  ],
  hooks: Site.EXPAND_HEAD,
  claims: ['C8'],
  create: (k) => new PageShinfo(k),
} satisfies Design;

interface Entry {
  page: Page;
  loan: Loan;
}

class PageShinfo extends GetPutPage {
  private readonly entries = this.k.sideField<SkbSharedInfo, Entry[]>();

  override mayMerge(_frag: SkbFrag, loan: Loan | null): boolean {
    return loan === null; // one destructor per entry, and who asks for none finds all as it was [reading]
  }

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    const { shinfo } = skb;
    if (shinfo.loan === null) this.entries.set(shinfo, []);
    shinfo.loan = loan; // the model's slot stands for the array, and goes where that goes
    this.of(shinfo).push({ page, loan }); // a destructor per page [in the card]
    this.k.hold(loan);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    super.fragUnref(shinfo, frag);
    const entries = this.of(shinfo);
    const i = entries.findIndex((e) => e.page === frag.page);
    if (i >= 0) calledBack(this.k, entries.splice(i, 1)[0]!.loan); // with the page [in the card]
  }

  override adopt(parent: SkBuff, child: SkbSharedInfo, site: Site): void {
    if (site !== Site.EXPAND_HEAD) return; // the block copy alone [in the card]
    const copied = this.of(parent.shinfo).map(({ page, loan }) => ({ page, loan }));
    for (const { loan } of copied) this.k.hold(loan); // counted, whether the array came along or not [fed66381d65a, 2.6.36]
    if (child.loan !== null) this.entries.set(child, copied);
  }

  override dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null {
    const entries = this.of(shinfo).splice(0);
    for (const { loan } of entries) calledBack(this.k, loan); // their frags went elsewhere; nobody else knows of them [in the card]
    return null;
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the sender's own part [in the card]
  }

  private of(shinfo: SkbSharedInfo): Entry[] {
    return (shinfo.loan === null ? undefined : this.entries.get(shinfo)) ?? [];
  }
}
