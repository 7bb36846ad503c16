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
  id: 'rusty-shinfo-orig',
  title: 'a destructor on the data, and a chain to the parent',
  year: 2008,
  source:
    'Rusty Russell, "net: add destructor for skb data", patch of 8 May 2008, LKML 21 Dec 2008',
  era: {
    id: '2.6.24',
    source:
      'patch of 8 May 2008, made on 2.6.26-rc1; 2.6.24 is the last release before it that is modelled',
  },
  status: 'proposed',
  summary:
    'The shared info gains destructor, orig and len. A child that takes frags keeps a payload reference on its parent; the destructor runs when the data and all descendants are released.',
  reading:
    'Hooked at the four sites of the patch; skb_shift came later and is not hooked. There is one destructor per shared info, and the patch has no line for sendpage, which puts pages of several senders into one skb: that the last to set it is the one that is called is the reading taken here.',
  domain: {
    by: ['process'],
    over: ['device'],
    source:
      '"notify something when an skb is truly finished (such as for tun vringfd support)" [patch description]: who hands the skb over sets its destructor; how senders of TCP would, who share skbs, it does not say',
  },
  adds: [
    {
      struct: 'skb_shared_info',
      name: 'len',
      type: 'unsigned int',
      after: ['ip6_frag_id', 'tskey'],
    },
    { struct: 'skb_shared_info', name: 'orig', type: 'pointer', after: 'frags' },
    { struct: 'skb_shared_info', name: 'destructor', type: 'callback', after: 'orig' },
  ],
  rank: 7,
  hooks: Site.PSKB_COPY | Site.EXPAND_HEAD | Site.SPLIT | Site.SEGMENT,
  defers: true, // "can be called from any context", and the tun patch behind it only queues [patch description]
  claims: ['R1', 'R3', 'R4', 'R5', 'R6'],
  create: (k) => new ShinfoOrig(k),
} satisfies Design;

export class ShinfoOrig extends GetPutPage {
  /** shinfo->orig: the model's structs have one added slot, the patch adds two fields. */
  private readonly orig = this.k.sideField<SkbSharedInfo, SkbSharedInfo>();

  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    super.lend(skb, page, pageOffset, size, loan);
    this.setDestructor(skb, loan); // shinfo->destructor [patch, @@ -146 skbuff.h]
  }

  override merged(skb: SkBuff, _frag: SkbFrag, _size: number, loan: Loan): void {
    this.setDestructor(skb, loan); // it is the skb's, whichever entry grew [patch, @@ -146]
  }

  override adopt(parent: SkBuff, child: SkbSharedInfo, site: Site): void {
    if ((site & design.hooks) === 0) return;
    if (site === Site.EXPAND_HEAD) child.loan = null; // the copied destructor is cleared [patch, @@ -743]
    const from = parent.shinfo;
    if (from.loan === null && this.orig.get(from) === undefined) return;
    this.orig.set(child, from); // skb_ref_data_parent [patch, @@ -311]
    this.k.getData(from);
    parent.cloned = 1; // else its release would not look at dataref
  }

  override dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null {
    const orig = this.orig.get(shinfo) ?? null; // read before the destructor may free the head
    this.orig.set(shinfo, undefined);
    if (shinfo.loan !== null) calledBack(this.k, shinfo.loan); // shinfo->destructor(shinfo), behind the pages [shinfo_put]
    return orig; // the caller drops our payload reference and goes on there
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the producer's own hold [in the card]
  }

  /** shinfo->destructor = ...: one field, and nobody asks whether it is in use [patch, @@ -146] */
  private setDestructor({ shinfo }: SkBuff, loan: Loan): void {
    if (shinfo.loan === loan) return;
    shinfo.loan = loan;
    this.k.hold(loan);
  }
}
