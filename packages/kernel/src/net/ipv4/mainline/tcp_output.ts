// Sending: what of the write queue may go now, in which pieces.
import { CHANGES } from '../../../changes.ts';
import { expectNoMemory } from '../../../errors.ts';
import { skbShift } from '../../core/skb_split.ts';
import { skbHeadlen, type SkBuff } from '../../core/skbuff.ts';
import { MAX_TCP_HEADER, TcpFlag } from '../tcp_header.ts';
import { setTsoSegs, tcpFragment } from '../tcp_output.ts';
import { after, Sacked, wmemFreeSkb } from '../tcp_sock.ts';
import { cwndValidate } from './tcp_cong.ts';
import { chronoStart, chronoStop } from './tcp_info.ts';
import { Ca, Nagle, Timer, type MainSock } from './tcp_main_sock.ts';
import { boundToHalfWnd } from './tcp_mss.ts';
import { mtuProbe } from './tcp_mtu.ts';
import { entail, newDataSent } from './tcp_queue.ts';
import { armTimer, probe0Base, scheduleLossProbe } from './tcp_rearm.ts';
import { nagleCheck, transmitQueued } from './tcp_transmit.ts';

const GSO_MAX = 65_536;

/** Segments that one packet may have at this rate. @kernel net/ipv4/tcp_output.c tcp_tso_segs, tcp_tso_autosize (5.18) */
export function tsoSegs(sk: MainSock): number {
  if (!sk.route.gso) return 1;
  let bytes = Math.min(sk.pacingRate / 1024, GSO_MAX);
  const r = Math.floor(sk.minRtt / 2 ** sk.sysctl.tsoRttLog);
  if (r < 32) bytes += GSO_MAX / 2 ** r;
  return Math.max(Math.floor(Math.min(bytes, GSO_MAX) / sk.mss), sk.sysctl.minTsoSegs);
}

/** Bytes for one packet. @kernel net/ipv4/tcp.c tcp_xmit_size_goal, include/net/tcp.h tcp_bound_to_half_wnd */
export function sizeGoal(sk: MainSock): number {
  if (!sk.route.gso) return sk.mss;
  const most = boundToHalfWnd(sk, GSO_MAX - 1 - MAX_TCP_HEADER);
  return Math.max(sk.mss, Math.floor(most / sk.mss) * sk.mss);
}

/** @kernel net/ipv4/tcp_output.c tcp_cwnd_test */
function cwndTest(sk: MainSock, skb: SkBuff): number {
  if ((skb.tcpFlags & TcpFlag.FIN) !== 0 && skb.pcount === 1) return 1;
  const flight = sk.inFlight();
  if (flight >= sk.cwnd) return 0;
  return Math.min(Math.max(1, sk.cwnd >> 1), sk.cwnd - flight);
}

/**
 * Sends what both windows allow. `only`: 1 one packet, 2 one beyond the congestion window, for a loss probe. True:
 * nothing is out, and something waits.
 * @kernel net/ipv4/tcp_output.c tcp_write_xmit (6.10)
 */
export function writeXmit(sk: MainSock, nonagle: number, only: 0 | 1 | 2): boolean {
  let sent = 0;
  if (only === 0) {
    const probed = mtuProbe(sk);
    if (probed === 0) return false;
    if (probed > 0) sent = 1;
  }
  const most = tsoSegs(sk);
  const limits = { cwnd: false, rwnd: false };
  for (let skb = sk.sendHead; skb !== null; skb = sk.sendHead) {
    setTsoSegs(sk, skb);
    let quota = cwndTest(sk, skb);
    if (quota === 0) {
      if (only !== 2) break;
      quota = 1;
    }
    quota = Math.min(quota, most);
    if (quota * sk.mss > skb.len) growSkb(sk, skb, quota * sk.mss - skb.len);
    setTsoSegs(sk, skb);
    if (!sndWndTest(sk, skb)) {
      limits.rwnd = true;
      break;
    }
    const last = skb.next === null;
    if (skb.pcount === 1) {
      if (!nagleTest(sk, skb, last ? nonagle : Nagle.PUSH)) break;
    } else if (only === 0 && shouldDefer(sk, skb, most, limits)) {
      break;
    }
    const limit = skb.pcount > 1 ? splitPoint(sk, skb, quota, nonagle) : sk.mss;
    try {
      if (skb.len > limit) tcpFragment(sk, skb, limit);
    } catch (error) {
      expectNoMemory(error);
      break;
    }
    if (!transmitQueued(sk, skb)) break;
    newDataSent(sk, skb);
    if (skb.len < skb.pcount * sk.mss) sk.sndSml = skb.endSeq;
    sent += skb.pcount;
    if (only !== 0) break;
  }
  if (limits.rwnd) chronoStart(sk, 2);
  else chronoStop(sk, 2);
  limits.cwnd ||= sk.inFlight() >= sk.cwnd;
  if (sent > 0 || limits.cwnd) cwndValidate(sk, limits.cwnd);
  if (sent === 0) return sk.packetsOut === 0 && sk.sendHead !== null;
  if (sk.inCwndReduction) sk.prrOut += sent;
  if (only !== 2) scheduleLossProbe(sk, false);
  return false;
}

