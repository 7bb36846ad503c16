// How a window grows, whichever algorithm asks.
import type { MainSock } from './tcp_main_sock.ts';

/** @kernel net/ipv4/tcp_cong.c tcp_slow_start (4.14) */
export function slowStart(sk: MainSock, acked: number): number {
  const cwnd = Math.min(sk.cwnd + acked, sk.ssthresh);
  const left = acked - (cwnd - sk.cwnd);
  sk.cwnd = cwnd;
  return left;
}

/** One segment more for every `w` acknowledged. @kernel net/ipv4/tcp_cong.c tcp_cong_avoid_ai */
export function congAvoidAi(sk: MainSock, w: number, acked: number): void {
  if (sk.cwndCount >= w) {
    sk.cwndCount = 0;
    sk.cwnd++;
  }
  sk.cwndCount += acked;
  if (sk.cwndCount < w) return;
  const delta = Math.floor(sk.cwndCount / w);
  sk.cwndCount -= delta * w;
  sk.cwnd += delta;
}

/** Does the window keep the sender back, so that a larger one would be used? @kernel include/net/tcp.h tcp_is_cwnd_limited (6.0) */
export function isCwndLimited(sk: MainSock): boolean {
  if (sk.isCwndLimited) return true;
  return sk.inSlowStart && sk.cwnd < 2 * sk.maxPacketsOut;
}
