// Private copies for whoever keeps or writes, and what holders and owners do.
import {
  skbCopyUbufs,
  skbCowData,
  skbGet,
  skbHeadlen,
  skbOrphanFrags,
  skbOrphanFragsRx,
} from '@lastref/kernel';
import { PAGES, SKIP, UBUFS } from '../desk.ts';
import { pickPage, pickSlot, pickUbuf, privately, type Operation } from './operation.ts';

export const KEEPING: readonly Operation[] = [
  privately('ubufs', ['skb_copy_ubufs'], 4, ({ k }, skb) => skbCopyUbufs(k, skb)),
  privately('orph', [], 3, ({ k }, skb) => skbOrphanFrags(k, skb)),
  privately('orphrx', [], 3, ({ k }, skb) => skbOrphanFragsRx(k, skb)),
  privately('cowdata', ['skb_cow_data'], 4, ({ k }, skb) => skbCowData(k, skb)),
  {
    name: 'get',
    args: ['slot'],
    plays: [],
    weight: 2,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random, (skb) => skb.users <= 2);
      return slot === null ? null : [slot];
    },
    play: (desk, slot) => {
      const skb = desk.at(slot);
      if (skb === null || skb.users > 2) return SKIP;
      skbGet(desk.k, skb);
      return 0;
    },
  },
  {
    name: 'free',
    args: ['slot'],
    plays: ['kfree_skb'],
    weight: 8,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random);
      return slot === null ? null : [slot];
    },
    play: (desk, slot) => {
      if (desk.at(slot) === null) return SKIP;
      desk.free(slot);
      return 0;
    },
  },
  {
    name: 'scrib',
    args: ['slot', 'at', 'byte'],
    plays: [],
    weight: 2,
    draw: (desk, random) => {
      const slot = pickSlot(desk, random, (skb) => skbHeadlen(skb) > 0);
      if (slot === null) return null;
      return [slot, random.below(skbHeadlen(desk.at(slot)!)), random.below(256)];
    },
    play: (desk, slot, at, byte) => {
      const skb = desk.at(slot);
      if (skb === null || at < 0 || at >= skbHeadlen(skb)) return SKIP;
      desk.k.mem[skb.data + at] = byte!;
      return 0;
    },
  },
  {
    name: 'rewrite',
    args: ['page', 'seed'],
    plays: [],
    weight: 2,
    draw: (desk, random) => {
      const p = pickPage(desk, random);
      return p === null ? null : [p, random.below(100)];
    },
    play: (desk, p, seed) => {
      if (p < 0 || p >= PAGES || !desk.pageOwned[p]) return SKIP;
      desk.fillPage(p, seed);
      return 0;
    },
  },
  {
    name: 'rel',
    args: ['page'],
    plays: [],
    weight: 2,
    draw: (desk, random) => {
      const p = pickPage(desk, random);
      return p === null ? null : [p];
    },
    play: (desk, p) => {
      if (p < 0 || p >= PAGES || !desk.pageOwned[p]) return SKIP;
      desk.releasePage(p);
      return 0;
    },
  },
  {
    name: 'urel',
    args: ['ubuf'],
    plays: [],
    weight: 3,
    draw: (desk, random) => {
      if (desk.seam !== 'zc') return null;
      const u = pickUbuf(desk, random);
      return u === null ? null : [u];
    },
    play: (desk, u) => {
      if (u < 0 || u >= UBUFS || !desk.ubufOwned[u]) return SKIP;
      desk.releaseUbuf(u);
      return 0;
    },
  },
];
