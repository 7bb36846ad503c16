// Bytes that leave a packet, and packets that are cut in two or more.
import {
  CHANGES,
  allocSkb,
  pskbExtract,
  pskbMayPull,
  pskbPullTail,
  pskbTrim,
  pskbTrimHead,
  skbHeadlen,
  skbLinearize,
  skbPull,
  skbSegment,
  skbSplit,
  skbUnclone,
  type SkBuff,
} from '@lastref/kernel';
import { SKIP, type Desk } from '../desk.ts';
import {
  emptySlot,
  pickBeside,
  pickCut,
  pickSingle,
  pickSlot,
  privately,
  type Operation,
} from './operation.ts';

const EINVAL = -22;

const hasNoList = (skb: SkBuff) => skb.shinfo.fragList === null;

/**
 * skb_segment expects of a frag_list what GRO makes: members without linear bytes anywhere, or packets of one size at
 * the borders of segments, all of one ubuf_info or of none.
 */
function listCanBeCut(desk: Desk, skb: SkBuff, mss: number, headers: number): boolean {
  const members: SkBuff[] = [];
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) members.push(m);
  const own = listStart(skb) - headers;
  const linear = members.some((m) => skbHeadlen(m) > 0);
  if (linear && own % mss !== 0) return false;
  return members.every((m) => {
    if (m.shinfo.fragList !== null || m.len === 0) return false;
    if (linear && (m.next === null ? m.len > mss : m.len !== mss)) return false;
    return desk.seam !== 'zc' || m.shinfo.loan === skb.shinfo.loan;
  });
}

/** Up to 6.1.175 and 6.12.92 pskb_carve puts a ubuf_info once more than it took it: 5.10 is not asked. */
function carvable(desk: Desk, skb: SkBuff): boolean {
  if (desk.seam !== 'zc' || desk.k.era.changes.has(CHANGES.carveTakesUbuf)) return true;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next)
    if (m.shinfo.loan !== null) return false;
  return skb.shinfo.loan === null;
}

/** Bytes of `skb` in front of its frag_list. */
function listStart(skb: SkBuff): number {
  let bytes = skb.len;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) bytes -= m.len;
  return bytes;
}

/** Can `skb` be cut into packets of `mss` bytes behind `headers`, and is there a slot for each? */
function segmentable(desk: Desk, skb: SkBuff, mss: number, headers: number): boolean {
  if (headers < 0 || headers > skbHeadlen(skb) || mss < 1) return false;
  if (!hasNoList(skb) && !listCanBeCut(desk, skb, mss, headers)) return false;
  const payload = skb.len - headers;
  return payload > 0 && Math.ceil(payload / mss) <= desk.freeSlots();
}

