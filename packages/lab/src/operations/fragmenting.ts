// Packets that IP cuts into fragments, and fragments that it puts together again.
import {
  IP_HEADER,
  IPPROTO_UDP,
  IpFrags,
  NetDevice,
  fixFragmentHeader,
  ipFragment,
  pskbTrim,
  skbHeadlen,
  skbHeadroom,
  writeIpHeader,
  type SkBuff,
  type XmitResult,
} from '@lastref/kernel';
import type { Prng } from '@lastref/workloads';
import { SKIP, type Desk } from '../desk.ts';
import { pickSingle, type Operation } from './operation.ts';

/** Both ends, and the identification of every datagram: what a fragment belongs to is not the question here. */
export const HERE = 0x7f000001;
/** The last four bytes of ::1. */
export const HERE6 = 1;
export const ID = 7;
/** A longer one is given up when it is whole (E2BIG); the model's senders make none. @kernel net/ipv4/ip_fragment.c ip_frag_reasm */
export const MAX_DATAGRAM = 65535;
/** What a device wants in front of an IP header. @kernel include/linux/netdevice.h LL_RESERVED_SPACE */
const ROOM = 64;

/** The first bytes of `skb` become the header of a fragment at `offset`. */
export function writeHeader(desk: Desk, skb: SkBuff, offset: number, more: boolean): void {
  const { mem } = desk.k;
  const payload = skb.len - IP_HEADER;
  writeIpHeader(mem, skb.data, payload, ID, IPPROTO_UDP, HERE, HERE);
  fixFragmentHeader(mem, skb.data, payload, offset, more);
  skb.headers = IP_HEADER; // skb_reset_network_header
}

/** Puts on the desk what it is to send. */
export class Collector extends NetDevice {
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

export function members(skb: SkBuff): SkBuff[] {
  const all: SkBuff[] = [];
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) all.push(m);
  return all;
}

/** Bytes of `skb` in front of its frag_list. */
export function ownBytes(skb: SkBuff): number {
  return members(skb).reduce((left, m) => left - m.len, skb.len);
}

/** At most so many fragments, whichever way it is cut. */
function fragmentsOf(skb: SkBuff, mtu: number): number {
  const copied = Math.ceil((skb.len - IP_HEADER) / ((mtu - IP_HEADER) & ~7));
  return Math.max(copied, 1 + members(skb).length);
}

function hasHeader(skb: SkBuff): boolean {
  return skbHeadlen(skb) >= IP_HEADER && skb.len > IP_HEADER;
}

/**
 * Can a chain go out as it is, as far as the room in front of its packets goes? The kernels that are played copy one that has
 * less than the device wants, the model one that has none for a header: in between they are not asked.
 */
function hasRoom(skb: SkBuff): boolean {
  const list = members(skb);
  if (list.length === 0) return true;
  return skbHeadroom(skb) >= ROOM && list.every((m) => skbHeadroom(m) >= ROOM + IP_HEADER);
}

/**
 * May it be a fragment of its own? One that is a chain itself is split when it comes first: the model knows no such. Of
 * a GSO packet later kernels forget the size when it comes; no device cuts a fragment.
 */
function isFragment(skb: SkBuff | null, last: boolean): skb is SkBuff {
  if (skb === null || skb.shinfo.fragList !== null || skbHeadlen(skb) < IP_HEADER) return false;
  if (skb.shinfo.gsoSize !== 0) return false;
  return skb.len >= IP_HEADER + (last ? 1 : 8);
}

/** The order of two or three fragments in their datagram, by number. */
export const ORDERS: readonly (readonly number[])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

function mtuFor(skb: SkBuff, random: Prng): number {
  const list = members(skb);
  if (list.length > 0 && random.below(4) !== 0)
    return Math.max(ownBytes(skb), ...list.map((m) => m.len + IP_HEADER)) + random.below(2);
  const parts = 1 + random.below(4);
  return IP_HEADER + Math.max(8, Math.ceil((skb.len - IP_HEADER) / parts) + random.below(16));
}

export const FRAGMENTING: readonly Operation[] = [
  {
    name: 'ipfrag',
    args: ['slot', 'mtu'],
    plays: ['ip_fragment (fast)', 'ip_fragment (slow)'],
    weight: 8,
    draw: (desk, random) => {
      const chain = random.below(4) !== 0;
      const fits = (skb: SkBuff) => hasHeader(skb) && hasRoom(skb);
      const slot =
        pickSingle(desk, random, (skb) => fits(skb) && (!chain || members(skb).length > 0)) ??
        pickSingle(desk, random, fits);
      return slot === null ? null : [slot, mtuFor(desk.at(slot)!, random)];
    },
    play: (desk, slot, mtu) => {
      const skb = desk.single(slot);
      if (skb === null || !hasHeader(skb) || !hasRoom(skb) || mtu < IP_HEADER + 8 || mtu > 65535)
        return SKIP;
      if (fragmentsOf(skb, mtu) > desk.freeSlots() + 1) return SKIP;
      writeHeader(desk, skb, 0, false);
      desk.slots[slot] = null;
      ipFragment(desk.k, skb, new Collector(desk, mtu));
      return 0;
    },
  },
  {
    name: 'defrag',
    args: ['first to come', 'second', 'third or -1', 'order in the datagram'],
    plays: ['ip_frag_reasm (coalesce)'],
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
    play: (desk, a, b, c, order) => {
      const slots = c === -1 ? [a, b] : [a, b, c];
      const n = slots.length;
      if (new Set(slots).size !== n || order < 0 || order >= (n === 2 ? 2 : 6)) return SKIP;
      // order 0 and 1 of two: as they come, and the other way round
      const places = n === 2 ? ORDERS[2 * order]!.slice(0, 2) : ORDERS[order]!;
      const last = places[n - 1]!;
      if (!slots.every((slot, i) => isFragment(desk.single(slot), i === last))) return SKIP;
      if (slots.reduce((sum, slot) => sum + desk.at(slot)!.len, 0) > MAX_DATAGRAM) return SKIP;
      const offsets: number[] = [];
      let end = 0;
      for (const i of places) {
        const skb = desk.at(slots[i]!)!;
        // as its sender would: all but the last have a multiple of eight
        if (i !== last) pskbTrim(desk.k, skb, IP_HEADER + ((skb.len - IP_HEADER) & ~7));
        offsets[i] = end;
        end += skb.len - IP_HEADER;
      }
      const queue = (desk.frags ??= new IpFrags(desk.k, 'here', false));
      slots.forEach((slot, i) => {
        const skb = desk.at(slot)!;
        writeHeader(desk, skb, offsets[i]!, i !== last);
        const whole = queue.defrag(skb);
        if (whole !== null) whole.headers = 0;
        desk.slots[slot] = whole;
      });
      return 0;
    },
  },
];
