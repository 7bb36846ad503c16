// The packets of a datagram that is being put together: one sk_buff for every packet that it will be cut into. IPv6 has
// the same lines (net/ipv6/ip6_output.c __ip6_append_data), with room for a fragment header. Model: no UDP fragmentation offload, no IP options, the path's MTU is the device's.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { checksumAdd, csumBlockAdd, csumBlockSub, partialFold } from '../../lib/checksum.ts';
import { PAGE_SIZE, allocPage, putPage, type Page } from '../../mm/page_alloc.ts';
import { allocSkb, skbPut, skbReserve } from '../core/skb_alloc.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import { pskbTrim } from '../core/skb_pull.ts';
import { Checksum, type SkBuff } from '../core/skbuff.ts';
import type { UdpSock } from './udp_sock.ts';

/** Room in front of the IP header. @kernel include/linux/netdevice.h LL_RESERVED_SPACE */
export const HH_LEN = 64;
/** A page with less left is not gone on with. @kernel net/core/sock.c sk_page_frag_refill (3.7) */
const PAGE_FRAG_MIN = 32;

/** Bytes of a packet that is not the last one: its payload is a multiple of eight, and a fragment header has room. */
export function maxFragLen({ af, device }: UdpSock): number {
  const { netHeaderLen, fragHeaderLen } = af;
  return ((device.mtu - netHeaderLen) & ~7) + netHeaderLen - fragHeaderLen;
}

/**
 * Bytes of a packet that is the last one. Of IPv6 it is a fragment as well where all that there is so far is longer than
 * the MTU, which is said without its header. @kernel net/ipv6/ip6_output.c __ip6_append_data: cork->length <= mtu
 */
export function maxLastLen(sk: UdpSock): number {
  const { mtu } = sk.device;
  return sk.af.fragHeaderLen > 0 && sk.corkLength > mtu ? maxFragLen(sk) : mtu;
}

/** Bytes that still go into `skb` when `length` more come. */
export function roomIn(sk: UdpSock, skb: SkBuff, length: number): number {
  const room = maxLastLen(sk) - skb.len;
  return room < length ? maxFragLen(sk) - skb.len : room;
}

/**
 * The next packet of the pending datagram, with room for `linear` bytes that the caller puts in. What the one before
 * has beyond its last multiple of eight is copied over and cut off there. Without frags, all that may follow by
 * MSG_MORE must go into the linear part.
 * @kernel net/ipv4/ip_output.c ip_append_data, ip_append_page (2.6.24); net/ipv6/ip6_output.c __ip6_append_data (5.10)
 */
export function nextPacket(sk: UdpSock, linear: number, more: boolean): SkBuff {
  const { k, device } = sk;
  const { netHeaderLen, fragHeaderLen, headSpare } = sk.af;
  const { mtu, features } = device;
  const prev = sk.writeQueue.last;
  const gap = prev === null ? 0 : Math.max(0, prev.len - maxFragLen(sk));
  const size = more && !features.sg ? mtu : netHeaderLen + gap + linear;
  const front = HH_LEN + fragHeaderLen;
  const skb = allocSkb(k, front + size + headSpare, false);
  try {
    skbReserve(skb, front);
    skbPut(skb, netHeaderLen);
    skb.headers = netHeaderLen;
    skb.flow = sk.flow;
    skb.seq = (sk.writeSeq - gap) | 0;
    if (prev !== null && gap > 0) moveGap(k, prev, skb, gap);
  } catch (error) {
    kfreeSkb(k, skb);
    throw error;
  }
  skbSetOwnerW(k, skb, sk);
  sk.writeQueue.push(skb);
  return skb;
}

/** The last `gap` bytes of `prev` become the first of `skb`, checksum and all. */
function moveGap(k: Kernel, prev: SkBuff, skb: SkBuff, gap: number): void {
  const keep = prev.len - gap;
  const at = skbPut(skb, gap);
  skbCopyBits(k, prev, keep, at, gap);
  skb.csum = csumOf(k, at, gap);
  prev.csum = csumBlockSub(prev.csum, skb.csum, keep);
  pskbTrim(k, prev, keep); // pskb_trim_unique: nobody shares what was not sent yet
}

function csumOf(k: Kernel, address: number, size: number): number {
  k.cost[k.side + Cost.CHECKSUM_BYTES]! += size;
  return partialFold(checksumAdd(k.mem, address, size, 0));
}

/** `size` bytes at `address` were added to `skb` where it had `offset` bytes: sums them now, if a device will not. */
export function sumPart(
  k: Kernel,
  skb: SkBuff,
  offset: number,
  address: number,
  size: number,
): void {
  if (skb.ipSummed !== Checksum.NONE) return;
  skb.csum = csumBlockAdd(skb.csum, csumOf(k, address, size), offset);
}

export function grow(sk: UdpSock, skb: SkBuff, size: number): void {
  skb.len += size;
  skb.dataLen += size;
  skb.truesize += size;
  sk.wmemAlloc += size;
  sk.writeSeq = (sk.writeSeq + size) | 0;
}

/**
 * The page that copied bytes go to, with room at sndmsgOff. Up to 3.6 each datagram begins one, and goes on until it is
 * full; from 3.7 on one is kept over datagrams. Model: the socket's own and of one page, where kernels have the task's,
 * of eight pages if there are so many in a row; before 3.7 the socket has a reference on it, which kernels spare.
 * @kernel net/ipv4/ip_output.c ip_append_data (2.6.24); net/core/sock.c skb_page_frag_refill (3.7)
 */
export function pageFrag(sk: UdpSock): Page {
  const { k, sndmsgPage } = sk;
  if (sndmsgPage !== null) {
    if (k.era.pageFragRefill && sndmsgPage.count === 1) sk.sndmsgOff = 0; // nobody else has it
    const least = k.era.pageFragRefill ? PAGE_FRAG_MIN : 1;
    if (sk.sndmsgOff + least <= PAGE_SIZE) return sndmsgPage;
    dropCorkPage(sk);
  }
  const page = allocPage(k);
  sk.sndmsgPage = page;
  sk.sndmsgOff = 0;
  return page;
}

/** The socket's own page is not appended to any more. */
export function dropCorkPage(sk: UdpSock): void {
  if (sk.sndmsgPage !== null) putPage(sk.k, sk.sndmsgPage);
  sk.sndmsgPage = null;
}

/** Gives up the pending datagram. @kernel net/ipv4/ip_output.c ip_flush_pending_frames (2.6.24) */
export function ipFlushPendingFrames(sk: UdpSock): void {
  for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift())
    kfreeSkb(sk.k, skb);
  sk.corkLength = 0;
}
