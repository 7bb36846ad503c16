// The model's side of the table on which a script is played: slots with sk_buffs, pages whose owner has one
// reference, and ubuf_infos. Goal: the same numbers for the same things as guest/lastref_lab.c, under the designs as
// they ship. Non-goal: sockets and devices, which have stories and stages of their own.
import {
  CHANGES,
  Kernel,
  NoProbe,
  PAGE_SIZE,
  PageHome,
  allocPage,
  getPage,
  kfreeSkb,
  putPage,
  skbCloned,
  skbHeadlen,
  type Design,
  type Era,
  type Loan,
  type Notification,
  type Page,
  SkBuff,
  type InetFrags,
  type UdpSock,
  dropCorkPage,
  udpFlushPendingFrames,
} from '@lastref/kernel';
import { design as zerocopyDesign, MsgZerocopy } from '@lastref/strategies/msg-zerocopy';
import { design as poolDesign } from '@lastref/strategies/page-pool';
import { design as plainDesign } from '@lastref/strategies/naive-sendpage';
import { design as markerDesign } from '@lastref/strategies/shared-frag-marker';
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
  marker: markerDesign,
  pool: poolDesign,
};

/** Nothing happened: the operation does not apply here. Both arms decide it by the same rules. */
export const SKIP = -1000;

const patterns = new Map<number, Uint8Array>();

/** The bytes of a page that is written with `seed`, the same on both arms. */
function pageOf(seed: number): Uint8Array {
  let bytes = patterns.get(seed);
  if (bytes === undefined) {
    bytes = Uint8Array.from({ length: PAGE_SIZE }, (_, i) => seed * 37 + i * 11 + (i >> 8));
    patterns.set(seed, bytes);
  }
  return bytes;
}

/** Notes which pages leave their pool. */
class Leavers extends NoProbe {
  private readonly pages: Set<Page>;

  constructor(pages: Set<Page>) {
    super();
    this.pages = pages;
  }

