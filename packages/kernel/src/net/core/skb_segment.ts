// Software segmentation.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import { skbCopyBits } from './skb_clone.ts';
import { allocSkb, copySkbHeader, skbPut, skbReserve } from './skb_alloc.ts';
import { kfreeSkb } from './skb_free.ts';
import { copyFrag, fragAt, skbHeadlen, skbHeadroom, type SkBuff } from './skbuff.ts';

/**
 * Cuts a GSO skb with `skb.headers` bytes of headers into packets of gso_size payload bytes, linked by
 * `next`. With `sg` each segment refers to the pages it touches; without, the payload is copied. Segments
 * have no socket and no destructor. The headers are copied as they are: the caller fixes them.
 * @kernel net/core/skbuff.c skb_segment (2.6.28)
 */
export function skbSegment(k: Kernel, skb: SkBuff, sg: boolean): SkBuff {
  if (k.onOperation !== null) k.onOperation('skb_segment', skb);
  const built: { first: SkBuff | null } = { first: null };
  try {
    segment(k, skb, sg, built);
  } catch (error) {
    for (let s = built.first; s !== null;) {
      const { next }: SkBuff = s;
      s.next = null;
      kfreeSkb(k, s);
      s = next;
    }
    throw error;
  }
  return built.first!;
}

/** Links the segments behind `built.first` as they are made. */
function segment(k: Kernel, skb: SkBuff, sg: boolean, built: { first: SkBuff | null }): void {
  if (sg) k.lifetime.clone(skb, Site.SEGMENT);
  const mss = skb.shinfo.gsoSize;
  const headers = skb.headers;
  const payload = skb.len - headers;
  const linear = skbHeadlen(skb) - headers;
  const headroom = skbHeadroom(skb);
  let last: SkBuff | null = null;
  // The frag that the next segment starts in, and how far into it.
  let frag = 0;
  let into = 0;
  for (let offset = 0; offset < payload; offset += mss) {
    const len = Math.min(mss, payload - offset);
    const head = sg ? Math.max(0, Math.min(len, linear - offset)) : len;
    const n = allocSkb(k, headroom + headers + head, false);
    skbReserve(n, headroom);
    copySkbHeader(n, skb);
    n.seq = (skb.seq + offset) | 0;
    n.endSeq = (n.seq + len) | 0;
    n.shinfo.gsoSegs = 1;
    k.copyBytes(skbPut(n, headers), skb.data, headers);
    if (head > 0) {
      skbCopyBits(k, skb, headers + offset, skbPut(n, head), head);
      k.cost[k.side + Cost.COPIED_PAYLOAD]! += head;
    }
    let left = len - head;
    while (left > 0) {
      const from = fragAt(skb.shinfo, frag);
      const size = Math.min(left, from.size - into);
      const to = fragAt(n.shinfo, n.shinfo.nrFrags);
      copyFrag(to, from);
      to.pageOffset += into;
      to.size = size;
      n.shinfo.nrFrags++;
      k.lifetime.fragRef(n.shinfo, to);
      n.len += size;
      n.dataLen += size;
      n.truesize += size;
      left -= size;
      into += size;
      if (into === from.size) {
        frag++;
        into = 0;
      }
    }
    if (sg) k.lifetime.adopt(skb, n.shinfo, Site.SEGMENT);
    if (last === null) built.first = n;
    else last.next = n;
    last = n;
  }
}
