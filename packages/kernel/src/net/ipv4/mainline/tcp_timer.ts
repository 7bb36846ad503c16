// One timer for retransmission, window probes, loss probes and RACK; one for delayed ACKs.
import { TcpFlag } from '../tcp_header.ts';
import { tcpFragment } from '../tcp_output.ts';
import { before, TcpState } from '../tcp_sock.ts';
import { tcpWriteErr } from './tcp_close.ts';
import { enterLoss } from './tcp_loss.ts';
import { Ack, ATO_MIN, Nagle, RESOURCE_PROBE, Timer, type MainSock } from './tcp_main_sock.ts';
import { sndWndTest, writeXmit } from './tcp_output.ts';
import { newDataSent } from './tcp_queue.ts';
import { armTimer, probe0When, rearmRto, rtoMax } from './tcp_rearm.ts';
import { rackReoTimeout } from './tcp_recovery.ts';
import { retransmitOne, retransmitSkb } from './tcp_retransmit.ts';
import { sendAck, transmitQueued, xmitProbe } from './tcp_transmit.ts';

/** @kernel net/ipv4/tcp_timer.c tcp_write_timer_handler */
export function onMainTimer(sk: MainSock): boolean {
  const { agenda } = sk.k;
  if (sk.state === TcpState.CLOSED || !agenda.isArmed(sk.rtoTimer.place)) return false;
  const what = sk.pending;
  agenda.disarm(sk.rtoTimer.place);
  if (what === Timer.REO_TIMEOUT) rackReoTimeout(sk);
  else if (what === Timer.LOSS_PROBE) sendLossProbe(sk);
  else {
    sk.pending = Timer.NONE;
    if (what === Timer.RETRANS) retransmitTimer(sk);
    else if (what === Timer.PROBE0) probeTimer(sk);
    else sk.host.onOther(sk);
  }
  return true;
}

/** RFC 8985 7.3. @kernel net/ipv4/tcp_output.c tcp_send_loss_probe (3.10) */
function sendLossProbe(sk: MainSock): void {
  if (!sk.tlpOut && probeSent(sk)) {
    sk.tlpOut = true;
    sk.tlpHighSeq = sk.sndNxt;
    sk.pending = Timer.NONE; // so that the timeout counts from now
  }
  rearmRto(sk);
}

function probeSent(sk: MainSock): boolean {
  sk.tlpRetrans = false;
  const { sendHead } = sk;
  if (sendHead !== null && sndWndTest(sk, sendHead)) {
    const { packetsOut } = sk;
    writeXmit(sk, Nagle.OFF, 2);
    return sk.packetsOut > packetsOut;
  }
  let skb = sendHead === null ? sk.writeQueue.last : sendHead.prev;
  if (skb === null) return false;
  const whole = (skb.pcount - 1) * sk.mss;
  if (skb.pcount > 1 && skb.len > whole) skb = tcpFragment(sk, skb, whole);
  if (!retransmitOne(sk, skb, 1)) return false;
  sk.tlpRetrans = true;
  return true;
}

/** @kernel net/ipv4/tcp_timer.c tcp_retransmit_timer (6.12) */
function retransmitTimer(sk: MainSock): void {
  const head = sk.writeQueue.first;
  if (sk.packetsOut === 0 || head === null) return;
  if (timedOut(sk)) {
    tcpWriteErr(sk);
    return;
  }
  sk.timeouts++;
  if (sk.state >= TcpState.ESTABLISHED) enterLoss(sk);
  sk.retries++;
  if (!retransmitSkb(sk, sk.writeQueue.first!, 1)) {
    armTimer(sk, Timer.RETRANS, RESOURCE_PROBE);
    return;
  }
  sk.backoff++;
  sk.rto = Math.min(sk.rto * 2, rtoMax(sk));
  armTimer(sk, Timer.RETRANS, clampToUser(sk, sk.rto, sk.retransStamp));
}

