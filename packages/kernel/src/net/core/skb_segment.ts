// Software segmentation.
import { CHANGES } from '../../changes.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { Site } from '../../lifetime.ts';
import { skbClone, skbCopyBits } from './skb_clone.ts';
import { allocSkb, copySkbHeader, skbPush, skbPut, skbReserve } from './skb_alloc.ts';
import { skbCowHead } from './skb_head.ts';
import { pskbTrim } from './skb_pull.ts';
import { kfreeSkb } from './skb_free.ts';
import { skbOrphanFrags } from './skb_private.ts';
import { adoptFrags } from './shared_frag.ts';
import { copyFrag, fragAt, skbHeadlen, skbHeadroom, type SkBuff } from './skbuff.ts';

/**
 * Cuts a GSO skb with `skb.headers` bytes of headers into packets of gso_size payload bytes, linked by
 * `next`. With `sg` each segment refers to the pages it touches; without, the payload is copied. Segments
 * have no socket and no destructor. The headers are copied as they are: the caller fixes them. Of a frag_list it
 * expects what GRO makes: members without linear bytes, or packets of one size at the borders of segments.
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
  if (sg && k.era.segmentOrphans) skbOrphanFrags(k, skb);
  if (sg) k.lifetime.clone(skb, Site.SEGMENT);
  const mss = skb.shinfo.gsoSize;
  const headers = skb.headers;
  const payload = skb.len - headers;
  const linear = skbHeadlen(skb) - headers;
  const headroom = skbHeadroom(skb);
  let last: SkBuff | null = null;
  // Whose frags come next, which of them, and where in the payload that one begins.
  let donor = skb;
  let frag = 0;
  let pos = linear;
  let list = skb.shinfo.fragList;
  for (let offset = 0; offset < payload; offset += mss) {
    const len = Math.min(mss, payload - offset);
    const end = offset + len;
    const between = offset >= linear && frag >= donor.shinfo.nrFrags;
    const whole = between ? wholeMember(k, list, len, sg) : null;
    let n: SkBuff;
    if (whole !== null) {
      donor = whole;
      frag = 0;
      pos += skbHeadlen(whole);
      for (let i = 0; i < whole.shinfo.nrFrags; i++) {
        const { size } = fragAt(whole.shinfo, i);
        if (pos + size > end) break;
        frag++;
        pos += size;
      }
      list = whole.next;
      n = memberSegment(k, whole, len, headers, headroom);
    } else {
      const head = sg ? Math.max(0, Math.min(len, linear - offset)) : len;
      n = allocSkb(k, headroom + headers + head, false);
      skbReserve(n, headroom);
      skbPut(n, headers);
    }
    copySkbHeader(n, skb);
    n.seq = (skb.seq + offset) | 0;
    n.endSeq = (n.seq + len) | 0;
    n.shinfo.gsoSegs = 1;
    k.copyBytes(n.data, skb.data, headers);
    if (last === null) built.first = n;
    else last.next = n;
    last = n;
    if (n.len === headers + len) continue; // a member that is a segment already
    const head = sg ? Math.max(0, Math.min(len, linear - offset)) : len;
    if (head > 0) {
      skbCopyBits(k, skb, headers + offset, skbPut(n, head), head);
      k.cost[k.side + Cost.COPIED_PAYLOAD]! += head;
    }
    if (!sg) continue;
    adoptFrags(k, skb, n.shinfo, donor === skb ? Site.SEGMENT : Site.SEGMENT_FLAGS, n);
    if (donor !== skb) adoptFrags(k, donor, n.shinfo, Site.SEGMENT_LIST, n);
    while (pos < end) {
      if (frag >= donor.shinfo.nrFrags) {
        donor = list!;
        frag = 0;
        list = donor.next;
        if (k.era.segmentOrphans) skbOrphanFrags(k, donor);
        adoptFrags(k, donor, n.shinfo, Site.SEGMENT_LIST, n);
      }
      const from = fragAt(donor.shinfo, frag);
      const to = fragAt(n.shinfo, n.shinfo.nrFrags);
      copyFrag(to, from);
      n.shinfo.nrFrags++;
      k.lifetime.fragRef(n.shinfo, to);
      if (pos < offset) {
        to.pageOffset += offset - pos;
        to.size -= offset - pos;
      }
      if (pos + from.size > end) {
        to.size -= pos + from.size - end;
        break;
      }
      frag++;
      pos += from.size;
    }
    n.dataLen = len - head;
    n.len += n.dataLen;
    n.truesize += n.dataLen;
  }
}

/** The next member of a frag_list, if it has linear bytes and goes on as a packet of its own. */
function wholeMember(k: Kernel, member: SkBuff | null, len: number, sg: boolean): SkBuff | null {
  const linear = member === null ? 0 : skbHeadlen(member);
  const asItIs = linear === len && k.era.changes.has(CHANGES.segmentClonesLinear);
  return linear > 0 && (asItIs || sg) ? member : null;
}

/** A clone of `member`, with room for `headers` in front of it. */
function memberSegment(
  k: Kernel,
  member: SkBuff,
  len: number,
  headers: number,
  headroom: number,
): SkBuff {
  const n = skbClone(k, member, Site.TAP);
  try {
    pskbTrim(k, n, len);
    skbCowHead(k, n, headers + headroom);
  } catch (error) {
    kfreeSkb(k, n);
    throw error;
  }
  skbPush(n, headers);
  return n;
}
