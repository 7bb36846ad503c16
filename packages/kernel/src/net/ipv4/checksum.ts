// The checksum of TCP and UDP over a packet: pseudo header, linear part, frags, frag_list.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { checksumAdd, checksumFold, csumBlockAdd, partialFold } from '../../lib/checksum.ts';
import { mustBeReadable } from '../core/netmem.ts';
import { skbHasSharedFrag } from '../core/shared_frag.ts';
import { skbLinearize } from '../core/skb_pull.ts';
import { skbHeadlen, type SkBuff } from '../core/skbuff.ts';
import { IPPROTO_UDP, IP_HEADER, get16, get32, ipProtocol, put16 } from './ip_header.ts';

/** Where the field stands behind the IP header. */
const TCP_CHECK = 16;
const UDP_CHECK = 6;

function checkAt(mem: Uint8Array, at: number): number {
  return at + IP_HEADER + (ipProtocol(mem, at) === IPPROTO_UDP ? UDP_CHECK : TCP_CHECK);
}

/**
 * Partial sum of the pseudo header of a packet with `size` bytes behind its IP header; also of IPv6, whose addresses have
 * zeros in front. @kernel lib/checksum.c csum_tcpudp_nofold; net/ipv6/ip6_checksum.c csum_ipv6_magic
 */
export function pseudoSum(saddr: number, daddr: number, protocol: number, size: number): number {
  return (saddr >>> 16) + (saddr & 0xffff) + (daddr >>> 16) + (daddr & 0xffff) + protocol + size;
}

/**
 * Computes the checksum of a linear or paged packet in software and stores it. From 3.9 on a packet whose pages somebody
 * may change is made linear first: the sum is one of bytes that stay. Throws NoMemory, and the packet is as it was.
 * @kernel net/core/dev.c skb_checksum_help (3.6, 3.15, 7.2)
 */
export function checksumHelp(k: Kernel, skb: SkBuff): void {
  const { mem } = k;
  mustBeReadable(k, skb, 'skb_checksum_help');
  if (k.era.lendersMark && skbHasSharedFrag(k, skb)) skbLinearize(k, skb);
  const at = skb.data;
  const field = checkAt(mem, at);
  put16(mem, field, 0);
  put16(mem, field, checksumFold(packetSum(mem, skb)));
  k.cost[k.side + Cost.CHECKSUM_BYTES]! += skb.len - IP_HEADER;
}

/** Does the packet's checksum fit its bytes? A field of 0 means that a device computed it on the fly. */
export function checksumValid(k: Kernel, skb: SkBuff): boolean {
  const { mem } = k;
  if (get16(mem, checkAt(mem, skb.data)) === 0) return true;
  k.cost[k.side + Cost.CHECKSUM_BYTES]! += skb.len - IP_HEADER;
  return checksumFold(packetSum(mem, skb)) === 0;
}

function packetSum(mem: Uint8Array, skb: SkBuff): number {
  const at = skb.data;
  const sum = pseudoSum(
    get32(mem, at + 12),
    get32(mem, at + 16),
    ipProtocol(mem, at),
    skb.len - IP_HEADER,
  );
  return sum + skbChecksum(mem, skb, IP_HEADER);
}

/** Partial sum of all bytes of `skb` from `offset`, which is in its linear part. @kernel net/core/skbuff.c skb_checksum */
export function skbChecksum(mem: Uint8Array, skb: SkBuff, offset: number): number {
  const linear = skbHeadlen(skb) - offset;
  let sum = partialFold(checksumAdd(mem, skb.data + offset, linear, 0));
  let at = linear;
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const frag = skb.shinfo.frags[i]!;
    const address = frag.page.address + frag.pageOffset;
    sum = csumBlockAdd(sum, partialFold(checksumAdd(mem, address, frag.size, 0)), at);
    at += frag.size;
  }
  for (let member = skb.shinfo.fragList; member !== null; member = member.next) {
    sum = csumBlockAdd(sum, skbChecksum(mem, member, 0), at);
    at += member.len;
  }
  return sum;
}
