// The timer of a connection: when it fires next, and what for. What it does then is tcp_timer.ts.
import { RTO_MAX, TcpState } from '../tcp_sock.ts';
import { Ca, TIMEOUT_MIN, Timer, type MainSock } from './tcp_main_sock.ts';

export function rtoMax(sk: MainSock): number {
  return Math.min(RTO_MAX, sk.sysctl.rtoMaxMs * 1000);
}

/** @kernel include/net/inet_connection_sock.h inet_csk_reset_xmit_timer */
export function armTimer(sk: MainSock, what: number, ticks: number): void {
  sk.pending = what;
  sk.k.agenda.arm(sk.rtoTimer.place, sk.now + Math.min(Math.max(ticks, 1), rtoMax(sk)));
}

export function clearTimer(sk: MainSock): void {
  sk.pending = Timer.NONE;
  sk.k.agenda.disarm(sk.rtoTimer.place);
}

/** Ticks until the head of the queue has waited for one timeout. @kernel include/net/tcp.h tcp_rto_delta_us */
export function rtoDelta(sk: MainSock): number {
  const head = sk.writeQueue.first;
  return head === null ? sk.rto : head.when + sk.rto - sk.now;
}

/** @kernel net/ipv4/tcp_input.c tcp_rearm_rto */
export function rearmRto(sk: MainSock): void {
  if (sk.packetsOut === 0) {
    clearTimer(sk);
    return;
  }
  const probing = sk.pending === Timer.REO_TIMEOUT || sk.pending === Timer.LOSS_PROBE;
  armTimer(sk, Timer.RETRANS, probing ? Math.max(rtoDelta(sk), 1) : sk.rto);
}

/** @kernel net/ipv4/tcp_input.c tcp_set_xmit_timer */
export function setXmitTimer(sk: MainSock): void {
  if (!scheduleLossProbe(sk, true)) rearmRto(sk);
}

/** @kernel net/ipv4/tcp_output.c tcp_schedule_loss_probe (4.13) */
export function scheduleLossProbe(sk: MainSock, advancing: boolean): boolean {
  const { earlyRetrans, rtoMinUs } = sk.sysctl;
  if (earlyRetrans !== 3 && earlyRetrans !== 4) return false;
  if (sk.packetsOut === 0 || sk.isReno || sk.state < TcpState.ESTABLISHED) return false;
  if (sk.caState !== Ca.OPEN && sk.caState !== Ca.CWR) return false;
  let timeout = 1_000_000;
  if (sk.srttUs > 0) timeout = (sk.srttUs >> 2) + (sk.packetsOut === 1 ? rtoMinUs : TIMEOUT_MIN);
  const delta = advancing ? sk.rto : rtoDelta(sk);
  if (delta > 0) timeout = Math.min(timeout, delta);
  armTimer(sk, Timer.LOSS_PROBE, timeout);
  return true;
}

export function probe0Base(sk: MainSock): number {
  return Math.max(sk.rto, sk.sysctl.rtoMinUs);
}

/** @kernel include/net/tcp.h tcp_probe0_when */
export function probe0When(sk: MainSock): number {
  return Math.min(rtoMax(sk), probe0Base(sk) * 2 ** Math.min(sk.backoff, 20));
}
