// From a finished datagram to the device: the packets are chained behind the first one, and cut apart again where
// they are longer than the device takes. IPv6 (net/ipv6/ip6_output.ts) has the same lines in a function of its own.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { fragHeadersLen, type AfOps } from '../af_ops.ts';
import { countSegments, type NetDevice } from '../core/dev.ts';
import { allocSkb, skbPull, skbPush, skbPut, skbReserve } from '../core/skb_alloc.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import { Destructor, skbCloned, skbHeadroom, type SkBuff } from '../core/skbuff.ts';
import { HH_LEN } from './ip_cork.ts';
import { IPPROTO_UDP, ipv4Specific } from './ip_header.ts';
import type { UdpSock } from './udp_sock.ts';

/**
 * The packets of the pending datagram as one: the others become the frag_list of the first, whose charge covers them.
 * Null: nothing is pending.
 * @kernel net/ipv4/ip_output.c ip_push_pending_frames (2.6.24), ip_finish_skb (2.6.39); net/ipv6/ip6_output.c __ip6_make_skb (5.10)
 */
export function ipFinishSkb(sk: UdpSock): SkBuff | null {
  const { k, af } = sk;
  const skb = sk.writeQueue.shift();
  if (skb === null) return null;
  let last: SkBuff | null = null;
  for (let tmp = sk.writeQueue.shift(); tmp !== null; tmp = sk.writeQueue.shift()) {
    skbPull(tmp, af.netHeaderLen);
    skb.len += tmp.len;
    skb.dataLen += tmp.len;
    skb.truesize += tmp.truesize;
    tmp.destructor = Destructor.NONE;
    tmp.sk = null;
    if (last === null) skb.shinfo.fragList = tmp;
    else last.next = tmp;
    last = tmp;
  }
  const { localAddress, peerAddress } = sk.address;
  const payload = skb.len - af.netHeaderLen;
  af.writeHeader(k, skb.data, payload, IPPROTO_UDP, localAddress, peerAddress);
  sk.corkLength = 0;
  return skb;
}

/** @kernel net/ipv4/ip_output.c ip_finish_output (2.6.24); net/ipv6/ip6_output.c ip6_finish_output (5.10) */
export function ipOutput(k: Kernel, skb: SkBuff, device: NetDevice, af = ipv4Specific): void {
  if (skb.len > device.mtu && skb.shinfo.gsoSize === 0) ipFragment(k, skb, device, af);
  else transmit(k, skb, device);
}

function transmit(k: Kernel, skb: SkBuff, device: NetDevice): void {
  countSegments(k, skb);
  device.queueXmit(skb);
}

/**
 * Cuts a packet that is longer than the device takes. Where it is a chain of packets of the right size that nobody
 * shares, each with room in front, the members go out as they are; otherwise the bytes are copied.
 * Model: the packet has no options, nor extension headers.
 * @kernel net/ipv4/ip_output.c ip_fragment (2.6.24), ip_do_fragment (4.15); net/ipv6/ip6_output.c ip6_fragment (5.10)
 */
export function ipFragment(k: Kernel, skb: SkBuff, device: NetDevice, af = ipv4Specific): void {
  if (k.onOperation !== null) k.onOperation('ip_fragment', skb);
  const most = device.mtu - fragHeadersLen(af);
  if (skb.shinfo.fragList !== null && isChainOfFragments(k, skb, most, af))
    fastPath(k, skb, device, af);
  else slowPath(k, skb, device, most, af);
}

/** Bytes in the linear part and the frags of the packet itself. @kernel include/linux/skbuff.h skb_pagelen */
export function pageLen(skb: SkBuff): number {
  let len = skb.len;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) len -= m.len;
  return len;
}

