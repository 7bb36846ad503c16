// Taking bytes out of frags, at the front (pull, trim_head) and at the back (trim).
import { KernelBug } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { skbCopyBits, skbClone } from './skb_clone.ts';
import { skbFragUnref } from './managed_frag.ts';
import { mustBeReadable } from './netmem.ts';
import { ensureTail, pskbExpandHead } from './skb_head.ts';
import { dropFragList, putFrags, dropList, kfreeSkb } from './skb_free.ts';
import {
  copyFrag,
  skbCloned,
  skbHeadlen,
  skbTruesize,
  type SkBuff,
  type SkbSharedInfo,
} from './skbuff.ts';
import { Site } from '../../lifetime.ts';

/**
 * Drops the first `eat` bytes behind the linear ones: entries eaten whole are put, the next one is cut, the
 * array is closed up. The caller has un-shared the data. Throws NoMemory before anything has changed.
 */
export function eatFrags(k: Kernel, skb: SkBuff, eat: number): void {
  const shinfo = skb.shinfo;
  let paged = 0;
  for (let i = 0; i < shinfo.nrFrags; i++) paged += shinfo.frags[i]!.size;
  if (eat > paged) eatFragList(k, skb, eat - paged);
  let kept = 0;
  let left = Math.min(eat, paged);
  for (let i = 0; i < shinfo.nrFrags; i++) {
    const frag = shinfo.frags[i]!;
    if (frag.size <= left) {
      left -= frag.size;
      skbFragUnref(k, shinfo, frag, skb);
      continue;
    }
    const to = shinfo.frags[kept]!;
    if (kept !== i) copyFrag(to, frag);
    to.pageOffset += left;
    to.size -= left;
    left = 0;
    kept++;
  }
  shinfo.nrFrags = kept;
  k.releases++;
}

/**
 * Moves `delta` bytes from the frags to the end of the linear area. The pages leave the skb long before it
 * dies.
 * @kernel net/core/skbuff.c __pskb_pull_tail (2.6.24)
 */
export function pskbPullTail(k: Kernel, skb: SkBuff, delta: number): void {
  if (k.onOperation !== null) k.onOperation('__pskb_pull_tail', skb);
  mustBeReadable(k, skb, '__pskb_pull_tail');
  ensureTail(k, skb, delta);
  const headlen = skbHeadlen(skb);
  const to = skb.tail;
  if (delta > skb.dataLen)
    throw new KernelBug(`__pskb_pull_tail of ${delta} on skb#${skb.slot}: ${skb.dataLen} paged`);
  skbCopyBits(k, skb, headlen, to, delta);
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += delta;
  if (delta === skb.dataLen) tellCopied(k, skb);
  eatFrags(k, skb, delta);
  skb.tail += delta;
  skb.dataLen -= delta;
  if (skb.dataLen === 0) k.lifetime.pagesLeft(skb);
}

/** All that was in pages goes on in the head. */
function tellCopied(k: Kernel, { shinfo }: SkBuff): void {
  for (let i = 0; i < shinfo.nrFrags; i++) k.probe.copied(shinfo.frags[i]!.page);
  for (let m = shinfo.fragList; m !== null; m = m.next) tellCopied(k, m);
}

/** Makes at least `len` bytes linear. @kernel include/linux/skbuff.h pskb_may_pull */
export function pskbMayPull(k: Kernel, skb: SkBuff, len: number): boolean {
  if (len <= skbHeadlen(skb)) return true;
  if (len > skb.len) return false;
  pskbPullTail(k, skb, len - skbHeadlen(skb));
  return true;
}

/** @kernel include/linux/skbuff.h skb_linearize */
export function skbLinearize(k: Kernel, skb: SkBuff): void {
  if (skb.dataLen !== 0) pskbPullTail(k, skb, skb.dataLen);
}

/**
 * Cuts the packet to `len` bytes. Of a linear one only the length changes. One with pages that is shared gets a head of
 * its own first, and with it a reference on every page, of which those behind the cut are put again.
 * @kernel include/linux/skbuff.h pskb_trim; net/core/skbuff.c ___pskb_trim (2.6.24)
 */
export function pskbTrim(k: Kernel, skb: SkBuff, len: number): void {
  if (k.onOperation !== null) k.onOperation('___pskb_trim', skb);
  if (len >= skb.len) return;
  if (skb.dataLen === 0) {
    skb.len = len;
    skb.tail = skb.data + len;
    return;
  }
  trimPaged(k, skb, len);
  if (k.era.trimCondenses && skb.sk === null) skbCondense(k, skb);
}

/** Takes in what is left in pages, if the head has room for it. @kernel net/core/skbuff.c skb_condense (4.10) */
function skbCondense(k: Kernel, skb: SkBuff): void {
  if (skb.dataLen !== 0) {
    if (skb.dataLen > skb.shinfo.end - skb.tail || skbCloned(skb)) return;
    pskbPullTail(k, skb, skb.dataLen);
  }
  skb.truesize = skbTruesize(skb);
}

