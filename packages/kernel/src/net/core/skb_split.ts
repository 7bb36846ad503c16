// Moving frags between two skbs of one stream: skb_split and skb_shift. Whole entries move with no
// reference call at all, which is why a design that hangs on the shared info must hook here.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import { pskbExpandHead } from './skb_head.ts';
import { skbPut } from './skb_alloc.ts';
import { skbZcopyDowngradeManaged } from './managed_frag.ts';
import { adoptFrags } from './shared_frag.ts';
import { copyFrag, fragAt, skbCloned, skbHeadlen, type SkBuff } from './skbuff.ts';

/**
 * Everything behind `len` bytes of `skb` goes to `skb1`, which has no frags. No sharing check: the caller has
 * un-shared `skb`. Cannot fail.
 * @kernel net/core/skbuff.c skb_split (2.6.24)
 */
export function skbSplit(k: Kernel, skb: SkBuff, skb1: SkBuff, len: number): void {
  if (k.onOperation !== null) k.onOperation('skb_split', skb);
  skbZcopyDowngradeManaged(k, skb);
  const headlen = skbHeadlen(skb);
  if (len < headlen) splitInsideHeader(k, skb, skb1, len, headlen);
  else splitNoHeader(k, skb, skb1, len, headlen);
  adoptFrags(k, skb, skb1.shinfo, Site.SPLIT, skb1);
}

/** @kernel net/core/skbuff.c skb_split_inside_header */
function splitInsideHeader(
  k: Kernel,
  skb: SkBuff,
  skb1: SkBuff,
  len: number,
  headlen: number,
): void {
  const moved = headlen - len;
  k.copyBytes(skbPut(skb1, moved), skb.data + len, moved);
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += moved;
  const from = skb.shinfo;
  const to = skb1.shinfo;
  for (let i = 0; i < from.nrFrags; i++) copyFrag(fragAt(to, i), fragAt(from, i));
  to.nrFrags = from.nrFrags;
  from.nrFrags = 0;
  skb1.dataLen = skb.dataLen;
  skb1.len += skb1.dataLen;
  skb.dataLen = 0;
  skb.len = len;
  skb.tail = skb.data + len;
}

/** @kernel net/core/skbuff.c skb_split_no_header */
function splitNoHeader(k: Kernel, skb: SkBuff, skb1: SkBuff, len: number, headlen: number): void {
  const from = skb.shinfo;
  const to = skb1.shinfo;
  const { nrFrags } = from;
  let pos = headlen;
  from.nrFrags = 0;
  skb1.len = skb.len - len;
  skb1.dataLen = skb1.len;
  skb.len = len;
  skb.dataLen = len - headlen;
  let n = 0;
  for (let i = 0; i < nrFrags; i++) {
    const frag = fragAt(from, i);
    if (pos + frag.size > len) {
      const moved = fragAt(to, n);
      copyFrag(moved, frag);
      if (pos < len) {
        // The straddled page: both halves have an entry, so it has one more reference.
        k.lifetime.fragRef(to, moved);
        moved.pageOffset += len - pos;
        moved.size -= len - pos;
        frag.size = len - pos;
        from.nrFrags++;
      }
      n++;
      to.nrFrags = n;
    } else {
      from.nrFrags++;
    }
    pos += frag.size;
  }
  k.cost[k.side + Cost.CACHE_LINES]! += 2;
}

/**
 * Moves the first `shiftlen` bytes of `skb` to the end of `tgt`, merging where they are contiguous. Both are
 * un-shared first. Returns the bytes moved: all or nothing.
 * @kernel net/core/skbuff.c skb_shift (2.6.32)
 */
export function skbShift(k: Kernel, tgt: SkBuff, skb: SkBuff, shiftlen: number): number {
  if (skbHeadlen(skb) !== 0 || !k.mayMove(skb, tgt, Site.SHIFT)) return 0;
  if (k.onOperation !== null) k.onOperation('skb_shift', skb);
  const source = skb.shinfo;
  let from = 0;
  let todo = shiftlen;
  let to = tgt.shinfo.nrFrags;
  const first = fragAt(source, 0);
  const last = to > 0 ? fragAt(tgt.shinfo, to - 1) : null;
  let merge = -1;
  if (
    last !== null &&
    last.page === first.page &&
    last.pageOffset + last.size === first.pageOffset &&
    k.lifetime.mayMerge(last, first.loan)
  ) {
    merge = to - 1;
    todo -= first.size;
    if (todo < 0) {
      // Part of one entry: the boundary moves, no reference does.
      if (!unshareBoth(k, skb, tgt)) return 0;
      const cut = fragAt(skb.shinfo, 0);
      fragAt(tgt.shinfo, merge).size += shiftlen;
      cut.size -= shiftlen;
      cut.pageOffset += shiftlen;
      adoptFrags(k, skb, tgt.shinfo, Site.SHIFT, tgt); // [onlymerged]
      account(k, tgt, skb, shiftlen);
      return shiftlen;
    }
    from++;
  }
  // A whole skb that does not fit is seen before anything is un-shared, a part of one only after.
  if (shiftlen === skb.len && source.nrFrags - from > k.era.maxSkbFrags - to) return 0;
  let entries = 0;
  for (let i = from, left = todo; left > 0 && i < source.nrFrags; i++) {
    left -= fragAt(source, i).size;
    entries++;
  }
  if (!unshareBoth(k, skb, tgt)) return 0;
  if (to + entries > k.era.maxSkbFrags) return 0;
  const src = skb.shinfo;
  const dst = tgt.shinfo;
  while (todo > 0 && from < src.nrFrags) {
    const frag = fragAt(src, from);
    const entry = fragAt(dst, to);
    if (todo >= frag.size) {
      copyFrag(entry, frag);
      todo -= frag.size;
      from++;
      to++;
    } else {
      copyFrag(entry, frag);
      entry.size = todo;
      k.lifetime.fragRef(dst, entry);
      frag.pageOffset += todo;
      frag.size -= todo;
      todo = 0;
      to++;
    }
  }
  dst.nrFrags = to;
  if (merge >= 0) {
    const swallowed = fragAt(src, 0);
    fragAt(dst, merge).size += swallowed.size;
    k.lifetime.fragUnref(src, swallowed, skb);
  }
  let kept = 0;
  while (from < src.nrFrags) copyFrag(fragAt(src, kept++), fragAt(src, from++));
  src.nrFrags = kept;
  adoptFrags(k, skb, dst, Site.SHIFT, tgt);
  account(k, tgt, skb, shiftlen);
  return shiftlen;
}

/** Each gets a shared info of its own; false: no memory for one of them. */
function unshareBoth(k: Kernel, skb: SkBuff, tgt: SkBuff): boolean {
  try {
    if (skbCloned(skb)) pskbExpandHead(k, skb, 0, 0);
    if (skbCloned(tgt)) pskbExpandHead(k, tgt, 0, 0);
    return true;
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
}

function account(k: Kernel, tgt: SkBuff, skb: SkBuff, bytes: number): void {
  skb.len -= bytes;
  skb.dataLen -= bytes;
  skb.truesize -= bytes;
  tgt.len += bytes;
  tgt.dataLen += bytes;
  tgt.truesize += bytes;
  k.cost[k.side + Cost.CACHE_LINES]! += 4;
}
