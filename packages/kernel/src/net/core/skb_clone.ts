// Sharing and copying whole buffers: skb_clone, skb_copy, pskb_copy.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { COPY, Site } from '../../lifetime.ts';
import { allocCloneStruct, allocSkb, copySkbHeader, skbPut, skbReserve } from './skb_alloc.ts';
import { cloneFragList, copyFragArray, refFrags, touch } from './skb_free.ts';
import { mustBeReadable } from './netmem.ts';
import { adoptFrags } from './shared_frag.ts';
import { skbHeadlen, skbHeadroom, type SkBuff } from './skbuff.ts';

const { CACHE_LINES, COPIED_PAYLOAD } = Cost;

/**
 * A second sk_buff on the same data: dataref (+1,0), no page reference moves. The clone has no socket, no
 * destructor and no owner record of its own.
 * @kernel net/core/skbuff.c skb_clone (2.6.24)
 */
export function skbClone(k: Kernel, skb: SkBuff, site: Site): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_clone', skb);
  if (k.lifetime.clone(skb, site) === COPY) return skbCopy(k, skb);
  const n = allocCloneStruct(k, skb);
  shareData(k, n, skb);
  return n;
}

/** `n` gets a share of the data of `skb`. Cannot fail. @kernel net/core/skbuff.c __skb_clone (2.6.24) */
export function shareData(k: Kernel, n: SkBuff, skb: SkBuff): void {
  const shinfo = skb.shinfo;
  copySkbHeader(n, skb);
  n.len = skb.len;
  n.dataLen = skb.dataLen;
  n.hdrLen = skb.nohdr !== 0 ? skbHeadroom(skb) : skb.hdrLen;
  n.cloned = 1;
  n.nohdr = 0;
  n.ppRecycle = skb.ppRecycle;
  n.shinfo = shinfo;
  n.data = skb.data;
  n.tail = skb.tail;
  n.truesize = skb.truesize;
  shinfo.dataref++;
  touch(k, shinfo);
  k.cost[k.side + CACHE_LINES]!++;
  skb.cloned = 1;
}

/**
 * A private, linear copy of everything, in a head as large as the old one with all paged bytes behind it.
 * @kernel net/core/skbuff.c skb_copy (2.6.24)
 */
export function skbCopy(k: Kernel, skb: SkBuff): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_copy', skb);
  mustBeReadable(k, skb, 'skb_copy');
  const headroom = skbHeadroom(skb);
  const n = allocSkb(k, skb.shinfo.end - skb.shinfo.head + skb.dataLen, false);
  skbReserve(n, headroom);
  copySkbHeader(n, skb);
  n.shinfo.gsoSize = skb.shinfo.gsoSize;
  n.shinfo.gsoSegs = skb.shinfo.gsoSegs;
  skbCopyBits(k, skb, 0, skbPut(n, skb.len), skb.len);
  k.cost[k.side + COPIED_PAYLOAD]! += skb.len - skb.headers;
  return n;
}

/**
 * A private header over shared frags: each frag gains a reference.
 * @kernel net/core/skbuff.c pskb_copy (2.6.24)
 */
export function pskbCopy(k: Kernel, skb: SkBuff): SkBuff {
  if (k.onOperation !== null) k.onOperation('pskb_copy', skb);
  if (k.lifetime.clone(skb, Site.PSKB_COPY) === COPY) return skbCopy(k, skb);
  const headroom = skbHeadroom(skb);
  const headlen = skbHeadlen(skb);
  const n = allocSkb(k, headroom + headlen, false);
  skbReserve(n, headroom);
  copySkbHeader(n, skb);
  if (headlen !== 0) k.copyBytes(skbPut(n, headlen), skb.data, headlen);
  n.len = skb.len;
  n.dataLen = skb.dataLen;
  n.truesize += skb.dataLen;
  n.shinfo.gsoSize = skb.shinfo.gsoSize;
  n.shinfo.gsoSegs = skb.shinfo.gsoSegs;
  copyFragArray(k, n.shinfo, skb.shinfo);
  refFrags(k, n.shinfo);
  if (skb.shinfo.fragList !== null) {
    n.shinfo.fragList = skb.shinfo.fragList;
    cloneFragList(k, n.shinfo);
  }
  if (n.shinfo.nrFrags > 0) adoptFrags(k, skb, n.shinfo, Site.PSKB_COPY, n);
  return n;
}

/**
 * Copies `size` bytes from `offset` of the packet to linear memory at `to`.
 * @kernel net/core/skbuff.c skb_copy_bits
 */
export function skbCopyBits(
  k: Kernel,
  skb: SkBuff,
  offset: number,
  to: number,
  size: number,
): void {
  const headlen = skbHeadlen(skb);
  let at = offset;
  let left = size;
  if (at < headlen) {
    const n = Math.min(left, headlen - at);
    k.copyBytes(to, skb.data + at, n);
    to += n;
    at += n;
    left -= n;
  }
  let start = headlen;
  for (let i = 0; i < skb.shinfo.nrFrags && left > 0; i++) {
    const frag = skb.shinfo.frags[i]!;
    const end = start + frag.size;
    if (at < end) {
      const n = Math.min(left, end - at);
      k.copyBytes(to, frag.page.address + frag.pageOffset + (at - start), n);
      to += n;
      at += n;
      left -= n;
    }
    start = end;
  }
  for (let m = skb.shinfo.fragList; m !== null && left > 0; m = m.next) {
    const end = start + m.len;
    if (at < end) {
      const n = Math.min(left, end - at);
      skbCopyBits(k, m, at - start, to, n);
      to += n;
      at += n;
      left -= n;
    }
    start = end;
  }
}
