// The congestion window: whether it is used, how it grows, what a loss makes of it.
import { after } from '../tcp_sock.ts';
import { cubicAvoid, cubicReset, cubicSsthresh } from './tcp_cubic.ts';
import { congAvoidAi, isCwndLimited, slowStart } from './tcp_cwnd.ts';
import { chronoStart } from './tcp_info.ts';
import { Ca, INFINITE_SSTHRESH, type MainSock } from './tcp_main_sock.ts';

/** @kernel net/ipv4/tcp_cong.c tcp_reno_cong_avoid */
function renoAvoid(sk: MainSock, acked: number): void {
  if (!isCwndLimited(sk)) return;
  let left = acked;
  if (sk.inSlowStart) {
    left = slowStart(sk, acked);
    if (left === 0) return;
  }
  congAvoidAi(sk, sk.cwnd, left);
}

/** @kernel net/ipv4/tcp_input.c tcp_cong_avoid */
export function congAvoid(sk: MainSock, acked: number): void {
  if (sk.sysctl.congestionControl === 'cubic') cubicAvoid(sk, acked);
  else renoAvoid(sk, acked);
  sk.cwndStamp = sk.now;
}

/** What a loss lets the threshold be. @kernel net/ipv4/tcp_cong.c tcp_reno_ssthresh, net/ipv4/tcp_cubic.c */
export function caSsthresh(sk: MainSock): number {
  if (sk.sysctl.congestionControl === 'cubic') return cubicSsthresh(sk);
  return Math.max(sk.cwnd >> 1, 2);
}

/** CA_EVENT_LOSS. */
export function caLoss(sk: MainSock): void {
  if (sk.sysctl.congestionControl === 'cubic') cubicReset(sk);
}

/** @kernel include/net/tcp.h tcp_current_ssthresh */
export function currentSsthresh(sk: MainSock): number {
  if (sk.inCwndReduction) return sk.ssthresh;
  return Math.max(sk.ssthresh, (sk.cwnd >> 1) + (sk.cwnd >> 2));
}

/** RFC 6937 begins. @kernel net/ipv4/tcp_input.c tcp_init_cwnd_reduction (3.7) */
export function initCwndReduction(sk: MainSock): void {
  sk.highSeq = sk.sndNxt;
  sk.tlpOut = false;
  sk.cwndCount = 0;
  sk.priorCwnd = sk.cwnd;
  sk.prrDelivered = 0;
  sk.prrOut = 0;
  sk.ssthresh = caSsthresh(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_cwnd_reduction (6.0) */
export function cwndReduction(
  sk: MainSock,
  delivered: number,
  newlyLost: number,
  unaAdvanced: boolean,
): void {
  if (delivered <= 0 || sk.priorCwnd === 0) return;
  const flight = sk.inFlight();
  const delta = sk.ssthresh - flight;
  sk.prrDelivered += delivered;
  let send: number;
  if (delta < 0) {
    send =
      Math.floor((sk.ssthresh * sk.prrDelivered + sk.priorCwnd - 1) / sk.priorCwnd) - sk.prrOut;
  } else {
    send = Math.max(sk.prrDelivered - sk.prrOut, delivered);
    if (unaAdvanced && newlyLost === 0) send++;
    send = Math.min(delta, send);
  }
  send = Math.max(send, sk.prrOut > 0 ? 0 : 1); // a fast retransmission when recovery begins
  sk.cwnd = flight + send;
}

/** @kernel net/ipv4/tcp_input.c tcp_end_cwnd_reduction */
export function endCwndReduction(sk: MainSock): void {
  if (sk.ssthresh < INFINITE_SSTHRESH && (sk.caState === Ca.CWR || !sk.undone)) {
    sk.cwnd = sk.ssthresh;
    sk.cwndStamp = sk.now;
  }
}

/** After sending: is the window the limit? @kernel net/ipv4/tcp_output.c tcp_cwnd_validate (6.0) */
export function cwndValidate(sk: MainSock, limited: boolean): void {
  if (
    !after(sk.cwndUsageSeq, sk.sndUna) ||
    limited ||
    (!sk.isCwndLimited && sk.packetsOut > sk.maxPacketsOut)
  ) {
    sk.isCwndLimited = limited;
    sk.maxPacketsOut = sk.packetsOut;
    sk.cwndUsageSeq = sk.sndNxt;
  }
  if (isCwndLimited(sk)) {
    sk.cwndUsed = 0;
    sk.cwndStamp = sk.now;
    return;
  }
  sk.cwndUsed = Math.max(sk.cwndUsed, sk.packetsOut);
  if (sk.sysctl.slowStartAfterIdle !== 0 && sk.now - sk.cwndStamp >= sk.rto) applicationLimited(sk);
  if (sk.sendHead === null && sk.noSpace && sk.canSend) chronoStart(sk, 3); // all is sent, and the buffer lets no more in
}

/** The application sends less than it may. @kernel net/ipv4/tcp_output.c tcp_cwnd_application_limited */
function applicationLimited(sk: MainSock): void {
  if (sk.caState === Ca.OPEN && !sk.noSpace) {
    const used = Math.max(sk.cwndUsed, sk.host.initCwnd);
    if (used < sk.cwnd) {
      sk.ssthresh = currentSsthresh(sk);
      sk.cwnd = (sk.cwnd + used) >> 1;
    }
    sk.cwndUsed = 0;
  }
  sk.cwndStamp = sk.now;
}

/** RFC 2861: what was learnt of the path grows old. @kernel include/net/tcp.h tcp_slow_start_after_idle_check, tcp_cwnd_restart */
export function slowStartAfterIdle(sk: MainSock): void {
  if (sk.sysctl.slowStartAfterIdle === 0 || sk.packetsOut > 0) return;
  let delta = sk.now - sk.lsndtime;
  if (delta <= sk.rto) return;
  const { initCwnd } = sk.host;
  sk.ssthresh = currentSsthresh(sk);
  const restart = Math.min(initCwnd, sk.cwnd);
  let { cwnd } = sk;
  for (delta -= sk.rto; delta > 0 && cwnd > restart; delta -= sk.rto) cwnd >>= 1;
  sk.cwnd = Math.max(cwnd, restart);
  sk.cwndStamp = sk.now;
  sk.cwndUsed = 0;
}

/** @kernel net/ipv4/tcp_input.c tcp_update_pacing_rate */
export function updatePacingRate(sk: MainSock): void {
  const ratio = sk.cwnd < sk.ssthresh / 2 ? sk.sysctl.pacingSsRatio : sk.sysctl.pacingCaRatio;
  const rate = sk.mss * 10_000 * 8 * ratio * Math.max(sk.cwnd, sk.packetsOut);
  sk.pacingRate = sk.srttUs > 0 ? Math.floor(rate / sk.srttUs) : rate;
}
