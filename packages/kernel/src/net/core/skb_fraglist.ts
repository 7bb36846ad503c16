// Cutting a frag_list. Its members may have other holders (pskb_copy and pskb_expand_head share the list by
// count), so one that is to be cut is replaced by a clone first.
import { KernelBug } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { skbClone } from './skb_clone.ts';
import { dropList, kfreeSkb } from './skb_free.ts';
import { pskbPullTail, pskbTrim } from './skb_pull.ts';
import { skbHeadlen, type SkBuff, type SkbSharedInfo } from './skbuff.ts';

/**
 * Drops the first `eat` bytes of the list: members eaten whole are freed, the next one is cut. Throws NoMemory
 * before anything has changed.
 * @kernel net/core/skbuff.c __pskb_pull_tail (2.6.24)
 */
export function eatFragList(k: Kernel, skb: SkBuff, eat: number): void {
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
  if (clone !== null) replace(k, shinfo, null, member!, clone);
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
export function trimFragList(k: Kernel, shinfo: SkbSharedInfo, keep: number): void {
  let left = keep;
  let prev: SkBuff | null = null;
  for (let m = shinfo.fragList; m !== null; m = m.next) {
    if (m.users > 1) {
      const clone = skbClone(k, m, Site.TAP);
      replace(k, shinfo, prev, m, clone);
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
function replace(
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
