// CUBIC with HyStart: how the congestion window grows, and what it falls to.
import { declareState } from '../../../state.ts';
import { after } from '../tcp_sock.ts';
import { congAvoidAi, isCwndLimited, slowStart } from './tcp_cwnd.ts';
import type { MainSock } from './tcp_main_sock.ts';

const BETA = 717;
const SCALE = 1024;
const BIC_SCALE = 410;
const CUBE_FACTOR = 2 ** 40 / BIC_SCALE;
const BETA_SCALE = Math.floor((8 * (SCALE + BETA)) / 3 / (SCALE - BETA));
const LOW_WINDOW = 16;
const MIN_SAMPLES = 8;
const ACK_DELTA = 2000;

/** @kernel net/ipv4/tcp_cubic.c struct bictcp (5.15) */
export class Cubic {
  cnt = 0;
  lastMaxCwnd = 0;
  lastCwnd = 0;
  lastTime = 0;
  originPoint = 0;
  bicK = 0;
  delayMin = 0;
  epochStart = 0;
  ackCnt = 0;
  tcpCwnd = 0;
  sampleCnt = 0;
  found = false;
  roundStart = 0;
  endSeq = 0;
  lastAck = 0;
  currRtt = Infinity;
}

declareState(Cubic, {
  state:
    'cnt lastMaxCwnd lastCwnd originPoint bicK delayMin ackCnt tcpCwnd sampleCnt found endSeq currRtt',
  moment: 'lastTime epochStart roundStart lastAck',
});

/** @kernel net/ipv4/tcp_cubic.c cubictcp_recalc_ssthresh */
export function cubicSsthresh(sk: MainSock): number {
  const ca = sk.cubic;
  ca.epochStart = 0;
  ca.lastMaxCwnd =
    sk.cwnd < ca.lastMaxCwnd ? Math.floor((sk.cwnd * (SCALE + BETA)) / (2 * SCALE)) : sk.cwnd;
  return Math.max(Math.floor((sk.cwnd * BETA) / SCALE), 2);
}

/** A timeout: everything that was learnt is forgotten. @kernel net/ipv4/tcp_cubic.c cubictcp_state, bictcp_reset */
export function cubicReset(sk: MainSock): void {
  Object.assign(sk.cubic, new Cubic());
  hystartReset(sk);
}

/** @kernel net/ipv4/tcp_cubic.c cubictcp_cong_avoid */
export function cubicAvoid(sk: MainSock, acked: number): void {
  if (!isCwndLimited(sk)) return;
  let left = acked;
  if (sk.inSlowStart) {
    left = slowStart(sk, acked);
    if (left === 0) return;
  }
  update(sk, left);
  congAvoidAi(sk, sk.cubic.cnt, left);
}

/** Model: times are milliseconds, as with HZ=1000. @kernel net/ipv4/tcp_cubic.c bictcp_update */
function update(sk: MainSock, acked: number): void {
  const ca = sk.cubic;
  const { cwnd } = sk;
  const now = Math.floor(sk.now / 1000) + 1;
  ca.ackCnt += acked;
  if (ca.lastCwnd === cwnd && now - ca.lastTime <= 31) return;
  if (ca.epochStart === 0 || now !== ca.lastTime) {
    ca.lastCwnd = cwnd;
    ca.lastTime = now;
    if (ca.epochStart === 0) newEpoch(ca, cwnd, now, acked);
    ca.cnt = cubicCount(ca, cwnd, now);
  }
  const delta = (cwnd * BETA_SCALE) >> 3;
  while (delta > 0 && ca.ackCnt > delta) {
    ca.ackCnt -= delta;
    ca.tcpCwnd++;
  }
  if (ca.tcpCwnd > cwnd) ca.cnt = Math.min(ca.cnt, Math.floor(cwnd / (ca.tcpCwnd - cwnd)));
  ca.cnt = Math.max(ca.cnt, 2);
}

function newEpoch(ca: Cubic, cwnd: number, now: number, acked: number): void {
  ca.epochStart = now;
  ca.ackCnt = acked;
  ca.tcpCwnd = cwnd;
  if (ca.lastMaxCwnd <= cwnd) {
    ca.bicK = 0;
    ca.originPoint = cwnd;
  } else {
    ca.bicK = Math.floor(Math.cbrt(CUBE_FACTOR * (ca.lastMaxCwnd - cwnd)));
    ca.originPoint = ca.lastMaxCwnd;
  }
}

/** ACKs for one more segment of window. */
function cubicCount(ca: Cubic, cwnd: number, now: number): number {
  const ms = now - ca.epochStart + Math.floor(ca.delayMin / 1000);
  const t = Math.floor((ms * 1024) / 1000);
  const offs = Math.abs(t - ca.bicK);
  const delta = Math.floor((BIC_SCALE * offs * offs * offs) / 2 ** 40);
  const target = t < ca.bicK ? ca.originPoint - delta : ca.originPoint + delta;
  const count = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
  return ca.lastMaxCwnd === 0 && count > 20 ? 20 : count;
}

/** @kernel net/ipv4/tcp_cubic.c bictcp_hystart_reset */
export function hystartReset(sk: MainSock): void {
  const ca = sk.cubic;
  ca.roundStart = sk.now;
  ca.lastAck = sk.now;
  ca.endSeq = sk.sndNxt;
  ca.currRtt = Infinity;
  ca.sampleCnt = 0;
}

/** A round trip of `rtt` ticks was measured; negative: none. @kernel net/ipv4/tcp_cubic.c cubictcp_acked */
export function cubicAcked(sk: MainSock, rtt: number): void {
  const ca = sk.cubic;
  if (rtt < 0) return;
  if (ca.epochStart !== 0 && Math.floor(sk.now / 1000) + 1 - ca.epochStart < 1000) return;
  const delay = Math.max(1, rtt);
  if (ca.delayMin === 0 || ca.delayMin > delay) ca.delayMin = delay;
  if (!ca.found && sk.inSlowStart && sk.cwnd >= LOW_WINDOW) hystartUpdate(sk, delay);
}

/** @kernel net/ipv4/tcp_cubic.c hystart_update (5.6) */
function hystartUpdate(sk: MainSock, delay: number): void {
  const ca = sk.cubic;
  const { hystartDetect } = sk.sysctl;
  if (after(sk.sndUna, ca.endSeq)) hystartReset(sk);
  if ((hystartDetect & 1) !== 0 && sk.now - ca.lastAck <= ACK_DELTA) {
    ca.lastAck = sk.now;
    const threshold = (ca.delayMin + ackDelay(sk)) / 2; // nothing is paced
    if (sk.now - ca.roundStart > threshold) stopSlowStart(sk);
  }
  if ((hystartDetect & 2) === 0) return;
  ca.currRtt = Math.min(ca.currRtt, delay);
  if (ca.sampleCnt < MIN_SAMPLES) {
    ca.sampleCnt++;
  } else {
    const slack = Math.min(16_000, Math.max(4000, ca.delayMin >> 3));
    if (ca.currRtt > ca.delayMin + slack) stopSlowStart(sk);
  }
}

/** Time that the sender's own bursts take. @kernel net/ipv4/tcp_cubic.c hystart_ack_delay */
function ackDelay(sk: MainSock): number {
  if (!Number.isFinite(sk.pacingRate) || sk.pacingRate === 0) return 0;
  return Math.min(1000, Math.floor((65_536 * 4 * 1e6) / sk.pacingRate));
}

function stopSlowStart(sk: MainSock): void {
  sk.cubic.found = true;
  sk.ssthresh = sk.cwnd;
}
