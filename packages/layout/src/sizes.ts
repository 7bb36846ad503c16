// What the ledger takes structs for: a design's fields in the structs of a kernel.
import { PLAIN_STRUCTS, type Design, type StructSizes } from '@lastref/kernel';
import { withAdded } from './added.ts';
import { receiveBuffer, shinfoBytes } from './buffer.ts';
import { addedTo, layoutEra } from './eras.ts';
import type { Structs } from './ctype.ts';
import { layoutOfStruct } from './layout.ts';

const MTU = 1500;
const known = new WeakMap<Design, Map<string, StructSizes>>();

/**
 * Sizes of the structs of `era` with what `design` adds, computed once for each. Throws LayoutError where a field of the
 * design has no place there.
 */
export function structSizes(design: Design, era: string): StructSizes {
  let eras = known.get(design);
  if (eras === undefined) known.set(design, (eras = new Map()));
  let sizes = eras.get(era);
  if (sizes === undefined) eras.set(era, (sizes = sizesIn(design, era)));
  return sizes;
}

function sizesIn({ adds }: Design, id: string): StructSizes {
  const found = layoutEra(id);
  if (found === undefined) return PLAIN_STRUCTS;
  const { era } = found;
  const structs = withAdded(era.structs, addedTo(era, adds));
  // cut from a chunk of pages (3.8 on), a buffer takes its own size and no class more
  const received = receiveBuffer(era, era.pageFrags ? era.structs : structs, MTU);
  return {
    skBuff: layoutOfStruct('sk_buff', structs).bytes,
    shinfo: shinfoBytes(era, structs),
    frag: perEntry(era.structs, structs),
    receive: received.sizeClass,
  };
}

/** Bytes of the shared info that go with an entry of frags[]: the entry itself, and its part of an array that a design keeps beside them. */
function perEntry(before: Structs, structs: Structs): number {
  const plain = layoutOfStruct('skb_shared_info', before);
  const { bytes } = layoutOfStruct('skb_frag_t', before);
  const entries = plain.fields.find((f) => f.name === 'frags')!.bytes / bytes;
  const growth = layoutOfStruct('skb_shared_info', structs).bytes - plain.bytes;
  return bytes + 8 * Math.floor(growth / (8 * entries));
}
