// What goes into the write queue: bytes by copying, pages by reference; and when there is room for more.
import { expectNoMemory } from '../../../errors.ts';
import { Cost } from '../../../ledger.ts';
import type { Loan } from '../../../lifetime.ts';
import {
  allocPage,
  copyToPage,
  getPage,
  PAGE_SIZE,
  putPage,
  type Page,
} from '../../../mm/page_alloc.ts';
import { lendFrag } from '../../core/lend.ts';
import { skbZcopyDowngradeManaged } from '../../core/managed_frag.ts';
import { skbCanCoalesce } from '../../core/skb_alloc.ts';
import { fragAt, type SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { after, Sacked } from '../tcp_sock.ts';
import { slowStartAfterIdle } from './tcp_cong.ts';
import { chronoStop } from './tcp_info.ts';
import { MSS_DEFAULT, Nagle, type MainSock } from './tcp_main_sock.ts';
import { syncMss } from './tcp_mss.ts';
import { pushPending, sizeGoal, writeXmit } from './tcp_output.ts';
import { entail } from './tcp_queue.ts';

/** A piece of what one call sends. `loan`: its page is lent; null: it is copied, or (`page` alone) shared by reference. */
export interface Piece {
  readonly page: Page;
  readonly offset: number;
  readonly size: number;
  readonly how: 'copy' | 'lend' | 'share';
}

export interface SendFlags {
  readonly more: boolean;
  readonly eor: boolean;
  /** Where there is no room the call waits, and goes on; else it ends with what was taken. */
  readonly waits: boolean;
}

/**
 * Queues and sends. Returns how many bytes of `pieces` were taken: fewer when the send buffer is full.
 * @kernel net/ipv4/tcp.c tcp_sendmsg_locked (6.12)
 */
export function mainSendmsg(
  sk: MainSock,
  pieces: readonly Piece[],
  loan: Loan | null,
  flags: SendFlags,
  skip = 0,
): number {
  if (sk.dstMtu !== sk.pmtu) syncMss(sk, sk.dstMtu); // tcp_current_mss: the route has changed
  if (loan !== null) sk.k.lifetime.begins(loan, sk.sendHead === null ? null : sk.writeQueue.last);
  const total = pieces.reduce((sum, p) => sum + p.size, 0) - skip;
  let copied = 0;
  let behind = skip;
  let full = false;
  let anew = false;
  for (const piece of pieces) {
    let done = Math.min(behind, piece.size);
    behind -= done;
    while (done < piece.size && !full) {
      const skb = roomFor(sk, piece, loan, anew);
      anew = false;
      if (skb === null) {
        full = true;
        break;
      }
      const n = append(sk, skb, piece, done, loan);
      if (n === 0) {
        markPush(sk, skb); // EMSGSIZE, EEXIST: it goes on in a new one
        anew = true;
        continue;
      }
      if (copied === 0) skb.tcpFlags &= ~TcpFlag.PSH;
      done += n;
      copied += n;
      if (copied < total && skb.len >= sizeGoal(sk)) pushFilled(sk, skb);
    }
  }
  finish(sk, copied, full, flags);
  return copied;
}

/** An skb has what it may have, and more follows. */
function pushFilled(sk: MainSock, skb: SkBuff): void {
  if (forcedPush(sk)) {
    markPush(sk, skb);
    pushPending(sk, Nagle.PUSH);
  } else if (skb === sk.sendHead) {
    writeXmit(sk, sk.nonagle, 1);
  }
}

function finish(sk: MainSock, copied: number, full: boolean, flags: SendFlags): void {
  if (full) {
    sk.noSpace = true;
    sk.wantSpace = true;
    if (copied > 0) push(sk, false, Nagle.PUSH);
    if (flags.waits) return;
  }
  const { last } = sk.writeQueue;
  if (copied === 0) return;
  if (last !== null) {
    if (flags.eor && sk.sendHead !== null) last.sacked |= Sacked.EOR;
    if (sk.stampsFrom !== null) last.sacked |= Sacked.STAMPED; // it may be on its way already
  }
  push(sk, flags.more, sk.nonagle);
}

/** The skb at the tail with room, or a new one; null: the buffer is full. */
function roomFor(sk: MainSock, piece: Piece, loan: Loan | null, anew: boolean): SkBuff | null {
  const { last } = sk.writeQueue;
  if (!anew && last !== null && isOpen(sk, last)) {
    if (mayAppend(sk, last, piece, loan)) return last;
    markPush(sk, last);
  }
  if (!memoryFree(sk, 0)) return null;
  if (sk.packetsOut === 0) slowStartAfterIdle(sk);
  try {
    return entail(sk, TcpFlag.ACK);
  } catch (error) {
    expectNoMemory(error);
    return null;
  }
}

/** Not sent yet, not full, not the end of a record. @kernel include/net/tcp.h tcp_skb_can_collapse_to */
function isOpen(sk: MainSock, skb: SkBuff): boolean {
  return (
    sk.sendHead !== null &&
    skb.len < sizeGoal(sk) &&
    (skb.sacked & Sacked.EOR) === 0 &&
    (skb.tcpFlags & (TcpFlag.FIN | TcpFlag.SYN)) === 0
  );
}

/** Whoever lends is asked; bytes that are copied, and pages that nobody lends, go beside what is there. */
function mayAppend(sk: MainSock, skb: SkBuff, piece: Piece, loan: Loan | null): boolean {
  return piece.how !== 'lend' || loan === null || sk.k.canAppend(skb, loan);
}

/** Puts up to what fits of `piece` from `done` on into `skb`; 0: it has no slot left. */
function append(sk: MainSock, skb: SkBuff, piece: Piece, done: number, loan: Loan | null): number {
  const room = sizeGoal(sk) - skb.len;
  const n = Math.min(piece.size - done, room);
  if (piece.how === 'copy') return copyIn(sk, skb, piece, done, n);
  return byReference(sk, skb, piece, done, n, piece.how === 'lend' ? loan : null);
}

/** @kernel net/core/datagram.c __zerocopy_sg_from_iter (6.12) */
function byReference(
  sk: MainSock,
  skb: SkBuff,
  piece: Piece,
  done: number,
  n: number,
  loan: Loan | null,
): number {
  const { k } = sk;
  const offset = piece.offset + done;
  const { nrFrags } = skb.shinfo;
  if (skbCanCoalesce(skb, piece.page, offset)) {
    const last = fragAt(skb.shinfo, nrFrags - 1);
    if (k.lifetime.mayMerge(last, loan)) {
      if (loan !== null) k.probe.lent(loan, piece.page, offset, n, sk.flow, sk.writeSeq);
      last.size += n;
      if (loan !== null) k.lifetime.merged(skb, last, n, loan);
      return grow(sk, skb, n);
    }
  }
  if (nrFrags >= k.era.maxSkbFrags) return 0;
  if (loan === null) {
    skbZcopyDowngradeManaged(k, skb); // skb_append_pagefrags [6.5]
    k.lifetime.fragRef(skb.shinfo, k.fillPageDesc(skb, piece.page, offset, n));
    return grow(sk, skb, n);
  }
  k.probe.lent(loan, piece.page, offset, n, sk.flow, sk.writeSeq);
  lendFrag(k, skb, piece.page, offset, n, loan, k.era.lendersMark);
  return grow(sk, skb, n);
}

/** Into the socket's own pages, which follow each other in a block as mainline's large ones. @kernel net/ipv4/tcp.c skb_copy_to_page_nocache */
function copyIn(sk: MainSock, skb: SkBuff, piece: Piece, done: number, n: number): number {
  const { k } = sk;
  if (sk.sndmsgPage !== null && sk.sndmsgOff === PAGE_SIZE) {
    putPage(k, sk.sndmsgPage);
    sk.sndmsgPage = null;
  }
  sk.sndmsgPage ??= freshPage(sk);
  const page = sk.sndmsgPage;
  const size = Math.min(n, PAGE_SIZE - sk.sndmsgOff);
  const { nrFrags } = skb.shinfo;
  const last = nrFrags > 0 ? fragAt(skb.shinfo, nrFrags - 1) : null;
  const joins = last !== null && last.loan === null && skbCanCoalesce(skb, page, sk.sndmsgOff);
  if (!joins && nrFrags >= k.era.maxSkbFrags) return 0;
  skbZcopyDowngradeManaged(k, skb); // tcp_sendmsg_locked [6.0]
  copyToPage(k, page, sk.sndmsgOff, piece.page.address + piece.offset + done, size);
  if (joins) {
    last.size += size;
  } else {
    getPage(k, page);
    k.fillPageDesc(skb, page, sk.sndmsgOff, size);
  }
  sk.sndmsgOff += size;
  k.cost[k.side + Cost.COPIED_PAYLOAD]! += size;
  return grow(sk, skb, size);
}

function freshPage(sk: MainSock): Page {
  sk.sndmsgOff = 0;
  return allocPage(sk.k);
}

function grow(sk: MainSock, skb: SkBuff, size: number): number {
  skb.endSeq = (skb.endSeq + size) | 0;
  sk.writeSeq = (sk.writeSeq + size) | 0;
  skb.len += size;
  skb.dataLen += size;
  skb.truesize += size;
  sk.wmemQueued += size;
  return size;
}

function markPush(sk: MainSock, skb: SkBuff): void {
  skb.tcpFlags |= TcpFlag.PSH;
  sk.pushedSeq = sk.writeSeq;
}

/** @kernel net/ipv4/tcp.c forced_push */
function forcedPush(sk: MainSock): boolean {
  return after(sk.writeSeq, (sk.pushedSeq + (sk.maxWindow >> 1)) | 0);
}

/** @kernel net/ipv4/tcp.c tcp_push */
function push(sk: MainSock, more: boolean, nonagle: number): void {
  const { last } = sk.writeQueue;
  if (sk.sendHead === null || last === null) return;
  if (!more || forcedPush(sk)) markPush(sk, last);
  pushPending(sk, more ? Nagle.CORK : nonagle);
}

/** Room in buffer and queue? `wake`: for a sender that is to be woken. @kernel include/net/sock.h __sk_stream_memory_free, include/net/tcp.h __tcp_stream_memory_free */
export function memoryFree(sk: MainSock, wake: 0 | 1): boolean {
  if (sk.wmemQueued >= sk.sndbuf) return false;
  const lowat = sk.notsentLowat !== 0 ? sk.notsentLowat : sk.sysctl.notsentLowat;
  return ((sk.writeSeq - sk.sndNxt) | 0) * (wake + 1) < lowat;
}

/** @kernel include/net/sock.h __sk_stream_is_writeable */
export function isWriteable(sk: MainSock, wake: 0 | 1): boolean {
  return sk.sndbuf - sk.wmemQueued >= sk.wmemQueued >> 1 && memoryFree(sk, wake);
}

/** @kernel net/ipv4/tcp_input.c tcp_check_space, tcp_new_space; net/core/stream.c sk_stream_write_space */
export function checkSpace(sk: MainSock): void {
  if (!sk.noSpace) return;
  const idle = sk.inFlight() < sk.cwnd;
  if (!sk.sndbufLocked && idle) {
    expandSndbuf(sk);
    sk.cwndStamp = sk.now;
  }
  if (!isWriteable(sk, 1)) return;
  sk.noSpace = false;
  sk.wantSpace = false;
  chronoStop(sk, 3);
  sk.user?.writeSpace(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_sndbuf_expand (4.2) */
export function expandSndbuf(sk: MainSock): void {
  if (sk.sndbufLocked) return;
  const raw = Math.max(sk.mssClamp, sk.mss, MSS_DEFAULT) + 320 + 320;
  const per = 2 ** Math.ceil(Math.log2(raw)) + 256;
  const segs = Math.max(10, sk.cwnd, sk.reordering + 1);
  const factor = sk.sysctl.congestionControl === 'bbr' ? 3 : 2;
  const want = factor * segs * per;
  if (sk.sndbuf < want) sk.sndbuf = Math.min(want, sk.sysctl.wmem[2]);
}
