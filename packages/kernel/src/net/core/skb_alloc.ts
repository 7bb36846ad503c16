// How sk_buffs and their data come to be, and how bytes are put in.
import { KernelBug } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost, KMALLOC_MIN_SHIFT } from '../../ledger.ts';
import type { Page } from '../../mm/page_alloc.ts';
import {
  Checksum,
  DATAREF_SHIFT,
  Destructor,
  Fclone,
  SHINFO_BYTES,
  SK_BUFF_BYTES,
  type SkBuff,
  type SkbSharedInfo,
  fragAt,
  skbHeadlen,
} from './skbuff.ts';

const { ALLOC_SKB, ATOMIC_REF, AWAY_REF, STRUCT_LINES } = Cost;

/** Data area of a head from the small heads' own cache. @kernel net/core/skbuff.c SKB_SMALL_HEAD_HEADROOM (6.3) */
const SMALL_HEAD = 320;

/** kmalloc class of a data area of `size` bytes with its shared info. */
export function headClass(k: Kernel, size: number): number {
  return classOf(areaOf(k, size) + SHINFO_BYTES);
}

/** The class that it would come from with the structs of design and kernel: what the ledger charges. */
export function chargedClass(k: Kernel, size: number): number {
  return classOf(areaOf(k, size) + k.structs.shinfo);
}

function areaOf(k: Kernel, size: number): number {
  return k.era.smallHeads && size <= SMALL_HEAD ? SMALL_HEAD : (size + 63) & ~63;
}

/** The kmalloc class that serves `bytes`. */
export function classOf(bytes: number): number {
  return Math.max(0, 32 - Math.clz32(bytes - 1) - KMALLOC_MIN_SHIFT);
}

/**
 * Bytes of the data area that a head of class `cls` has, if `size` were asked for. A small one ends early from 6.3 on.
 * Model: it is charged as the class of its size, not as a cache of its own.
 */
export function headBytes(k: Kernel, size: number, cls: number): number {
  if (k.era.smallHeads && size <= SMALL_HEAD) return SMALL_HEAD;
  return (1 << (cls + KMALLOC_MIN_SHIFT)) - SHINFO_BYTES;
}

/** Fields of a shared info in front of its frags, which are not cleared. */
export function initShinfo(shinfo: SkbSharedInfo): void {
  shinfo.dataref = 1;
  shinfo.nrFrags = 0;
  shinfo.fragList = null;
  shinfo.gsoSize = 0;
  shinfo.gsoSegs = 0;
  shinfo.marked = false;
  shinfo.lentMark = false;
  shinfo.managed = false;
  shinfo.loan = null;
}

/** A data area with room for `size` bytes, charged as one of class `charged`; dataref is (1,0), frags are not cleared. */
export function allocShinfo(
  k: Kernel,
  size: number,
  charged = chargedClass(k, size),
): SkbSharedInfo {
  k.mayFail();
  const cls = headClass(k, size);
  const head = k.kmalloc(cls, charged);
  const shinfo = k.shinfos.alloc();
  shinfo.cls = cls;
  shinfo.head = head;
  shinfo.headPage = null;
  shinfo.end = shinfo.head + headBytes(k, size, cls);
  initShinfo(shinfo);
  shinfo.cpu = k.cpu;
  k.cost[k.side + STRUCT_LINES]!++;
  return shinfo;
}

/** Frees head and shared info without looking at frags. */
export function freeHead(k: Kernel, shinfo: SkbSharedInfo): void {
  k.releases++;
  freeHeadMemory(k, shinfo);
  k.shinfos.free(shinfo);
}

/** @kernel net/core/skbuff.c skb_free_head (3.8) */
export function freeHeadMemory(k: Kernel, shinfo: SkbSharedInfo): void {
  const { headPage } = shinfo;
  shinfo.headPage = null;
  if (headPage === null) k.kfree(shinfo.head, shinfo.cls);
  else k.putPage(headPage);
}

/** Fields that a fresh, cloned or recycled sk_buff starts with. */
export function initSkb(skb: SkBuff): void {
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
  skb.csum = 0;
  skb.loan = null;
  skb.cb = null;
  skb.ppRecycle = 0;
  skb.headers = 0;
  skb.flow = 0;
  skb.seq = 0;
  skb.endSeq = 0;
  skb.tcpFlags = 0;
  skb.sacked = 0;
  skb.pcount = 1;
  skb.when = 0;
  skb.isSpent = false;
}

/**
 * An sk_buff with a data area of at least `size` bytes.
 * @kernel net/core/skbuff.c __alloc_skb (2.6.24)
 */
export function allocSkb(k: Kernel, size: number, fclone: boolean, charged?: number): SkBuff {
  k.mayFail();
  const shinfo = allocShinfo(k, size, charged);
  k.cost[k.side + ALLOC_SKB]!++;
  k.cost[k.side + STRUCT_LINES]! += k.skbLines;
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
  k.cost[k.side + STRUCT_LINES]! += 2 * k.skbLines;
  if (skb.fclone === Fclone.ORIG && skb.pair!.fclone === Fclone.UNAVAILABLE) {
    const child = skb.pair!;
    child.fclone = Fclone.CLONE;
    skb.fcloneRef++;
    if (!k.era.fastCloneStores) k.cost[k.side + ATOMIC_REF]!++;
    initSkb(child);
    child.live = true;
    return child;
  }
  k.mayFail();
  k.cost[k.side + ALLOC_SKB]!++;
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

/**
 * The payload will not be looked at through this header: dataref += (0,1). Only TCP does so, with an skb that nobody else has.
 * @kernel include/linux/skbuff.h skb_header_release (2.6.24), __skb_header_release (4.9)
 */
export function skbHeaderRelease(k: Kernel, skb: SkBuff): void {
  skb.nohdr = 1;
  const { shinfo } = skb;
  shinfo.dataref += 1 << DATAREF_SHIFT;
  if (!k.era.headerReleaseStores) {
    k.cost[k.side + ATOMIC_REF]!++;
    if (shinfo.cpu !== k.cpu) k.cost[k.side + AWAY_REF]!++;
  }
  shinfo.cpu = k.cpu;
}

/** @kernel include/linux/skbuff.h skb_get */
export function skbGet(k: Kernel, skb: SkBuff): SkBuff {
  k.point();
  skb.users++;
  k.cost[k.side + ATOMIC_REF]!++;
  return skb;
}

/** May bytes at (`page`, `pageOffset`) go on in the last entry? @kernel include/linux/skbuff.h skb_can_coalesce */
export function skbCanCoalesce(skb: SkBuff, page: Page, pageOffset: number): boolean {
  const shinfo = skb.shinfo;
  if (shinfo.nrFrags === 0) return false;
  const frag = fragAt(shinfo, shinfo.nrFrags - 1);
  return frag.page === page && frag.pageOffset + frag.size === pageOffset;
}
