// A part of a packet as a packet of its own, which shares the pages: how RDS takes messages out of a stream.
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { allocShinfo } from './skb_alloc.ts';
import { skbClone } from './skb_clone.ts';
import { cloneFragList, kfreeSkb, skbReleaseData } from './skb_free.ts';
import { skbZcopyDowngradeManaged } from './managed_frag.ts';
import { skbOrphanFrags } from './skb_private.ts';
import { pskbTrim } from './skb_pull.ts';
import { adoptFrags } from './shared_frag.ts';
import { copyFrag, fragAt, skbHeadlen, type SkBuff, type SkbSharedInfo } from './skbuff.ts';

/**
 * `bytes` of `skb` from `off` on, which has more than `off`. Linear ones are copied, every page has one reference more.
 * Throws NoMemory with `skb` as it was.
 * @kernel net/core/skbuff.c pskb_extract (4.7)
 */
export function pskbExtract(k: Kernel, skb: SkBuff, off: number, bytes: number): SkBuff {
  if (k.onOperation !== null) k.onOperation('pskb_extract', skb);
  const clone = skbClone(k, skb, Site.TAP);
  try {
    pskbCarve(k, clone, off);
    pskbTrim(k, clone, bytes);
  } catch (error) {
    kfreeSkb(k, clone);
    throw error;
  }
  return clone;
}

/**
 * A clone lets go of its first `off` bytes: it gets a head of its own with what is left of the linear ones, and its
 * shared info is copied as a block.
 * Model: only clones are carved, so references never move with the block.
 * @kernel net/core/skbuff.c pskb_carve, pskb_carve_inside_header, pskb_carve_inside_nonlinear (4.7)
 */
function pskbCarve(k: Kernel, skb: SkBuff, off: number): void {
  const headlen = skbHeadlen(skb);
  k.lifetime.clone(skb, Site.CARVE);
  const old = skb.shinfo;
  const shinfo = allocShinfo(k, old.end - old.head);
  const linear = Math.max(0, headlen - off);
  k.copyBytes(shinfo.head, skb.data + headlen - linear, linear);
  if (k.era.carveDowngrades) skbZcopyDowngradeManaged(k, skb);
  shinfo.gsoSize = old.gsoSize;
  shinfo.gsoSegs = old.gsoSegs;
  shinfo.marked = old.marked;
  shinfo.managed = old.managed; // and a reference on every page that it gets below, which nobody puts [ff6e798c2eac]
  if (k.copiesSlot) shinfo.loan = old.loan;
  shinfo.fragList = old.fragList;
  skbOrphanFrags(k, skb);
  let pos = headlen;
  for (let i = 0; i < old.nrFrags; i++) {
    const frag = fragAt(old, i);
    const gone = off - pos;
    pos += frag.size;
    if (pos <= off) continue;
    const entry = fragAt(shinfo, shinfo.nrFrags);
    shinfo.nrFrags++;
    copyFrag(entry, frag);
    k.lifetime.fragRef(shinfo, entry);
    if (gone <= 0) continue;
    entry.pageOffset += gone;
    entry.size -= gone;
  }
  cloneFragList(k, shinfo);
  if (off >= headlen && shinfo.nrFrags === 0) carveFragList(k, shinfo, off - pos);
  adoptFrags(k, skb, shinfo, Site.CARVE, skb);
  skbReleaseData(k, skb);
  skb.shinfo = shinfo;
  skb.data = shinfo.head;
  skb.tail = shinfo.head + linear;
  skb.len -= off;
  const headers = Math.min(skb.headers, off);
  skb.headers -= headers;
  skb.seq = (skb.seq + off - headers) | 0;
  skb.dataLen = skb.len - linear;
  skb.cloned = 0;
  skb.hdrLen = 0;
}

/**
 * Drops the first `eat` bytes of the list, whose members others hold as well: the one that is cut, be it at its first
 * byte, is replaced by a clone.
 * @kernel net/core/skbuff.c pskb_carve_frag_list (4.7)
 */
function carveFragList(k: Kernel, shinfo: SkbSharedInfo, eat: number): void {
  let member = shinfo.fragList!;
  let left = eat;
  while (member.len <= left) {
    left -= member.len;
    const { next }: SkBuff = member;
    kfreeSkb(k, member);
    member = next!;
    shinfo.fragList = member;
    if (left === 0) return;
  }
  const clone = skbClone(k, member, Site.TAP);
  pskbCarve(k, clone, left);
  clone.next = member.next;
  kfreeSkb(k, member);
  shinfo.fragList = clone;
}
