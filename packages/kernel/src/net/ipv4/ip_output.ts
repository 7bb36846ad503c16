// From a finished datagram to the device: the packets are chained behind the first one, and cut apart again where
// they are longer than the device takes.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { countSegments, type NetDevice } from '../core/dev.ts';
import { allocSkb, skbPull, skbPush, skbPut, skbReserve } from '../core/skb_alloc.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import { Destructor, skbCloned, skbHeadroom, type SkBuff } from '../core/skbuff.ts';
import { HH_LEN } from './ip_cork.ts';
import { IPPROTO_UDP, IP_HEADER, fixFragmentHeader, writeIpHeader } from './ip_header.ts';
import type { UdpSock } from './udp_sock.ts';

/**
 * The packets of the pending datagram as one: the others become the frag_list of the first, whose charge covers them.
 * Null: nothing is pending.
 * @kernel net/ipv4/ip_output.c ip_push_pending_frames (2.6.24), ip_finish_skb (2.6.39)
 */
export function ipFinishSkb(sk: UdpSock): SkBuff | null {
  const { k } = sk;
  const skb = sk.writeQueue.shift();
  if (skb === null) return null;
  let last: SkBuff | null = null;
  for (let tmp = sk.writeQueue.shift(); tmp !== null; tmp = sk.writeQueue.shift()) {
    skbPull(tmp, IP_HEADER);
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
  const id = k.ipIds++ & 0xffff;
  const payload = skb.len - IP_HEADER;
  writeIpHeader(k.mem, skb.data, payload, id, IPPROTO_UDP, localAddress, peerAddress);
  sk.corkLength = 0;
  return skb;
}

/** @kernel net/ipv4/ip_output.c ip_finish_output (2.6.24) */
export function ipOutput(k: Kernel, skb: SkBuff, device: NetDevice): void {
  if (skb.len > device.mtu && skb.shinfo.gsoSize === 0) ipFragment(k, skb, device);
  else transmit(k, skb, device);
}

function transmit(k: Kernel, skb: SkBuff, device: NetDevice): void {
  countSegments(k, skb);
  device.queueXmit(skb);
}

/**
 * Cuts a packet that is longer than the device takes. Where it is a chain of packets of the right size that nobody
 * shares, the members go out as they are; otherwise the bytes are copied.
 * @kernel net/ipv4/ip_output.c ip_fragment (2.6.24)
 */
export function ipFragment(k: Kernel, skb: SkBuff, device: NetDevice): void {
  if (k.onOperation !== null) k.onOperation('ip_fragment', skb);
  if (skb.shinfo.fragList !== null && isChainOfFragments(skb, device.mtu - IP_HEADER))
    fastPath(k, skb, device);
  else slowPath(k, skb, device);
}

/** Bytes in the linear part and the frags of the packet itself. @kernel include/linux/skbuff.h skb_pagelen */
export function pageLen(skb: SkBuff): number {
  let len = skb.len;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) len -= m.len;
  return len;
}

function isChainOfFragments(skb: SkBuff, mtu: number): boolean {
  const first = pageLen(skb) - IP_HEADER;
  if (first > mtu || (first & 7) !== 0 || skbCloned(skb)) return false;
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) {
    if (m.len > mtu || ((m.len & 7) !== 0 && m.next !== null)) return false;
    if (skbHeadroom(m) < IP_HEADER || m.users !== 1) return false; // no room, or partially cloned
  }
  return true;
}

/** The members of the chain become packets, each with a copy of the header. */
function fastPath(k: Kernel, skb: SkBuff, device: NetDevice): void {
  const { mem } = k;
  const { sk } = skb;
  const first = pageLen(skb);
  const members = skb.shinfo.fragList;
  skb.shinfo.fragList = null;
  skb.dataLen -= skb.len - first;
  skb.len = first;
  let offset = first - IP_HEADER;
  fixFragmentHeader(mem, skb.data, offset, 0, true);
  for (let m = members; m !== null; m = m.next) {
    if (sk !== null) {
      m.sk = sk; // the charge moves with the member
      m.destructor = Destructor.SOCK_WFREE;
      skb.truesize -= m.truesize;
      if (k.hearsCharge) k.lifetime.charged(m, null);
    }
    const payload = m.len;
    const at = skbPush(m, IP_HEADER);
    k.copyBytes(at, skb.data, IP_HEADER);
    fixFragmentHeader(mem, at, payload, offset, m.next !== null);
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

/** Copies the bytes of every fragment. Without memory the rest of the packet is lost. */
function slowPath(k: Kernel, skb: SkBuff, device: NetDevice): void {
  const { headers, sk } = skb;
  const payload = skb.len - IP_HEADER;
  const most = (device.mtu - IP_HEADER) & ~7;
  for (let offset = 0; offset < payload;) {
    const left = payload - offset;
    const n = left > device.mtu - IP_HEADER ? most : left;
    let part: SkBuff;
    try {
      part = allocSkb(k, HH_LEN + IP_HEADER + n, false);
    } catch (error) {
      expectNoMemory(error);
      break;
    }
    if (sk !== null) skbSetOwnerW(k, part, sk);
    skbReserve(part, HH_LEN);
    const at = skbPut(part, IP_HEADER + n);
    k.copyBytes(at, skb.data, IP_HEADER);
    skbCopyBits(k, skb, IP_HEADER + offset, at + IP_HEADER, n);
    fixFragmentHeader(k.mem, at, n, offset, offset + n < payload);
    const upper = headers - IP_HEADER; // the transport header is in the first one
    part.headers = offset === 0 ? headers : IP_HEADER;
    part.flow = skb.flow;
    part.seq = (skb.seq + Math.max(0, offset - upper)) | 0;
    part.ipSummed = skb.ipSummed;
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += n;
    transmit(k, part, device);
    offset += n;
  }
  kfreeSkb(k, skb);
}
