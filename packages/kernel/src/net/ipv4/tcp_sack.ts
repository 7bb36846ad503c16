// Selective acknowledgements: marking at the sender, block lists at the receiver.
import { expectNoMemory } from '../../errors.ts';
import { skbShift } from '../core/skb_split.ts';
import { skbHeadlen, type SkBuff } from '../core/skbuff.ts';
import { Sacked, TAGBITS, type TcpSock, after, before, wmemFreeSkb } from './tcp_sock.ts';
import { tcpFragment } from './tcp_output.ts';
import { MAX_SACKS, TcpFlag, type TcpHeader } from './tcp_header.ts';

/**
 * Marks what the blocks of `h` cover. SACK frees nothing: the receiver may renege. Returns the packets newly
 * marked. `near`: an skb of the queue that starts at a number or before it, for who knows one; null: the first.
 * @kernel net/ipv4/tcp_input.c tcp_sacktag_write_queue (2.6.32)
 */
export function sacktag(
  sk: TcpSock,
  h: TcpHeader,
  near: ((seq: number) => SkBuff | null) | null = null,
): number {
  const had = sk.sackedOut;
  for (let b = 0; b < h.sacks; b++) {
    const start = h.sack[2 * b]!;
    const end = h.sack[2 * b + 1]!;
    if (!after(end, sk.sndUna) || after(end, sk.sndNxt) || !before(start, end)) continue;
    if (seen(sk, start, end)) continue;
    tagBlock(sk, near?.(start) ?? sk.writeQueue.first, start, end);
  }
  sk.sackSeenCount = h.sacks;
  for (let i = 0; i < 2 * h.sacks; i++) sk.sackSeen[i] = h.sack[i]!;
  return Math.max(0, sk.sackedOut - had);
}

/** Was this block in the last ACK already? */
function seen(sk: TcpSock, start: number, end: number): boolean {
  for (let i = 0; i < sk.sackSeenCount; i++) {
    if (sk.sackSeen[2 * i] === start && sk.sackSeen[2 * i + 1] === end) return true;
  }
  return false;
}

function tagBlock(sk: TcpSock, first: SkBuff | null, start: number, end: number): void {
  let skb = first;
  while (skb !== null && skb !== sk.sendHead && before(skb.seq, end)) {
    const { prev, next }: { prev: SkBuff | null; next: SkBuff | null } = skb;
    if (!after(skb.endSeq, start) || (skb.sacked & Sacked.ACKED) !== 0) {
      skb = next;
      continue;
    }
    if (shiftSacked(sk, skb, start, end)) {
      skb = prev!.next; // what came behind may have moved, too
      continue;
    }
    try {
      const piece = matchToBlock(sk, skb, start, end);
      if (piece !== null) tagOne(sk, piece);
    } catch (error) {
      expectNoMemory(error); // the block is left for a later ACK
      return;
    }
    skb = next;
  }
}

/** The length of its segments, which those of later packets may not have. @kernel include/net/tcp.h tcp_skb_mss (2.6.32) */
function segmentOf(sk: TcpSock, skb: SkBuff): number {
  return skb.shinfo.gsoSize === 0 ? sk.mss : skb.shinfo.gsoSize;
}

/**
 * Cuts `skb` so that a piece lies inside the block; the rest keeps whole segments. Null: nothing whole does.
 * @kernel net/ipv4/tcp_input.c tcp_match_skb_to_sack
 */
export function matchToBlock(sk: TcpSock, skb: SkBuff, start: number, end: number): SkBuff | null {
  let piece = skb;
  if (before(piece.seq, start)) {
    if (piece.pcount <= 1) return null;
    const keep = (start - piece.seq) | 0;
    const mss = segmentOf(sk, skb);
    const whole = Math.ceil(keep / mss) * mss;
    if (whole >= piece.len) return null;
    piece = tcpFragment(sk, piece, whole);
  }
  if (after(piece.endSeq, end)) {
    if (piece.pcount <= 1) return null;
    const mss = segmentOf(sk, piece);
    const inside = Math.floor(((end - piece.seq) | 0) / mss) * mss;
    if (inside <= 0) return null;
    tcpFragment(sk, piece, inside);
  }
  return piece;
}

/** @kernel net/ipv4/tcp_input.c tcp_sacktag_one */
function tagOne(sk: TcpSock, skb: SkBuff): void {
  if ((skb.sacked & Sacked.LOST) !== 0) sk.lostOut -= skb.pcount;
  if ((skb.sacked & Sacked.RETRANS) !== 0) sk.retransOut -= skb.pcount;
  skb.sacked = (skb.sacked & ~TAGBITS) | Sacked.ACKED;
  sk.sackedOut += skb.pcount;
}

/** How long each of its segments is; of a packet of one, whatever that has. @kernel net/ipv4/tcp_input.c tcp_skb_seglen (2.6.32) */
export function segmentLength(sk: TcpSock, skb: SkBuff): number {
  return skb.pcount === 1 ? skb.len : segmentOf(sk, skb);
}

/** @kernel net/ipv4/tcp_input.c skb_can_shift (2.6.32) */
function canShift(skb: SkBuff): boolean {
  return skb.len !== 0 && skbHeadlen(skb) === 0;
}

