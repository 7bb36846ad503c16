// The IPv4 header as bytes, for whoever forwards, fragments or queues a packet without looking further.
import { checksumAdd, checksumFold } from '../../lib/checksum.ts';
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
