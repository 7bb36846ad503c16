// Two packets that become one.
import {
  kfreeSkb,
  skbGroReceive,
  skbGroReceiveList,
  skbHeadlen,
  skbPull,
  skbShift,
  skbTryCoalesce,
  type SkBuff,
} from '@lastref/kernel';
import { SKIP, type Desk } from '../desk.ts';
import { pickCut, pickPair, pickSingle, type Operation } from './operation.ts';

/** What GRO answers where it does not join two packets. */
const E2BIG = -7;
const ETOOMANYREFS = -109;

const hasNoList = (skb: SkBuff) => skb.shinfo.fragList === null;

export const JOINING: readonly Operation[] = [
  {
    name: 'shift',
    args: ['target', 'source', 'bytes'],
    plays: ['skb_shift', 'skb_shift (part)'],
    weight: 8,
    draw: (desk, random) => {
      const from = pickSingle(
        desk,
        random,
        (skb) =>
          hasNoList(skb) &&
          skb.shinfo.nrFrags > 0 &&
          (skbHeadlen(skb) === 0 || random.below(8) === 0),
      );
      if (from === null) return null;
      const to = pickSingle(desk, random, (skb, slot) => slot !== from && hasNoList(skb));
      return to === null ? null : [to, from, pickCut(desk.at(from)!, random)];
    },
    play: (desk, target, source, bytes) => {
      const to = desk.single(target);
      const from = desk.single(source);
      if (to === null || from === null || target === source) return SKIP;
      if (!hasNoList(to) || !hasNoList(from) || from.shinfo.nrFrags === 0) return SKIP;
      if (bytes < 1 || bytes > from.len || to.ppRecycle !== from.ppRecycle) return SKIP;
      return skbShift(desk.k, to, from, bytes);
    },
  },
  {
    name: 'coal',
    args: ['target', 'source'],
    plays: ['skb_try_coalesce', 'tcp_queue_rcv'],
    weight: 9,
    draw: (desk, random) => {
      // only one without linear bytes gives its frags away
      const from = pickSingle(
        desk,
        random,
        (skb) => random.below(4) === 0 || (skbHeadlen(skb) === 0 && skb.shinfo.nrFrags > 0),
      );
      if (from === null) return pickPair(desk, random);
      const to = pickSingle(
        desk,
        random,
        (skb, slot) => slot !== from && (!desk.cloned(skb) || random.below(4) === 0),
      );
      return to === null ? null : [to, from];
    },
    play: (desk, target, source) => {
      const to = desk.single(target);
      const from = desk.single(source);
      if (to === null || from === null || target === source) return SKIP;
      if (!skbTryCoalesce(desk.k, to, from)) return 0;
      desk.slots[source] = null;
      kfreeSkb(desk.k, from);
      return 1;
    },
  },
  {
    name: 'gro',
    args: ['target', 'source'],
    plays: ['skb_gro_receive'],
    weight: 9,
    draw: (desk, random) => {
      const pair = pickPair(desk, random, (_, slot) => desk.sole(slot) !== null);
      return pair !== null && joinable(desk, pair[0], pair[1]) ? pair : null;
    },
    play: (desk, target, source) => {
      const p = desk.sole(target);
      const skb = desk.sole(source);
      if (p === null || skb === null || target === source || !joinable(desk, target, source))
        return SKIP;
      if (p.len + skb.dataLen >= GRO_MAX_SIZE) return E2BIG;
      const linear = skbHeadlen(skb);
      if (!skbGroReceive(desk.k, p, skb)) return ETOOMANYREFS;
      const left = skb.len;
      skbPull(skb, linear);
      desk.slots[source] = null;
      kfreeSkb(desk.k, skb);
      return left;
    },
  },
  {
    name: 'grolist',
    args: ['target', 'source'],
    plays: ['skb_gro_receive_list'],
    weight: 6,
    draw: (desk, random) =>
      pickPair(desk, random, (skb) => hasNoList(skb) || random.below(2) === 0),
    play: (desk, target, source) => {
      const p = desk.single(target);
      const skb = desk.single(source);
      if (p === null || skb === null || target === source) return SKIP;
      if (desk.cloned(p) || !hasNoList(skb) || skb.len === 0) return SKIP;
      for (let m = p.shinfo.fragList; m !== null; m = m.next) if (m.users > 1) return SKIP;
      if (p.len + skb.len >= GRO_MAX_SIZE) return E2BIG;
      skbGroReceiveList(desk.k, p, skb);
      desk.slots[source] = null;
      return 0;
    },
  },
];

/** @kernel include/linux/netdevice.h GRO_LEGACY_MAX_SIZE */
const GRO_MAX_SIZE = 65536;

/** GRO moves the frags of the second to the first: it has some, and there is room. */
function joinable(desk: Desk, target: number, source: number): boolean {
  const { nrFrags } = desk.at(source)!.shinfo;
  return nrFrags > 0 && desk.at(target)!.shinfo.nrFrags + nrFrags <= desk.k.era.maxSkbFrags;
}
