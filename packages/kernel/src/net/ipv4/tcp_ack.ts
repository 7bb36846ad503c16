// What an ACK does at the sender: frees what is acknowledged, finds losses, sends again, moves the window.
import { CHANGES } from '../../changes.ts';
import { expectNoMemory } from '../../errors.ts';
import type { SkBuff } from '../core/skbuff.ts';
import {
  CaState,
  REORDERING,
  RTO_MAX,
  RTO_MIN,
  Sacked,
  type TcpSock,
  after,
  before,
  wmemFreeSkb,
} from './tcp_sock.ts';
import { TcpFlag, type TcpHeader } from './tcp_header.ts';
import {
  armRto,
  Went,
  retransmitSkb,
  setTsoSegs,
  tcpPush,
  tcpTrimHead,
  timestamp,
} from './tcp_output.ts';
import { sacktag } from './tcp_sack.ts';
import { smallQueueCheck } from './tcp_tsq.ts';
import { windowOffered } from './tcp_window.ts';

/** @kernel net/ipv4/tcp_input.c tcp_ack (2.6.32) */
export function tcpAck(sk: TcpSock, h: TcpHeader): void {
  const ack = h.ack;
  if (after(ack, sk.sndNxt) || before(ack, sk.sndUna)) return;
  const priorFlight = sk.inFlight();
  updateWindow(sk, h);
  sk.probes = 0;
  const newlySacked = h.sacks > 0 ? sacktag(sk, h) : 0;
  let acked = 0;
  if (after(ack, sk.sndUna)) {
    sk.sndUna = ack;
    // where the clock stands still no time is measured: whatever it was is as good
    if (h.tsEcr !== 0 && !sk.k.agenda.stopped) sampleRtt(sk, (timestamp(sk.k) - h.tsEcr) * 1000);
    acked = cleanRtxQueue(sk, ack);
    sk.backoff = 0;
    if (sk.packetsOut === 0) sk.k.agenda.disarm(sk.rtoTimer.place);
    else armRto(sk);
  }
  congestion(sk, priorFlight, acked, newlySacked);
  tcpPush(sk);
  spaceAgain(sk);
}

/** An older segment may not take back what a newer one offered. @kernel net/ipv4/tcp_input.c tcp_may_update_window */
function updateWindow(sk: TcpSock, h: TcpHeader): void {
  const window = (h.flags & TcpFlag.SYN) !== 0 ? h.window : h.window << sk.sndWscale;
  const isNewer = after(h.ack, sk.sndUna) || after(h.seq, sk.sndWl1);
  if (!isNewer && (h.seq !== sk.sndWl1 || window <= sk.sndWnd)) return;
  windowOffered(sk, window);
  sk.sndWl1 = h.seq;
}

/** @kernel net/core/stream.c sk_stream_write_space */
function spaceAgain(sk: TcpSock): void {
  // sk_stream_min_wspace: as much free as half of what is queued
  if (sk.wantSpace && 3 * sk.wmemQueued <= 2 * sk.sndbuf) {
    sk.wantSpace = false;
    sk.user?.writeSpace(sk);
  }
}

/**
 * Frees the skbs that `ack` covers whole, trims the one it covers in part. Returns packets acknowledged.
 * @kernel net/ipv4/tcp_input.c tcp_clean_rtx_queue, tcp_tso_acked (2.6.24)
 */
export function cleanRtxQueue(sk: TcpSock, ack: number): number {
  const { k } = sk;
  let acked = 0;
  for (
    let skb = sk.writeQueue.first;
    skb !== null && skb !== sk.sendHead;
    skb = sk.writeQueue.first
  ) {
    if (after(skb.endSeq, ack)) {
      if (skb.pcount > 1 && after(ack, skb.seq)) acked += trimAcked(sk, skb, ack);
      break;
    }
    uncount(sk, skb, skb.pcount);
    acked += skb.pcount;
    sk.writeQueue.unlink(skb);
    wmemFreeSkb(sk, skb);
  }
  k.lifetime.acked(sk, ack);
  return acked;
}

/** @kernel net/ipv4/tcp_input.c tcp_tso_acked */
function trimAcked(sk: TcpSock, skb: SkBuff, ack: number): number {
  const counted = skb.pcount;
  try {
    tcpTrimHead(sk, skb, (ack - skb.seq) | 0);
  } catch (error) {
    expectNoMemory(error); // nothing is trimmed until the next ACK
    return 0;
  }
  setTsoSegs(sk, skb);
  const acked = counted - skb.pcount;
  uncount(sk, skb, acked);
  return acked;
}

function uncount(sk: TcpSock, skb: SkBuff, packets: number): void {
  sk.packetsOut -= packets;
  if ((skb.sacked & Sacked.ACKED) !== 0) sk.sackedOut -= packets;
  if ((skb.sacked & Sacked.RETRANS) !== 0) sk.retransOut -= packets;
  if ((skb.sacked & Sacked.LOST) !== 0) sk.lostOut -= packets;
}

/** RFC 6298 with Linux's bounds. @kernel net/ipv4/tcp_input.c tcp_rtt_estimator, tcp_set_rto */
function sampleRtt(sk: TcpSock, sample: number): void {
  const rtt = Math.max(1000, sample);
  if (sk.srtt === 0) {
    sk.srtt = rtt;
    sk.rttvar = rtt >> 1;
  } else {
    sk.rttvar += (Math.abs(sk.srtt - rtt) - sk.rttvar) >> 2;
    sk.srtt += (rtt - sk.srtt) >> 3;
  }
  sk.rto = Math.min(RTO_MAX, sk.srtt + Math.max(RTO_MIN, 4 * sk.rttvar));
}

