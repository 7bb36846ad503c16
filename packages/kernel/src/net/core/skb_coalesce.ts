// Putting the frags of one skb behind those of another: receive coalescing, GRO, pages added by hand.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import { allocPage, copyToPage, type Page } from '../../mm/page_alloc.ts';
import { PageHome } from '../../mm/page_home.ts';
import { skbZcopyDowngradeManaged } from './managed_frag.ts';
import { skbCopyBits } from './skb_clone.ts';
import { skbCanCoalesce, skbPut } from './skb_alloc.ts';
import { skbFragsReadable } from './netmem.ts';
import { adoptFrags } from './shared_frag.ts';
import { copyFrag, fragAt, skbCloned, skbHeadlen, skbTailroom, type SkBuff } from './skbuff.ts';

/** Entries of `from`, in order, behind those of `to`; no reference moves. */
export function appendEntries(to: SkBuff, from: SkBuff): void {
  for (let i = 0; i < from.shinfo.nrFrags; i++) {
    copyFrag(fragAt(to.shinfo, to.shinfo.nrFrags++), fragAt(from.shinfo, i));
  }
}

function grow(to: SkBuff, bytes: number): void {
  to.len += bytes;
  to.dataLen += bytes;
  to.truesize += bytes;
}

/**
 * Joins two neighbours of a receive queue. A small payload is copied into the tailroom; frags of an unshared
 * `from` move without a reference call, those of a shared one gain a reference each. False: nothing happened.
 * The caller frees `from`.
 * @kernel net/core/skbuff.c skb_try_coalesce, skb_pp_frag_ref (3.8, 6.8)
 */
export function skbTryCoalesce(k: Kernel, to: SkBuff, from: SkBuff): boolean {
  if (skbCloned(to)) return false;
  if (to.ppRecycle !== from.ppRecycle) return false; // pages of a pool and others are not mixed [6a5bcd84e886, 5.14]
  if (from.ppRecycle !== 0 && skbCloned(from) && !k.era.coalescesClonedPool) return false; // [1effe8ca4e34]
  const readable = skbFragsReadable(k, from);
  if (readable !== skbFragsReadable(k, to)) return false; // [6.12]
  const { len } = from;
  if (len <= skbTailroom(to) && readable) {
    skbCopyBits(k, from, 0, skbPut(to, len), len);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += len;
    return true;
  }
  if (to.shinfo.fragList !== null || from.shinfo.fragList !== null) return false;
  if (skbHeadlen(from) !== 0) return false; // Model: no head stands in a page, so none can be stolen
  if (to.shinfo.nrFrags + from.shinfo.nrFrags > k.era.maxSkbFrags) return false;
  if (!k.mayMove(from, to, Site.COALESCE)) return false;
  if (k.onOperation !== null) k.onOperation('skb_try_coalesce', from);
  const first = to.shinfo.nrFrags;
  appendEntries(to, from);
  if (skbCloned(from)) {
    for (let i = first; i < to.shinfo.nrFrags; i++) {
      const frag = fragAt(to.shinfo, i);
      if (from.ppRecycle !== 0 && frag.page.home === PageHome.POOL)
        k.poolRef(frag.page); // skb_pp_frag_ref
      else k.lifetime.fragRef(to.shinfo, frag);
    }
  } else {
    from.shinfo.nrFrags = 0;
  }
  grow(to, len);
  adoptFrags(k, from, to.shinfo, Site.COALESCE, to);
  return true;
}

/**
 * GRO, frags path: the frags of `skb` move to `p`, its own array is left empty; the caller frees the struct.
 * @kernel net/core/skbuff.c skb_gro_receive (2.6.32)
 */
export function skbGroReceive(k: Kernel, p: SkBuff, skb: SkBuff): boolean {
  if (p.shinfo.nrFrags + skb.shinfo.nrFrags > k.era.maxSkbFrags) return false;
  if (!k.mayMove(skb, p, Site.GRO)) return false;
  if (k.onOperation !== null) k.onOperation('skb_gro_receive', skb);
  const bytes = skb.dataLen;
  appendEntries(p, skb);
  skb.shinfo.nrFrags = 0;
  skb.len -= bytes;
  skb.dataLen = 0;
  grow(p, bytes);
  adoptFrags(k, skb, p.shinfo, Site.GRO, p);
  return true;
}

