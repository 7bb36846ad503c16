// Making the bytes private: whole copies, linear copies for in-place writers, pages replaced one by one.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { shareData, skbCopyBits } from './skb_clone.ts';
import { pskbExpandHead } from './skb_head.ts';
import { skbLinearize } from './skb_pull.ts';
import { allocSkb, copySkbHeader, initSkb, skbPut, skbReserve } from './skb_alloc.ts';
import { refFrags, skbOrphan, skbReleaseData } from './skb_free.ts';
import { Fclone, fragAt, skbCloned, type SkBuff } from './skbuff.ts';

/**
 * A private, linear copy with `headroom` in front and `tailroom` behind.
 * @kernel net/core/skbuff.c skb_copy_expand (2.6.24)
 */
export function skbCopyExpand(k: Kernel, skb: SkBuff, headroom: number, tailroom: number): SkBuff {
  const n = allocSkb(k, headroom + skb.len + tailroom, false);
  skbReserve(n, headroom);
  copySkbHeader(n, skb);
  n.shinfo.gsoSize = skb.shinfo.gsoSize;
  n.shinfo.gsoSegs = skb.shinfo.gsoSegs;
  skbCopyBits(k, skb, 0, skbPut(n, skb.len), skb.len);
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += skb.len - skb.headers;
  return n;
}

/**
 * Writable data for in-place crypto: all paged bytes become linear, pages are never written.
 * @kernel net/core/skbuff.c skb_cow_data (3.8)
 */
export function skbCowData(k: Kernel, skb: SkBuff): void {
  if (skb.dataLen !== 0) skbLinearize(k, skb);
  else if (skbCloned(skb)) pskbExpandHead(k, skb, 0, 0);
}

/**
 * `dst` becomes a clone of `src`: its own data is released first. Allocates nothing, so it cannot fail, and no
 * design is asked for a copy.
 * @kernel net/core/skbuff.c skb_morph (2.6.24)
 */
export function skbMorph(k: Kernel, dst: SkBuff, src: SkBuff): void {
  skbOrphan(k, dst);
  skbReleaseData(k, dst);
  shareData(k, dst, src);
}

/**
 * Every frag goes on with a private copy of its bytes. A shared skb gets a head of its own first. A design that makes
 * such copies itself is asked to. Throws NoMemory with all frags as they were.
 * @kernel net/core/skbuff.c skb_copy_ubufs (3.2; un-shares from 4.14 on)
 */
export function skbCopyUbufs(k: Kernel, skb: SkBuff): void {
  if (skbCloned(skb)) pskbExpandHead(k, skb, 0, 0);
  const { shinfo } = skb;
  if (shinfo.nrFrags === 0) return;
  const { page: before } = fragAt(shinfo, 0);
  k.lifetime.orphanFrags(skb);
  if (fragAt(shinfo, 0).page !== before) return;
  const copies: Page[] = [];
  try {
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = fragAt(shinfo, i);
      copies.push(k.copyPage(page, pageOffset, size));
    }
  } catch (error) {
    for (const copy of copies) k.putPage(copy);
    throw error;
  }
  copies.forEach((copy, i) => {
    const frag = fragAt(shinfo, i);
    k.lifetime.fragUnref(shinfo, frag, skb);
    frag.page = copy;
    frag.loan = null;
  });
}

/**
 * A netlink message for user space that shares the frags of `from`; one with a frag_list is copied instead.
 * @kernel net/core/skbuff.c skb_zerocopy, skb_zerocopy_headlen (3.18)
 */
export function skbZerocopy(k: Kernel, from: SkBuff): SkBuff {
  k.lifetime.orphanFrags(from);
  const linear = from.shinfo.fragList === null ? from.len - from.dataLen : from.len;
  const to = allocSkb(k, 128 + linear, false);
  skbReserve(to, 128);
  copySkbHeader(to, from);
  skbCopyBits(k, from, 0, skbPut(to, linear), linear);
  if (linear === from.len) return to;
  for (let i = 0; i < from.shinfo.nrFrags; i++) {
    const entry = fragAt(to.shinfo, i);
    const frag = fragAt(from.shinfo, i);
    entry.page = frag.page;
    entry.pageOffset = frag.pageOffset;
    entry.size = frag.size;
    entry.loan = frag.loan;
  }
  to.shinfo.nrFrags = from.shinfo.nrFrags;
  refFrags(k, to.shinfo);
  to.len = from.len;
  to.dataLen = from.dataLen;
  to.truesize += from.dataLen;
  k.lifetime.adopt(from, to.shinfo, Site.ZEROCOPY);
  return to;
}

/**
 * Makes an skb that was sent ready for reception again. Only linear, unshared skbs of at least `size` bytes
 * qualify; whatever was kept in the shared info alone is forgotten without a word.
 * @kernel net/core/skbuff.c skb_recycle_check (2.6.28 to 3.8)
 */
export function skbRecycleCheck(k: Kernel, skb: SkBuff, size: number): boolean {
  const { shinfo } = skb;
  if (skb.dataLen !== 0 || skb.fclone !== Fclone.UNAVAILABLE || skb.users !== 1) return false;
  if (skbCloned(skb) || shinfo.end - shinfo.head < size) return false;
  skbOrphan(k, skb);
  shinfo.dataref = 1;
  shinfo.nrFrags = 0;
  shinfo.gsoSize = 0;
  shinfo.gsoSegs = 0;
  shinfo.loan = null;
  initSkb(skb);
  skb.data = shinfo.head;
  skb.tail = shinfo.head;
  return true;
}
