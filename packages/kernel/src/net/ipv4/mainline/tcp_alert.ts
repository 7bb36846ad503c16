// The states of loss detection: what a dubious ACK makes of them. @kernel net/ipv4/tcp_input.c tcp_fastretrans_alert
import { after, before, Sacked } from '../tcp_sock.ts';
import { endCwndReduction, initCwndReduction } from './tcp_cong.ts';
import {
  anyRetransDone,
  enterRecovery,
  markSkbLost,
  newrenoMarkLost,
  processLoss,
  tryKeepOpen,
  tryUndoDsack,
  tryUndoPartial,
  tryUndoRecovery,
  type Rexmit,
} from './tcp_loss.ts';
import { Ca, type MainSock } from './tcp_main_sock.ts';
import { mtupProbeFailed } from './tcp_mss.ts';
import { rackMarkLost } from './tcp_recovery.ts';

/** What one ACK was found to be. @kernel net/ipv4/tcp_input.c FLAG_* */
export interface Alert {
  readonly unaAdvanced: boolean;
  readonly data: boolean;
  readonly windowUpdate: boolean;
  acked: boolean;
  dataAcked: boolean;
  synAcked: boolean;
  readonly dataSacked: boolean;
  origSacked: boolean;
  readonly dsack: boolean;
  setTimer: boolean;
  lostRetrans: boolean;
  reneging: boolean;
  readonly priorUna: number;
}

/** @kernel net/ipv4/tcp_input.c tcp_fastretrans_alert (6.12) */
export function fastretransAlert(sk: MainSock, a: Alert, dupAcks: number): Rexmit {
  if (sk.packetsOut === 0 && sk.sackedOut > 0) sk.sackedOut = 0;
  if (sk.caState === Ca.OPEN) {
    sk.retransStamp = 0;
  } else if (!before(sk.sndUna, sk.highSeq)) {
    if (sk.caState === Ca.CWR) {
      if (sk.sndUna !== sk.highSeq) {
        endCwndReduction(sk);
        sk.caState = Ca.OPEN;
      }
    } else if (sk.caState === Ca.RECOVERY) {
      if (sk.isReno) sk.sackedOut = 0;
      if (tryUndoRecovery(sk)) return 'none';
      endCwndReduction(sk);
    }
  }
  if (sk.caState === Ca.RECOVERY) return inRecovery(sk, a, dupAcks);
  if (sk.caState === Ca.LOSS) {
    const rexmit = processLoss(sk, a, dupAcks);
    identifyLoss(sk, a);
    const state: number = sk.caState;
    if (state !== Ca.OPEN && !a.lostRetrans) return rexmit;
  }
  if (sk.isReno) {
    if (a.unaAdvanced) sk.sackedOut = 0;
    addRenoSack(sk, dupAcks);
  }
  if (sk.caState <= Ca.DISORDER) tryUndoDsack(sk);
  identifyLoss(sk, a);
  if (!timeToRecover(sk)) {
    tryToOpen(sk);
    return 'none';
  }
  if (sk.caState < Ca.CWR && sk.probe.size > 0 && sk.sndUna === sk.probe.start) {
    mtupProbeFailed(sk);
    sk.cwnd++;
    simpleRetransmit(sk);
    return 'lost';
  }
  enterRecovery(sk);
  return 'lost';
}

function inRecovery(sk: MainSock, a: Alert, dupAcks: number): Rexmit {
  if (!a.unaAdvanced) {
    if (sk.isReno) addRenoSack(sk, dupAcks);
  } else if (tryUndoPartial(sk)) {
    return 'none';
  }
  if (tryUndoDsack(sk)) tryToOpen(sk);
  identifyLoss(sk, a);
  if (sk.caState !== Ca.RECOVERY) {
    if (!timeToRecover(sk)) return 'none';
    enterRecovery(sk);
  }
  return 'lost';
}

