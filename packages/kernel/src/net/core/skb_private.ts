// Making the bytes private: whole copies, linear copies for in-place writers, pages replaced one by one.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import { PAGE_SIZE, allocPage, copyToPage, type Page } from '../../mm/page_alloc.ts';
import { shareData, skbClone, skbCopy, skbCopyBits } from './skb_clone.ts';
import { skbUnclone } from './skb_head.ts';
import { pskbPullTail, replaceMember } from './skb_pull.ts';
import { allocSkb, copySkbHeader, initSkb, skbPut, skbReserve } from './skb_alloc.ts';
import { kfreeSkb, putFrags, refFrags, skbOrphan, skbReleaseData } from './skb_free.ts';
import { mustBeReadable } from './netmem.ts';
import { adoptFrags } from './shared_frag.ts';
import {
  Fclone,
  fragAt,
  skbCloned,
  skbHeadlen,
  skbTailroom,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
} from './skbuff.ts';

/**
 * A private, linear copy with `headroom` in front and `tailroom` behind.
 * @kernel net/core/skbuff.c skb_copy_expand (2.6.24)
 */
export function skbCopyExpand(k: Kernel, skb: SkBuff, headroom: number, tailroom: number): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_copy_expand', skb);
  mustBeReadable(k, skb, 'skb_copy_expand');
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
 * Writable data for in-place crypto: the packet's own pages become linear, members of its frag_list that are shared or
 * have pages are replaced by linear copies, and all behind a shared one. Pages are never written.
 * @kernel net/core/skbuff.c skb_cow_data (3.8)
 */
export function skbCowData(k: Kernel, skb: SkBuff): void {
  if (k.onOperation !== null) k.onOperation('skb_cow_data', skb);
  if (skbCloned(skb) || skb.shinfo.nrFrags > 0) pskbPullTail(k, skb, pagelen(skb));
  const { shinfo } = skb;
  let prev: SkBuff | null = null;
  let copies = false;
  for (let member = shinfo.fragList; member !== null; member = member.next) {
    copies ||= member.users > 1;
    if (
      copies ||
      skbCloned(member) ||
      member.shinfo.nrFrags > 0 ||
      member.shinfo.fragList !== null
    ) {
      const copy = skbCopy(k, member);
      replaceMember(k, shinfo, prev, member, copy);
      member = copy;
    }
    prev = member;
  }
}

/** Bytes in the frags of `skb` itself. @kernel include/linux/skbuff.h __skb_pagelen */
function pagelen({ shinfo }: SkBuff): number {
  let bytes = 0;
  for (let i = 0; i < shinfo.nrFrags; i++) bytes += fragAt(shinfo, i).size;
  return bytes;
}

/**
 * `dst` becomes a clone of `src`: its own data is released first. Allocates nothing, so it cannot fail, and no
 * design is asked for a copy.
 * @kernel net/core/skbuff.c skb_morph (2.6.24)
 */
export function skbMorph(k: Kernel, dst: SkBuff, src: SkBuff): void {
  if (k.onOperation !== null) k.onOperation('skb_morph', src);
  skbOrphan(k, dst);
  skbReleaseData(k, dst);
  shareData(k, dst, src);
}

/**
 * Every frag goes on with a private copy of its bytes. From 4.14 on a shared skb gets a shared info of its own first; before, the
 * copies take the place of the pages in the one that all have, which none with a ubuf_info is: skb_clone has copied then. Throws
 * NoMemory with all frags as they were.
 * @kernel net/core/skbuff.c skb_copy_ubufs (3.6, 3.17, 4.12; un-shares from 4.14 on), skb_clone (3.6)
 */
export function skbCopyUbufs(k: Kernel, skb: SkBuff): void {
  if (k.onOperation !== null) k.onOperation('skb_copy_ubufs', skb);
  mustBeReadable(k, skb, 'skb_copy_ubufs');
  const { zerocopy } = k.era;
  if (zerocopy) skbUnclone(k, skb);
  const { shinfo } = skb;
  if (shinfo.nrFrags > 0) {
    const pages = copyPages(k, shinfo);
    putFrags(k, shinfo, skb);
    for (const { page, pageOffset, size } of pages) k.fillPageDesc(skb, page, pageOffset, size);
    if (zerocopy) {
      shinfo.lentMark = false; // skb_zcopy_clear; before, SKBTX_DEV_ZEROCOPY alone is cleared
    }
  }
  k.lifetime.ubufsCopied(skb);
}