export const CUTTING: readonly Operation[] = [
  {
    name: 'pull',
    args: ['slot', 'bytes'],
    plays: [],
    weight: 3,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (skb) => skbHeadlen(skb) > 0);
      return slot === null ? null : [slot, 1 + random.below(skbHeadlen(desk.at(slot)!))];
    },
    play: (desk, slot, n) => {
      const skb = desk.single(slot);
      if (skb === null || n < 1 || n > skbHeadlen(skb)) return SKIP;
      skbPull(skb, n);
      return 0;
    },
  },
  {
    name: 'pulltail',
    args: ['slot', 'bytes'],
    plays: ['__pskb_pull_tail'],
    weight: 5,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (skb) => skb.dataLen > 0);
      if (slot === null) return null;
      const skb = desk.at(slot)!;
      const fit = pickBeside(random, skb.shinfo.end - skb.tail, 1, skb.dataLen);
      const n = fit ?? pickCut(skb, random) - skbHeadlen(skb);
      return [slot, Math.min(Math.max(1, n), skb.dataLen)];
    },
    play: (desk, slot, n) => {
      const skb = desk.single(slot);
      if (skb === null || n < 1 || n > skb.dataLen) return SKIP;
      pskbPullTail(desk.k, skb, n);
      return 0;
    },
  },
  {
    name: 'maypull',
    args: ['slot', 'bytes'],
    plays: ['__pskb_pull_tail'],
    weight: 3,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random);
      return slot === null ? null : [slot, pickCut(desk.at(slot)!, random, desk.at(slot)!.len + 1)];
    },
    play: (desk, slot, n) => {
      const skb = desk.single(slot);
      if (skb === null || n < 1) return SKIP;
      return pskbMayPull(desk.k, skb, n) ? 0 : EINVAL;
    },
  },
  privately('linear', ['skb_linearize'], 3, ({ k }, skb) => skbLinearize(k, skb)),
  {
    name: 'trim',
    args: ['slot', 'length'],
    plays: ['___pskb_trim'],
    weight: 6,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (skb) => skb.len > 0);
      if (slot === null) return null;
      const skb = desk.at(slot)!;
      const fit = pickBeside(random, skbHeadlen(skb) + skb.shinfo.end - skb.tail, 0, skb.len);
      return [slot, fit ?? pickCut(skb, random) - random.below(2)];
    },
    play: (desk, slot, length) => {
      const skb = desk.single(slot);
      if (skb === null || length < 0) return SKIP;
      pskbTrim(desk.k, skb, length);
      return 0;
    },
  },
  {
    name: 'split', // as tcp_fragment
    args: ['slot', 'new slot', 'bytes kept'],
    plays: ['skb_split', 'tcp_fragment', 'tso_fragment'],
    weight: 6,
    draw: (desk, random) => {
      const slot = pickSingle(
        desk,
        random,
        (skb) => hasNoList(skb) && skb.len > 1 && skb.ppRecycle === 0,
      );
      const to = emptySlot(desk);
      if (slot === null || to === null) return null;
      return [slot, to, pickCut(desk.at(slot)!, random, desk.at(slot)!.len - 1)];
    },
    play: (desk, slot, to, keep) => {
      const skb = desk.single(slot);
      if (skb === null || !desk.empty(to) || !hasNoList(skb)) return SKIP;
      if (skb.ppRecycle !== 0) return SKIP; // skb_split forgets the mark: no such skb may come there
      if (keep < 1 || keep >= skb.len) return SKIP;
      const { k } = desk;
      skbUnclone(k, skb);
      const rest = allocSkb(k, Math.max(0, skbHeadlen(skb) - keep), true);
      skbSplit(k, skb, rest, keep);
      return desk.put(to, rest);
    },
  },
  {
    name: 'carve',
    args: ['slot', 'new slot', 'from', 'bytes'],
    plays: ['pskb_carve_inside_header', 'pskb_carve_inside_nonlinear'],
    weight: 5,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random, (skb) => skb.len > 0);
      const to = emptySlot(desk);
      if (slot === null || to === null) return null;
      const skb = desk.at(slot)!;
      const from = pickCut(skb, random) - 1;
      const end = Math.max(from + 1, pickCut(skb, random));
      return [slot, to, from, end - from];
    },
    play: (desk, slot, to, from, bytes) => {
      const skb = desk.at(slot);
      if (skb === null || !desk.empty(to) || from < 0 || bytes < 1) return SKIP;
      if (from + bytes > skb.len || !carvable(desk, skb)) return SKIP;
      return desk.put(to, pskbExtract(desk.k, skb, from, bytes));
    },
  },
  {
    name: 'gso',
    args: ['slot', 'bytes of a segment'],
    plays: [],
    weight: 3,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random);
      return slot === null ? null : [slot, random.below(3) * (1 + random.below(1500))];
    },
    play: (desk, slot, size) => {
      const skb = desk.single(slot);
      if (skb === null || size < 0 || size > 65535) return SKIP;
      skb.shinfo.gsoSize = size;
      return 0;
    },
  },
  {
    name: 'segment',
    args: ['slot', 'mss', 'scatter/gather', 'headers'],
    plays: ['skb_segment', 'skb_segment (handed over)'],
    weight: 5,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random, (skb) => skb.len > 0);
      const free = desk.freeSlots();
      if (slot === null || free === 0) return null;
      const skb = desk.at(slot)!;
      const member = skb.shinfo.fragList;
      if (member !== null && skbHeadlen(member) > 0) {
        const own = listStart(skb);
        const headers = Math.max(0, Math.min(skbHeadlen(skb), own - member.len));
        return [slot, member.len, Number(random.below(4) !== 0), headers];
      }
      const headers = random.below(Math.min(skbHeadlen(skb), skb.len - 1) + 1);
      const parts = 1 + random.below(Math.min(4, free));
      const mss = Math.ceil((skb.len - headers) / parts) + random.below(3);
      return [slot, mss, Number(random.below(4) !== 0), headers];
    },
    play: (desk, slot, mss, sg, headers) => {
      const skb = desk.at(slot);
      if (skb === null || !segmentable(desk, skb, mss, headers)) return SKIP;
      const { gsoSize } = skb.shinfo;
      skb.shinfo.gsoSize = mss!;
      skb.headers = headers!;
      let next: SkBuff | null = skbSegment(desk.k, skb, sg !== 0);
      skb.shinfo.gsoSize = gsoSize;
      skb.headers = 0;
      while (next !== null) {
        const segment: SkBuff = next;
        next = segment.next;
        segment.next = null;
        segment.headers = 0;
        desk.put(emptySlot(desk)!, segment);
      }
      return 0;
    },
  },
  {
    name: 'trimhead', // as tcp_trim_head
    args: ['slot', 'bytes'],
    plays: ['__pskb_trim_head'],
    weight: 6,
    draw: (desk, random) => {
      const { sendQueuePaged } = desk.k.era;
      const slot = pickSingle(
        desk,
        random,
        (skb) => hasNoList(skb) && skb.len > 0 && (!sendQueuePaged || skbHeadlen(skb) === 0),
      );
      return slot === null ? null : [slot, pickCut(desk.at(slot)!, random)];
    },
    play: (desk, slot, n) => {
      const skb = desk.single(slot);
      if (skb === null || !hasNoList(skb) || n < 1 || n > skb.len) return SKIP;
      if (desk.k.era.sendQueuePaged && skbHeadlen(skb) > 0) return SKIP;
      skbUnclone(desk.k, skb);
      pskbTrimHead(desk.k, skb, n);
      return 0;
    },
  },
];
