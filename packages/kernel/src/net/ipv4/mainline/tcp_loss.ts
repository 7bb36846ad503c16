// What is lost, and what follows: recovery, a timeout, and the way back when it was a mistake.
import type { SkBuff } from '../../core/skbuff.ts';
import { tcpFragment } from '../tcp_output.ts';
import { after, Sacked } from '../tcp_sock.ts';
import { caLoss, caSsthresh, currentSsthresh, initCwndReduction } from './tcp_cong.ts';
import { Ca, type MainSock } from './tcp_main_sock.ts';

/** @kernel net/ipv4/tcp_input.c tcp_mark_skb_lost (5.8) */
export function markSkbLost(sk: MainSock, skb: SkBuff): void {
  if ((skb.sacked & Sacked.ACKED) !== 0) return;
  if ((skb.sacked & Sacked.LOST) === 0) {
    sk.lostOut += skb.pcount;
    skb.sacked |= Sacked.LOST;
    sk.lost += skb.pcount;
  } else if ((skb.sacked & Sacked.RETRANS) !== 0) {
    skb.sacked &= ~Sacked.RETRANS; // what was sent again is lost again
    sk.retransOut -= skb.pcount;
    sk.lost += skb.pcount;
  }
}

/** Without SACK: the head, after three duplicates or a partial ACK. @kernel net/ipv4/tcp_recovery.c tcp_newreno_mark_lost */
export function newrenoMarkLost(sk: MainSock, unaAdvanced: boolean): void {
  const recovering = sk.caState === Ca.RECOVERY;
  if (!(sk.caState < Ca.RECOVERY && sk.sackedOut >= sk.reordering) && !(recovering && unaAdvanced))
    return;
  const head = sk.writeQueue.first;
  if (head === null || head === sk.sendHead || (head.sacked & Sacked.LOST) !== 0) return;
  if (head.pcount > 1 && head.len > sk.mss) tcpFragment(sk, head, sk.mss);
  markSkbLost(sk, head);
}

/** @kernel net/ipv4/tcp_input.c tcp_init_undo */
function initUndo(sk: MainSock): void {
  sk.undoMarker = sk.sndUna;
  sk.undone = false;
  sk.undoRetrans = sk.retransOut;
  if (sk.tlpOut && sk.tlpRetrans) sk.undoRetrans++;
  if (sk.undoRetrans === 0) sk.undoRetrans = -1;
}

/** @kernel net/ipv4/tcp_input.c tcp_enter_recovery */
export function enterRecovery(sk: MainSock): void {
  sk.priorSsthresh = 0;
  initUndo(sk);
  if (!sk.inCwndReduction) {
    sk.priorSsthresh = currentSsthresh(sk);
    initCwndReduction(sk);
  }
  sk.caState = Ca.RECOVERY;
}

/** @kernel net/ipv4/tcp_input.c tcp_enter_loss, tcp_timeout_mark_lost (6.12) */
export function enterLoss(sk: MainSock): void {
  const isNew = sk.caState < Ca.RECOVERY;
  timeoutMarkLost(sk);
  if (
    sk.caState <= Ca.DISORDER ||
    !after(sk.highSeq, sk.sndUna) ||
    (sk.caState === Ca.LOSS && sk.retries === 0)
  ) {
    sk.priorSsthresh = currentSsthresh(sk);
    sk.priorCwnd = sk.cwnd;
    sk.ssthresh = caSsthresh(sk);
    caLoss(sk);
    initUndo(sk);
  }
  sk.cwnd = sk.inFlight() + 1;
  sk.cwndCount = 0;
  sk.cwndStamp = sk.now;
  const { reordering } = sk.sysctl;
  if (sk.caState <= Ca.DISORDER && sk.sackedOut >= reordering)
    sk.reordering = Math.min(sk.reordering, reordering);
  sk.caState = Ca.LOSS;
  sk.highSeq = sk.sndNxt;
  sk.tlpOut = false;
  sk.frto = sk.sysctl.frto !== 0 && (isNew || sk.retries > 0) && sk.probe.size === 0;
}

function timeoutMarkLost(sk: MainSock): void {
  const head = sk.writeQueue.first;
  const reneged = head !== null && (head.sacked & Sacked.ACKED) !== 0;
  if (reneged) sk.sackedOut = 0;
  else if (sk.isReno) sk.sackedOut = 0;
  for (let skb = head; skb !== null && skb !== sk.sendHead; skb = skb.next) {
    if (reneged) skb.sacked &= ~Sacked.ACKED;
    else if (sk.isRack && skb !== head && rackSkbTimeout(sk, skb, 0) > 0) continue; // sent a moment ago
    markSkbLost(sk, skb);
  }
}

/** @kernel net/ipv4/tcp_input.c tcp_packet_delayed: the ACK answers what was sent before the first retransmission. */
function packetDelayed(sk: MainSock): boolean {
  return (
    sk.retransStamp !== 0 && sk.ecrMs !== 0 && sk.ecrMs < Math.floor(sk.retransStamp / 1000) + 1
  );
}

