// Packets that IP cuts into fragments, and fragments that it puts together again: IPv4, and IPv6, where a header of its own
// makes a fragment, for which there must be room, and which goes when the rest is there.
import {
  HH_LEN,
  IPPROTO_UDP,
  Ip6Frags,
  IpFrags,
  NetDevice,
  fragHeadersLen,
  ip6Fragment,
  ipFragment,
  ipv4Specific,
  ipv6Specific,
  pskbTrim,
  skbHeadlen,
  skbHeadroom,
  type AfOps,
  type InetFrags,
  type Kernel,
  type SkBuff,
  type XmitResult,
} from '@lastref/kernel';
import type { Prng } from '@lastref/workloads';
import { SKIP, type Desk } from '../desk.ts';
import { pickSingle, type Operation } from './operation.ts';

/** IPv4 or IPv6. */
export interface Family {
  readonly af: AfOps;
  /** Both ends; of ::1 its last four bytes. */
  readonly here: number;
  readonly cut: (k: Kernel, skb: SkBuff, device: NetDevice) => void;
  queueOf(desk: Desk): InetFrags;
}

export const IPV4: Family = {
  af: ipv4Specific,
  here: 0x7f000001,
  cut: ipFragment,
  queueOf: (desk) => (desk.frags ??= new IpFrags(desk.k, 'here', false)),
};

export const IPV6: Family = {
  af: ipv6Specific,
  here: 1,
  cut: ip6Fragment,
  queueOf: (desk) => (desk.frags6 ??= new Ip6Frags(desk.k, 'here', false)),
};

/** The identification of every datagram: what a fragment belongs to is not the question here. */
const ID = 7;
/** A longer one is given up when it is whole (E2BIG); the model's senders make none. @kernel net/ipv4/ip_fragment.c ip_frag_reasm */
const MAX_DATAGRAM = 65535;

/** The first bytes of `skb` become its IP header. */
export function writeHeader(desk: Desk, skb: SkBuff, { af, here }: Family): void {
  desk.k.ipIds = ID;
  af.writeHeader(desk.k, skb.data, skb.len - af.netHeaderLen, IPPROTO_UDP, here, here);
  skb.headers = af.netHeaderLen; // skb_reset_network_header
}

/** Puts on the desk what it is to send. */
class Collector extends NetDevice {
  private readonly desk: Desk;

  constructor(desk: Desk, mtu: number) {
    super(desk.k, 'collector', { sg: true, csum: false, tso: false, gso: false }, mtu);
    this.desk = desk;
  }

  override queueXmit(skb: SkBuff): boolean {
    skb.headers = 0;
    this.desk.put(this.desk.slots.indexOf(null), skb);
    return true;
  }

  protected startXmit(): XmitResult {
    throw new Error('nothing is queued here');
  }
}

function members(skb: SkBuff): SkBuff[] {
  const all: SkBuff[] = [];
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) all.push(m);
  return all;
}

/** Bytes of `skb` in front of its frag_list. */
function ownBytes(skb: SkBuff): number {
  return members(skb).reduce((left, m) => left - m.len, skb.len);
}

function hasHeader(skb: SkBuff, { netHeaderLen }: AfOps): boolean {
  return skbHeadlen(skb) >= netHeaderLen && skb.len > netHeaderLen;
}

/** At most so many fragments, whichever way it is cut. */
function fragmentsOf(skb: SkBuff, mtu: number, af: AfOps): number {
  const copied = Math.ceil((skb.len - af.netHeaderLen) / ((mtu - fragHeadersLen(af)) & ~7));
  return Math.max(copied, 1 + members(skb).length);
}

/**
 * May it be a fragment, with all headers in its linear bytes? One that is a chain itself is split when it comes first:
 * the model knows no such. Of a GSO packet later kernels forget the size when it comes; no device cuts a fragment.
 */
function isFragment(skb: SkBuff | null, last: boolean, af: AfOps): skb is SkBuff {
  const headers = fragHeadersLen(af);
  if (skb === null || skb.shinfo.fragList !== null || skbHeadlen(skb) < headers) return false;
  return skb.shinfo.gsoSize === 0 && skb.len >= headers + (last ? 1 : 8);
}

/** The order of two or three fragments in their datagram, by number. */
const ORDERS: readonly (readonly number[])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** Often one with which a chain goes out as it is. */
function mtuFor(skb: SkBuff, random: Prng, af: AfOps): number {
  const headers = fragHeadersLen(af);
  const list = members(skb);
  if (list.length > 0 && random.below(4) !== 0) {
    const most = Math.max(ownBytes(skb) + af.fragHeaderLen, ...list.map((m) => m.len + headers));
    return Math.max(headers + 8, most + random.below(2));
  }
  const part = Math.ceil((skb.len - af.netHeaderLen) / (1 + random.below(4)));
  return headers + Math.max(8, part + random.below(16));
}

