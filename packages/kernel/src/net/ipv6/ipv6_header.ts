// The IPv6 header and the fragment header behind it, as bytes. Model: no other extension header.
import type { AfOps } from '../af_ops.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { get16, get32, put16, put32 } from '../ipv4/ip_header.ts';

export const IPV6_HEADER = 40;
/** @kernel include/net/ipv6.h struct frag_hdr */
export const FRAG_HEADER = 8;
const NEXTHDR_FRAGMENT = 44;
/** frag_off: more fragments follow; the offset in bytes, a multiple of eight. @kernel include/net/ipv6.h */
export const IP6_MF = 1;
export const IP6_OFFSET = 0xfff8;
const [PAYLOAD_LEN, NEXTHDR, HOP_LIMIT, SADDR, DADDR] = [4, 6, 7, 8, 24] as const;

/** A header in front of `payload` bytes of `protocol`. Model: an address is its last four bytes, behind zeros. */
export function writeIpv6Header(
  mem: Uint8Array,
  at: number,
  payload: number,
  protocol: number,
  saddr: number,
  daddr: number,
): void {
  mem.fill(0, at, at + IPV6_HEADER);
  mem[at] = 0x60;
  put16(mem, at + PAYLOAD_LEN, payload);
  mem[at + NEXTHDR] = protocol;
  mem[at + HOP_LIMIT] = 64;
  put32(mem, at + SADDR + 12, saddr);
  put32(mem, at + DADDR + 12, daddr);
}

/** The header at `at` is followed by a fragment header, which says that `protocol` comes next, at `offset`. */
export function writeFragHeader(
  mem: Uint8Array,
  at: number,
  payload: number,
  offset: number,
  more: boolean,
  protocol: number,
  id: number,
): void {
  put16(mem, at + PAYLOAD_LEN, FRAG_HEADER + payload);
  mem[at + NEXTHDR] = NEXTHDR_FRAGMENT;
  const header = at + IPV6_HEADER;
  mem[header] = protocol;
  mem[header + 1] = 0;
  put16(mem, header + 2, offset | (more ? IP6_MF : 0));
  put32(mem, header + 4, id);
}

export function ipv6Nexthdr(mem: Uint8Array, at: number): number {
  return mem[at + NEXTHDR]!;
}

/** The header at `at` goes on with `protocol`, and has `payload` bytes behind it. */
export function fixIpv6Header(
  mem: Uint8Array,
  at: number,
  payload: number,
  protocol: number,
): void {
  put16(mem, at + PAYLOAD_LEN, payload);
  mem[at + NEXTHDR] = protocol;
}

/** The field frag_off of the fragment at `at`. */
export function ip6FragOff(mem: Uint8Array, at: number): number {
  return get16(mem, at + IPV6_HEADER + 2);
}

export function ip6FragId(mem: Uint8Array, at: number): number {
  return get32(mem, at + IPV6_HEADER + 4);
}

/** The protocol that the fragment header at `at` names. */
export function ip6FragNexthdr(mem: Uint8Array, at: number): number {
  return mem[at + IPV6_HEADER]!;
}

export function ip6Saddr(mem: Uint8Array, { data }: SkBuff): number {
  return get32(mem, data + SADDR + 12);
}

export function ip6Daddr(mem: Uint8Array, { data }: SkBuff): number {
  return get32(mem, data + DADDR + 12);
}

/** @kernel net/ipv6/tcp_ipv6.c ipv6_specific; the longest datagram: include/uapi/linux/ip6.h IPV6_MAXPLEN */
export const ipv6Specific: AfOps = {
  netHeaderLen: IPV6_HEADER,
  fragHeaderLen: FRAG_HEADER,
  headSpare: 0,
  lengthMax: 0xffff,
  writeHeader: (k, at, payload, protocol, saddr, daddr) =>
    writeIpv6Header(k.mem, at, payload, protocol, saddr, daddr),
  protocolOf: ipv6Nexthdr,
  selectIdent: (k) => k.ipIds++ | 0,
  writeFragment: writeFragHeader,
};