/**
 * GRO, list path: `skb` goes on the frag_list of `p` whole, with its own data.
 * @kernel net/core/skbuff.c skb_gro_receive_list, and the last path of skb_gro_receive (2.6.32)
 */
export function skbGroReceiveList(k: Kernel, p: SkBuff, skb: SkBuff): void {
  if (k.onOperation !== null) k.onOperation('skb_gro_receive_list', skb);
  let last = p.shinfo.fragList;
  while (last !== null && last.next !== null) last = last.next;
  if (last === null) p.shinfo.fragList = skb;
  else last.next = skb;
  skb.next = null;
  grow(p, skb.len);
  adoptFrags(k, skb, p.shinfo, Site.GRO_LIST, p);
}

/**
 * Copies `size` bytes at `address` into fresh pages at the end of `skb`.
 * @kernel net/core/skbuff.c skb_append_datato_frags (2.6.24)
 */
export function skbAppendDatatoFrags(k: Kernel, skb: SkBuff, address: number, size: number): void {
  for (let done = 0; done < size;) {
    const page = allocPage(k);
    const n = Math.min(size - done, 4096);
    copyToPage(k, page, 0, address + done, n);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += n;
    k.fillPageDesc(skb, page, 0, n); // the page's one reference is the frag's
    grow(skb, n);
    done += n;
  }
}

/**
 * Adds a page that the caller has a reference on; a continuation of the last entry gives that reference back.
 * @kernel net/core/skbuff.c skb_add_rx_frag, skb_coalesce_rx_frag (3.18)
 */
export function skbAddRxFrag(
  k: Kernel,
  skb: SkBuff,
  page: Page,
  pageOffset: number,
  size: number,
): void {
  if (k.onOperation !== null) k.onOperation('skb_add_rx_frag', skb);
  const last = skb.shinfo.nrFrags > 0 ? fragAt(skb.shinfo, skb.shinfo.nrFrags - 1) : null;
  if (last !== null && skbCanCoalesce(skb, page, pageOffset) && k.lifetime.mayMerge(last, null)) {
    last.size += size;
    k.putPage(page);
  } else {
    k.fillPageDesc(skb, page, pageOffset, size);
  }
  grow(skb, size);
}

/**
 * Adds a page and takes a reference on it, unless it continues the last entry. False: the array is full. The caller
 * accounts for the bytes.
 * @kernel net/core/skbuff.c skb_append_pagefrags (4.3)
 */
export function skbAppendPagefrags(
  k: Kernel,
  skb: SkBuff,
  page: Page,
  pageOffset: number,
  size: number,
): boolean {
  if (k.onOperation !== null) k.onOperation('skb_append_pagefrags', skb);
  const { shinfo } = skb;
  if (skbCanCoalesce(skb, page, pageOffset)) {
    const last = fragAt(shinfo, shinfo.nrFrags - 1);
    if (k.lifetime.mayMerge(last, null)) {
      last.size += size;
      return true;
    }
  }
  if (shinfo.nrFrags >= k.era.maxSkbFrags) return false;
  skbZcopyDowngradeManaged(k, skb);
  k.lifetime.fragRef(shinfo, k.fillPageDesc(skb, page, pageOffset, size)); // get_page, whoever has lent it
  return true;
}

/** Part of a page that an iterator offers. */
export interface PagePart {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
}

/**
 * Puts what fits of `parts` in, by reference; returns its bytes.
 * @kernel net/core/skbuff.c skb_splice_from_iter (6.5)
 */
export function skbSpliceFromIter(k: Kernel, skb: SkBuff, parts: readonly PagePart[]): number {
  if (k.onOperation !== null) k.onOperation('skb_splice_from_iter', skb);
  let spliced = 0;
  for (const { page, pageOffset, size } of parts) {
    if (!skbAppendPagefrags(k, skb, page, pageOffset, size)) break;
    spliced += size;
  }
  grow(skb, spliced);
  return spliced;
}