/**
 * Moves the SACKed bytes of `skb` into the SACKed skb in front of it, if the segments of both are of one length: a
 * shorter last one is joined to nothing. True: all that the block covers of this skb has moved.
 * @kernel net/ipv4/tcp_input.c tcp_shift_skb_data (2.6.32, 3.8, 6.12, 7.2)
 */
function shiftSacked(sk: TcpSock, skb: SkBuff, start: number, end: number): boolean {
  const { prev } = skb;
  if (!sk.k.era.skbShift || !sk.route.gso || prev === null) return false;
  if ((prev.sacked & TAGBITS) !== Sacked.ACKED) return false;
  if (before(skb.seq, start) || !canShift(skb) || skbHeadlen(prev) !== 0) return false;
  if ((skb.tcpFlags & (TcpFlag.SYN | TcpFlag.FIN)) !== 0) return false;
  if ((skb.sacked & (Sacked.LOST | Sacked.RETRANS)) === Sacked.RETRANS) return false;
  let len = skb.len;
  let pcount = skb.pcount;
  let mss = segmentLength(sk, skb);
  if (after(skb.endSeq, end)) {
    mss = segmentOf(sk, skb);
    pcount = Math.floor(((end - skb.seq) | 0) / mss);
    len = pcount * mss;
    if (len <= 0 || len >= skb.len) return false;
  }
  if (mss !== segmentLength(sk, prev)) return false;
  if (skbShift(sk.k, prev, skb, len) === 0) return false;
  if (!shifted(sk, prev, skb, len, pcount, mss)) return true;
  fillHole(sk, prev, mss);
  return true;
}

/** What follows may have waited for what came in between. @kernel net/ipv4/tcp_input.c tcp_shift_skb_data (2.6.32), its end */
function fillHole(sk: TcpSock, prev: SkBuff, mss: number): void {
  const { next } = prev;
  if (next === null || next === sk.sendHead || !canShift(next)) return;
  if ((next.sacked & TAGBITS) !== Sacked.ACKED || segmentLength(sk, next) !== mss) return;
  const { len, pcount } = next;
  if (skbShift(sk.k, prev, next, len) !== 0) shifted(sk, prev, next, len, pcount, mss);
}

/** The accounts of what has moved. True: nothing is left of `skb`. @kernel net/ipv4/tcp_input.c tcp_shifted_skb (2.6.32) */
function shifted(
  sk: TcpSock,
  prev: SkBuff,
  skb: SkBuff,
  len: number,
  pcount: number,
  mss: number,
): boolean {
  prev.endSeq = (prev.endSeq + len) | 0;
  skb.seq = (skb.seq + len) | 0;
  prev.pcount += pcount;
  skb.pcount -= pcount;
  if (prev.shinfo.gsoSize === 0) prev.shinfo.gsoSize = mss;
  if (skb.pcount <= 1) skb.shinfo.gsoSize = 0;
  if ((skb.sacked & Sacked.ACKED) === 0) {
    if ((skb.sacked & Sacked.LOST) !== 0) sk.lostOut -= pcount;
    if ((skb.sacked & Sacked.RETRANS) !== 0) sk.retransOut -= pcount;
    sk.sackedOut += pcount;
  }
  if (skb.len !== 0) return false;
  prev.tcpFlags |= skb.tcpFlags;
  sk.writeQueue.unlink(skb);
  wmemFreeSkb(sk, skb);
  return true;
}

/**
 * The receiver has queued [seq, end) out of order: that block is reported first.
 * @kernel net/ipv4/tcp_input.c tcp_sack_new_ofo_skb
 */
export function sackNewOfo(sk: TcpSock, seq: number, end: number): void {
  const blocks = sk.sackBlocks;
  let start = seq;
  let stop = end;
  let kept = 0;
  const old = sk.sackCount;
  for (let i = 0; i < old; i++) {
    const a = blocks[2 * i]!;
    const b = blocks[2 * i + 1]!;
    if (!after(a, stop) && !before(b, start)) {
      if (before(a, start)) start = a;
      if (after(b, stop)) stop = b;
    } else {
      scratch[2 * kept] = a;
      scratch[2 * kept + 1] = b;
      kept++;
    }
  }
  blocks[0] = start;
  blocks[1] = stop;
  const n = Math.min(kept, MAX_SACKS);
  for (let i = 0; i < 2 * n; i++) blocks[i + 2] = scratch[i]!;
  sk.sackCount = n + 1;
}

const scratch = new Int32Array(8);

/** rcv_nxt moved: forgets blocks below it. @kernel net/ipv4/tcp_input.c tcp_sack_remove */
export function sackRemove(sk: TcpSock): void {
  if (sk.outOfOrder.qlen === 0) {
    sk.sackCount = 0;
    return;
  }
  const blocks = sk.sackBlocks;
  let kept = 0;
  for (let i = 0; i < sk.sackCount; i++) {
    if (before(sk.rcvNxt, blocks[2 * i + 1]!)) {
      blocks[2 * kept] = blocks[2 * i]!;
      blocks[2 * kept + 1] = blocks[2 * i + 1]!;
      kept++;
    }
  }
  sk.sackCount = kept;
}
