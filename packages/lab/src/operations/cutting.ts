// Bytes that leave a packet, and packets that are cut in two or more.
import {
  allocSkb,
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
import { emptySlot, pickCut, pickSingle, pickSlot, type Operation } from './operation.ts';

const EINVAL = -22;

const hasNoList = (skb: SkBuff) => skb.shinfo.fragList === null;

/** Can `skb` be cut into packets of `mss` bytes behind `headers`, and is there a slot for each? */
function segmentable(desk: Desk, skb: SkBuff, mss: number, headers: number): boolean {
  if (!hasNoList(skb) || headers < 0 || headers > skbHeadlen(skb)) return false;
  const payload = skb.len - headers;
  return payload > 0 && mss >= 1 && Math.ceil(payload / mss) <= desk.freeSlots();
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
      const n = pickCut(skb, random) - skbHeadlen(skb);
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
  {
    name: 'linear',
    args: ['slot'],
    plays: ['skb_linearize'],
    weight: 3,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random);
      return slot === null ? null : [slot];
    },
    play: (desk, slot) => {
      const skb = desk.single(slot);
      if (skb === null) return SKIP;
      skbLinearize(desk.k, skb);
      return 0;
    },
  },
  {
    name: 'trim',
    args: ['slot', 'length'],
    plays: ['___pskb_trim'],
    weight: 6,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (skb) => skb.len > 0);
      return slot === null ? null : [slot, pickCut(desk.at(slot)!, random) - random.below(2)];
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
      const slot = pickSingle(desk, random, (skb) => hasNoList(skb) && skb.len > 1);
      const to = emptySlot(desk);
      if (slot === null || to === null) return null;
      return [slot, to, pickCut(desk.at(slot)!, random, desk.at(slot)!.len - 1)];
    },
    play: (desk, slot, to, keep) => {
      const skb = desk.single(slot);
      if (skb === null || !desk.empty(to) || !hasNoList(skb)) return SKIP;
      if (keep < 1 || keep >= skb.len) return SKIP;
      const { k } = desk;
      skbUnclone(k, skb);
      const rest = allocSkb(k, Math.max(0, skbHeadlen(skb) - keep), true);
      skbSplit(k, skb, rest, keep);
      return desk.put(to, rest);
    },
  },
  {
    name: 'segment',
    args: ['slot', 'mss', 'scatter/gather', 'headers'],
    plays: ['skb_segment'],
    weight: 5,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random, (skb) => hasNoList(skb) && skb.len > 0);
      const free = desk.freeSlots();
      if (slot === null || free === 0) return null;
      const skb = desk.at(slot)!;
      const headers = random.below(Math.min(skbHeadlen(skb), skb.len - 1) + 1);
      const parts = 1 + random.below(Math.min(4, free));
      const mss = Math.ceil((skb.len - headers) / parts) + random.below(3);
      return [slot, mss, Number(random.below(4) !== 0), headers];
    },
    play: (desk, slot, mss, sg, headers) => {
      const skb = desk.at(slot);
      if (skb === null || !segmentable(desk, skb, mss, headers)) return SKIP;
      skb.shinfo.gsoSize = mss!;
      skb.headers = headers!;
      let next: SkBuff | null = skbSegment(desk.k, skb, sg !== 0);
      skb.shinfo.gsoSize = 0;
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
