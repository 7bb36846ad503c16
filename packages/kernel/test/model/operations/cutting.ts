// Bytes leave the pages, or the packet.
import {
  fragAt,
  pskbMayPull,
  pskbPullTail,
  pskbTrim,
  pskbTrimHead,
  skbCopyUbufs,
  skbCowData,
  skbLinearize,
  skbUnclone,
  type SkBuff,
} from '../../../src/index.ts';
import { type Operation, pulled, scribble, single } from './act.ts';
import type { NaiveFrag } from '../naive.ts';
import type { Held, World } from '../world.ts';

export const CUTTING: Readonly<Record<string, Operation>> = {
  // --- bytes leave the pages ---

  __pskb_pull_tail: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null || h.skb.dataLen === 0) return false;
    const count = 1 + (x % h.skb.dataLen);
    pskbPullTail(w.k, h.skb, count);
    pulled(w, h, count);
    return true;
  },
  pskb_may_pull: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null || h.skb.len === 0) return false;
    const len = 1 + (x % (h.skb.len + 10));
    const can = pskbMayPull(w.k, h.skb, len);
    if (can !== len <= h.naive.len)
      throw new Error(`pskb_may_pull(${len}) of ${h.naive.len}: ${can}`);
    if (can) pulled(w, h, len - h.naive.linear.length);
    return true;
  },
  skb_linearize: (w, { a }) => {
    const h = single(w, a);
    if (h === null) return false;
    skbLinearize(w.k, h.skb);
    h.naive.become(h.naive.flat());
    return true;
  },
  skb_cow_data: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null) return false;
    skbCowData(w.k, h.skb);
    h.naive.become(h.naive.apart());
    scribble(w, h, x);
    return true;
  },
  skb_copy_ubufs: (w, { a }) => {
    const h = single(w, a);
    if (h === null) return false;
    skbCopyUbufs(w.k, h.skb);
    const { shinfo } = h.skb;
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const { page } = fragAt(shinfo, i);
      if (w.ownerOf(page) !== null) throw new Error(`page#${page.slot} of an owner is left`);
    }
    // up to 4.13 all that share the data have the copies as well
    const same = w.k.era.zerocopy ? [h] : w.held.filter(({ skb }) => skb.shinfo === shinfo);
    if (w.shapes) for (const { skb, naive } of same) naive.frags = repacked(skb, naive.frags);
    return true;
  },
  ___pskb_trim: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null) return false;
    const len = x % (h.naive.len + 1);
    const whole = len === h.naive.len;
    const paged = h.skb.dataLen > 0;
    pskbTrim(w.k, h.skb, len);
    h.naive.trim(len);
    if (paged && !whole) condensed(w, h);
    return true;
  },
  __pskb_trim_head: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null || h.skb.headers > 0) return false; // TCP's write queue has none
    const count = x % (h.skb.len + 1);
    skbUnclone(w.k, h.skb);
    pskbTrimHead(w.k, h.skb, count);
    h.naive.dropFront(count);
    return true;
  },
};

/** Since 4.10 what is left in pages joins the linear bytes where their area has room for it. */
function condensed({ k }: World, { skb, naive }: Held): void {
  const rest = naive.len - naive.linear.length;
  if (rest === 0 || !k.era.trimCondenses || skb.sk !== null) return;
  if (skb.dataLen === 0) naive.pull(rest);
  else if (rest <= skb.shinfo.end - skb.tail)
    throw new Error(`skb#${skb.slot}: ${rest} bytes in pages, for which its head has room`);
}

/** The same bytes in the pieces that `skb` has them in now: copies fill their pages. */
function repacked(skb: SkBuff, frags: readonly NaiveFrag[]): NaiveFrag[] {
  const bytes = Buffer.concat(frags.map((f) => f.bytes));
  let at = 0;
  return skb.shinfo.frags.slice(0, skb.shinfo.nrFrags).map(({ page, pageOffset, size }) => {
    at += size;
    return { page, offset: pageOffset, bytes: bytes.subarray(at - size, at) };
  });
}
