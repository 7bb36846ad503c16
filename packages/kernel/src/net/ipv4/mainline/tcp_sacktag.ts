// SACK blocks at the sender: what arrived out of order, what arrived twice, and how far packets overtake each other.
import { declareState } from '../../../state.ts';
import { expectNoMemory } from '../../../errors.ts';
import { skbShift } from '../../core/skb_split.ts';
import { skbHeadlen, type SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { matchToBlock, segmentLength } from '../tcp_sack.ts';
import { after, before, Sacked, TAGBITS, wmemFreeSkb } from '../tcp_sock.ts';
import { Ca, type MainSock } from './tcp_main_sock.ts';
import type { MainHeader } from './tcp_options.ts';
import { rackAdvance } from './tcp_recovery.ts';

/** What one ACK told. @kernel net/ipv4/tcp_input.c struct tcp_sacktag_state, FLAG_* */
export class AckState {
  /** Lowest byte that arrived after a higher one without being sent again. */
  reord = 0;
  firstSackt = 0;
  lastSackt = 0;
  dataSacked = false;
  origSacked = false;
  dsack = false;
  dsackTlp = false;
}

declareState(AckState, {
  scratch: 'reord firstSackt lastSackt dataSacked origSacked dsack dsackTlp',
});

/** @kernel net/ipv4/tcp_input.c tcp_highest_sack_seq */
export function highestSack(sk: MainSock): number {
  return sk.sackedOut > 0 ? sk.highestSack : sk.sndUna;
}

/** @kernel net/ipv4/tcp_input.c tcp_sacktag_write_queue (6.12) */
export function sacktag(sk: MainSock, h: MainHeader, priorUna: number, state: AckState): void {
  state.reord = sk.sndNxt;
  if (sk.sackedOut === 0) sk.highestSack = sk.sndUna;
  const blocks: (readonly [number, number, boolean])[] = [];
  for (let i = 0; i < h.sacks; i++) {
    const start = h.sack[2 * i]!;
    const end = h.sack[2 * i + 1]!;
    const dup = i === 0 && checkDsack(sk, h, start, end, priorUna, state);
    if (!isValid(sk, dup, start, end) || !after(end, priorUna)) continue;
    blocks.push([start, end, dup]);
  }
  blocks.sort(([a], [b]) => (a - b) | 0);
  for (const [start, end, dup] of blocks) tagBlock(sk, start, end, dup, state);
  if (sk.caState !== Ca.LOSS || !sk.undone) checkReordering(sk, state.reord);
}

/** RFC 2883: the first block says what came twice. @kernel net/ipv4/tcp_input.c tcp_check_dsack, tcp_dsack_seen */
function checkDsack(
  sk: MainSock,
  h: MainHeader,
  start: number,
  end: number,
  priorUna: number,
  state: AckState,
): boolean {
  const below = before(start, h.ack);
  const inside = h.sacks > 1 && !after(end, h.sack[3]!) && !before(start, h.sack[2]!);
  if (!below && !inside) return false;
  const len = (end - start) | 0;
  const segs = len > sk.mss ? Math.ceil(len / sk.mss) : 1;
  if (sk.tlpOut && sk.tlpRetrans && end === sk.tlpHighSeq) state.dsackTlp = true;
  else if (segs > 0) sk.rack.dsackSeen = true;
  state.dsack = true;
  if (!sk.undone && sk.undoRetrans > 0 && !after(end, priorUna) && after(end, sk.undoMarker))
    sk.undoRetrans = Math.max(0, sk.undoRetrans - segs);
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_is_sackblock_valid */
function isValid(sk: MainSock, dup: boolean, start: number, end: number): boolean {
  if (after(end, sk.sndNxt) || !before(start, end) || !before(start, sk.sndNxt)) return false;
  if (after(start, sk.sndUna) || start === sk.sndUna) return true;
  return dup && !sk.undone;
}

function tagBlock(sk: MainSock, start: number, end: number, dup: boolean, state: AckState): void {
  let skb = sk.writeQueue.first;
  while (skb !== null && skb !== sk.sendHead && before(skb.seq, end)) {
    if (after(skb.endSeq, start)) {
      let piece: SkBuff | null;
      try {
        piece = matchToBlock(sk, skb, start, end);
      } catch (error) {
        expectNoMemory(error);
        return;
      }
      if (piece !== null && inside(piece, start, end)) {
        tagOne(sk, piece, dup, state);
        if (after(piece.endSeq, sk.highestSack)) sk.highestSack = piece.endSeq;
        skb = joinToPrevious(sk, piece);
        continue;
      }
    }
    skb = skb.next;
  }
}

function inside(skb: SkBuff, start: number, end: number): boolean {
  return !before(skb.seq, start) && !after(skb.endSeq, end);
}

/** @kernel net/ipv4/tcp_input.c tcp_sacktag_one */
function tagOne(sk: MainSock, skb: SkBuff, dup: boolean, state: AckState): void {
  const { pcount, seq, endSeq } = skb;
  const ever = Sacked.RETRANS | Sacked.EVER_RETRANS;
  if (dup && (skb.sacked & ever) !== 0) {
    if (!sk.undone && sk.undoRetrans > 0 && after(endSeq, sk.undoMarker))
      sk.undoRetrans = Math.max(0, sk.undoRetrans - pcount);
    if ((skb.sacked & Sacked.ACKED) !== 0 && before(seq, state.reord)) state.reord = seq;
  }
  if (!after(endSeq, sk.sndUna)) return;
  if ((skb.sacked & Sacked.ACKED) === 0) {
    rackAdvance(sk, skb.sacked, endSeq, skb.when);
    if ((skb.sacked & Sacked.RETRANS) !== 0) {
      if ((skb.sacked & Sacked.LOST) !== 0) {
        skb.sacked &= ~(Sacked.LOST | Sacked.RETRANS);
        sk.lostOut -= pcount;
        sk.retransOut -= pcount;
      }
    } else {
      if ((skb.sacked & ever) === 0) newlyHere(sk, skb, state);
      if ((skb.sacked & Sacked.LOST) !== 0) {
        skb.sacked &= ~Sacked.LOST;
        sk.lostOut -= pcount;
      }
    }
    skb.sacked |= Sacked.ACKED;
    state.dataSacked = true;
    sk.sackedOut += pcount;
    sk.delivered += pcount;
  }
  if (dup && (skb.sacked & Sacked.RETRANS) !== 0) {
    skb.sacked &= ~Sacked.RETRANS;
    sk.retransOut -= pcount;
  }
}

/** SACKed, and never sent again: below the highest one that is reordering. */
function newlyHere(sk: MainSock, skb: SkBuff, state: AckState): void {
  if (sk.sackedOut > 0 && before(skb.seq, sk.highestSack) && before(skb.seq, state.reord))
    state.reord = skb.seq;
  if (!after(skb.endSeq, sk.highSeq)) state.origSacked = true;
  if (state.firstSackt === 0) state.firstSackt = Math.max(1, skb.when);
  state.lastSackt = Math.max(1, skb.when);
}

/**
 * A SACKed skb becomes part of the SACKed one before it, where nothing forbids it and the segments of both are of one
 * length. Returns what follows.
 * @kernel net/ipv4/tcp_input.c tcp_shift_skb_data, tcp_shifted_skb (5.10)
 */
function joinToPrevious(sk: MainSock, skb: SkBuff): SkBuff | null {
  const { prev, next } = skb;
  if (prev === null || !sk.k.era.skbShift || !sk.route.gso) return next;
  if ((prev.sacked & TAGBITS) !== Sacked.ACKED || (skb.sacked & TAGBITS) !== Sacked.ACKED)
    return next;
  if ((prev.sacked & Sacked.EOR) !== 0 || skb.len === 0 || prev.len === 0) return next;
  if (skbHeadlen(skb) !== 0 || skbHeadlen(prev) !== 0) return next;
  if ((skb.tcpFlags & (TcpFlag.SYN | TcpFlag.FIN)) !== 0 || prev.endSeq !== skb.seq) return next;
  const mss = segmentLength(sk, skb);
  if (mss !== segmentLength(sk, prev)) return next;
  if (prev.when !== skb.when || skbShift(sk.k, prev, skb, skb.len) === 0) return next;
  if (prev.shinfo.gsoSize === 0) prev.shinfo.gsoSize = mss;
  prev.endSeq = skb.endSeq;
  prev.pcount += skb.pcount;
  prev.tcpFlags |= skb.tcpFlags;
  prev.sacked |= skb.sacked & (Sacked.EOR | Sacked.STAMPED);
  sk.writeQueue.unlink(skb);
  wmemFreeSkb(sk, skb);
  return next;
}

/** Packets overtook each other by so much. @kernel net/ipv4/tcp_input.c tcp_check_sack_reordering */
export function checkReordering(sk: MainSock, low: number): void {
  const fack = highestSack(sk);
  if (!before(low, fack)) return;
  const metric = (fack - low) | 0;
  if (metric > sk.reordering * sk.mss)
    sk.reordering = Math.min(Math.ceil(metric / sk.mss), sk.sysctl.maxReordering);
  sk.reordSeen++;
}
