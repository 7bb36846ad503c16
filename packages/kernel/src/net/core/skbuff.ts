// sk_buff, skb_shared_info and their life: allocation, reference counts, release.
// Model: a data buffer and the shared info at its end are one object, as nothing here depends on the address.
import { KernelBug, SeamMisuse } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost, KMALLOC_MIN_SHIFT, lines } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import { POISON_PAGE, type Page } from '../../mm/page_alloc.ts';
import type { Sock } from './sock.ts';

/** Slots in every shared info; an era may allow fewer. @kernel include/linux/skbuff.h MAX_SKB_FRAGS */
export const MAX_SKB_FRAGS = 18;
/** Bytes of skb_shared_info on x86-64, behind every data area. */
export const SHINFO_BYTES = 320;
export const SK_BUFF_BYTES = 232;
const FRAG_BYTES = 16;

/** One payload-only reference: t in the low half, p in the high half. */
export const DATAREF_SHIFT = 16;
export const PAYLOAD_REF = (1 << DATAREF_SHIFT) + 1;

/** skb->fclone. @kernel include/linux/skbuff.h SKB_FCLONE_* */
export const Fclone = { UNAVAILABLE: 0, ORIG: 1, CLONE: 2 } as const;

/** skb->destructor. A number in place of a function pointer, so that a state is plain data. */
export const Destructor = {
  NONE: 0,
  /** charged to the socket's send memory */
  SOCK_WFREE: 1,
  /** charged to the socket's receive memory */
  SOCK_RFREE: 2,
  /** put there by a design */
  DESIGN: 3,
} as const;

/** skb->ip_summed */
export const Checksum = { NONE: 0, UNNECESSARY: 1, PARTIAL: 3 } as const;

/** skb_frag_t */
export class SkbFrag {
  page: Page = POISON_PAGE;
  pageOffset = 0;
  size = 0;
  /** The design's slot, next to the page pointer: travels with every copy of the entry. */
  loan: Loan | null = null;
}

/** Copies one entry as `frags[i] = frags[j]` does. */
export function copyFrag(to: SkbFrag, from: SkbFrag): void {
  to.page = from.page;
  to.pageOffset = from.pageOffset;
  to.size = from.size;
  to.loan = from.loan;
}

/** A data area of `1 << (9 + cls)` bytes at `head`, and struct skb_shared_info behind it. */
export class SkbSharedInfo {
  slot = 0;
  gen = 0;
  live = false;
  head = 0;
  cls = 0;
  /** First byte behind the data area. */
  end = 0;
  /** skb_shared_info.dataref: (t, p) in two halves. */
  dataref = 0;
  nrFrags = 0;
  readonly frags: SkbFrag[] = Array.from({ length: MAX_SKB_FRAGS }, () => new SkbFrag());
  fragList: SkBuff | null = null;
  gsoSize = 0;
  gsoSegs = 0;
  /** The design's slot: an owner record of the data. */
  loan: Loan | null = null;
}

/** struct sk_buff. Positions are offsets into the machine's memory. */
export class SkBuff {
  slot = 0;
  gen = 0;
  live = false;
  next: SkBuff | null = null;
  prev: SkBuff | null = null;
  sk: Sock | null = null;
  shinfo: SkbSharedInfo = POISON_SHINFO;
  users = 0;
  /** Bytes in all, and of them in frags and frag_list. */
  len = 0;
  dataLen = 0;
  data = 0;
  tail = 0;
  truesize = 0;
  cloned = 0;
  nohdr = 0;
  hdrLen = 0;
  fclone: number = Fclone.UNAVAILABLE;
  /** fclone_ref, counted on the original. */
  fcloneRef = 0;
  /** The other half of a fast-clone pair. */
  pair: SkBuff | null = null;
  destructor: number = Destructor.NONE;
  ipSummed: number = Checksum.NONE;
  /** The design's slot: an owner record of this sk_buff alone. Not copied by a clone. */
  loan: Loan | null = null;
  /** The design's slot in skb->cb: copied by a clone, overwritten by the next layer. */
  cb: Loan | null = null;
  /** Bytes of protocol headers now at `data`, in front of the payload. */
  headers = 0;
  /** Which stream the payload belongs to (a number that the machine gave to the sender), 0: none. */
  flow = 0;
  /** TCP_SKB_CB: first stream byte of the payload, and one past the last sequence number used. */
  seq = 0;
  endSeq = 0;
  tcpFlags = 0;
  sacked = 0;
  /** Packets that this skb counts for in TCP's accounts. */
  pcount = 1;
  /** When it was sent last, in ticks. */
  when = 0;
}

