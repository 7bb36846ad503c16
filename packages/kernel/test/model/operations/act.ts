// What an act is, whom it is done to, and what somebody may do then.
import {
  fragAt,
  skbCanCoalesce,
  skbCloned,
  skbHeadlen,
  type Kernel,
  type SkBuff,
} from '../../../src/index.ts';
import type { Naive, NaiveFrag } from '../naive.ts';
import { type Held, MANY, type World } from '../world.ts';

/** One act: an operation and four numbers, of which it takes what it needs. */
export interface Act {
  readonly op: string;
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
  /** Which allocation fails, counted from here; 0: none. */
  readonly fail: number;
}

/** Does its work and answers true, or finds that it does not apply. */
export type Operation = (w: World, act: Act) => boolean;

export const HEADROOM = 96;

// --- who it is done to ---

export function held(w: World, n: number): Held | null {
  return w.held.length === 0 ? null : w.held[n % w.held.length]!;
}

/** Held once: its content may be changed, where the operation un-shares the data itself. */
export function single(w: World, n: number): Held | null {
  const h = held(w, n);
  return h !== null && h.refs === 1 ? h : null;
}

/** Sole owner of its data, without packets behind it. */
export function sole(w: World, n: number): Held | null {
  const h = single(w, n);
  return h !== null && !skbCloned(h.skb) && h.skb.shinfo.fragList === null ? h : null;
}

export function room(w: World, skb: SkBuff): boolean {
  return skb.shinfo.nrFrags < w.k.era.maxSkbFrags;
}

// --- bytes ---

/** Bytes that no other act of the run writes. */
export function fill(k: Kernel, at: number, size: number, seed: number): Buffer {
  for (let i = 0; i < size; i++) k.mem[at + i] = seed * 29 + i * 7 + (i >> 4);
  return Buffer.from(k.mem.subarray(at, at + size));
}

/** Somebody writes in place, as he may after the operation that went before. */
export function scribble(w: World, h: Held, n: number): void {
  const { skb, naive } = h;
  const headlen = skbHeadlen(skb);
  if (headlen === 0) return;
  const at = n % headlen;
  const byte = (n * 31 + 7) & 0xff;
  w.k.mem[skb.data + at] = byte;
  pulled(w, h, 0);
  naive.linear[at] = byte;
}

/** `count` bytes more are linear; where a design has made linear what it liked, as many as are now. */
export function pulled(w: World, { skb, naive }: Held, count: number): void {
  naive.pull(Math.max(0, w.shapes ? count : skbHeadlen(skb) - naive.linear.length));
}

/** The entries of `skb` under the names of the pages that it has now. */
export function renamed(skb: SkBuff, frags: readonly NaiveFrag[]): NaiveFrag[] {
  return frags.map((f, i) => ({ ...f, page: fragAt(skb.shinfo, i).page }));
}

/** A new packet, made of another one. */
export function made(
  w: World,
  n: number,
  make: (h: Held) => SkBuff,
  like: (naive: Naive) => Naive,
): boolean {
  const h = held(w, n);
  if (h === null || w.held.length >= MANY) return false;
  w.add(make(h), like(h.naive));
  return true;
}

/** The first `count` bytes of the pages. */
export function front(naive: Naive, count: number): NaiveFrag[] {
  const copy = naive.copy();
  copy.trim(count);
  return copy.frags;
}

/** Puts a range of an owned page in, as sendpage does: beside the last entry where it may, else in one of its own. */
export function lend(w: World, h: Held, { b, x, y }: Act): boolean {
  const { k } = w;
  const { skb, naive } = h;
  const last = naive.frags.at(-1);
  let entry = w.entry(b, x, y);
  const own = last === undefined ? null : w.ownerOf(last.page);
  if (own !== null && x % 3 === 0 && last!.offset + last!.bytes.length < 3000) {
    const offset = last!.offset + last!.bytes.length;
    entry = { page: own.page, offset, bytes: own.bytes.subarray(offset, offset + 1 + (y % 700)) };
  }
  const owner = w.ownerOf(entry.page);
  if (owner === null || !w.mayLend(owner) || !room(w, skb)) return false;
  owner.lent = true;
  const loan = k.newLoan(0, 0);
  w.loans.push(loan);
  if (k.lifetime.canAppend(skb, loan)) {
    const { page, offset, bytes } = entry;
    const merge =
      skbCanCoalesce(skb, page, offset) &&
      k.lifetime.mayMerge(fragAt(skb.shinfo, skb.shinfo.nrFrags - 1), loan);
    if (merge) {
      const frag = fragAt(skb.shinfo, skb.shinfo.nrFrags - 1);
      frag.size += bytes.length;
      k.lifetime.merged(skb, frag, bytes.length, loan);
    } else k.lifetime.lend(skb, page, offset, bytes.length, loan);
    skb.len += bytes.length;
    skb.dataLen += bytes.length;
    skb.truesize += bytes.length;
    naive.append([entry], merge);
  }
  k.lifetime.returned(loan);
  k.release(loan);
  return true;
}