function cutting(name: string, plays: readonly string[], family: Family): Operation {
  const { af } = family;
  return {
    name,
    args: ['slot', 'mtu'],
    plays,
    weight: 8,
    draw: (desk, random) => {
      const chain = random.below(4) !== 0;
      const roomy = random.below(3) !== 0;
      const fits = (skb: SkBuff) =>
        hasHeader(skb, af) &&
        (!chain || members(skb).length > 0) &&
        (!roomy || skbHeadroom(skb) >= HH_LEN + af.fragHeaderLen);
      const slot =
        pickSingle(desk, random, fits) ?? pickSingle(desk, random, (skb) => hasHeader(skb, af));
      return slot === null ? null : [slot, mtuFor(desk.at(slot)!, random, af)];
    },
    play: (desk, slot, mtu) => {
      const skb = desk.single(slot);
      if (skb === null || !hasHeader(skb, af)) return SKIP;
      if (mtu < fragHeadersLen(af) + 8 || mtu > 65535) return SKIP;
      if (fragmentsOf(skb, mtu, af) > desk.freeSlots() + 1) return SKIP;
      writeHeader(desk, skb, family);
      desk.slots[slot] = null;
      family.cut(desk.k, skb, new Collector(desk, mtu));
      return 0;
    },
  };
}

function joining(name: string, plays: readonly string[], family: Family): Operation {
  return {
    name,
    args: ['first to come', 'second', 'third or -1', 'order in the datagram'],
    plays,
    weight: 8,
    draw: (desk, random) => {
      const slots: number[] = [];
      const roomy = random.below(2) === 0; // what becomes a chain can go out as it is
      const fits = (skb: SkBuff, slot: number) =>
        !slots.includes(slot) &&
        isFragment(skb, false, family.af) &&
        (!roomy || skbHeadroom(skb) >= HH_LEN);
      for (let n = 2 + random.below(2); n > 0; n--) {
        const slot = pickSingle(desk, random, fits);
        if (slot !== null) slots.push(slot);
      }
      if (slots.length < 2) return null;
      return [slots[0]!, slots[1]!, slots[2] ?? -1, random.below(slots.length === 2 ? 2 : 6)];
    },
    play: (desk, a, b, c, order) =>
      joinFragments(desk, c === -1 ? [a, b] : [a, b, c], order, family),
  };
}

function joinFragments(
  desk: Desk,
  slots: readonly number[],
  order: number,
  family: Family,
): number {
  const { af } = family;
  const headers = fragHeadersLen(af);
  const n = slots.length;
  if (new Set(slots).size !== n || order < 0 || order >= (n === 2 ? 2 : 6)) return SKIP;
  // order 0 and 1 of two: as they come, and the other way round
  const places = n === 2 ? ORDERS[2 * order]!.slice(0, 2) : ORDERS[order]!;
  const last = places[n - 1]!;
  if (!slots.every((slot, i) => isFragment(desk.single(slot), i === last, af))) return SKIP;
  if (slots.reduce((sum, slot) => sum + desk.at(slot)!.len, 0) > MAX_DATAGRAM) return SKIP;
  const offsets: number[] = [];
  let end = 0;
  for (const i of places) {
    const skb = desk.at(slots[i]!)!;
    // as its sender would: all but the last have a multiple of eight
    if (i !== last) pskbTrim(desk.k, skb, headers + ((skb.len - headers) & ~7));
    offsets[i] = end;
    end += skb.len - headers;
  }
  const queue = family.queueOf(desk);
  slots.forEach((slot, i) => {
    const skb = desk.at(slot)!;
    writeHeader(desk, skb, family);
    const payload = skb.len - headers;
    af.writeFragment(desk.k.mem, skb.data, payload, offsets[i]!, i !== last, IPPROTO_UDP, ID);
    const whole = queue.defrag(skb);
    if (whole !== null) whole.headers = 0;
    desk.slots[slot] = whole;
  });
  return 0;
}

export const FRAGMENTING: readonly Operation[] = [
  cutting('ipfrag', ['ip_fragment (fast)', 'ip_fragment (slow)'], IPV4),
  joining('defrag', ['ip_frag_reasm (coalesce)'], IPV4),
  cutting('ip6frag', [], IPV6),
  joining('ip6defrag', [], IPV6),
];
