// What the structs of each kernel say by themselves, with no design in them.
import {
  LAYOUT_ERAS,
  flatten,
  kmallocSize,
  layoutOfStruct,
  receiveBuffer,
  skbDataAlign,
  withAdded,
} from '@lastref/layout';
import type { Lab } from './index.ts';

const MTU = 1500;

export interface EntryOf {
  readonly kernel: string;
  /** Fields of skb_frag_t, inner ones with their path. */
  readonly fields: readonly string[];
}

/** An entry of frags[], kernel by kernel. */
export const entryLab: Lab<readonly EntryOf[]> = () =>
  LAYOUT_ERAS.map(({ id, structs }) => ({
    kernel: id,
    fields: flatten(layoutOfStruct('skb_frag_t', structs)).map((f) => f.path),
  }));

export interface RoomIn {
  readonly kernel: string;
  readonly bytes: number;
  /** With one pointer more, at its end. */
  readonly bytesWith: number;
  /** What its slab takes for each, without and with. */
  readonly object: number;
  readonly objectWith: number;
  /** The same of the pairs, one to be the other's clone, that TCP takes. */
  readonly pair: number;
  readonly pairWith: number;
}

/** A pair and its count. @kernel net/core/skbuff.c skb_init, skbuff_fclone_cache (2.6.24) */
const pairOf = (bytes: number): number => skbDataAlign(2 * bytes + 4);

/** Is there room for a pointer in sk_buff? */
export const roomLab: Lab<readonly RoomIn[]> = () =>
  LAYOUT_ERAS.map(({ id, structs }) => {
    const added = withAdded(structs, [{ struct: 'sk_buff', name: 'private', type: 'pointer' }]);
    const { bytes } = layoutOfStruct('sk_buff', structs);
    const { bytes: bytesWith } = layoutOfStruct('sk_buff', added);
    return {
      kernel: id,
      bytes,
      bytesWith,
      object: skbDataAlign(bytes), // SLAB_HWCACHE_ALIGN
      objectWith: skbDataAlign(bytesWith),
      pair: pairOf(bytes),
      pairWith: pairOf(bytesWith),
    };
  });

export interface PlacedIn {
  readonly kernel: string;
  /** The cache that a received frame's buffer comes from, with the shared info behind the data and before it. */
  readonly behind: number;
  readonly before: number;
}

/** The buffer of a received frame with the shared info where it is, and with it ahead of the head. */
export const aheadLab: Lab<readonly PlacedIn[]> = () =>
  LAYOUT_ERAS.map((era) => {
    const { data, sizeClass } = receiveBuffer(era, era.structs, MTU);
    const shinfo = layoutOfStruct('skb_shared_info', era.structs).bytes;
    // what a device writes to begins on a cache line of its own
    const before = kmallocSize(skbDataAlign(shinfo) + data, era.kmallocMax);
    return { kernel: era.id, behind: sizeClass, before };
  });