const POISON_SHINFO: SkbSharedInfo = Object.assign(new SkbSharedInfo(), { slot: -1 });

/** `skb_shinfo(skb)->frags[i]`. */
export function fragAt(shinfo: SkbSharedInfo, i: number): SkbFrag {
  const frag = shinfo.frags[i];
  if (frag === undefined) throw new KernelBug(`frag ${i} of shinfo#${shinfo.slot}`);
  return frag;
}

/** Users of the whole data. @kernel include/linux/skbuff.h skb_cloned */
export function skbCloned(skb: SkBuff): boolean {
  return skb.cloned !== 0 && (skb.shinfo.dataref & 0xffff) !== 1;
}

/** Users of the header. @kernel include/linux/skbuff.h skb_header_cloned */
export function skbHeaderCloned(skb: SkBuff): boolean {
  const { dataref } = skb.shinfo;
  return skb.cloned !== 0 && (dataref & 0xffff) - (dataref >>> DATAREF_SHIFT) !== 1;
}

/** Bytes in the linear area. @kernel include/linux/skbuff.h skb_headlen */
export function skbHeadlen(skb: SkBuff): number {
  return skb.len - skb.dataLen;
}

export function skbHeadroom(skb: SkBuff): number {
  return skb.data - skb.shinfo.head;
}

export function skbTailroom(skb: SkBuff): number {
  return skb.dataLen !== 0 ? 0 : skb.shinfo.end - skb.tail;
}

/** Stream position of the first byte in frags. */
export function fragSeq(skb: SkBuff): number {
  return (skb.seq + skbHeadlen(skb) - skb.headers) | 0;
}

/** kmalloc class of a data area of `size` bytes with its shared info. */
export function headClass(size: number): number {
  const bytes = ((size + 63) & ~63) + SHINFO_BYTES;
  return Math.max(0, 32 - Math.clz32(bytes - 1) - KMALLOC_MIN_SHIFT);
}

/** A data area with room for `size` bytes; dataref is (1,0), frags are not cleared. */
export function allocShinfo(k: Kernel, size: number): SkbSharedInfo {
  k.mayFail();
  const cls = headClass(size);
  const shinfo = k.shinfos.alloc();
  shinfo.cls = cls;
  shinfo.head = k.kmalloc(cls);
  shinfo.end = shinfo.head + (1 << (cls + KMALLOC_MIN_SHIFT)) - SHINFO_BYTES;
  shinfo.dataref = 1;
  shinfo.nrFrags = 0;
  shinfo.fragList = null;
  shinfo.gsoSize = 0;
  shinfo.gsoSegs = 0;
  shinfo.loan = null;
  k.cost[k.side + Cost.CACHE_LINES]!++;
  return shinfo;
}

/** Frees head and shared info without looking at frags. */
export function freeHead(k: Kernel, shinfo: SkbSharedInfo): void {
  k.releases++;
  k.kfree(shinfo.head, shinfo.cls);
  k.shinfos.free(shinfo);
}

/** Fields that a fresh or cloned sk_buff starts with. */
function initSkb(skb: SkBuff): void {
  skb.next = null;
  skb.prev = null;
  skb.sk = null;
  skb.users = 1;
  skb.len = 0;
  skb.dataLen = 0;
  skb.cloned = 0;
  skb.nohdr = 0;
  skb.hdrLen = 0;
  skb.destructor = Destructor.NONE;
  skb.ipSummed = Checksum.NONE;
  skb.loan = null;
  skb.cb = null;
  skb.headers = 0;
  skb.flow = 0;
  skb.seq = 0;
  skb.endSeq = 0;
  skb.tcpFlags = 0;
  skb.sacked = 0;
  skb.pcount = 1;
  skb.when = 0;
}

/**
 * An sk_buff with a data area of at least `size` bytes.
 * @kernel net/core/skbuff.c __alloc_skb (2.6.24)
 */
