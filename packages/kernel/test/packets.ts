// Packets made by hand, without a socket.
import {
  Cost,
  allocSkb,
  getPage,
  skbHeaderRelease,
  skbPut,
  skbReserve,
  type Kernel,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { P, bareKernel, contents, newPage } from './machine.ts';

/** A packet of `linear` bytes and a frag for each (page, offset, size), as TCP builds them. */
export function packet(k: Kernel, linear: number, ...frags: [Page, number, number][]): SkBuff {
  const skb = allocSkb(k, 64 + linear, true);
  skbReserve(skb, 64);
  const at = skbPut(skb, linear);
  for (let i = 0; i < linear; i++) k.mem[at + i] = skb.slot * 13 + i * 5 + 1;
  for (const [page, offset, size] of frags) {
    getPage(k, page);
    k.fillPageDesc(skb, page, offset, size);
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }
  skbHeaderRelease(k, skb);
  return skb;
}

/** Three pages, and a packet of 100 linear bytes and the first 1000 of each. */
export function threePages(era: string) {
  const k = bareKernel({ era });
  const pages = [newPage(k), newPage(k), newPage(k)] as const;
  const [a, b, c] = pages;
  const skb = packet(k, 100, [a, 0, 1000], [b, 0, 1000], [c, 0, 1000]);
  return { k, pages, skb, bytes: contents(k, skb), refs: () => pages.map(P) };
}

/** Locked operations on reference counts during `operation`. */
export function atomics(k: Kernel, operation: () => void): number {
  const before = k.ledger.totals()[k.side + Cost.ATOMIC_REF]!;
  operation();
  return k.ledger.totals()[k.side + Cost.ATOMIC_REF]! - before;
}
