// The model's side of the table on which a script is played: slots with sk_buffs, pages whose owner has one
// reference, and ubuf_infos. Goal: the same numbers for the same things as guest/lastref_lab.c, under the designs as
// they ship. Non-goal: sockets and devices, which have stories and stages of their own.
import {
  Kernel,
  NoProbe,
  PAGE_SIZE,
  allocPage,
  getPage,
  kfreeSkb,
  putPage,
  skbCloned,
  skbHeadlen,
  type Design,
  type Era,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { design as zerocopyDesign, MsgZerocopy } from '@lastref/strategies/msg-zerocopy';
import { design as plainDesign } from '@lastref/strategies/naive-sendpage';
import { markerSites } from '@lastref/strategies/lib/marker';
import { design as markerDesign, SharedFragMarker } from '@lastref/strategies/shared-frag-marker';
import type { Seam } from './script.ts';

export const SLOTS = 10;
export const PAGES = 8;
export const UBUFS = 4;
/** The eight pages, and what copies of them a script of some forty operations asks for. */
const FRAMES = 192;

const DESIGNS: Readonly<Record<Seam, Design>> = {
  plain: plainDesign,
  zc: zerocopyDesign,
  // the helpers of the kernel that is played, not those of 2026
  marker: { ...markerDesign, create: (k) => new SharedFragMarker(k, markerSites(k.era)) },
};

/** Nothing happened: the operation does not apply here. Both arms decide it by the same rules. */
export const SKIP = -1000;

let spare: Uint8Array | undefined;

export class Desk {
  readonly k: Kernel;
  readonly seam: Seam;
  readonly slots: (SkBuff | null)[] = Array.from({ length: SLOTS }, () => null);
  readonly pages: Page[] = [];
  readonly pageOwned: boolean[] = [];
  /** One loan stands for each ubuf_info: its holders are the ubuf_info's count. */
  readonly ubufs: Loan[] = [];
  readonly ubufOwned: boolean[] = [];
  private readonly zerocopy: MsgZerocopy | null;

  constructor(era: Era, seam: Seam) {
    this.seam = seam;
    this.k = new Kernel(DESIGNS[seam], era, new NoProbe(), FRAMES, spare);
    spare = undefined;
    const { lifetime } = this.k;
    this.zerocopy = lifetime instanceof MsgZerocopy ? lifetime : null;
    for (let p = 0; p < PAGES; p++) {
      const page = allocPage(this.k);
      getPage(this.k, page); // kept to the end, so that its count can be looked at; not shown
      this.pages.push(page);
      this.pageOwned.push(true);
      this.fillPage(p, p);
    }
    for (let u = 0; u < UBUFS; u++) {
      this.ubufs.push(this.k.newLoan(0, u));
      this.ubufOwned.push(true);
    }
  }

  at(slot: number): SkBuff | null {
    return this.slots[slot] ?? null;
  }

  empty(slot: number): boolean {
    return slot >= 0 && slot < SLOTS && this.slots[slot] === null;
  }

  /** The sk_buff there, if nobody else holds it. */
  single(slot: number): SkBuff | null {
    const skb = this.at(slot);
    return skb !== null && skb.users === 1 ? skb : null;
  }

  /** As `single`, with data of its own and no frag_list. */
  sole(slot: number): SkBuff | null {
    const skb = this.single(slot);
    return skb !== null && !skbCloned(skb) && skb.shinfo.fragList === null ? skb : null;
  }

  rangeOk(p: number, offset: number, size: number): boolean {
    return (
      p >= 0 &&
      p < PAGES &&
      this.pageOwned[p] === true &&
      offset >= 0 &&
      size > 0 &&
      offset + size <= PAGE_SIZE
    );
  }

  cloned(skb: SkBuff): boolean {
    return skbCloned(skb);
  }

  freeSlots(): number {
    return this.slots.filter((s) => s === null).length;
  }

  put(slot: number, skb: SkBuff): number {
    this.slots[slot] = skb;
    return 0;
  }

  /** uarg->refcnt. A design that counts no loans leaves the owner's own reference alone. */
  ubufCount(u: number): number {
    return this.zerocopy === null ? Number(this.ubufOwned[u]) : this.ubufs[u]!.refs;
  }

  copied(u: number): boolean {
    return this.zerocopy?.copied(this.ubufs[u]!) ?? false;
  }

  /** Bytes of a head, the same on both arms. */
  fill(address: number, size: number, seed: number): void {
    const { mem } = this.k;
    for (let i = 0; i < size; i++) mem[address + i] = seed * 29 + i * 7 + (i >> 4);
  }

  fillPage(p: number, seed: number): void {
    const { mem } = this.k;
    const { address } = this.pages[p]!;
    for (let i = 0; i < PAGE_SIZE; i++) mem[address + i] = seed * 37 + i * 11 + (i >> 8);
  }

  releasePage(p: number): void {
    this.pageOwned[p] = false;
    putPage(this.k, this.pages[p]!);
  }

  releaseUbuf(u: number): void {
    this.ubufOwned[u] = false;
    this.k.release(this.ubufs[u]!);
  }

  free(slot: number): void {
    const skb = this.slots[slot]!;
    if (skb.users === 1) this.slots[slot] = null;
    kfreeSkb(this.k, skb);
  }

  /** Everybody lets go. */
  finish(): void {
    for (let s = 0; s < SLOTS; s++) while (this.slots[s] !== null) this.free(s);
    for (let u = 0; u < UBUFS; u++) if (this.ubufOwned[u]) this.releaseUbuf(u);
    for (let p = 0; p < PAGES; p++) if (this.pageOwned[p]) this.releasePage(p);
  }

  /** The next desk may have this one's memory: fresh memory for every script costs more than all that it does. */
  clear(): void {
    spare = this.k.mem;
  }
}

/** Bytes of `skb` in frags and frag_list members of its own. */
export function paged(skb: SkBuff): number {
  return skb.len - skbHeadlen(skb);
}