export function allocSkb(k: Kernel, size: number, fclone: boolean): SkBuff {
  k.mayFail();
  const shinfo = allocShinfo(k, size);
  k.cost[k.side + Cost.ALLOC_SKB]!++;
  k.cost[k.side + Cost.CACHE_LINES]! += lines(SK_BUFF_BYTES);
  const skb = fclone ? k.fclones.alloc() : k.skbs.alloc();
  initSkb(skb);
  skb.shinfo = shinfo;
  skb.data = shinfo.head;
  skb.tail = shinfo.head;
  skb.truesize = shinfo.end - shinfo.head + SK_BUFF_BYTES + SHINFO_BYTES;
  if (fclone) {
    skb.fclone = Fclone.ORIG;
    skb.fcloneRef = 1;
    skb.pair!.fclone = Fclone.UNAVAILABLE;
    skb.pair!.slot = skb.slot + 1;
  } else {
    skb.fclone = Fclone.UNAVAILABLE;
  }
  return skb;
}

/** An sk_buff struct without data, from the pair's free half or the head cache. */
export function allocCloneStruct(k: Kernel, skb: SkBuff): SkBuff {
  k.cost[k.side + Cost.CACHE_LINES]! += 2 * lines(SK_BUFF_BYTES);
  if (skb.fclone === Fclone.ORIG && skb.pair!.fclone === Fclone.UNAVAILABLE) {
    const child = skb.pair!;
    child.fclone = Fclone.CLONE;
    skb.fcloneRef++;
    k.cost[k.side + Cost.ATOMIC_REF]!++;
    initSkb(child);
    child.live = true;
    return child;
  }
  k.mayFail();
  k.cost[k.side + Cost.ALLOC_SKB]!++;
  const n = k.skbs.alloc();
  initSkb(n);
  n.fclone = Fclone.UNAVAILABLE;
  return n;
}

/** The fields that a copy of any kind takes over. @kernel net/core/skbuff.c __copy_skb_header */
export function copySkbHeader(n: SkBuff, skb: SkBuff): void {
  n.ipSummed = skb.ipSummed;
  n.cb = skb.cb;
  n.headers = skb.headers;
  n.flow = skb.flow;
  n.seq = skb.seq;
  n.endSeq = skb.endSeq;
  n.tcpFlags = skb.tcpFlags;
  n.sacked = skb.sacked;
  n.pcount = skb.pcount;
  n.when = skb.when;
}

export function skbReserve(skb: SkBuff, bytes: number): void {
  skb.data += bytes;
  skb.tail += bytes;
}

/** Room for `bytes` at the tail; returns where they go. @kernel net/core/skbuff.c skb_put */
export function skbPut(skb: SkBuff, bytes: number): number {
  const at = skb.tail;
  skb.tail += bytes;
  skb.len += bytes;
  if (skb.tail > skb.shinfo.end) {
    throw new KernelBug(`skb_put of ${bytes} on skb#${skb.slot} passes the end of its data area`);
  }
  return at;
}

/** A header of `bytes` in front. @kernel net/core/skbuff.c skb_push */
export function skbPush(skb: SkBuff, bytes: number): number {
  skb.data -= bytes;
  skb.len += bytes;
  skb.headers += bytes;
  if (skb.data < skb.shinfo.head) {
    throw new KernelBug(
      `skb_push of ${bytes} on skb#${skb.slot} passes the start of its data area`,
    );
  }
  return skb.data;
}

/** Takes `bytes` of header off the front. @kernel include/linux/skbuff.h __skb_pull */
export function skbPull(skb: SkBuff, bytes: number): void {
  if (bytes > skbHeadlen(skb)) {
    throw new KernelBug(`skb_pull of ${bytes} on skb#${skb.slot}, linear part ${skbHeadlen(skb)}`);
  }
  skb.data += bytes;
  skb.len -= bytes;
  skb.headers = Math.max(0, skb.headers - bytes);
}

/** The payload will not be looked at through this header: dataref += (0,1). */
export function skbHeaderRelease(k: Kernel, skb: SkBuff): void {
  skb.nohdr = 1;
  skb.shinfo.dataref += 1 << DATAREF_SHIFT;
  k.cost[k.side + Cost.ATOMIC_REF]!++;
}