  override pageDisowned(page: Page): void {
    this.pages.add(page);
  }
}

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
  /** The pages are of a page pool. */
  readonly pooled: boolean;
  /** A loan for each page: the owner's reference of the pool's kind. */
  private readonly poolLoans: Loan[] = [];
  /** Pages that have left their pool. What the pool gets in the place of one is not looked at. */
  private readonly out = new Set<Page>();
  private readonly zerocopy: MsgZerocopy | null;
  /** Nobody's packet: where free memory points to. */
  private readonly stray = new SkBuff();
  /** Whose datagram is put together, if one is (operations/corking.ts). */
  udp: UdpSock | null = null;
  /** Where fragments wait for the rest of their datagram (operations/fragmenting.ts). */
  frags: InetFrags | null = null;
  frags6: InetFrags | null = null;
  private over = false;

  constructor(era: Era, seam: Seam) {
    this.seam = seam;
    this.pooled = seam === 'pool' && era.changes.has(CHANGES.poolCountsReferences);
    const design = seam === 'pool' && !this.pooled ? plainDesign : DESIGNS[seam];
    this.k = new Kernel(design, era, new Leavers(this.out), FRAMES, spare);
    spare = undefined;
    const { lifetime } = this.k;
    this.zerocopy = lifetime instanceof MsgZerocopy ? lifetime : null;
    for (let p = 0; p < PAGES; p++) {
      const page = allocPage(this.k);
      if (this.pooled) {
        page.home = PageHome.POOL;
        this.poolLoans.push(this.k.newLoan(1, p));
      } else {
        getPage(this.k, page); // kept to the end, so that its count can be looked at; not shown
      }
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
    this.k.mem.set(pageOf(seed), this.pages[p]!.address);
  }

  releasePage(p: number): void {
    this.pageOwned[p] = false;
    const page = this.pages[p]!;
    if (!this.pooled) putPage(this.k, page);
    else if (page.loan !== null) this.k.release(this.poolLoans[p]!);
    else this.returnUnlent(page);
  }

  /** A page that was never lent as one of the pool: others may have plain references on it. */
  private returnUnlent(page: Page): void {
    this.k.poolTake(page);
    this.k.poolPut(page);
  }

  /** The owner puts part of page `p` of its pool in. */
  lendPooled(skb: SkBuff, p: number, offset: number, size: number): void {
    this.k.lifetime.lend(skb, this.pages[p]!, offset, size, this.poolLoans[p]!);
  }

  /** As a reference count of the pool's kind and one of the other kind; at home it has one of each. */
  pooledText(p: number): string {
    const page = this.pages[p]!;
    return this.out.has(page) ? 'out' : `${Math.max(1, page.ppRefs)}/${page.count}`;
  }

  /** `p3` for one of the eight, null for any other: one that has left its pool may be anybody's. */
  nameOf(page: Page): string | null {
    const p = this.pages.indexOf(page);
    return p < 0 || this.out.has(page) ? null : `p${p}`;
  }

  /** Ranges of send calls on the error queue of the producer. */
  get notifications(): readonly Notification[] {
    return this.k.zerocopyQueues[0]?.pending ?? [];
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

  /**
   * Free objects are filled with what no new one may have: what is not set again at birth shows. A kernel's caches
   * hand out memory with anything in it.
   */
  poison(): void {
    const { skbs, fclones, shinfos } = this.k;
    skbs.forEachFree(poisonSkb);
    fclones.forEachFree((skb) => {
      poisonSkb(skb);
      poisonSkb(skb.pair!);
    });
    shinfos.forEachFree((shinfo) => {
      shinfo.cls = POISON;
      shinfo.headPage = this.pages[0]!;
      shinfo.gsoSize = POISON;
      shinfo.dataref = POISON;
      shinfo.nrFrags = 2;
      shinfo.loan = this.ubufs[0]!;
      shinfo.fragList = this.stray;
      for (const frag of shinfo.frags.slice(0, 3)) {
        frag.size = POISON;
        frag.pageOffset = POISON;
      }
    });
  }

  /** Structs that nobody has freed although everybody has let go, or null. Running kernels have none, as far as is known. */
  leftovers(): string | null {
    if (!this.over) return null;
    const { skbs, fclones, shinfos, pages, headBytes } = this.k;
    const own = this.pages.filter((page) => page.live).length;
    const left = [skbs.used, fclones.used, shinfos.used, pages.used - own, headBytes];
    return left.some((n) => n !== 0) ? left.join(',') : null;
  }

  /** Everybody lets go. */
  finish(): void {
    if (this.udp !== null) {
      udpFlushPendingFrames(this.udp);
      dropCorkPage(this.udp);
    }
    for (let s = 0; s < SLOTS; s++) while (this.slots[s] !== null) this.free(s);
    for (let u = 0; u < UBUFS; u++) if (this.ubufOwned[u]) this.releaseUbuf(u);
    for (let p = 0; p < PAGES; p++) if (this.pageOwned[p]) this.releasePage(p);
    this.over = true;
  }

  /** The next desk may have this one's memory: fresh memory for every script costs more than all that it does. */
  clear(): void {
    spare = this.k.mem;
  }
}

/** A number that no script leads to. */
const POISON = 24_301;

/** What a cache hands out may have anything in it; `pair`, `slot` and `gen` are the cache's own. */
function poisonSkb(skb: SkBuff): void {
  skb.next = skb;
  skb.users = POISON;
  skb.len = POISON;
  skb.dataLen = POISON;
  skb.cloned = 1;
  skb.nohdr = 1;
  skb.hdrLen = POISON;
  skb.ppRecycle = 1;
  skb.fclone = POISON;
  skb.fcloneRef = POISON;
  skb.headers = POISON;
}

/** Bytes of `skb` in frags and frag_list members of its own. */
export function paged(skb: SkBuff): number {
  return skb.len - skbHeadlen(skb);
}
