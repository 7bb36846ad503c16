// Packets and what goes into them.
import {
  CHANGES,
  allocSkb,
  fragAt,
  getPage,
  skbAddRxFrag,
  skbCanCoalesce,
  skbHeaderRelease,
  skbPut,
  skbReserve,
  type SkBuff,
} from '@lastref/kernel';
import { SKIP, UBUFS, type Desk } from '../desk.ts';
import { emptySlot, pickRange, pickSingle, pickUbuf, type Operation } from './operation.ts';

const HEADROOMS = [0, 64, 96, 128, 256];
const LINEAR = [0, 0, 0, 0, 1, 14, 54, 66, 66, 100, 100, 200, 300, 320, 321, 400, 700, 1500, 2010];

function grow(skb: SkBuff, bytes: number): void {
  skb.len += bytes;
  skb.dataLen += bytes;
  skb.truesize += bytes;
}

/** May the bytes go on in the last entry, without a reference of their own? */
function continues(skb: SkBuff, desk: Desk, p: number, offset: number): boolean {
  return skbCanCoalesce(skb, desk.pages[p]!, offset);
}

export const MAKING: readonly Operation[] = [
  {
    name: 'alloc',
    args: ['slot', 'headroom', 'linear', 'fclone', 'seed', 'header released'],
    plays: [],
    weight: 6,
    draw: (desk, random) => {
      const slot = emptySlot(desk);
      if (slot === null) return null;
      const headroom = HEADROOMS[random.below(HEADROOMS.length)]!;
      const linear = LINEAR[random.below(LINEAR.length)]!;
      return [
        slot,
        headroom,
        linear,
        random.below(2),
        random.below(100),
        Number(random.below(4) === 0),
      ];
    },
    play: (desk, slot, headroom, linear, fclone, seed, released) => {
      if (!desk.empty(slot) || headroom < 0 || headroom > 512 || linear < 0 || linear > 3000)
        return SKIP;
      const { k } = desk;
      const skb = allocSkb(k, headroom + linear, fclone !== 0);
      skbReserve(skb, headroom);
      desk.fill(skbPut(skb, linear), linear, seed);
      if (released !== 0) skbHeaderRelease(k, skb);
      return desk.put(slot, skb);
    },
  },
  {
    name: 'frag',
    args: ['slot', 'page', 'offset', 'size', 'marked'],
    plays: ['skb_fill_page_desc', 'skb_can_coalesce', 'skb_can_coalesce (two loans)'],
    weight: 10,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (_, s) => roomAt(desk, s) && !hasUbuf(desk, s));
      if (slot === null) return null;
      const range = pickRange(desk, random, desk.at(slot));
      const marked = desk.seam === 'marker' && random.below(4) !== 0;
      return range === null ? null : [slot, ...range, Number(marked)];
    },
    play: (desk, slot, p, offset, size, marked) => {
      const skb = desk.sole(slot);
      if (skb === null || !desk.rangeOk(p, offset, size)) return SKIP;
      if (!roomAt(desk, slot) || hasUbuf(desk, slot)) return SKIP;
      const { k } = desk;
      const { shinfo } = skb;
      const page = desk.pages[p]!;
      if (continues(skb, desk, p, offset)) {
        fragAt(shinfo, shinfo.nrFrags - 1).size += size;
        if (marked !== 0) shinfo.loan ??= desk.ubufs[0]!; // marked, whoever's entry it goes on in
      } else if (marked !== 0) {
        k.lifetime.lend(skb, page, offset, size, desk.ubufs[0]!);
      } else {
        getPage(k, page);
        k.fillPageDesc(skb, page, offset, size);
      }
      grow(skb, size);
      return 0;
    },
  },
  {
    name: 'zc',
    args: ['slot', 'page', 'offset', 'size', 'ubuf'],
    plays: [],
    weight: 12,
    draw: (desk, random) => {
      if (desk.seam !== 'zc') return null;
      const slot = pickSingle(desk, random, (skb, s) => roomAt(desk, s) && mayLend(desk, skb));
      if (slot === null) return null;
      const skb = desk.at(slot)!;
      const range = pickRange(desk, random, skb);
      const ubuf = skb.shinfo.loan === null ? pickUbuf(desk, random) : skb.shinfo.loan.call;
      return range === null || ubuf === null ? null : [slot, ...range, ubuf];
    },
    play: (desk, slot, p, offset, size, u) => {
      const skb = desk.sole(slot);
      if (skb === null || !desk.rangeOk(p, offset, size) || !roomAt(desk, slot)) return SKIP;
      if (u < 0 || u >= UBUFS || !desk.ubufOwned[u]) return SKIP;
      const { k } = desk;
      const { shinfo } = skb;
      const loan = desk.ubufs[u]!;
      if (shinfo.loan === null ? shinfo.nrFrags > 0 : shinfo.loan !== loan) return SKIP;
      if (continues(skb, desk, p, offset)) fragAt(shinfo, shinfo.nrFrags - 1).size += size;
      else k.lifetime.lend(skb, desk.pages[p]!, offset, size, loan);
      grow(skb, size);
      return 0;
    },
  },
  {
    name: 'pp', // as a driver with a page pool
    args: ['slot', 'page', 'offset', 'size'],
    plays: [],
    weight: 14,
    lacks: (era) => !era.changes.has(CHANGES.poolCountsReferences),
    draw: (desk, random) => {
      if (!desk.pooled) return null;
      const slot = pickSingle(desk, random, (skb, s) => roomAt(desk, s) && onePool(skb));
      if (slot === null) return null;
      const range = pickRange(desk, random, desk.at(slot));
      return range === null ? null : [slot, ...range];
    },
    play: (desk, slot, p, offset, size) => {
      const skb = desk.sole(slot);
      if (skb === null || !desk.pooled || !desk.rangeOk(p, offset, size)) return SKIP;
      if (!roomAt(desk, slot) || !onePool(skb)) return SKIP;
      desk.lendPooled(skb, p, offset, size);
      grow(skb, size);
      return 0;
    },
  },
  {
    name: 'rx',
    args: ['slot', 'page', 'offset', 'size'],
    plays: ['skb_add_rx_frag'],
    weight: 4,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random, (_, s) => roomAt(desk, s) && !hasUbuf(desk, s));
      if (slot === null) return null;
      const range = pickRange(desk, random, desk.at(slot));
      return range === null ? null : [slot, ...range];
    },
    play: (desk, slot, p, offset, size) => {
      const skb = desk.sole(slot);
      if (skb === null || !desk.rangeOk(p, offset, size)) return SKIP;
      if (!roomAt(desk, slot) || hasUbuf(desk, slot)) return SKIP;
      const { k } = desk;
      getPage(k, desk.pages[p]!);
      skbAddRxFrag(k, skb, desk.pages[p]!, offset, size);
      return 0;
    },
  },
];

function roomAt(desk: Desk, slot: number): boolean {
  return desk.sole(slot) !== null && desk.at(slot)!.shinfo.nrFrags < desk.k.era.maxSkbFrags;
}

/** skb_zcopy: its data has a ubuf_info. Or its pages are of a pool: those are not mixed with others. */
export function hasUbuf(desk: Desk, slot: number): boolean {
  if (desk.at(slot)!.ppRecycle !== 0) return true;
  return desk.seam === 'zc' && desk.at(slot)!.shinfo.loan !== null;
}

/** One kind of page for each packet. */
function onePool(skb: SkBuff): boolean {
  return skb.ppRecycle !== 0 || skb.shinfo.nrFrags === 0;
}

function mayLend(desk: Desk, skb: SkBuff): boolean {
  const { loan } = skb.shinfo;
  return loan === null ? skb.shinfo.nrFrags === 0 : desk.ubufOwned[loan.call] === true;
}
