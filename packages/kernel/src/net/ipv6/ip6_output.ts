// A packet of IPv6 that is cut into fragments: a header of its own comes between, for which there must be room.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import type { NetDevice } from '../core/dev.ts';
import { allocSkb, skbPush, skbPut, skbReserve } from '../core/skb_alloc.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import { Destructor, skbCloned, skbHeadroom, type SkBuff } from '../core/skbuff.ts';
import { HH_LEN } from '../ipv4/ip_cork.ts';
import { pageLen } from '../ipv4/ip_output.ts';
import { FRAG_HEADER, IPV6_HEADER, ipv6Nexthdr, writeFragHeader } from './ipv6_header.ts';

const HEADERS = IPV6_HEADER + FRAG_HEADER;

/**
 * Cuts a packet that is longer than the device takes. A chain of packets of the right size that nobody shares goes out
 * as it is, where each has the room that the device and the headers want; otherwise the bytes are copied.
 * Model: the packet has no extension header; the rule for the room is that of 4.13.
 * @kernel net/ipv6/ip6_output.c ip6_fragment (5.10, 6.12)
 */
export function ip6Fragment(k: Kernel, skb: SkBuff, device: NetDevice): void {
  const id = k.ipIds++ | 0;
  const most = device.mtu - HEADERS;
  if (skb.shinfo.fragList !== null && isChainOfFragments(skb, most)) fastPath(k, skb, device, id);
  else slowPath(k, skb, device, id, most);
}

function isChainOfFragments(skb: SkBuff, most: number): boolean {
  const first = pageLen(skb) - IPV6_HEADER;
  if (first > most || (first & 7) !== 0 || skbCloned(skb)) return false;
  if (skbHeadroom(skb) < HH_LEN + FRAG_HEADER) return false;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) {
    if (m.len > most || ((m.len & 7) !== 0 && m.next !== null)) return false;
    if (skbHeadroom(m) < HH_LEN + HEADERS || m.users !== 1) return false; // no room, or partially cloned
  }
  return true;
}

/** The header of the first one moves forward; a member gets a copy of it. @kernel ip6_fraglist_init, ip6_fraglist_prepare */
function fastPath(k: Kernel, skb: SkBuff, device: NetDevice, id: number): void {
  const { mem } = k;
  const { sk } = skb;
  const protocol = ipv6Nexthdr(mem, skb.data);
  const first = pageLen(skb);
  const members = skb.shinfo.fragList;
  skb.shinfo.fragList = null;
  skb.dataLen -= skb.len - first;
  skb.len = first;
  const header = skb.data;
  skbPush(skb, FRAG_HEADER);
  mem.copyWithin(skb.data, header, header + IPV6_HEADER);
  let offset = first - IPV6_HEADER;
  writeFragHeader(mem, skb.data, offset, protocol, id, 0, true);
  for (let m = members; m !== null; m = m.next) {
    if (sk !== null) {
      m.sk = sk; // the charge moves with the member
      m.destructor = Destructor.SOCK_WFREE;
      skb.truesize -= m.truesize;
      if (k.hearsCharge) k.lifetime.charged(m, null);
    }
    const payload = m.len;
    const at = skbPush(m, HEADERS);
    k.copyBytes(at, skb.data, IPV6_HEADER);
    writeFragHeader(mem, at, payload, protocol, id, offset, m.next !== null);
    offset += payload;
  }
  for (let packet: SkBuff | null = skb, rest = members; packet !== null;) {
    device.queueXmit(packet);
    packet = rest;
    rest = packet?.next ?? null;
    if (packet !== null) packet.next = null;
  }
}

/** Copies the bytes of every fragment. Without memory the rest of the packet is lost. @kernel net/ipv6/ip6_output.c ip6_frag_next (5.10) */
function slowPath(k: Kernel, skb: SkBuff, device: NetDevice, id: number, most: number): void {
  const { mem } = k;
  const payload = skb.len - IPV6_HEADER;
  const protocol = ipv6Nexthdr(mem, skb.data);
  for (let offset = 0; offset < payload;) {
    const left = payload - offset;
    const n = left > most ? most & ~7 : left;
    let part: SkBuff;
    try {
      part = allocSkb(k, HH_LEN + HEADERS + n, false);
    } catch (error) {
      expectNoMemory(error);
      break;
    }
    if (skb.sk !== null) skbSetOwnerW(k, part, skb.sk);
    skbReserve(part, HH_LEN);
    const at = skbPut(part, HEADERS + n);
    k.copyBytes(at, skb.data, IPV6_HEADER);
    skbCopyBits(k, skb, IPV6_HEADER + offset, at + HEADERS, n);
    writeFragHeader(mem, at, n, protocol, id, offset, offset + n < payload);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += n;
    device.queueXmit(part);
    offset += n;
  }
  kfreeSkb(k, skb);
}