/** Part of a page that is nobody else's. */
interface PrivatePart {
  readonly page: Page;
  readonly pageOffset: number;
  size: number;
}

/** The bytes of all frags in pages of their own: throws NoMemory and keeps none. */
function copyPages(k: Kernel, shinfo: SkbSharedInfo): PrivatePart[] {
  const parts: PrivatePart[] = [];
  try {
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const frag = fragAt(shinfo, i);
      if (k.era.zerocopy) pack(k, parts, frag);
      else {
        const { pageOffset, size } = frag;
        parts.push({ page: k.copyPage(frag.page, pageOffset, size), pageOffset, size });
      }
    }
  } catch (error) {
    for (const { page } of parts) k.putPage(page);
    throw error;
  }
  return parts;
}

/** Goes on in the last page, then in fresh ones. Model: an entry never passes the end of its page. */
function pack(k: Kernel, parts: PrivatePart[], { page: from, pageOffset, size }: SkbFrag): void {
  k.probe.copied(from);
  for (let done = 0; done < size;) {
    let part = parts.at(-1);
    if (part === undefined || part.size === PAGE_SIZE) {
      part = { page: allocPage(k), pageOffset: 0, size: 0 };
      parts.push(part);
    }
    const n = Math.min(size - done, PAGE_SIZE - part.size);
    copyToPage(k, part.page, part.size, from.address + pageOffset + done, n);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += n;
    part.size += n;
    done += n;
  }
}

/** The data is about to be shared or handed on. @kernel include/linux/skbuff.h skb_orphan_frags (3.6) */
export function skbOrphanFrags(k: Kernel, skb: SkBuff): void {
  k.lifetime.orphanFrags(skb);
}

/** Whoever receives it may keep it for ever. @kernel include/linux/skbuff.h skb_orphan_frags_rx (4.14) */
export function skbOrphanFragsRx(k: Kernel, skb: SkBuff): void {
  k.lifetime.orphanFragsRx(skb);
}

/**
 * A clone for somebody who may keep it for ever, whatever he does with it: it goes on with copies of pages that allow no such
 * thing. Throws NoMemory, and then there is none.
 * @kernel net/core/dev.c dev_queue_xmit_nit, deliver_skb (4.14), net/core/skbuff.c __skb_tstamp_tx (6.4)
 */
export function receiverClone(k: Kernel, skb: SkBuff): SkBuff {
  const clone = skbClone(k, skb, Site.TAP);
  try {
    skbOrphanFragsRx(k, clone);
  } catch (error) {
    kfreeSkb(k, clone);
    throw error;
  }
  return clone;
}

/**
 * A netlink message for user space that shares the frags of `from`. Copied instead is one with a frag_list, one without
 * linear bytes, and one that fits in the room that is left in the message.
 * @kernel net/core/skbuff.c skb_zerocopy, skb_zerocopy_headlen (3.18)
 */
export function skbZerocopy(k: Kernel, from: SkBuff): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_zerocopy', from);
  const headlen = skbHeadlen(from);
  const linear = from.shinfo.fragList === null && headlen > 0 ? headlen : from.len;
  const to = allocSkb(k, MESSAGE_HEADER + linear, false);
  skbReserve(to, MESSAGE_HEADER);
  copySkbHeader(to, from);
  if (from.len <= skbTailroom(to)) {
    skbCopyBits(k, from, 0, skbPut(to, from.len), from.len);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += from.len - from.headers;
    return to;
  }
  try {
    skbOrphanFrags(k, from);
  } catch (error) {
    kfreeSkb(k, to);
    throw error;
  }
  skbCopyBits(k, from, 0, skbPut(to, linear), linear);
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
  adoptFrags(k, from, to.shinfo, Site.ZEROCOPY, to);
  return to;
}

/** What nfnetlink_queue puts in front of a packet. Model: attributes are not counted one by one. */
const MESSAGE_HEADER = 128;

/**
 * Makes an skb that was sent ready for reception again. Only linear, unshared skbs of at least `size` bytes
 * qualify; whatever was kept in the shared info alone is forgotten without a word.
 * @kernel net/core/skbuff.c skb_recycle_check (2.6.28 to 3.6)
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
  shinfo.marked = false;
  shinfo.lentMark = false;
  shinfo.managed = false;
  shinfo.loan = null;
  initSkb(skb);
  skb.data = shinfo.head;
  skb.tail = shinfo.head;
  return true;
}
