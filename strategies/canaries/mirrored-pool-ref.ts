import { PageHome, type Design, type SkbFrag, type SkbSharedInfo } from '@lastref/kernel';
import { PagePoolRecycling } from '../page-pool.ts';

export const design = {
  id: 'canary-mirrored-pool-ref',
  title: 'canary: a page pool whose references are all of its own kind',
  year: 2024,
  source:
    'net/core/skbuff.c with a580ea994fd3 ("net: mirror skb frag ref/unref helpers"), taken back by 173e7622ccb3 within weeks',
  status: 'canary',
  summary:
    'Whoever refs a frag of a pool counts in the pool, but an skb whose mark is cleared, or that never had one, puts a plain reference.',
  adds: [],
  hooks: 0,
  home: PageHome.POOL,
  claims: [],
  create: (k) => new MirroredPoolRef(k),
} satisfies Design;

class MirroredPoolRef extends PagePoolRecycling {
  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    if (frag.page.home === PageHome.POOL)
      this.k.poolRef(frag.page); // the bug [in the card]
    else super.fragRef(shinfo, frag);
  }
}
