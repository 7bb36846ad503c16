// Pages that go in as today's senders put them in, and packets that wait for whoever asked for a time stamp.
import {
  CHANGES,
  skbAppendPagefrags,
  skbSpliceFromIter,
  tstampClone,
  type PagePart,
} from '@lastref/kernel';
import { SKIP, type Desk } from '../desk.ts';
import { hasUbuf } from './making.ts';
import {
  emptySlot,
  pickPage,
  pickRange,
  pickSingle,
  pickSlot,
  type Operation,
} from './operation.ts';

/** @kernel include/uapi/asm-generic/errno.h EMSGSIZE */
const EMSGSIZE = -90;

/** A packet that may be given pages by bare reference. */
function appendable(desk: Desk, slot: number): boolean {
  return desk.sole(slot) !== null && !hasUbuf(desk, slot);
}

export const LENDING: readonly Operation[] = [
  {
    name: 'appendpf', // the array may be full
    args: ['slot', 'page', 'offset', 'size'],
    plays: [],
    weight: 6,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (_, s) => appendable(desk, s));
      if (slot === null) return null;
      const range = pickRange(desk, random, desk.at(slot));
      return range === null ? null : [slot, ...range];
    },
    play: (desk, slot, p, offset, size) => {
      if (!desk.rangeOk(p, offset, size) || !appendable(desk, slot)) return SKIP;
      const skb = desk.at(slot)!;
      if (!skbAppendPagefrags(desk.k, skb, desk.pages[p]!, offset, size)) return EMSGSIZE;
      skb.len += size;
      skb.dataLen += size;
      skb.truesize += size;
      return 0;
    },
  },
  {
    name: 'splice',
    args: ['slot', 'page', 'offset', 'size', 'second page', 'its size'],
    plays: [],
    weight: 6,
    lacks: (era) => !era.changes.has(CHANGES.spliceByIterator),
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (_, s) => appendable(desk, s));
      if (slot === null) return null;
      const range = pickRange(desk, random, desk.at(slot));
      const second = pickPage(desk, random);
      if (range === null || second === null) return null;
      return [slot, ...range, second, random.below(2) * (1 + random.below(4096))];
    },
    play: (desk, slot, p, offset, size, p2, size2) => {
      if (!desk.rangeOk(p, offset, size) || !appendable(desk, slot)) return SKIP;
      if (size2 !== 0 && !desk.rangeOk(p2, 0, size2)) return SKIP;
      const parts: PagePart[] = [{ page: desk.pages[p]!, pageOffset: offset, size }];
      if (size2 !== 0) parts.push({ page: desk.pages[p2]!, pageOffset: 0, size: size2 });
      const spliced = skbSpliceFromIter(desk.k, desk.at(slot)!, parts);
      return spliced === 0 ? EMSGSIZE : spliced;
    },
  },
  {
    name: 'tstamp',
    args: ['slot', 'new slot'],
    plays: ['skb_tstamp_tx'],
    weight: 4,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random);
      const to = emptySlot(desk);
      return slot === null || to === null ? null : [slot, to];
    },
    play: (desk, slot, to) => {
      const skb = desk.at(slot);
      if (skb === null || !desk.empty(to)) return SKIP;
      return desk.put(to, tstampClone(desk.k, skb));
    },
  },
];
