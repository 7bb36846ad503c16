// What a kernel developer would pay, counted exactly. Goal: the same run gives the same counts on any
// machine. Non-goal: time; packages/report turns counts into nanoseconds with published coefficients.
import { declareState } from './state.ts';

/** Which traffic pays. A side is an offset into the counters, so that counting is one array write. */
export const COUNTERS = 30;
export const Side = {
  /** A socket whose producer lends pages. */
  LENT: 0,
  /** A socket that lends nothing. */
  ORDINARY: COUNTERS,
  /** The other host. */
  PEER: 2 * COUNTERS,
} as const;
export type Side = (typeof Side)[keyof typeof Side];

/** One counter each. Size classes follow kmalloc: KMALLOC + n is the class of 512 << n bytes. */
export const Cost = {
  /** Locked operations on page counts, dataref, users and fclone_ref. */
  ATOMIC_REF: 0,
  /** Locked operations that only the design makes. */
  ATOMIC_DESIGN: 1,
  ALLOC_SKB: 2,
  ALLOC_PAGE: 3,
  /** Bytes copied by the processor (not by a device). */
  COPIED_BYTES: 4,
  /** Copies of payload bytes only: what zero-copy is meant to save. */
  COPIED_PAYLOAD: 5,
  /** 64-byte lines of buffer metadata read or written. */
  CACHE_LINES: 6,
  /** Calls through a function pointer (destructors, completions). */
  INDIRECT_CALLS: 7,
  /** Bytes summed by software checksums. */
  CHECKSUM_BYTES: 8,
  /** Data segments handed to a device or a local receiver. */
  SEGMENTS: 9,
  COMPLETIONS: 10,
  /** By the class of a data area with its shared info, as large as design and kernel make it. */
  KMALLOC: 11,
  /** Of the cache lines, those of sk_buff, shared info and frags: no locked operation carries them. */
  STRUCT_LINES: 21,
  /** Of the locked operations, those on a count that the other processor of the host touched last. */
  AWAY_REF: 22,
  AWAY_DESIGN: 23,
  /** Entries of a list, table or queue of the design's that it looked at: a line each. */
  LOOKED: 24,
  /** Objects that the design allocated. */
  ALLOC_DESIGN: 25,
  /** Page references taken and dropped: a locked operation and a line each. `totals` adds them where they belong. */
  PAGE_REF: 26,
  /** The same of a design's own references. */
  DESIGN_REF: 27,
  /** Page references on a count that the other processor touched last. */
  PAGE_REF_AWAY: 28,
  DESIGN_REF_AWAY: 29,
} as const;
export type Cost = (typeof Cost)[keyof typeof Cost];

/** kmalloc size classes that the model uses: 512 B to 256 KiB. */
export const KMALLOC_CLASSES = 10;
export const KMALLOC_MIN_SHIFT = 9;
/** Of the largest block that there is, 4 MiB. Model: beyond the last counter blocks are charged to it. @kernel include/linux/slab.h KMALLOC_MAX_SIZE (5.10) */
export const KMALLOC_MAX_CLASS = 22 - KMALLOC_MIN_SHIFT;

/** Names of the counters in reports, by index. */
export const COST_NAMES: readonly string[] = [
  'atomicsRef',
  'atomicsDesign',
  'allocSkb',
  'allocPage',
  'copiedBytes',
  'copiedPayloadBytes',
  'cacheLines',
  'indirectCalls',
  'checksumBytes',
  'segments',
  'completions',
  ...Array.from({ length: KMALLOC_CLASSES }, (_, n) => `kmalloc${512 << n}`),
  'structLines',
  'atomicsRefAway',
  'atomicsDesignAway',
  'looked',
  'allocDesign',
];

/** Bytes of the kernel's structs with what a design adds to them. The ledger alone goes by it: packets of the machine have one geometry. */
export interface StructSizes {
  readonly skBuff: number;
  /** As it takes place behind a data area. */
  readonly shinfo: number;
  readonly frag: number;
  /** What a driver's buffer for one frame takes from the allocator. */
  readonly receive: number;
}

/** Those of 3.8, nothing added. */
export const PLAIN_STRUCTS: StructSizes = { skBuff: 248, shinfo: 320, frag: 16, receive: 2048 };

/** 64-byte lines that `bytes` bytes of metadata occupy. */
export function lines(bytes: number): number {
  return (bytes + 63) >> 6;
}

/** The counters of all sides. Float64: bytes copied in a long run pass 2^31. */
export class Ledger {
  readonly counts = new Float64Array(3 * COUNTERS);

  /** The counters with every reference charged as what it is; sides as in `counts`. */
  totals(): Float64Array {
    const out = this.counts.slice();
    for (const side of Object.values(Side)) {
      const pages = out[side + Cost.PAGE_REF]! + out[side + Cost.PAGE_REF_AWAY]!;
      const designs = out[side + Cost.DESIGN_REF]! + out[side + Cost.DESIGN_REF_AWAY]!;
      out[side + Cost.ATOMIC_REF]! += pages;
      out[side + Cost.AWAY_REF]! += out[side + Cost.PAGE_REF_AWAY]!;
      out[side + Cost.ATOMIC_DESIGN]! += designs;
      out[side + Cost.AWAY_DESIGN]! += out[side + Cost.DESIGN_REF_AWAY]!;
      out[side + Cost.CACHE_LINES]! +=
        pages + designs + out[side + Cost.STRUCT_LINES]! + out[side + Cost.LOOKED]!;
      out.fill(0, side + Cost.PAGE_REF, side + COUNTERS);
    }
    return out;
  }

  /** One side's counters by name. */
  side(side: Side): Record<string, number> {
    const totals = this.totals();
    return Object.fromEntries(COST_NAMES.map((name, i) => [name, totals[side + i]!]));
  }
}

declareState(Ledger, { count: 'counts' });
