// Packets made by hand whose pages are their own.
import { allocSkb, skbPut, skbReserve, type Kernel, type SkBuff } from '../src/index.ts';
import { newPage } from './machine.ts';

/** `linear` bytes that tell packets apart, and a page of its own for each of `sizes`. */
export function packet(k: Kernel, linear: number, ...sizes: number[]): SkBuff {
  const skb = allocSkb(k, 64 + linear, false);
  skbReserve(skb, 64);
  const at = skbPut(skb, linear);
  for (let i = 0; i < linear; i++) k.mem[at + i] = skb.slot * 13 + i * 5 + 1;
  for (const size of sizes) {
    k.fillPageDesc(skb, newPage(k), 0, size); // the page's one reference is the packet's
    skb.len += size;
    skb.dataLen += size;
  }
  return skb;
}