/** Fills the packet that goes next from the one behind it. @kernel net/ipv4/tcp_output.c tcp_grow_skb (6.10) */
function growSkb(sk: MainSock, skb: SkBuff, missing: number): void {
  const { next } = skb;
  if (next === null || (skb.sacked & Sacked.EOR) !== 0) return;
  if (
    skbHeadlen(skb) !== 0 ||
    skb.len === 0 ||
    next.len === 0 ||
    !sk.k.era.changes.has(CHANGES.sendHeadGrows)
  )
    return;
  const n = Math.min(missing, next.len);
  if (skbShift(sk.k, skb, next, n) === 0) return;
  skb.endSeq = (skb.endSeq + n) | 0;
  next.seq = (next.seq + n) | 0;
  setTsoSegs(sk, skb);
  if (next.len > 0) return;
  skb.tcpFlags |= next.tcpFlags;
  if ((next.tcpFlags & TcpFlag.FIN) !== 0) skb.endSeq = next.endSeq;
  skb.sacked |= next.sacked & (Sacked.EOR | Sacked.STAMPED);
  sk.writeQueue.unlink(next);
  wmemFreeSkb(sk, next);
}

/** @kernel net/ipv4/tcp_output.c tcp_snd_wnd_test */
export function sndWndTest(sk: MainSock, skb: SkBuff): boolean {
  const end = skb.len > sk.mss ? (skb.seq + sk.mss) | 0 : skb.endSeq;
  return !after(end, sk.wndEnd);
}

/** @kernel net/ipv4/tcp_output.c tcp_nagle_test */
function nagleTest(sk: MainSock, skb: SkBuff, nonagle: number): boolean {
  if ((nonagle & Nagle.PUSH) !== 0 || (skb.tcpFlags & TcpFlag.FIN) !== 0) return true;
  return !nagleCheck(sk, skb.len < sk.mss, nonagle);
}

/** Whole segments, and the rest if Nagle lets it go. @kernel net/ipv4/tcp_output.c tcp_mss_split_point */
function splitPoint(sk: MainSock, skb: SkBuff, segs: number, nonagle: number): number {
  const window = (sk.wndEnd - skb.seq) | 0;
  const most = sk.mss * segs;
  if (most <= window && skb.next !== null) return most;
  const needed = Math.min(skb.len, window);
  if (most <= needed) return most;
  const partial = needed % sk.mss;
  return nagleCheck(sk, partial !== 0, nonagle) ? needed - partial : needed;
}

/** Would a larger packet soon be possible? @kernel net/ipv4/tcp_output.c tcp_tso_should_defer (5.15) */
function shouldDefer(
  sk: MainSock,
  skb: SkBuff,
  most: number,
  limits: { cwnd: boolean; rwnd: boolean },
): boolean {
  if (sk.caState >= Ca.RECOVERY) return false;
  // Model: the clock stands still while a host works, so what is a millisecond ago here is longer ago there
  if (sk.now - sk.wstamp >= 1000) return false;
  const window = (sk.wndEnd - skb.seq) | 0;
  const cong = (sk.cwnd - sk.inFlight()) * sk.mss;
  const limit = Math.min(window, cong);
  if (limit >= most * sk.mss) return false;
  if (skb.next !== null && limit >= skb.len) return false;
  const { tsoWinDivisor } = sk.sysctl;
  if (tsoWinDivisor > 0) {
    if (limit >= Math.floor(Math.min(sk.sndWnd, sk.cwnd * sk.mss) / tsoWinDivisor)) return false;
  } else if (limit > 3 * sk.mss) {
    return false;
  }
  const head = sk.writeQueue.first;
  if (head === null || head === sk.sendHead) return false;
  if (sk.now - head.when - (sk.srttUs >> 4) < 0) return false;
  if (cong < window) {
    if (cong <= skb.len) {
      limits.cwnd = true;
      return true;
    }
  } else if (window <= skb.len) {
    limits.rwnd = true;
    return true;
  }
  return (skb.tcpFlags & TcpFlag.FIN) === 0 && (skb.sacked & Sacked.EOR) === 0;
}

/** @kernel net/ipv4/tcp_output.c __tcp_push_pending_frames */
export function pushPending(sk: MainSock, nonagle: number): void {
  if (sk.sendHead === null || sk.driven) return;
  if (writeXmit(sk, nonagle, 0) && sk.packetsOut === 0 && sk.pending === Timer.NONE)
    armTimer(sk, Timer.PROBE0, probe0Base(sk));
}

/** Queues a FIN, on the last packet that waits or on one of its own. @kernel net/ipv4/tcp_output.c tcp_send_fin */
export function sendFin(sk: MainSock): void {
  const { last } = sk.writeQueue;
  if (sk.sendHead !== null && last !== null) {
    last.tcpFlags |= TcpFlag.FIN;
    last.endSeq = (last.endSeq + 1) | 0;
  } else {
    let skb: SkBuff;
    try {
      skb = entail(sk, TcpFlag.ACK | TcpFlag.FIN);
    } catch (error) {
      expectNoMemory(error); // it keeps trying
      skb = entail(sk, TcpFlag.ACK | TcpFlag.FIN);
    }
    skb.endSeq = (skb.endSeq + 1) | 0;
  }
  sk.writeSeq = (sk.writeSeq + 1) | 0;
  pushPending(sk, Nagle.OFF);
}
