// What an ACK does at the sender: frees what arrived, measures, finds losses, opens windows, sends on.
import { expectNoMemory } from '../../../errors.ts';
import type { SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { setTsoSegs, tcpTrimHead } from '../tcp_output.ts';
import { after, before, Sacked, TcpState, wmemFreeSkb } from '../tcp_sock.ts';
import { fastretransAlert, processTlpAck, type Alert } from './tcp_alert.ts';
import { congAvoid, cwndReduction, slowStartAfterIdle, updatePacingRate } from './tcp_cong.ts';
import { cubicAcked } from './tcp_cubic.ts';
import { chronoStop } from './tcp_info.ts';
import { Ca, Nagle, Timer, type MainSock } from './tcp_main_sock.ts';
import { mtupProbeSuccess, syncMss } from './tcp_mss.ts';
import type { MainHeader } from './tcp_options.ts';
import { pushPending } from './tcp_output.ts';
import { armTimer, clearTimer, probe0When, setXmitTimer } from './tcp_rearm.ts';
import { rackAdvance, rackUpdateReoWnd } from './tcp_recovery.ts';
import { retransmitQueue } from './tcp_retransmit.ts';
import { estimateRtt, updateMinRtt } from './tcp_rtt.ts';
import { AckState, checkReordering, highestSack, sacktag } from './tcp_sacktag.ts';

/** 1: taken in; 0: old; negative: its ACK number is too old (-1) or of what was never sent (-2). @kernel net/ipv4/tcp_input.c tcp_ack (6.12) */
export function mainAck(sk: MainSock, h: MainHeader): number {
  const { ack } = h;
  const priorUna = sk.sndUna;
  const state = new AckState();
  sk.ecrMs = h.ts ? h.tsEcr >>> 0 : 0;
  if (before(ack, priorUna)) return oldAck(sk, h, priorUna, state);
  if (after(ack, sk.sndNxt)) return -2;
  const unaAdvanced = after(ack, priorUna);
  if (unaAdvanced) sk.retries = 0;
  const priorFack = highestSack(sk);
  const priorPackets = sk.packetsOut;
  const delivered = sk.delivered;
  const { lost } = sk;
  const windowUpdate = updateWindow(sk, h);
  if (sk.state >= TcpState.ESTABLISHED) sk.bytesAcked += (ack - priorUna) | 0;
  sk.sndUna = ack;
  if (h.sacks > 0) sacktag(sk, h, priorUna, state);
  sk.probes = 0;
  const a: Alert = {
    unaAdvanced,
    data: h.payload > 0 || (h.flags & (TcpFlag.FIN | TcpFlag.SYN)) !== 0,
    windowUpdate,
    acked: false,
    dataAcked: false,
    synAcked: false,
    dataSacked: state.dataSacked,
    origSacked: state.origSacked,
    dsack: state.dsack,
    setTimer: false,
    lostRetrans: false,
    reneging: false,
    priorUna,
  };
  if (priorPackets === 0) {
    if (a.dsack) fastretransAlert(sk, a, dupAcksOf(a, h));
    ackProbe(sk);
    if (sk.tlpOut) processTlpAck(sk, ack, a, state.dsackTlp);
    return 1;
  }
  cleanRtxQueue(sk, h, a, state, priorFack);
  rackUpdateReoWnd(sk, delivered);
  if (sk.tlpOut) processTlpAck(sk, ack, a, state.dsackTlp);
  const notDup = a.data || a.windowUpdate || a.acked;
  const dubious = !notDup || a.dataSacked || a.dsack || sk.caState !== Ca.OPEN;
  const rexmit = dubious ? fastretransAlert(sk, a, dupAcksOf(a, h)) : 'none';
  if (a.setTimer) setXmitTimer(sk);
  congControl(sk, a, sk.delivered - delivered, sk.lost - lost);
  recover(sk, rexmit);
  return 1;
}

/** A duplicate, as far as this ACK tells. */
function dupAcksOf(a: Alert, h: MainHeader): number {
  const isDup = !a.unaAdvanced && !a.data && !a.windowUpdate && !a.acked && !a.dsack;
  return isDup && h.payload === 0 ? 1 : 0;
}

/** @kernel net/ipv4/tcp_input.c tcp_ack: old_ack */
function oldAck(sk: MainSock, h: MainHeader, priorUna: number, state: AckState): number {
  if (before(h.ack, (priorUna - Math.min(sk.maxWindow, sk.bytesAcked)) | 0)) return -1;
  if (h.sacks === 0) return 0;
  sacktag(sk, h, priorUna, state);
  const a: Alert = {
    unaAdvanced: false,
    data: false,
    windowUpdate: false,
    acked: false,
    dataAcked: false,
    synAcked: false,
    dataSacked: state.dataSacked,
    origSacked: state.origSacked,
    dsack: state.dsack,
    setTimer: false,
    lostRetrans: false,
    reneging: false,
    priorUna,
  };
  const rexmit = fastretransAlert(sk, a, dupAcksOf(a, h));
  recover(sk, rexmit);
  return 0;
}

/** @kernel net/ipv4/tcp_input.c tcp_xmit_recovery */
function recover(sk: MainSock, rexmit: 'none' | 'lost' | 'new'): void {
  if (rexmit === 'none') return;
  if (rexmit === 'new') {
    pushPending(sk, Nagle.OFF);
    if (after(sk.sndNxt, sk.highSeq)) return;
    sk.frto = false;
  }
  retransmitQueue(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_ack_update_window, tcp_may_update_window */
function updateWindow(sk: MainSock, h: MainHeader): boolean {
  const window = (h.flags & TcpFlag.SYN) !== 0 ? h.window : h.window << sk.sndWscale;
  const may =
    after(h.ack, sk.sndUna) ||
    after(h.seq, sk.sndWl1) ||
    (h.seq === sk.sndWl1 && (window > sk.sndWnd || window === 0));
  if (!may) return false;
  const changed = sk.sndWnd !== window;
  sk.sndWl1 = h.seq;
  if (!changed) return true;
  sk.sndWnd = window;
  if (sk.sendHead !== null && sk.packetsOut === 0) slowStartAfterIdle(sk);
  if (window > sk.maxWindow) {
    sk.maxWindow = window;
    syncMss(sk, sk.pmtu);
  }
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_clean_rtx_queue (6.12) */
function cleanRtxQueue(
  sk: MainSock,
  h: MainHeader,
  a: Alert,
  state: AckState,
  priorFack: number,
): void {
  const { k } = sk;
  let firstAckt = 0;
  let lastAckt = 0;
  let retransAcked = false;
  let reord = sk.sndNxt;
  let packets = 0;
  let skb = sk.writeQueue.first;
  for (; skb !== null && skb !== sk.sendHead; skb = sk.writeQueue.first) {
    const whole = !after(skb.endSeq, sk.sndUna);
    if (!whole && (skb.pcount === 1 || !after(sk.sndUna, skb.seq))) break;
    const { sacked, seq, endSeq } = skb;
    const count = whole ? skb.pcount : trimAcked(sk, skb);
    if (count === 0) break;
    if ((sacked & (Sacked.RETRANS | Sacked.EVER_RETRANS)) !== 0) {
      if ((sacked & Sacked.RETRANS) !== 0) sk.retransOut -= count;
      retransAcked = true;
    } else if ((sacked & Sacked.ACKED) === 0) {
      lastAckt = Math.max(1, skb.when);
      if (firstAckt === 0) firstAckt = lastAckt;
      if (before(seq, reord)) reord = seq;
      if (!after(endSeq, sk.highSeq)) {
        a.origSacked = true;
        state.origSacked = true;
      }
    }
    if ((sacked & Sacked.ACKED) !== 0) {
      sk.sackedOut -= count;
    } else if (!sk.isReno) {
      sk.delivered += count;
      if (!isSpurious(sk, skb)) rackAdvance(sk, sacked, endSeq, skb.when);
    }
    if ((sacked & Sacked.LOST) !== 0) sk.lostOut -= count;
    sk.packetsOut -= count;
    packets += count;
    a.acked = true;
    if ((skb.tcpFlags & TcpFlag.SYN) !== 0) {
      a.synAcked = true;
      sk.retransStamp = 0;
    } else {
      a.dataAcked = true;
    }
    if (!whole) break;
    if ((sacked & Sacked.STAMPED) !== 0) sk.host.stampAck(sk, skb);
    sk.writeQueue.unlink(skb);
    wmemFreeSkb(sk, skb);
  }
  if (sk.writeQueue.qlen === 0) chronoStop(sk, 1);
  k.lifetime.acked(sk, sk.sndUna);
  const head = sk.writeQueue.first;
  if (head !== null && head !== sk.sendHead && (head.sacked & Sacked.ACKED) !== 0)
    a.reneging = true;
  measure(sk, h, a, state, { firstAckt, lastAckt, retransAcked });
  if (!a.acked) return;
  a.setTimer = true;
  if (sk.probe.size > 0 && !after(sk.probe.end, sk.sndUna)) mtupProbeSuccess(sk);
  if (sk.isReno) {
    removeRenoSacks(sk, packets);
    if (retransAcked) a.origSacked = false;
  } else if (before(reord, priorFack)) {
    checkReorderingOf(sk, reord, priorFack);
  }
}

/** A hole that was never sent again was filled: it was overtaken. */
function checkReorderingOf(sk: MainSock, reord: number, priorFack: number): void {
  if (sk.sackedOut > 0) {
    checkReordering(sk, reord);
    return;
  }
  const metric = (sk.sndUna - reord) | 0;
  if (!before(reord, priorFack)) return;
  if (metric > sk.reordering * sk.mss)
    sk.reordering = Math.min(Math.ceil(metric / sk.mss), sk.sysctl.maxReordering);
  sk.reordSeen++;
}

/** @kernel net/ipv4/tcp_input.c tcp_tso_acked */
function trimAcked(sk: MainSock, skb: SkBuff): number {
  const { pcount } = skb;
  try {
    tcpTrimHead(sk, skb, (sk.sndUna - skb.seq) | 0);
  } catch (error) {
    expectNoMemory(error);
    return 0;
  }
  setTsoSegs(sk, skb);
  return pcount - skb.pcount;
}

/** @kernel net/ipv4/tcp_input.c tcp_skb_spurious_retrans */
function isSpurious(sk: MainSock, skb: SkBuff): boolean {
  const again = (skb.sacked & (Sacked.RETRANS | Sacked.EVER_RETRANS)) !== 0;
  return again && sk.ecrMs !== 0 && sk.ecrMs < Math.floor(skb.when / 1000) + 1;
}

/** @kernel net/ipv4/tcp_input.c tcp_ack_update_rtt */
function measure(
  sk: MainSock,
  h: MainHeader,
  a: Alert,
  state: AckState,
  acked: { firstAckt: number; lastAckt: number; retransAcked: boolean },
): void {
  const { now } = sk;
  let seqRtt = -1;
  let caRtt = -1;
  let sackRtt = -1;
  if (acked.firstAckt > 0 && !acked.retransAcked) {
    seqRtt = Math.max(0, now - acked.firstAckt);
    caRtt = Math.max(0, now - acked.lastAckt);
  }
  if (state.firstSackt > 0) {
    sackRtt = Math.max(0, now - state.firstSackt);
    caRtt = Math.max(0, now - state.lastSackt);
  }
  if (seqRtt < 0) seqRtt = sackRtt;
  if (seqRtt < 0 && h.ts && h.tsEcr !== 0 && a.acked) {
    const ms = (Math.floor(now / 1000) + 1 - (h.tsEcr >>> 0)) | 0;
    if (ms >= 0) {
      seqRtt = Math.max(ms * 1000, 1000);
      caRtt = seqRtt;
    }
  }
  if (seqRtt >= 0) {
    updateMinRtt(sk, caRtt);
    estimateRtt(sk, Math.max(1, seqRtt));
    sk.backoff = 0;
    const head = sk.writeQueue.first;
    if (
      !a.acked &&
      head !== null &&
      head !== sk.sendHead &&
      sackRtt >= 0 &&
      sackRtt > now - head.when
    )
      a.setTimer = true;
  }
  if (sk.sysctl.congestionControl === 'cubic') cubicAcked(sk, caRtt);
}

/** One ACK filled the hole, the rest eat duplicates. @kernel net/ipv4/tcp_input.c tcp_remove_reno_sacks */
function removeRenoSacks(sk: MainSock, acked: number): void {
  if (acked === 0) return;
  sk.delivered += Math.max(acked - sk.sackedOut, 1);
  sk.sackedOut = acked - 1 >= sk.sackedOut ? 0 : sk.sackedOut - (acked - 1);
}

/** @kernel net/ipv4/tcp_input.c tcp_cong_control, tcp_may_raise_cwnd */
function congControl(sk: MainSock, a: Alert, delivered: number, lost: number): void {
  if (sk.inCwndReduction) {
    cwndReduction(sk, delivered, lost, a.unaAdvanced);
  } else {
    const forward = a.acked || a.dataSacked;
    const may = sk.reordering > sk.sysctl.reordering ? forward : a.dataAcked;
    if (may) congAvoid(sk, delivered);
  }
  updatePacingRate(sk);
}

/** Nothing is out: the window decides whether the probe timer stays. @kernel net/ipv4/tcp_input.c tcp_ack_probe */
function ackProbe(sk: MainSock): void {
  const head = sk.sendHead;
  if (head === null) return;
  if (!after(head.endSeq, sk.wndEnd)) {
    sk.backoff = 0;
    sk.probesStamp = 0;
    if (sk.pending === Timer.PROBE0) clearTimer(sk);
  } else {
    armTimer(sk, Timer.PROBE0, probe0When(sk));
  }
}