/** @kernel net/core/skbuff.c ___pskb_trim (2.6.24) */
function trimPaged(k: Kernel, skb: SkBuff, len: number): void {
  if (skbCloned(skb)) pskbExpandHead(k, skb, 0, 0);
  const shinfo = skb.shinfo;
  const headlen = skbHeadlen(skb);
  k.releases++;
  if (len <= headlen) {
    putFrags(k, shinfo, skb);
    if (shinfo.fragList !== null) dropFragList(k, shinfo);
    skb.tail = skb.data + len;
    skb.len = len;
    skb.dataLen = 0;
    return;
  }
  let offset = headlen;
  let kept = 0;
  while (kept < shinfo.nrFrags && offset < len) {
    offset += shinfo.frags[kept]!.size;
    kept++;
  }
  if (offset < len) {
    trimFragList(k, shinfo, len - offset);
  } else {
    shinfo.frags[kept - 1]!.size -= offset - len;
    for (let i = kept; i < shinfo.nrFrags; i++) skbFragUnref(k, shinfo, shinfo.frags[i]!, skb);
    shinfo.nrFrags = kept;
    dropFragList(k, shinfo);
  }
  skb.dataLen -= skb.len - len;
  skb.len = len;
}

/**
 * Drops `len` acknowledged bytes at the front without copying. The caller has un-shared the skb.
 * @kernel net/ipv4/tcp_output.c __pskb_trim_head (2.6.24)
 */
export function pskbTrimHead(k: Kernel, skb: SkBuff, len: number): void {
  if (k.onOperation !== null) k.onOperation('__pskb_trim_head', skb);
  const linear = Math.min(len, skbHeadlen(skb));
  const rest = len - linear;
  if (rest > 0) {
    eatFrags(k, skb, rest);
    skb.dataLen -= rest;
  }
  skb.data += linear;
  skb.len -= len;
}

// Cutting a frag_list. Its members may have other holders (pskb_copy and pskb_expand_head share the list by
// count), so one that is to be cut is replaced by a clone first. The members are packets: they are pulled and trimmed
// as any other, which is why this stands here.

/**
 * Drops the first `eat` bytes of the list: members eaten whole are freed, the next one is cut. Throws NoMemory
 * before anything has changed.
 * @kernel net/core/skbuff.c __pskb_pull_tail (2.6.24)
 */
function eatFragList(k: Kernel, skb: SkBuff, eat: number): void {
  const { shinfo } = skb;
  let left = eat;
  let member = shinfo.fragList;
  while (member !== null && member.len <= left) {
    left -= member.len;
    member = member.next;
  }
  if (member === null && left > 0)
    throw new KernelBug(`skb#${skb.slot}: ${left} bytes more than its frags hold`);
  let clone: SkBuff | null = null;
  if (left > 0 && member !== null) {
    if (member.users > 1) clone = skbClone(k, member, Site.TAP);
    pullFront(k, clone ?? member, left, clone);
  }
  for (let m = shinfo.fragList; m !== member;) {
    const { next }: SkBuff = m!;
    kfreeSkb(k, m!);
    m = next;
  }
  shinfo.fragList = member;
  if (clone !== null) replaceMember(k, shinfo, null, member!, clone);
}

/** Takes `count` bytes off the front of `member`; without memory, frees `clone`. @kernel pskb_pull */
function pullFront(k: Kernel, member: SkBuff, count: number, clone: SkBuff | null): void {
  try {
    if (count > skbHeadlen(member)) pskbPullTail(k, member, count - skbHeadlen(member));
  } catch (error) {
    if (clone !== null) kfreeSkb(k, clone);
    throw error;
  }
  const headers = Math.min(member.headers, count);
  member.data += count;
  member.len -= count;
  member.headers -= headers;
  member.seq = (member.seq + count - headers) | 0;
}

/**
 * Keeps the first `keep` bytes of the list, at least one. Throws NoMemory with all bytes still there.
 * @kernel net/core/skbuff.c ___pskb_trim (2.6.24)
 */
function trimFragList(k: Kernel, shinfo: SkbSharedInfo, keep: number): void {
  let left = keep;
  let prev: SkBuff | null = null;
  for (let m = shinfo.fragList; m !== null; m = m.next) {
    if (m.users > 1) {
      const clone = skbClone(k, m, Site.TAP);
      replaceMember(k, shinfo, prev, m, clone);
      m = clone;
    }
    if (m.len >= left) {
      pskbTrim(k, m, left);
      const rest: SkBuff | null = m.next;
      m.next = null;
      dropList(k, rest);
      return;
    }
    left -= m.len;
    prev = m;
  }
}

/** `clone` takes the place of `member` behind `prev`, or in front of all. */
export function replaceMember(
  k: Kernel,
  shinfo: SkbSharedInfo,
  prev: SkBuff | null,
  member: SkBuff,
  clone: SkBuff,
): void {
  clone.next = member.next;
  if (prev === null) shinfo.fragList = clone;
  else prev.next = clone;
  kfreeSkb(k, member);
}
