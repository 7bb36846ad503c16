// The IPv4 header as bytes, for whoever forwards, fragments or queues a packet without looking further.
import { checksumAdd, checksumFold } from '../../lib/checksum.ts';
import type { AfOps } from '../af_ops.ts';
import type { SkBuff } from '../core/skbuff.ts';

export const IP_HEADER = 20;
export const INADDR_BROADCAST = 0xffffffff;
/** An address that no packet has: what was asked had no IP header. */
export const INADDR_NONE = -1;

export function put16(mem: Uint8Array, at: number, v: number): void {
  mem[at] = v >>> 8;
  mem[at + 1] = v;
}

export function put32(mem: Uint8Array, at: number, v: number): void {
  mem[at] = v >>> 24;
  mem[at + 1] = v >>> 16;
  mem[at + 2] = v >>> 8;
  mem[at + 3] = v;
}

export function get16(mem: Uint8Array, at: number): number {
  return (mem[at]! << 8) | mem[at + 1]!;
}

export function get32(mem: Uint8Array, at: number): number {
  return (mem[at]! << 24) | (mem[at + 1]! << 16) | (mem[at + 2]! << 8) | mem[at + 3]!;
}

/** Sum of the header at `at`, to be stored in it; 0 when it is right. */
export function ipChecksum(mem: Uint8Array, at: number): number {
  return checksumFold(checksumAdd(mem, at, IP_HEADER, 0));
}

/** Destination of the packet, unsigned. @kernel include/linux/ip.h struct iphdr */
export function ipDaddr(mem: Uint8Array, skb: SkBuff): number {
  return skb.headers < IP_HEADER ? INADDR_NONE : get32(mem, skb.data + 16) >>> 0;
}

export function ipSaddr(mem: Uint8Array, skb: SkBuff): number {
  return skb.headers < IP_HEADER ? INADDR_NONE : get32(mem, skb.data + 12) >>> 0;
}

export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
/** frag_off: more fragments follow; the offset in units of eight bytes. @kernel include/net/ip.h */
export const IP_MF = 0x2000;
export const IP_OFFSET = 0x1fff;

export function ipProtocol(mem: Uint8Array, at: number): number {
  return mem[at + 9]!;
}

/** The field frag_off of the header at `at`. */
export function ipFragOff(mem: Uint8Array, at: number): number {
  return get16(mem, at + 6);
}

/** The id of the packet at `at`. */
export function ipId(mem: Uint8Array, at: number): number {
  return get16(mem, at + 4);
}

/** A header without options in front of `payload` bytes. @kernel net/ipv4/ip_output.c ip_push_pending_frames */
export function writeIpHeader(
  mem: Uint8Array,
  at: number,
  payload: number,
  id: number,
  protocol: number,
  saddr: number,
  daddr: number,
): void {
  mem[at] = 0x45;
  mem[at + 1] = 0;
  put16(mem, at + 2, IP_HEADER + payload);
  put16(mem, at + 4, id);
  put16(mem, at + 6, 0);
  mem[at + 8] = 64;
  mem[at + 9] = protocol;
  put32(mem, at + 12, saddr);
  put32(mem, at + 16, daddr);
  ipSendCheck(mem, at);
}

/** Makes the header at `at` that of a fragment with `payload` bytes at `offset`. */
export function fixFragmentHeader(
  mem: Uint8Array,
  at: number,
  payload: number,
  offset: number,
  more: boolean,
): void {
  put16(mem, at + 2, IP_HEADER + payload);
  put16(mem, at + 6, (offset >> 3) | (more ? IP_MF : 0));
  ipSendCheck(mem, at);
}

/** @kernel net/ipv4/ip_output.c ip_send_check */
function ipSendCheck(mem: Uint8Array, at: number): void {
  put16(mem, at + 10, 0);
  put16(mem, at + 10, ipChecksum(mem, at));
}

/** @kernel net/ipv4/tcp_ipv4.c ipv4_specific; the 15 bytes: net/ipv4/ip_output.c ip_append_data */
export const ipv4Specific: AfOps = {
  netHeaderLen: IP_HEADER,
  fragHeaderLen: 0,
  headSpare: 15,
  lengthMax: 0xffff - IP_HEADER,
  writeHeader: (k, at, payload, protocol, saddr, daddr) =>
    writeIpHeader(k.mem, at, payload, k.ipIds++ & 0xffff, protocol, saddr, daddr),
  protocolOf: ipProtocol,
  selectIdent: () => 0, // in the header already
  writeFragment: fixFragmentHeader,
};