/** @kernel include/linux/skbuff.h skb_get */
export function skbGet(k: Kernel, skb: SkBuff): SkBuff {
  skb.users++;
  k.cost[k.side + Cost.ATOMIC_REF]!++;
  return skb;
}

/** May bytes at (`page`, `pageOffset`) go on in the last entry? @kernel include/linux/skbuff.h skb_can_coalesce */
export function skbCanCoalesce(skb: SkBuff, page: Page, pageOffset: number): boolean {
  const shinfo = skb.shinfo;
  if (shinfo.nrFrags === 0) return false;
  const frag = fragAt(shinfo, shinfo.nrFrags - 1);
  return frag.page === page && frag.pageOffset + frag.size === pageOffset;
}

/** @kernel net/core/skbuff.c kfree_skb */
export function kfreeSkb(k: Kernel, skb: SkBuff): void {
  if (skb.users !== 1) {
    k.cost[k.side + Cost.ATOMIC_REF]!++;
    if (--skb.users > 0) return;
    if (skb.users < 0) throw new KernelBug(`kfree_skb on skb#${skb.slot}: users ${skb.users}`);
  }
  kfreeSkbNow(k, skb);
}

/** Frees without looking at users. @kernel net/core/skbuff.c __kfree_skb */
export function kfreeSkbNow(k: Kernel, skb: SkBuff): void {
  if (!skb.live) throw new KernelBug(`skb#${skb.slot} is freed twice`);
  skbReleaseHeadState(k, skb);
  skbReleaseData(k, skb);
  kfreeSkbmem(k, skb);
}

/** Runs the destructor: before the data is dropped, and without looking at dataref. */
function skbReleaseHeadState(k: Kernel, skb: SkBuff): void {
  if (skb.destructor !== Destructor.NONE) runDestructor(k, skb);
  if (skb.cb !== null) k.lifetime.cbFound(skb);
}

/** `skb->destructor(skb)`, then none. */
function runDestructor(k: Kernel, skb: SkBuff): void {
  k.cost[k.side + Cost.INDIRECT_CALLS]!++;
  const sk = skb.sk;
  if (sk !== null) {
    if (skb.destructor === Destructor.SOCK_WFREE) {
      sk.wmemAlloc -= skb.truesize;
      k.cost[k.side + Cost.ATOMIC_REF]!++;
    } else if (skb.destructor === Destructor.SOCK_RFREE) {
      sk.rmemAlloc -= skb.truesize;
      k.cost[k.side + Cost.ATOMIC_REF]!++;
    }
  }
  k.lifetime.skbDestructor(skb);
  skb.destructor = Destructor.NONE;
}

/** Runs the destructor now and leaves the socket. @kernel include/linux/skbuff.h skb_orphan */
export function skbOrphan(k: Kernel, skb: SkBuff): void {
  if (skb.destructor !== Destructor.NONE) runDestructor(k, skb);
  skb.sk = null;
}

/** Charges `skb` to the send memory of `sk`. @kernel include/net/sock.h skb_set_owner_w */
export function skbSetOwnerW(k: Kernel, skb: SkBuff, sk: Sock): void {
  if (k.era.setOwnerOrphans) skbOrphan(k, skb);
  skb.sk = sk;
  skb.destructor = Destructor.SOCK_WFREE;
  sk.wmemAlloc += skb.truesize;
  k.cost[k.side + Cost.ATOMIC_REF]!++;
}

/** Charges `skb` to the receive memory of `sk`. @kernel include/net/sock.h skb_set_owner_r */
export function skbSetOwnerR(k: Kernel, skb: SkBuff, sk: Sock): void {
  skbOrphan(k, skb);
  skb.sk = sk;
  skb.destructor = Destructor.SOCK_RFREE;
  sk.rmemAlloc += skb.truesize;
  k.cost[k.side + Cost.ATOMIC_REF]!++;
}

/**
 * Drops this skb's reference on its data: (1,1) with nohdr, else (1,0); no atomic when never cloned.
 * @kernel net/core/skbuff.c skb_release_data (2.6.24)
 */
export function skbReleaseData(k: Kernel, skb: SkBuff): void {
  const shinfo = skb.shinfo;
  skb.shinfo = POISON_SHINFO;
  if (skb.cloned !== 0 && datarefSub(k, shinfo, skb.nohdr !== 0 ? PAYLOAD_REF : 1) !== 0) return;
  shinfoFree(k, shinfo);
}

