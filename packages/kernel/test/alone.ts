// Packets made by hand, and what a helper is charged: for tests of each helper of net/core by itself.
import { beforeEach } from 'vitest';
import {
  allocSkb,
  getPage,
  skbPut,
  skbReserve,
  type Kernel,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { bareKernel, newPage } from './machine.ts';

/** The machine of the test that runs, and pages of it. */
export let k: Kernel;
export let pages: Page[];

/** From here on it is this one. */
export function on(machine: Kernel): void {
  k = machine;
  pages = Array.from({ length: 20 }, () => newPage(k));
}

/** Each test of a file has its own. */
export function alone(): void {
  beforeEach(() => on(bareKernel({ era: '3.8' })));
}

export type Frag = readonly [page: number, offset: number, size: number];

/** A packet of 40 bytes of headers, `linear` of payload and these parts of pages; nobody else has it. */
export function packet(linear: number, ...frags: Frag[]): SkBuff {
  const skb = allocSkb(k, 64 + 40 + linear, false);
  skbReserve(skb, 64);
  const at = skbPut(skb, 40 + linear);
  for (let i = 0; i < 40 + linear; i++) k.mem[at + i] = skb.slot * 13 + i * 5 + 1;
  skb.headers = 40;
  skb.seq = 1000;
  add(skb, ...frags);
  skb.endSeq = 1000 + skb.len - 40;
  return skb;
}

/** A packet of pages alone, as the receive path joins them. */
export function paged(...frags: Frag[]): SkBuff {
  const skb = allocSkb(k, 64, false);
  add(skb, ...frags);
  return skb;
}

export function add(skb: SkBuff, ...frags: Frag[]): void {
  for (const [n, offset, size] of frags) {
    getPage(k, pages[n]!);
    k.fillPageDesc(skb, pages[n]!, offset, size);
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }
}

export const many = (n: number): Frag[] => Array.from({ length: n }, (_, i) => [i, 0, 100]);
/** Entries that do not go on in one another. */
export const fragsOf = ({ shinfo }: SkBuff): Frag[] =>
  shinfo.frags
    .slice(0, shinfo.nrFrags)
    .map(({ page, pageOffset, size }) => [pages.indexOf(page), pageOffset, size]);

/** What `act` adds to the ledger, by name; without zeros. */
export function charged(act: () => void): Record<string, number> {
  const before = k.ledger.side(k.side);
  act();
  const after = k.ledger.side(k.side);
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, n]) =>
      n === before[name] ? [] : [[name, n - before[name]!]],
    ),
  );
}

/** Truesize of a packet is that of its head and struct, and every byte in pages. */
export const HEAD = (skb: SkBuff): number => skb.shinfo.end - skb.shinfo.head + 232 + 320;
