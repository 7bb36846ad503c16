import {
  GetPutPage,
  SeamMisuse,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from '@lastref/kernel';

export const design = {
  id: 'ian-frag-destructor',
  title: 'a destructor in each fragment',
  year: 2011,
  source:
    'Ian Campbell, "net: add support for per-paged-fragment destructors", 2011; reposted by Alex Bligh, 25 Jan 2013 (1359124027-1170-2-git-send-email-alex@alex.org.uk)',
  era: { id: '3.8', source: 'reposted on 25 Jan 2013, when 3.8 was at rc5' },
  status: 'proposed',
  summary:
    'The frag carries a counted destructor beside its page pointer; ref and unref count on it instead of the page. The last unref completes.',
  reading:
    'Entries merge only when their destructors are the same; the producer holds one count until it is done. Judged is the part of the series that was reposted as 1/7. skb_orphan_frags is there in 3.8, and its comment speaks of frags with destructors; it looks for SKBTX_DEV_ZEROCOPY alone, and this part does not touch it: nothing is copied aside for a tap or a local reader.',
  adds: [
    {
      struct: 'skb_frag_t',
      name: 'destructor',
      type: 'pointer',
      into: ['page', 'bv_page', 'netmem'],
      after: 'p',
    },
  ],
  rank: 8,
  hooks: 0,
  claims: ['L5', 'L6', 'L7', 'L8', 'L9', 'F1', 'F2'],
  create: (k) => new FragDestructor(k),
} satisfies Design;

class FragDestructor extends GetPutPage {
  override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
    const frag = this.k.fillPageDesc(skb, page, pageOffset, size); // no page reference: the caller's must span it
    frag.loan = loan; // skb_frag_set_destructor, before the first ref [patch, @@ -1160 skbuff.h]
    this.k.hold(loan);
  }

  override mayMerge(frag: SkbFrag, loan: Loan | null): boolean {
    return frag.loan === loan; // one entry, one destructor [1/7 of the repost leaves it open]
  }

  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null)
      this.destructorRef(frag.loan); // __skb_frag_ref [patch, @@ -1712 skbuff.h]
    else super.fragRef(shinfo, frag);
  }

  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.loan !== null)
      this.destructorUnref(frag.loan); // __skb_frag_unref [patch, @@ -1735 skbuff.h]
    else super.fragUnref(shinfo, frag);
  }

  override released(loan: Loan): void {
    this.k.drop(loan); // the caller's own reference spans the operation [patch description]
  }

  /** skb_frag_destructor_ref [patch, @@ -303 skbuff.c] */
  destructorRef(loan: Loan | null): void {
    if (loan === null) throw new SeamMisuse('skb_frag_destructor_ref without a destructor'); // BUG_ON
    this.k.hold(loan);
  }

  /** skb_frag_destructor_unref [patch, @@ -303 skbuff.c] */
  destructorUnref(loan: Loan | null): void {
    if (loan !== null) this.k.drop(loan);
  }

  override keepsOwner(): boolean {
    return true; // the RPC task is completed by the destructor, so it is there [LWN, 25 July 2011]
  }
}