/** @kernel net/ipv4/tcp_input.c tcp_may_undo */
function mayUndo(sk: MainSock): boolean {
  return !sk.undone && (sk.undoRetrans === 0 || packetDelayed(sk));
}

/** @kernel net/ipv4/tcp_input.c tcp_undo_cwnd_reduction */
function undoCwndReduction(sk: MainSock, unmark: boolean): void {
  if (unmark) {
    for (let skb = sk.writeQueue.first; skb !== null && skb !== sk.sendHead; skb = skb.next)
      skb.sacked &= ~Sacked.LOST;
    sk.lostOut = 0;
  }
  if (sk.priorSsthresh > 0) {
    sk.cwnd = Math.max(sk.cwnd, sk.priorCwnd);
    if (sk.priorSsthresh > sk.ssthresh) sk.ssthresh = sk.priorSsthresh;
  }
  sk.cwndStamp = sk.now;
  sk.undone = true;
  sk.rack.advanced = true;
}

/** Hold the state until something above is acknowledged, to avoid false retransmissions without SACK. @kernel net/ipv4/tcp_input.c tcp_is_non_sack_preventing_reopen */
function preventsReopen(sk: MainSock): boolean {
  if (!sk.isReno || sk.sndUna !== sk.highSeq) return false;
  if (!anyRetransDone(sk)) sk.retransStamp = 0;
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_any_retrans_done */
export function anyRetransDone(sk: MainSock): boolean {
  if (sk.retransOut > 0) return true;
  const head = sk.writeQueue.first;
  return head !== null && head !== sk.sendHead && (head.sacked & Sacked.EVER_RETRANS) !== 0;
}

/** True: the state stays for now. @kernel net/ipv4/tcp_input.c tcp_try_undo_recovery */
export function tryUndoRecovery(sk: MainSock): boolean {
  if (mayUndo(sk)) undoCwndReduction(sk, false);
  else if (sk.rack.reoWndPersist > 0) sk.rack.reoWndPersist--;
  if (preventsReopen(sk)) return true;
  sk.caState = Ca.OPEN;
  return false;
}

/** @kernel net/ipv4/tcp_input.c tcp_try_undo_dsack */
export function tryUndoDsack(sk: MainSock): boolean {
  if (sk.undone || sk.undoRetrans !== 0) return false;
  sk.rack.reoWndPersist = Math.min(16, sk.rack.reoWndPersist + 1);
  undoCwndReduction(sk, false);
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_try_undo_loss */
function tryUndoLoss(sk: MainSock, frto: boolean): boolean {
  if (!frto && !mayUndo(sk)) return false;
  undoCwndReduction(sk, true);
  sk.retries = 0;
  if (preventsReopen(sk)) return true;
  if (frto || !sk.isReno) sk.caState = Ca.OPEN;
  return true;
}

/** A partial ACK in recovery that answers the first transmission. @kernel net/ipv4/tcp_input.c tcp_try_undo_partial */
export function tryUndoPartial(sk: MainSock): boolean {
  if (sk.undone || !packetDelayed(sk)) return false;
  if (sk.retransOut > 0) return true;
  if (!anyRetransDone(sk)) sk.retransStamp = 0;
  undoCwndReduction(sk, true);
  tryKeepOpen(sk);
  return false;
}

/** @kernel net/ipv4/tcp_input.c tcp_try_keep_open */
export function tryKeepOpen(sk: MainSock): void {
  const state = sk.sackedOut + sk.lostOut > 0 || anyRetransDone(sk) ? Ca.DISORDER : Ca.OPEN;
  if (sk.caState === state) return;
  sk.caState = state;
  sk.highSeq = sk.sndNxt;
}

/** What to send after an ACK: nothing, what is lost, or new data first. */
export type Rexmit = 'none' | 'lost' | 'new';

/** After a timeout; F-RTO. @kernel net/ipv4/tcp_input.c tcp_process_loss */
export function processLoss(
  sk: MainSock,
  ack: { unaAdvanced: boolean; dataSacked: boolean; origSacked: boolean },
  dupAcks: number,
): Rexmit {
  const recovered = !after(sk.highSeq, sk.sndUna);
  if (ack.unaAdvanced && tryUndoLoss(sk, false)) return 'none';
  if (sk.frto) {
    if (ack.origSacked && tryUndoLoss(sk, true)) return 'none';
    if (after(sk.sndNxt, sk.highSeq)) {
      if (ack.dataSacked || dupAcks > 0) sk.frto = false;
    } else if (ack.unaAdvanced && !recovered) {
      sk.highSeq = sk.sndNxt;
      if (sk.sendHead !== null && after(sk.wndEnd, sk.sndNxt)) return 'new';
      sk.frto = false;
    }
  }
  if (recovered) {
    tryUndoRecovery(sk);
    return 'none';
  }
  if (sk.isReno && ack.unaAdvanced) sk.sackedOut = 0;
  return 'lost';
}

/** Ticks until `skb` counts as lost. @kernel net/ipv4/tcp_recovery.c tcp_rack_skb_timeout */
export function rackSkbTimeout(sk: MainSock, skb: SkBuff, window: number): number {
  return sk.rack.rttUs + window - (sk.now - skb.when);
}
