// The data buffer that a driver allocates to receive one frame, and the kmalloc cache that it comes from.
import type { Structs } from './ctype.ts';
import type { LayoutEra } from './eras.ts';
import { CACHE_LINE, layoutOfStruct } from './layout.ts';

const PAGE_SIZE = 4096;
/** Ethernet header, one VLAN tag and the frame check sequence, as e1000e makes room for them. */
const FRAME = 14 + 4 + 4;
/** kmalloc caches of SLUB on x86-64. @kernel mm/slub.c (2.6.24 to 3.8) */
const KMALLOC = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192];

export interface ReceiveBuffer {
  readonly mtu: number;
  /** What is asked of the allocator. */
  readonly bytes: number;
  /** Headroom, frame and what rounding adds. */
  readonly data: number;
  /** The shared info with what rounding adds. */
  readonly shinfo: number;
  /** What the allocator takes for it: a kmalloc cache, or whole pages. */
  readonly sizeClass: number;
  /** For a caller that may not sleep the buffer is cut from a chunk of pages, `bytes` long. */
  readonly pageFrag: boolean;
}

/** SKB_DATA_ALIGN */
export function skbDataAlign(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}

/** Bytes that the shared info takes in a buffer. */
export function shinfoBytes(era: LayoutEra, structs: Structs): number {
  const { bytes } = layoutOfStruct('skb_shared_info', structs);
  return era.shinfoAligned ? skbDataAlign(bytes) : bytes;
}

/** netdev_alloc_skb for one frame. @kernel net/core/skbuff.c __netdev_alloc_skb, __alloc_skb */
export function receiveBuffer(era: LayoutEra, structs: Structs, mtu: number): ReceiveBuffer {
  const data = skbDataAlign(mtu + FRAME + era.netIpAlign + era.netSkbPad);
  const shinfo = shinfoBytes(era, structs);
  const bytes = data + shinfo;
  return {
    mtu,
    bytes,
    data,
    shinfo,
    sizeClass: kmallocSize(bytes, era.kmallocMax),
    pageFrag: era.pageFrags && bytes <= PAGE_SIZE,
  };
}

/** Bytes that kmalloc sets aside for a request; above `max`, whole pages by powers of two. */
export function kmallocSize(bytes: number, max: number): number {
  const cache = KMALLOC.find((size) => size >= bytes && size <= max);
  if (cache !== undefined) return cache;
  let pages = PAGE_SIZE;
  while (pages < bytes) pages *= 2;
  return pages;
}
