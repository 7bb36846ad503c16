// What an operation of the script language is: how its numbers are drawn, what they do to the model, and which rows of
// the registry of operations it stands for.
import { skbHeadlen, type Era, type SkBuff } from '@lastref/kernel';
import type { Prng } from '@lastref/workloads';
import { PAGES, SKIP, SLOTS, UBUFS, type Desk } from '../desk.ts';

export interface Operation {
  /** As the script says it. */
  readonly name: string;
  /** What its numbers are, in order. */
  readonly args: readonly string[];
  /** Rows of the registry of operations that it plays. */
  readonly plays: readonly string[];
  /** How often it is drawn, beside others. */
  readonly weight: number;
  /** Releases whose kernels lack it; without it: none. */
  readonly lacks?: (era: Era) => boolean;
  /** Numbers that may apply now, or null. */
  draw(desk: Desk, random: Prng): number[] | null;
  /** Does it on the model; the kernel's answer as a number, or SKIP. */
  play(desk: Desk, ...args: number[]): number;
}

/** A slot with an sk_buff that `wanted` accepts, or null. */
export function pickSlot(
  desk: Desk,
  random: Prng,
  wanted: (skb: SkBuff, slot: number) => boolean = () => true,
): number | null {
  const slots: number[] = [];
  desk.slots.forEach((skb, slot) => {
    if (skb !== null && wanted(skb, slot)) slots.push(slot);
  });
  return slots.length === 0 ? null : slots[random.below(slots.length)]!;
}

/** A slot with an sk_buff that nobody else holds, or null. */
export function pickSingle(
  desk: Desk,
  random: Prng,
  wanted: (skb: SkBuff, slot: number) => boolean = () => true,
): number | null {
  return pickSlot(desk, random, (skb, slot) => skb.users === 1 && wanted(skb, slot));
}

/** The first empty slot, or null. */
export function emptySlot(desk: Desk): number | null {
  const slot = desk.slots.indexOf(null);
  return slot < 0 ? null : slot;
}

/** Two different slots with sk_buffs that nobody else holds, or null. */
export function pickPair(
  desk: Desk,
  random: Prng,
  wanted: (skb: SkBuff, slot: number) => boolean = () => true,
): [number, number] | null {
  const a = pickSingle(desk, random, wanted);
  if (a === null) return null;
  const b = pickSingle(desk, random, (skb, slot) => slot !== a && wanted(skb, slot));
  return b === null ? null : [a, b];
}

/** A page whose owner still has it, or null. */
export function pickPage(desk: Desk, random: Prng): number | null {
  const first = random.below(PAGES);
  for (let i = 0; i < PAGES; i++) {
    const p = (first + i) % PAGES;
    if (desk.pageOwned[p]) return p;
  }
  return null;
}

export function pickUbuf(desk: Desk, random: Prng): number | null {
  const first = random.below(UBUFS);
  for (let i = 0; i < UBUFS; i++) {
    const u = (first + i) % UBUFS;
    if (desk.ubufOwned[u]) return u;
  }
  return null;
}

/**
 * A place in a packet of `skb.len` bytes: mostly at a border (of the linear part, of an entry) or one byte beside it,
 * else anywhere. At least 1.
 */
export function pickCut(skb: SkBuff, random: Prng, max = skb.len): number {
  const borders = [1, skbHeadlen(skb), skb.len];
  let at = skbHeadlen(skb);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    at += skb.shinfo.frags[i]!.size;
    borders.push(at);
  }
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) {
    borders.push(at + skbHeadlen(m));
    at += m.len;
    borders.push(at);
  }
  const cut =
    random.below(2) === 0
      ? borders[random.below(borders.length)]! + random.below(3) - 1
      : 1 + random.below(Math.max(1, max));
  return Math.min(Math.max(1, cut), Math.max(1, max));
}

/** As many bytes as fit exactly behind those of some packet, or one more or less; or any number. */
function pickSize(desk: Desk, random: Prng, max: number): number {
  const slot = random.below(2) === 0 ? pickSlot(desk, random) : null;
  if (slot === null) return 1 + random.below(max);
  const { shinfo, tail } = desk.at(slot)!;
  return Math.min(max, Math.max(1, shinfo.end - tail + random.below(3) - 1));
}

/** Exactly `fit` or one beside it, in one of three cases; else null. */
export function pickBeside(random: Prng, fit: number, min: number, max: number): number | null {
  if (random.below(3) !== 0 || min > max) return null;
  return Math.min(max, Math.max(min, fit + random.below(3) - 1));
}

/** Part of a page: often what continues the last entry of `skb`, often a whole page, else anything. */
export function pickRange(
  desk: Desk,
  random: Prng,
  skb: SkBuff | null,
): [page: number, offset: number, size: number] | null {
  const p = pickPage(desk, random);
  if (p === null) return null;
  const shinfo = skb?.shinfo;
  const kind = random.below(8);
  if (kind < 2 && shinfo !== undefined && shinfo.nrFrags > 0) {
    const last = shinfo.frags[shinfo.nrFrags - 1]!;
    const owned = desk.pages.indexOf(last.page);
    const offset = last.pageOffset + last.size;
    if (owned >= 0 && desk.pageOwned[owned] && offset < 4096)
      return [owned, offset, 1 + random.below(Math.min(LARGE, 4096 - offset))];
  }
  if (kind === 2) return [p, 0, 4096];
  const offset = random.below(8) * 512;
  const size = kind < 6 ? 1 + random.below(200) : pickSize(desk, random, LARGE);
  return [p, offset, Math.min(size, 4096 - offset)];
}

/** Most entries are small: every byte is looked at after every step. */
const LARGE = 1200;

export function isSlot(slot: number): boolean {
  return slot >= 0 && slot < SLOTS;
}

/** Nobody else holds the packet, and it is made private in one way or another. */
export function privately(
  name: string,
  plays: readonly string[],
  weight: number,
  apply: (desk: Desk, skb: SkBuff) => void,
): Operation {
  return {
    name,
    args: ['slot'],
    plays,
    weight,
    draw: (desk, random) => {
      const slot = pickSingle(desk, random);
      return slot === null ? null : [slot];
    },
    play: (desk, slot) => {
      const skb = desk.single(slot);
      if (skb === null) return SKIP;
      apply(desk, skb);
      return 0;
    },
  };
}