/** atomic_sub_return on dataref. */
export function datarefSub(k: Kernel, shinfo: SkbSharedInfo, weight: number): number {
  k.cost[k.side + Cost.ATOMIC_REF]!++;
  k.cost[k.side + Cost.CACHE_LINES]!++;
  shinfo.dataref -= weight;
  if (shinfo.dataref < 0) {
    throw new KernelBug(
      `dataref of shinfo#${shinfo.slot} would become ${shinfo.dataref} (it is ${shinfo.dataref + weight}, a release drops ${weight})`,
    );
  }
  return shinfo.dataref;
}

/**
 * The data is gone: frag pages, frag_list, then whatever a design chained behind it, in a loop.
 * Order as in 2.6.24 to 3.18: pages first, owner record second.
 */
function shinfoFree(k: Kernel, first: SkbSharedInfo): void {
  let shinfo: SkbSharedInfo = first;
  for (;;) {
    putFrags(k, shinfo);
    if (shinfo.fragList !== null) dropFragList(k, shinfo);
    const orig = k.lifetime.dataFree(shinfo);
    freeHead(k, shinfo);
    if (orig === null) return;
    if (!orig.live) throw new SeamMisuse(`dataFree returned shinfo#${orig.slot}, which is free`);
    if (datarefSub(k, orig, PAYLOAD_REF) !== 0) return;
    shinfo = orig;
  }
}

/** A reference on each frag of `shinfo`. */
export function refFrags(k: Kernel, shinfo: SkbSharedInfo): void {
  const { lifetime } = k;
  for (let i = 0; i < shinfo.nrFrags; i++) lifetime.fragRef(shinfo, shinfo.frags[i]!);
}

/** Drops every frag of `shinfo`. */
export function putFrags(k: Kernel, shinfo: SkbSharedInfo): void {
  const { lifetime } = k;
  const { frags, nrFrags } = shinfo;
  for (let i = 0; i < nrFrags; i++) lifetime.fragUnref(shinfo, frags[i]!);
  if (nrFrags !== 0) k.cost[k.side + Cost.CACHE_LINES]! += lines(nrFrags * FRAG_BYTES);
  shinfo.nrFrags = 0;
}

/** @kernel net/core/skbuff.c skb_drop_fraglist */
export function dropFragList(k: Kernel, shinfo: SkbSharedInfo): void {
  let member = shinfo.fragList;
  shinfo.fragList = null;
  while (member !== null) {
    const { next } = member;
    member.next = null;
    kfreeSkb(k, member);
    member = next;
  }
}

/** One more holder of every member. @kernel net/core/skbuff.c skb_clone_fraglist */
export function cloneFragList(k: Kernel, shinfo: SkbSharedInfo): void {
  for (let member = shinfo.fragList; member !== null; member = member.next) skbGet(k, member);
}

/** Copies frag entries 0..n of `from`, uncounted as metadata lines. */
export function copyFragArray(k: Kernel, to: SkbSharedInfo, from: SkbSharedInfo): void {
  for (let i = 0; i < from.nrFrags; i++) copyFrag(to.frags[i]!, from.frags[i]!);
  to.nrFrags = from.nrFrags;
  k.cost[k.side + Cost.CACHE_LINES]! += 2 * lines(from.nrFrags * FRAG_BYTES);
}

/** Returns the sk_buff struct; of a pair, memory goes back when both halves are gone. */
function kfreeSkbmem(k: Kernel, skb: SkBuff): void {
  k.releases++;
  if (skb.fclone === Fclone.UNAVAILABLE) {
    k.skbs.free(skb);
    return;
  }
  const orig = skb.fclone === Fclone.ORIG ? skb : skb.pair!;
  skb.live = false;
  if (skb !== orig) {
    skb.fclone = Fclone.UNAVAILABLE; // the slot may be reused before fclone_ref is dropped
    skb.gen++;
  }
  k.cost[k.side + Cost.ATOMIC_REF]!++;
  if (--orig.fcloneRef === 0) {
    orig.live = true; // the pair's memory goes back with its last half
    k.fclones.free(orig);
  }
}