function isChainOfFragments(k: Kernel, skb: SkBuff, most: number, af: AfOps): boolean {
  const first = pageLen(skb) - af.netHeaderLen;
  const room = k.era.fragmentsWantRoom ? HH_LEN : 0;
  if (first > most || (first & 7) !== 0 || skbCloned(skb)) return false;
  if (skbHeadroom(skb) < room + af.fragHeaderLen) return false;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) {
    if (m.len > most || ((m.len & 7) !== 0 && m.next !== null)) return false;
    if (skbHeadroom(m) < room + fragHeadersLen(af) || m.users !== 1) return false; // no room, or partially cloned
  }
  return true;
}

/**
 * The members of the chain become packets, each with a copy of the header; that of the first one moves forward.
 * @kernel ip_fraglist_init, ip_fraglist_prepare; ip6_fraglist_init, ip6_fraglist_prepare (5.10)
 */
function fastPath(k: Kernel, skb: SkBuff, device: NetDevice, af: AfOps): void {
  const { mem } = k;
  const { sk } = skb;
  const { netHeaderLen, fragHeaderLen } = af;
  const protocol = af.protocolOf(mem, skb.data);
  const id = af.selectIdent(k);
  const first = pageLen(skb);
  const members = skb.shinfo.fragList;
  skb.shinfo.fragList = null;
  skb.dataLen -= skb.len - first;
  skb.len = first;
  let offset = first - netHeaderLen;
  const header = skb.data;
  const before = skbPush(skb, fragHeaderLen);
  mem.copyWithin(before, header, header + netHeaderLen);
  af.writeFragment(mem, before, offset, 0, true, protocol, id);
  for (let m = members; m !== null; m = m.next) {
    if (sk !== null) {
      m.sk = sk; // the charge moves with the member
      if (k.era.wmemHoldsSocket) k.cost[k.side + Cost.ATOMIC_REF]!++; // sock_hold
      m.destructor = Destructor.SOCK_WFREE;
      skb.truesize -= m.truesize;
      if (k.hearsCharge) k.lifetime.charged(m, null);
    }
    const payload = m.len;
    const at = skbPush(m, fragHeadersLen(af));
    k.copyBytes(at, before, netHeaderLen);
    af.writeFragment(mem, at, payload, offset, m.next !== null, protocol, id);
    offset += payload;
  }
  let packet: SkBuff | null = skb;
  let rest = members;
  while (packet !== null) {
    transmit(k, packet, device);
    packet = rest;
    rest = packet?.next ?? null;
    if (packet !== null) packet.next = null;
  }
}

/**
 * Copies the bytes of every fragment, at most so many in one. Without memory the rest of the packet is lost.
 * @kernel ip_frag_init, ip_frag_next; ip6_frag_init, ip6_frag_next (5.10)
 */
function slowPath(k: Kernel, skb: SkBuff, device: NetDevice, most: number, af: AfOps): void {
  const { headers, sk } = skb;
  const { netHeaderLen, fragHeaderLen } = af;
  const inFront = fragHeadersLen(af);
  const protocol = af.protocolOf(k.mem, skb.data);
  const id = af.selectIdent(k);
  const payload = skb.len - netHeaderLen;
  for (let offset = 0; offset < payload;) {
    const left = payload - offset;
    const n = left > most ? most & ~7 : left;
    let part: SkBuff;
    try {
      part = allocSkb(k, HH_LEN + inFront + n, false);
    } catch (error) {
      expectNoMemory(error);
      break;
    }
    if (sk !== null) skbSetOwnerW(k, part, sk);
    skbReserve(part, HH_LEN);
    const at = skbPut(part, inFront + n);
    k.copyBytes(at, skb.data, netHeaderLen);
    skbCopyBits(k, skb, netHeaderLen + offset, at + inFront, n);
    af.writeFragment(k.mem, at, n, offset, offset + n < payload, protocol, id);
    const upper = headers - netHeaderLen; // the transport header is in the first one
    part.headers = (offset === 0 ? headers : netHeaderLen) + fragHeaderLen;
    part.flow = skb.flow;
    part.seq = (skb.seq + Math.max(0, offset - upper)) | 0;
    part.ipSummed = skb.ipSummed;
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += n;
    transmit(k, part, device);
    offset += n;
  }
  kfreeSkb(k, skb);
}
