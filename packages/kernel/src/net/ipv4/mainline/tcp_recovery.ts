// RACK: what was sent before something that has arrived, and is not here after a reordering window, is lost (RFC 8985).
import { after, Sacked } from '../tcp_sock.ts';
import { cwndReduction } from './tcp_cong.ts';
import { enterRecovery, markSkbLost, rackSkbTimeout } from './tcp_loss.ts';
import { Ca, TIMEOUT_MIN, Timer, type MainSock } from './tcp_main_sock.ts';
import { armTimer, rearmRto } from './tcp_rearm.ts';
import { retransmitQueue } from './tcp_retransmit.ts';

/** @kernel net/ipv4/tcp_recovery.c tcp_rack_sent_after */
function sentAfter(t1: number, t2: number, seq1: number, seq2: number): boolean {
  return t1 > t2 || (t1 === t2 && after(seq1, seq2));
}

/** @kernel net/ipv4/tcp_recovery.c tcp_rack_reo_wnd (4.18) */
function reoWnd(sk: MainSock): number {
  if (sk.reordSeen === 0) {
    if (sk.caState >= Ca.RECOVERY) return 0;
    if (sk.sackedOut >= sk.reordering && (sk.sysctl.recovery & 4) === 0) return 0;
  }
  const steps = Number.isFinite(sk.minRtt) ? (sk.minRtt >> 2) * sk.rack.reoWndSteps : Infinity;
  return Math.min(steps, sk.srttUs >> 3);
}

/** Marks what is lost; returns ticks until the next one may be, 0: none. @kernel net/ipv4/tcp_recovery.c tcp_rack_detect_loss */
function detectLoss(sk: MainSock): number {
  const { rack } = sk;
  const window = reoWnd(sk);
  let timeout = 0;
  for (let skb = sk.writeQueue.first; skb !== null && skb !== sk.sendHead; skb = skb.next) {
    if ((skb.sacked & Sacked.ACKED) !== 0) continue;
    if ((skb.sacked & (Sacked.LOST | Sacked.RETRANS)) === Sacked.LOST) continue;
    if (!sentAfter(rack.mstamp, skb.when, rack.endSeq, skb.endSeq)) continue;
    const remaining = rackSkbTimeout(sk, skb, window);
    if (remaining <= 0) markSkbLost(sk, skb);
    else timeout = Math.max(timeout, remaining);
  }
  return timeout;
}

/** True: a timer stands for what is not lost yet. @kernel net/ipv4/tcp_recovery.c tcp_rack_mark_lost */
export function rackMarkLost(sk: MainSock): boolean {
  if (!sk.rack.advanced) return false;
  sk.rack.advanced = false;
  const timeout = detectLoss(sk);
  if (timeout > 0) armTimer(sk, Timer.REO_TIMEOUT, Math.min(timeout + TIMEOUT_MIN, sk.rto));
  return timeout > 0;
}

/** A packet arrived that was sent at `sent`. @kernel net/ipv4/tcp_recovery.c tcp_rack_advance */
export function rackAdvance(sk: MainSock, sacked: number, endSeq: number, sent: number): void {
  const { rack } = sk;
  const rtt = sk.now - sent;
  if (rtt < sk.minRtt && (sacked & (Sacked.RETRANS | Sacked.EVER_RETRANS)) !== 0) return; // the ACK is of the first one
  rack.advanced = true;
  rack.rttUs = rtt;
  if (!sentAfter(sent, rack.mstamp, endSeq, rack.endSeq)) return;
  rack.mstamp = sent;
  rack.endSeq = endSeq;
}

/** @kernel net/ipv4/tcp_recovery.c tcp_rack_reo_timeout */
export function rackReoTimeout(sk: MainSock): void {
  const flight = sk.inFlight();
  const { lost } = sk;
  detectLoss(sk);
  if (flight !== sk.inFlight()) {
    if (sk.caState !== Ca.RECOVERY) {
      enterRecovery(sk);
      cwndReduction(sk, 1, sk.lost - lost, false);
    }
    retransmitQueue(sk);
  }
  if (sk.pending !== Timer.RETRANS) rearmRto(sk);
}

/** A DSACK says that the window was too small. @kernel net/ipv4/tcp_recovery.c tcp_rack_update_reo_wnd */
export function rackUpdateReoWnd(sk: MainSock, priorDelivered: number): void {
  const { rack } = sk;
  if ((sk.sysctl.recovery & 2) !== 0 || priorDelivered === 0) return;
  if (priorDelivered < rack.lastDelivered) rack.dsackSeen = false;
  if (rack.dsackSeen) {
    rack.reoWndSteps = Math.min(255, rack.reoWndSteps + 1);
    rack.dsackSeen = false;
    rack.lastDelivered = sk.delivered;
    rack.reoWndPersist = 16;
  } else if (rack.reoWndPersist === 0) {
    rack.reoWndSteps = 1;
  }
}
