// Bytes that are copied into a datagram: to the linear part of a packet when it is made, behind that to a page of the
// socket's own.
import { expectNoMemory } from '../../errors.ts';
import { Cost } from '../../ledger.ts';
import { PAGE_SIZE, copyToPage, getPage } from '../../mm/page_alloc.ts';
import { skbZcopyDowngradeManaged } from '../core/managed_frag.ts';
import { skbCanCoalesce, skbPut } from '../core/skb_alloc.ts';
import { Checksum, fragAt, type SkBuff } from '../core/skbuff.ts';
import {
  dropCorkPage,
  grow,
  maxFragLen,
  maxLastLen,
  nextPacket,
  pageFrag,
  roomIn,
  sumPart,
} from './ip_cork.ts';
import { Errno, UDP_HEADER, type UdpSock } from './udp_sock.ts';

/**
 * Adds `size` bytes at `address`, copied, to the pending datagram, or starts one, with room for the UDP header; `more`
 * (MSG_MORE) may follow, and `lent` bytes come by reference in the same call. 0, or an error; what was added before
 * the error stays until the caller flushes it.
 * @kernel net/ipv4/ip_output.c ip_append_data (2.6.24, 4.4); net/ipv6/ip6_output.c ip6_append_data (5.10, 7.2)
 */
export function ipAppendData(
  sk: UdpSock,
  address: number,
  size: number,
  more: boolean,
  lent = 0,
): number {
  const { k, device } = sk;
  const { netHeaderLen, lengthMax } = sk.af;
  const header = sk.writeQueue.first === null ? UDP_HEADER : 0;
  if (header > 0) {
    sk.corkLength = 0;
    if (!k.era.pageFragRefill) dropCorkPage(sk); // each datagram begins one
  }
  let length = size + header;
  if (sk.corkLength + length > lengthMax) return Errno.EMSGSIZE;
  const hardware =
    header > 0 &&
    length + lent + netHeaderLen <= device.mtu &&
    device.features.csum &&
    !(more && k.era.corkSumsNow);
  sk.corkLength += length;
  try {
    let from = address;
    if (header > 0) {
      const first = startPacket(sk, from, payloadOf(sk, length), more);
      if (hardware) first.ipSummed = Checksum.PARTIAL;
      const copied = first.len - netHeaderLen - header;
      from += copied;
      length -= copied + header;
    }
    while (length > 0) {
      const skb = sk.writeQueue.last!;
      const room = Math.min(length, roomIn(sk, skb, length));
      if (room <= 0) {
        const gap = skb.len - maxFragLen(sk);
        const copied = payloadOf(sk, length + gap) - gap;
        putBytes(sk, nextPacket(sk, copied, more), from, copied);
        from += copied;
        length -= copied;
        continue;
      }
      const copied = device.features.sg
        ? appendBytes(sk, skb, from, room)
        : putBytes(sk, skb, from, room);
      if (copied === 0) {
        sk.corkLength -= length;
        return Errno.EMSGSIZE;
      }
      from += copied;
      length -= copied;
    }
    return 0;
  } catch (error) {
    expectNoMemory(error);
    return Errno.ENOBUFS;
  }
}

/** How many of `length` bytes go into one packet: all of them if they can, else a multiple of eight. */
function payloadOf(sk: UdpSock, length: number): number {
  const { netHeaderLen } = sk.af;
  return length <= maxLastLen(sk) - netHeaderLen ? length : maxFragLen(sk) - netHeaderLen;
}

/** The first packet: a place for the UDP header and as much of the bytes as `length` says. */
function startPacket(sk: UdpSock, address: number, length: number, more: boolean): SkBuff {
  const skb = nextPacket(sk, length, more);
  skbPut(skb, UDP_HEADER);
  skb.headers += UDP_HEADER;
  putBytes(sk, skb, address, length - UDP_HEADER);
  return skb;
}

/** Copies to the linear part of `skb`. Returns the bytes. */
function putBytes(sk: UdpSock, skb: SkBuff, address: number, size: number): number {
  const { k } = sk;
  const offset = skb.len;
  const at = skbPut(skb, size);
  k.copyBytes(at, address, size);
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += size;
  sumPart(k, skb, offset, at, size);
  sk.writeSeq = (sk.writeSeq + size) | 0;
  return size;
}

/** Copies behind what `skb` has already: to a page of the socket's own. Returns the bytes that fitted there, 0: no slot is left. */
function appendBytes(sk: UdpSock, skb: SkBuff, address: number, size: number): number {
  const { k } = sk;
  const page = pageFrag(sk);
  skbZcopyDowngradeManaged(k, skb);
  const n = Math.min(size, PAGE_SIZE - sk.sndmsgOff);
  const { nrFrags } = skb.shinfo;
  const last = nrFrags > 0 ? fragAt(skb.shinfo, nrFrags - 1) : null;
  const goesOn = last !== null && last.loan === null && skbCanCoalesce(skb, page, sk.sndmsgOff);
  if (!goesOn && nrFrags >= k.era.maxSkbFrags) return 0;
  copyToPage(k, page, sk.sndmsgOff, address, n);
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += n;
  if (goesOn) {
    last.size += n;
  } else {
    getPage(k, page);
    k.fillPageDesc(skb, page, sk.sndmsgOff, n);
  }
  sumPart(k, skb, skb.len, page.address + sk.sndmsgOff, n);
  sk.sndmsgOff += n;
  grow(sk, skb, n);
  return n;
}