/** @kernel net/ipv4/tcp_input.c tcp_identify_packet_loss */
function identifyLoss(sk: MainSock, a: Alert): void {
  if (sk.packetsOut === 0) return;
  if (sk.isReno) {
    newrenoMarkLost(sk, a.unaAdvanced);
    return;
  }
  if (!sk.isRack) {
    markHeadLost(sk);
    return;
  }
  const { retransOut } = sk;
  if (rackMarkLost(sk)) a.setTimer = false;
  if (retransOut > sk.retransOut) a.lostRetrans = true;
}

/** Before RACK decided alone: everything with `reordering` SACKed packets above it. @kernel net/ipv4/tcp_input.c tcp_mark_head_lost (4.14) */
function markHeadLost(sk: MainSock): void {
  let above = sk.sackedOut;
  for (
    let skb = sk.writeQueue.first;
    skb !== null && skb !== sk.sendHead && above >= sk.reordering;
    skb = skb.next
  ) {
    if ((skb.sacked & Sacked.ACKED) !== 0) above -= skb.pcount;
    else if ((skb.sacked & Sacked.LOST) === 0) markSkbLost(sk, skb);
  }
}

/** @kernel net/ipv4/tcp_input.c tcp_time_to_recover */
function timeToRecover(sk: MainSock): boolean {
  return sk.lostOut > 0;
}

/** @kernel net/ipv4/tcp_input.c tcp_try_to_open */
function tryToOpen(sk: MainSock): void {
  if (!anyRetransDone(sk)) sk.retransStamp = 0;
  if (sk.caState !== Ca.CWR) tryKeepOpen(sk);
}

/** Without SACK a duplicate stands for a packet that arrived. @kernel net/ipv4/tcp_input.c tcp_add_reno_sack, tcp_check_reno_reordering */
function addRenoSack(sk: MainSock, dupAcks: number): void {
  if (dupAcks === 0) return;
  const prior = sk.sackedOut;
  sk.sackedOut += dupAcks;
  const holes = Math.min(Math.max(sk.lostOut, 1), sk.packetsOut);
  if (sk.sackedOut + holes > sk.packetsOut) {
    sk.sackedOut = sk.packetsOut - holes;
    sk.reordering = Math.min(sk.packetsOut, sk.sysctl.maxReordering);
    sk.reordSeen++;
  }
  if (sk.sackedOut > prior) sk.delivered += sk.sackedOut - prior;
}

/** What is longer than a segment may be now is lost. @kernel net/ipv4/tcp_input.c tcp_simple_retransmit */
export function simpleRetransmit(sk: MainSock): void {
  for (let skb = sk.writeQueue.first; skb !== null && skb !== sk.sendHead; skb = skb.next)
    if (skb.len / Math.max(1, skb.pcount) > sk.mss) markSkbLost(sk, skb);
  if (sk.lostOut === 0) return;
  if (sk.caState !== Ca.LOSS) {
    sk.highSeq = sk.sndNxt;
    sk.ssthresh = Math.max(sk.ssthresh, (sk.cwnd >> 1) + (sk.cwnd >> 2));
    sk.priorSsthresh = 0;
    sk.undone = true;
    sk.caState = Ca.LOSS;
  }
}

/** The answer to a loss probe. @kernel net/ipv4/tcp_input.c tcp_process_tlp_ack (5.13) */
export function processTlpAck(sk: MainSock, ack: number, a: Alert, dsackTlp: boolean): void {
  if (before(ack, sk.tlpHighSeq)) return;
  if (!sk.tlpRetrans || dsackTlp) {
    sk.tlpOut = false;
  } else if (after(ack, sk.tlpHighSeq)) {
    initCwndReduction(sk); // the probe filled a hole: there was a loss
    sk.caState = Ca.CWR;
    endCwndReduction(sk);
    tryKeepOpen(sk);
  } else if (!a.unaAdvanced && !a.data && !a.windowUpdate && !a.acked && !a.dataSacked) {
    sk.tlpOut = false;
  }
}
