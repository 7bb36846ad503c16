// Giving an skb a head of its own: pskb_expand_head and the helpers that delegate to it.
import { ExpandHead } from '../../era.ts';
import { KernelBug } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { allocShinfo, freeHeadMemory, headBytes, headClass } from './skb_alloc.ts';
import { cloneFragList, copyFragArray, refFrags, skbReleaseData } from './skb_free.ts';
import { skbZcopyDowngradeManaged } from './managed_frag.ts';
import { adoptFrags } from './shared_frag.ts';
import { PAYLOAD_REF, skbCloned, skbHeaderCloned, skbHeadroom, type SkBuff } from './skbuff.ts';

/** May the references move with the block copy? @kernel net/core/skbuff.c pskb_expand_head, by version */
function movesReferences(k: Kernel, skb: SkBuff): boolean {
  switch (k.era.expandHead) {
    case ExpandHead.ALWAYS:
      return false;
    case ExpandHead.FASTPATH:
      return soleByWeight(skb);
    case ExpandHead.CLONED:
      return !skbCloned(skb);
  }
}

/** dataref is what its owner's own weight is. @kernel net/core/skbuff.c pskb_expand_head (2.6.38) */
function soleByWeight(skb: SkBuff): boolean {
  return skb.cloned === 0 || skb.shinfo.dataref === (skb.nohdr !== 0 ? PAYLOAD_REF : 1);
}

/**
 * A new head with `nhead` more bytes in front and `ntail` more behind. The result is unshared: cloned, nohdr
 * and hdr_len are 0, dataref is (1,0). The shared info, a design's slot in it included, is block-copied.
 * @kernel net/core/skbuff.c pskb_expand_head (2.6.24, 2.6.36, 2.6.38, 3.8)
 */
export function pskbExpandHead(k: Kernel, skb: SkBuff, nhead: number, ntail: number): void {
  if (k.onOperation !== null) k.onOperation('pskb_expand_head', skb);
  if (skb.users !== 1)
    throw new KernelBug(`pskb_expand_head on skb#${skb.slot}: users ${skb.users}`);
  skbZcopyDowngradeManaged(k, skb);
  const old = skb.shinfo;
  const size = old.end - old.head + nhead + ntail;
  const used = skb.tail - old.head;
  if (movesReferences(k, skb)) moveHead(k, skb, size, used, nhead);
  else copyHead(k, skb, size, used, nhead);
  skb.cloned = 0;
  skb.nohdr = 0;
  skb.hdrLen = 0;
  skb.shinfo.dataref = 1;
}

/**
 * Sole owner: the block copy takes the references along and the old head is freed raw. The shared info keeps
 * its identity, as nobody else can have its address.
 */
function moveHead(k: Kernel, skb: SkBuff, size: number, used: number, nhead: number): void {
  const shinfo = skb.shinfo;
  k.mayFail();
  const cls = headClass(k, size);
  const head = k.kmalloc(cls);
  const from = shinfo.head;
  k.copyBytes(head + nhead, from, used);
  freeHeadMemory(k, shinfo);
  skb.data += head + nhead - from;
  skb.tail += head + nhead - from;
  shinfo.head = head;
  shinfo.cls = cls;
  shinfo.end = head + headBytes(k, size, cls);
  if (!k.copiesSlot) shinfo.loan = null; // it stays behind in the old memory
}

/** Others may hold the data: each frag gains a reference, then this skb's share of the old data is dropped. */
function copyHead(k: Kernel, skb: SkBuff, size: number, used: number, nhead: number): void {
  k.lifetime.clone(skb, Site.EXPAND_HEAD);
  const old = skb.shinfo;
  const shinfo = allocShinfo(k, size);
  k.copyBytes(shinfo.head + nhead, old.head, used);
  shinfo.gsoSize = old.gsoSize;
  shinfo.gsoSegs = old.gsoSegs;
  shinfo.marked = old.marked;
  if (k.copiesSlot) shinfo.loan = old.loan;
  shinfo.fragList = old.fragList;
  copyFragArray(k, shinfo, old);
  refFrags(k, shinfo);
  cloneFragList(k, shinfo);
  adoptFrags(k, skb, shinfo, Site.EXPAND_HEAD, skb);
  const moved = shinfo.head + nhead - old.head;
  skbReleaseData(k, skb);
  skb.shinfo = shinfo;
  skb.data += moved;
  skb.tail += moved;
}

/** A private, writable buffer with `headroom` bytes in front. @kernel include/linux/skbuff.h skb_cow */
export function skbCow(k: Kernel, skb: SkBuff, headroom: number): void {
  cow(k, skb, headroom, skbCloned(skb));
}

/** As skb_cow, when only the header is written. @kernel include/linux/skbuff.h skb_cow_head */
export function skbCowHead(k: Kernel, skb: SkBuff, headroom: number): void {
  cow(k, skb, headroom, skbHeaderCloned(skb));
}

function cow(k: Kernel, skb: SkBuff, headroom: number, shared: boolean): void {
  const missing = Math.max(0, headroom - skbHeadroom(skb));
  if (missing > 0 || shared) pskbExpandHead(k, skb, (missing + 63) & ~63, 0);
}

/** @kernel include/linux/skbuff.h skb_unclone (after 3.8; open-coded before) */
export function skbUnclone(k: Kernel, skb: SkBuff): void {
  if (skbCloned(skb)) pskbExpandHead(k, skb, 0, 0);
}

/** Room for `bytes` at the tail of a linear area that stays shared with nobody. */
export function ensureTail(k: Kernel, skb: SkBuff, bytes: number): void {
  const room = skb.shinfo.end - skb.tail;
  if (bytes > room || skbCloned(skb))
    pskbExpandHead(k, skb, 0, bytes > room ? bytes - room + 128 : 0);
}
