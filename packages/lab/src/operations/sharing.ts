// Sharing and copying whole packets, and heads of their own.
import {
  Site,
  pskbCopy,
  pskbExpandHead,
  skbClone,
  skbCopy,
  skbCopyExpand,
  skbCow,
  skbCowHead,
  skbHeadroom,
  skbMorph,
  skbUnclone,
  skbZerocopy,
  type SkBuff,
} from '@lastref/kernel';
import type { Prng } from '@lastref/workloads';
import { SKIP, type Desk } from '../desk.ts';
import {
  emptySlot,
  pickBeside,
  pickPair,
  pickSingle,
  pickSlot,
  privately,
  type Operation,
} from './operation.ts';

const ROOMS = [0, 1, 32, 64, 96, 128, 200, 300, 600];
const room = (random: Prng) => ROOMS[random.below(ROOMS.length)]!;

/** Of one packet a second one is made. */
function twin(
  name: string,
  plays: string,
  weight: number,
  make: (desk: Desk, skb: SkBuff) => SkBuff,
): Operation {
  return {
    name,
    args: ['slot', 'new slot'],
    plays: [plays],
    weight,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random);
      const to = emptySlot(desk);
      return slot === null || to === null ? null : [slot, to];
    },
    play: (desk, slot, to) => {
      const skb = desk.at(slot);
      if (skb === null || !desk.empty(to)) return SKIP;
      return desk.put(to, make(desk, skb));
    },
  };
}

/** A head of its own with room in front. */
function ownHead(
  name: string,
  plays: string,
  apply: (desk: Desk, skb: SkBuff, bytes: number) => void,
): Operation {
  return {
    name,
    args: ['slot', 'headroom'],
    plays: [plays],
    weight: 3,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random);
      if (slot === null) return null;
      return [slot, pickBeside(random, skbHeadroom(desk.at(slot)!), 0, 4096) ?? room(random)];
    },
    play: (desk, slot, bytes) => {
      const skb = desk.single(slot);
      if (skb === null) return SKIP;
      apply(desk, skb, bytes);
      return 0;
    },
  };
}

export const SHARING: readonly Operation[] = [
  twin('clone', 'skb_clone', 14, ({ k }, skb) => skbClone(k, skb, Site.TAP)),
  twin('copy', 'skb_copy', 3, ({ k }, skb) => skbCopy(k, skb)),
  twin('pcopy', 'pskb_copy', 5, ({ k }, skb) => pskbCopy(k, skb)),
  {
    name: 'cexp',
    args: ['slot', 'new slot', 'headroom', 'tailroom'],
    plays: ['skb_copy_expand'],
    weight: 3,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random);
      const to = emptySlot(desk);
      return slot === null || to === null ? null : [slot, to, room(random), room(random)];
    },
    play: (desk, slot, to, head, tail) => {
      const skb = desk.at(slot);
      if (skb === null || !desk.empty(to) || head < 0 || tail < 0) return SKIP;
      return desk.put(to, skbCopyExpand(desk.k, skb, head, tail));
    },
  },
  {
    name: 'morph',
    args: ['slot', 'source'],
    plays: ['skb_morph'],
    weight: 3,
    draw: (desk, random) => pickPair(desk, random),
    play: (desk, slot, source) => {
      const dst = desk.single(slot);
      const src = desk.at(source);
      if (dst === null || src === null || slot === source) return SKIP;
      skbMorph(desk.k, dst, src);
      return 0;
    },
  },
  {
    name: 'zcopy',
    args: ['slot', 'new slot'],
    plays: ['skb_zerocopy'],
    weight: 4,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (skb) => skb.len > 0);
      const to = emptySlot(desk);
      return slot === null || to === null ? null : [slot, to];
    },
    play: (desk, slot, to) => {
      const skb = desk.single(slot);
      if (skb === null || !desk.empty(to) || skb.len === 0) return SKIP;
      return desk.put(to, skbZerocopy(desk.k, skb));
    },
  },
  {
    name: 'expand',
    args: ['slot', 'nhead', 'ntail'],
    plays: ['pskb_expand_head'],
    weight: 4,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random);
      return slot === null ? null : [slot, room(random), room(random)];
    },
    play: (desk, slot, nhead, ntail) => {
      const skb = desk.single(slot);
      if (skb === null || nhead < 0 || ntail < 0) return SKIP;
      pskbExpandHead(desk.k, skb, nhead, ntail);
      return 0;
    },
  },
  ownHead('cow', 'skb_cow', ({ k }, skb, bytes) => skbCow(k, skb, bytes)),
  ownHead('cowhead', 'skb_cow', ({ k }, skb, bytes) => skbCowHead(k, skb, bytes)),
  privately('unclone', ['skb_unclone'], 3, ({ k }, skb) => skbUnclone(k, skb)),
];