/** @kernel net/ipv4/tcp_timer.c tcp_write_timeout, retransmits_timed_out */
function timedOut(sk: MainSock): boolean {
  if (sk.retries === 0) return false;
  if (sk.state === TcpState.SYN_SENT) return sk.retries >= sk.sysctl.synRetries;
  if (sk.state === TcpState.SYN_RECV) return sk.retries >= sk.sysctl.synackRetries;
  const since = sk.retransStamp === 0 ? sk.now : sk.retransStamp;
  if (sk.userTimeout > 0) return sk.now - since >= sk.userTimeout * 1000;
  return sk.retries > (sk.dead ? orphanRetries(sk) : sk.sysctl.retries2);
}

/** @kernel net/ipv4/tcp_timer.c tcp_orphan_retries */
function orphanRetries(sk: MainSock): number {
  const { orphanRetries: set } = sk.sysctl;
  return set === 0 && sk.rto < rtoMax(sk) ? 8 : set;
}

/** @kernel net/ipv4/tcp_timer.c tcp_clamp_rto_to_user_timeout, tcp_clamp_probe0_to_user_timeout */
function clampToUser(sk: MainSock, ticks: number, since: number): number {
  if (sk.userTimeout === 0 || since === 0) return ticks;
  const left = sk.userTimeout * 1000 - (sk.now - since);
  return left <= 0 ? 1 : Math.min(ticks, left);
}

/** @kernel net/ipv4/tcp_timer.c tcp_probe_timer */
function probeTimer(sk: MainSock): void {
  if (sk.packetsOut > 0 || sk.sendHead === null) {
    sk.probes = 0;
    sk.probesStamp = 0;
    return;
  }
  if (sk.probesStamp === 0) sk.probesStamp = sk.now;
  else if (sk.userTimeout > 0 && sk.now - sk.probesStamp >= sk.userTimeout * 1000) {
    tcpWriteErr(sk);
    return;
  }
  const most = sk.dead ? orphanRetries(sk) : sk.sysctl.retries2;
  if (sk.probes >= most) tcpWriteErr(sk);
  else sendProbe0(sk);
}

/** @kernel net/ipv4/tcp_output.c tcp_send_probe0 */
function sendProbe0(sk: MainSock): void {
  const ok = writeWakeup(sk);
  if (sk.packetsOut > 0 || sk.sendHead === null) {
    sk.probes = 0;
    sk.backoff = 0;
    sk.probesStamp = 0;
    return;
  }
  sk.probes++;
  let timeout = RESOURCE_PROBE;
  if (ok) {
    if (sk.backoff < sk.sysctl.retries2) sk.backoff++;
    timeout = probe0When(sk);
  }
  armTimer(sk, Timer.PROBE0, clampToUser(sk, timeout, sk.probesStamp));
}

/** What waits goes, if the window has room; else a probe. @kernel net/ipv4/tcp_output.c tcp_write_wakeup */
function writeWakeup(sk: MainSock): boolean {
  const skb = sk.sendHead;
  if (skb === null || !before(skb.seq, sk.wndEnd)) return xmitProbe(sk);
  const room = (sk.wndEnd - skb.seq) | 0;
  if (before(sk.pushedSeq, skb.endSeq)) sk.pushedSeq = skb.endSeq;
  const size = Math.min(room, sk.mss);
  if (room < skb.len || skb.len > sk.mss) tcpFragment(sk, skb, size);
  skb.tcpFlags |= TcpFlag.PSH;
  if (!transmitQueued(sk, skb)) return false;
  newDataSent(sk, skb);
  return true;
}

/** @kernel net/ipv4/tcp_timer.c tcp_delack_timer_handler */
export function onMainDelack(sk: MainSock): boolean {
  const { agenda } = sk.k;
  if (!agenda.isArmed(sk.delackTimer.place)) return false;
  agenda.disarm(sk.delackTimer.place);
  sk.ackState &= ~Ack.TIMER;
  if ((sk.ackState & Ack.SCHED) === 0) return true;
  if (sk.pingpong < sk.sysctl.pingpongThresh) {
    sk.ato = Math.min(sk.ato * 2, sk.rto);
  } else {
    sk.pingpong = 0;
    sk.ato = ATO_MIN;
  }
  sendAck(sk);
  return true;
}
