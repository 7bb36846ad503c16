// How they go: users, destructors, dataref, frags.
import { KernelBug, SeamMisuse } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost, lines } from '../../ledger.ts';
import { freeHead, skbGet } from './skb_alloc.ts';
import {
  Destructor,
  Fclone,
  PAYLOAD_REF,
  POISON_SHINFO,
  type SkBuff,
  type SkbSharedInfo,
  isPureAck,
  copyFrag,
} from './skbuff.ts';
import type { Sock } from './sock.ts';

const { ATOMIC_REF, AWAY_REF, CACHE_LINES, INDIRECT_CALLS, STRUCT_LINES } = Cost;

/** A locked operation on a count of `o`, which the other processor may have had last. */
export function touch(k: Kernel, o: { cpu: number }): void {
  k.point();
  k.cost[k.side + ATOMIC_REF]!++;
  if (o.cpu === k.cpu) return;
  k.cost[k.side + AWAY_REF]!++;
  o.cpu = k.cpu;
}

/** @kernel net/core/skbuff.c kfree_skb */
export function kfreeSkb(k: Kernel, skb: SkBuff): void {
  k.point();
  if (skb.users !== 1) {
    k.cost[k.side + ATOMIC_REF]!++;
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
export function skbReleaseHeadState(k: Kernel, skb: SkBuff): void {
  if (skb.destructor !== Destructor.NONE) runDestructor(k, skb);
  if (skb.cb !== null) k.lifetime.cbFound(skb);
}

/** `skb->destructor(skb)`, then none. That of an ACK without data takes its charge back, and no more (sock_wfree, 4.0). */
function runDestructor(k: Kernel, skb: SkBuff): void {
  k.cost[k.side + INDIRECT_CALLS]!++;
  const sk = skb.sk;
  if (sk !== null) {
    // A design's destructor is chained to the one that was there before: sock_wfree.
    if (skb.destructor === Destructor.SOCK_WFREE || skb.destructor === Destructor.DESIGN) {
      sk.wmemAlloc -= skb.truesize;
      if (isPureAck(skb)) {
        touch(k, sk);
      } else {
        wfree(k, sk);
        if (sk.throttled) sk.sendOn();
      }
    } else if (skb.destructor === Destructor.SOCK_RFREE) {
      sk.rmemAlloc -= skb.truesize;
      touch(k, sk);
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
  touchSock(k, sk, 0, k.era.wmemHoldsSocket ? 1 : 0); // sock_hold
  if (k.hearsCharge) k.lifetime.charged(skb, null);
}

/** sk_wmem_alloc is touched, and with it `near` times more, and `far` times another line of the socket. */
function touchSock(k: Kernel, sk: Sock, near: number, far: number): void {
  const isAway = sk.cpu !== k.cpu;
  touch(k, sk);
  k.cost[k.side + ATOMIC_REF]! += near + far;
  if (isAway) k.cost[k.side + AWAY_REF]! += far;
}

/**
 * The locked operations of the destructor. Model: of a socket that is not held back.
 * @kernel net/core/sock.c sock_wfree (2.6.24, 3.6; two steps where it wakes a writer), net/ipv4/tcp_output.c tcp_wfree (3.6, 4.9, 4.10)
 */
function wfree(k: Kernel, sk: Sock): void {
  const { wmemHoldsSocket, wfreeInTwo, wfreeTakesBit } = k.era;
  if (wmemHoldsSocket)
    touchSock(k, sk, 0, 1); // sock_put
  else if (!sk.usesWriteQueue)
    touchSock(k, sk, 1, 0); // all but one, sk_write_space, that one
  else touchSock(k, sk, wfreeInTwo ? 1 : 0, wfreeTakesBit ? 1 : 0); // sk_free; TSQ_THROTTLED
}

/**
 * Charges `skb` to the receive memory of `sk`. Up to 2.6.29 whoever waits for its destructor waits for ever: an
 * endpoint overwrites it with its own.
 * @kernel include/net/sock.h skb_set_owner_r (2.6.24, 2.6.31)
 */
export function skbSetOwnerR(k: Kernel, skb: SkBuff, sk: Sock): void {
  if (k.era.setOwnerOrphans) skbOrphan(k, skb);
  skb.sk = sk;
  skb.destructor = Destructor.SOCK_RFREE;
  sk.rmemAlloc += skb.truesize;
  touch(k, sk);
}

/**
 * Drops this skb's reference on its data: (1,1) with nohdr, else (1,0); no atomic when never cloned.
 * @kernel net/core/skbuff.c skb_release_data (2.6.24)
 */
export function skbReleaseData(k: Kernel, skb: SkBuff): void {
  const shinfo = skb.shinfo;
  skb.shinfo = POISON_SHINFO;
  if (skb.cloned !== 0 && !dataUnref(k, shinfo, skb.nohdr !== 0 ? PAYLOAD_REF : 1)) {
    skb.ppRecycle = 0; // whoever is last returns the pages, and nobody twice [2cc3aeb5eccc]
    return;
  }
  shinfoFree(k, shinfo, skb);
}

/** Was that the last? What nobody else has is only read from 6.9 on. @kernel include/linux/skbuff.h skb_data_unref (6.12) */
function dataUnref(k: Kernel, shinfo: SkbSharedInfo, weight: number): boolean {
  if (!k.era.lastDataReads || shinfo.dataref !== weight) return datarefSub(k, shinfo, weight) === 0;
  k.point();
  k.cost[k.side + CACHE_LINES]!++;
  shinfo.dataref = 0;
  return true;
}

/** atomic_sub_return on dataref. */
export function datarefSub(k: Kernel, shinfo: SkbSharedInfo, weight: number): number {
  touch(k, shinfo);
  k.cost[k.side + CACHE_LINES]!++;
  shinfo.dataref -= weight;
  if (shinfo.dataref < 0) {
    throw new KernelBug(
      `dataref of shinfo#${shinfo.slot} would become ${shinfo.dataref} (it is ${shinfo.dataref + weight}, a release drops ${weight})`,
    );
  }
  return shinfo.dataref;
}

/**
 * The data is gone: frag pages, frag_list, and whatever a design chained behind it, in a loop. A ubuf_info is cleared
 * behind them, and before them in later kernels.
 */
function shinfoFree(k: Kernel, first: SkbSharedInfo, skb: SkBuff): void {
  let shinfo: SkbSharedInfo = first;
  for (;;) {
    if (k.era.zcopyClearsFirst) k.lifetime.zcopyClear(shinfo);
    putFrags(k, shinfo, shinfo === first ? skb : null);
    if (shinfo.fragList !== null) dropFragList(k, shinfo);
    if (!k.era.zcopyClearsFirst) k.lifetime.zcopyClear(shinfo);
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

/** Drops every frag of `shinfo`, where it has references: `skb` lets go, or null, where only its data is left. */
export function putFrags(k: Kernel, shinfo: SkbSharedInfo, skb: SkBuff | null): void {
  const { lifetime } = k;
  const { frags, managed } = shinfo;
  const nrFrags = managed ? 0 : shinfo.nrFrags; // skip_unref [skb_release_data, 6.0]
  for (let i = 0; i < nrFrags; i++) lifetime.fragUnref(shinfo, frags[i]!, skb);
  if (nrFrags !== 0) k.cost[k.side + STRUCT_LINES]! += lines(nrFrags * k.structs.frag);
  shinfo.nrFrags = 0;
}

/** @kernel net/core/skbuff.c skb_drop_fraglist */
export function dropFragList(k: Kernel, shinfo: SkbSharedInfo): void {
  const first = shinfo.fragList;
  shinfo.fragList = null;
  dropList(k, first);
}

/**
 * One holder less of `first` and all behind it. Their links stay: whoever else holds the list walks them.
 * @kernel net/core/skbuff.c skb_drop_list
 */
export function dropList(k: Kernel, first: SkBuff | null): void {
  let member = first;
  while (member !== null) {
    const { next } = member;
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
  k.cost[k.side + STRUCT_LINES]! += 2 * lines(from.nrFrags * k.structs.frag);
}

/** Returns the sk_buff struct; of a pair, memory goes back when both halves are gone. */
export function kfreeSkbmem(k: Kernel, skb: SkBuff): void {
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
  if (skb !== orig || orig.fcloneRef !== 1 || !k.era.fastCloneStores) {
    k.cost[k.side + ATOMIC_REF]!++;
    k.point();
  }
  const left = --orig.fcloneRef;
  const halves = Number(orig.live) + Number(orig.pair!.live);
  if (left < halves) {
    throw new KernelBug(
      `fclone_ref of pair#${orig.slot} becomes ${left} while ${halves} halves live`,
    );
  }
  if (left === 0) {
    orig.live = true; // the pair's memory goes back with its last half
    k.fclones.free(orig);
  }
}