/** @kernel net/ipv4/tcp_input.c tcp_fastretrans_alert, simplified; RFC 6675, RFC 6937 */
function congestion(sk: TcpSock, priorFlight: number, acked: number, newlySacked: number): void {
  if (sk.caState >= CaState.RECOVERY && !before(sk.sndUna, sk.highSeq)) {
    if (sk.caState === CaState.RECOVERY) sk.cwnd = Math.min(sk.cwnd, sk.ssthresh);
    sk.caState = CaState.OPEN;
  }
  if (sk.packetsOut === 0) {
    sk.sackedOut = 0;
    sk.lostOut = 0;
    sk.retransOut = 0;
  }
  if (sk.caState !== CaState.LOSS && (sk.sackedOut > 0 || sk.caState === CaState.RECOVERY))
    markLost(sk);
  if (sk.caState < CaState.RECOVERY) {
    if (sk.lostOut > 0) enterRecovery(sk);
    else sk.caState = sk.sackedOut > 0 ? CaState.DISORDER : CaState.OPEN;
  }
  if (sk.caState === CaState.RECOVERY) {
    proportionalRate(sk, acked + newlySacked);
    retransmitQueue(sk);
  } else {
    if (acked > 0 && sk.caState !== CaState.DISORDER && priorFlight >= sk.cwnd - 1)
      growWindow(sk, acked);
    if (sk.caState === CaState.LOSS) retransmitQueue(sk);
  }
}

/** Everything with three SACKed packets above it is lost. @kernel net/ipv4/tcp_input.c tcp_mark_head_lost */
function markLost(sk: TcpSock): void {
  let above = sk.sackedOut;
  for (
    let skb = sk.writeQueue.first;
    skb !== null && skb !== sk.sendHead && above >= REORDERING;
    skb = skb.next
  ) {
    if ((skb.sacked & Sacked.ACKED) !== 0) {
      above -= skb.pcount;
    } else if ((skb.sacked & Sacked.LOST) === 0) {
      skb.sacked |= Sacked.LOST;
      sk.lostOut += skb.pcount;
    }
  }
}

function enterRecovery(sk: TcpSock): void {
  sk.caState = CaState.RECOVERY;
  sk.highSeq = sk.sndNxt;
  sk.priorCwnd = sk.cwnd;
  sk.ssthresh = Math.max(sk.cwnd >> 1, 2);
  sk.prrDelivered = 0;
  sk.prrOut = 0;
}

/** RFC 6937. @kernel net/ipv4/tcp_input.c tcp_cwnd_reduction (3.2) */
function proportionalRate(sk: TcpSock, delivered: number): void {
  sk.prrDelivered += delivered;
  const flight = sk.inFlight();
  let send: number;
  if (flight > sk.ssthresh) {
    send = Math.ceil((sk.ssthresh * sk.prrDelivered) / Math.max(1, sk.priorCwnd)) - sk.prrOut;
  } else {
    send = Math.min(sk.ssthresh - flight, Math.max(sk.prrDelivered - sk.prrOut, delivered) + 1);
  }
  sk.cwnd = flight + Math.max(send, sk.prrOut === 0 ? 1 : 0);
}

/** Slow start, then congestion avoidance. @kernel net/ipv4/tcp_cong.c tcp_reno_cong_avoid */
function growWindow(sk: TcpSock, acked: number): void {
  if (sk.cwnd < sk.ssthresh) {
    sk.cwnd += acked;
    return;
  }
  sk.cwndCount += acked;
  while (sk.cwndCount >= sk.cwnd) {
    sk.cwndCount -= sk.cwnd;
    sk.cwnd++;
  }
}

/** Sends lost packets again while the window allows. @kernel net/ipv4/tcp_output.c tcp_xmit_retransmit_queue */
export function retransmitQueue(sk: TcpSock): void {
  if (sk.lostOut === 0) return;
  const { changes } = sk.k.era;
  let skb = sk.writeQueue.first;
  while (skb !== null && skb !== sk.sendHead) {
    if (sk.inFlight() >= sk.cwnd) return;
    if ((skb.sacked & TAG_CANDIDATE) === Sacked.LOST) {
      if (changes.has(CHANGES.smallQueuesOnRetransmit) && smallQueueCheck(sk, skb, 1)) return;
      if (retransmitSkb(sk, skb) !== Went.OUT) return;
      if (sk.caState === CaState.RECOVERY) sk.prrOut += skb.pcount;
      if (skb === sk.writeQueue.first) armRto(sk);
    }
    skb = skb.next;
  }
}

/** Lost, and neither SACKed nor sent again yet. */
const TAG_CANDIDATE = Sacked.LOST | Sacked.RETRANS | Sacked.ACKED;

/**
 * The retransmission timer: everything not SACKed counts as lost, the window closes to one.
 * @kernel net/ipv4/tcp_input.c tcp_enter_loss
 */
export function enterLoss(sk: TcpSock): void {
  if (sk.caState !== CaState.LOSS || !before(sk.sndUna, sk.highSeq)) {
    sk.ssthresh = Math.max(sk.inFlight() >> 1, 2);
  }
  sk.cwnd = 1;
  sk.cwndCount = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
  for (let skb = sk.writeQueue.first; skb !== null && skb !== sk.sendHead; skb = skb.next) {
    skb.sacked &= ~(Sacked.LOST | Sacked.RETRANS);
    if ((skb.sacked & Sacked.ACKED) === 0) {
      skb.sacked |= Sacked.LOST;
      sk.lostOut += skb.pcount;
    }
  }
  sk.highSeq = sk.sndNxt;
  sk.caState = CaState.LOSS;
}
