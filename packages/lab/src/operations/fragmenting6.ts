// The same of IPv6, where a header of its own makes a fragment: room for it decides, and it goes when the rest is there.
import {
  FRAG_HEADER,
  IPPROTO_UDP,
  IPV6_HEADER,
  Ip6Frags,
  ip6Fragment,
  pskbTrim,
  skbHeadlen,
  skbHeadroom,
  writeFragHeader,
  writeIpv6Header,
  type SkBuff,
} from '@lastref/kernel';
import { SKIP, type Desk } from '../desk.ts';
import { Collector, HERE6, ID, MAX_DATAGRAM, ORDERS, members, ownBytes } from './fragmenting.ts';
import { pickSingle, type Operation } from './operation.ts';

const HEADERS = IPV6_HEADER + FRAG_HEADER;
/** What a device wants in front of an IP header. @kernel include/linux/netdevice.h LL_RESERVED_SPACE */
const ROOM = 64;

function hasHeader(skb: SkBuff): boolean {
  return skbHeadlen(skb) >= IPV6_HEADER && skb.len > IPV6_HEADER;
}

/** At most so many fragments, whichever way it is cut. */
function fragmentsOf(skb: SkBuff, mtu: number): number {
  const copied = Math.ceil((skb.len - IPV6_HEADER) / ((mtu - HEADERS) & ~7));
  return Math.max(copied, 1 + members(skb).length);
}

/** May it be a fragment, with both headers in its linear bytes? */
function isFragment(skb: SkBuff | null, last: boolean): skb is SkBuff {
  if (skb === null || skb.shinfo.fragList !== null || skbHeadlen(skb) < HEADERS) return false;
  return skb.shinfo.gsoSize === 0 && skb.len >= HEADERS + (last ? 1 : 8);
}

export const FRAGMENTING6: readonly Operation[] = [
  {
    name: 'ip6frag',
    args: ['slot', 'mtu'],
    plays: [],
    weight: 8,
    draw: (desk, random) => {
      const chain = random.below(4) !== 0;
      const roomy = random.below(3) !== 0;
      const fits = (skb: SkBuff) =>
        hasHeader(skb) &&
        (!chain || members(skb).length > 0) &&
        (!roomy || skbHeadroom(skb) >= ROOM + FRAG_HEADER);
      const slot = pickSingle(desk, random, fits) ?? pickSingle(desk, random, hasHeader);
      if (slot === null) return null;
      const skb = desk.at(slot)!;
      const list = members(skb);
      if (list.length > 0 && random.below(4) !== 0) {
        const most = Math.max(ownBytes(skb) + FRAG_HEADER, ...list.map((m) => m.len + HEADERS));
        return [slot, Math.max(HEADERS + 8, most + random.below(2))];
      }
      const payload = Math.ceil((skb.len - IPV6_HEADER) / (1 + random.below(4)));
      return [slot, HEADERS + Math.max(8, payload + random.below(16))];
    },
    play: (desk, slot, mtu) => {
      const skb = desk.single(slot);
      if (skb === null || !hasHeader(skb) || mtu < HEADERS + 8 || mtu > 65535) return SKIP;
      if (fragmentsOf(skb, mtu) > desk.freeSlots() + 1) return SKIP;
      const { mem } = desk.k;
      writeIpv6Header(mem, skb.data, skb.len - IPV6_HEADER, IPPROTO_UDP, HERE6, HERE6);
      desk.slots[slot] = null;
      desk.k.ipIds = ID;
      ip6Fragment(desk.k, skb, new Collector(desk, mtu));
      return 0;
    },
  },
  {
    name: 'ip6defrag',
    args: ['first to come', 'second', 'third or -1', 'order in the datagram'],
    plays: [],
    weight: 8,
    draw: (desk, random) => {
      const slots: number[] = [];
      const roomy = random.below(2) === 0; // what becomes a chain can go out as it is
      for (let n = 2 + random.below(2); n > 0; n--) {
        const slot = pickSingle(
          desk,
          random,
          (skb, s) =>
            !slots.includes(s) && isFragment(skb, false) && (!roomy || skbHeadroom(skb) >= ROOM),
        );
        if (slot !== null) slots.push(slot);
      }
      if (slots.length < 2) return null;
      return [slots[0]!, slots[1]!, slots[2] ?? -1, random.below(slots.length === 2 ? 2 : 6)];
    },
    play: (desk, a, b, c, order) => joinFragments(desk, c === -1 ? [a, b] : [a, b, c], order),
  },
];

function joinFragments(desk: Desk, slots: readonly number[], order: number): number {
  const n = slots.length;
  if (new Set(slots).size !== n || order < 0 || order >= (n === 2 ? 2 : 6)) return SKIP;
  const places = n === 2 ? ORDERS[2 * order]!.slice(0, 2) : ORDERS[order]!;
  const last = places[n - 1]!;
  if (!slots.every((slot, i) => isFragment(desk.single(slot), i === last))) return SKIP;
  if (slots.reduce((sum, slot) => sum + desk.at(slot)!.len, 0) > MAX_DATAGRAM) return SKIP;
  const offsets: number[] = [];
  let end = 0;
  for (const i of places) {
    const skb = desk.at(slots[i]!)!;
    // as its sender would: all but the last have a multiple of eight
    if (i !== last) pskbTrim(desk.k, skb, HEADERS + ((skb.len - HEADERS) & ~7));
    offsets[i] = end;
    end += skb.len - HEADERS;
  }
  const { mem } = desk.k;
  const queue = (desk.frags6 ??= new Ip6Frags(desk.k, 'here', false));
  slots.forEach((slot, i) => {
    const skb = desk.at(slot)!;
    const payload = skb.len - HEADERS;
    writeIpv6Header(mem, skb.data, payload + FRAG_HEADER, 0, HERE6, HERE6);
    writeFragHeader(mem, skb.data, payload, IPPROTO_UDP, ID, offsets[i]!, i !== last);
    desk.slots[slot] = queue.defrag(skb);
  });
  return 0;
}
