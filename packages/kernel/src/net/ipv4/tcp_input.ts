// Receiving: what a segment does to the socket that it belongs to.
import type { SkBuff } from '../core/skbuff.ts';
import { skbPull } from '../core/skb_alloc.ts';
import { skbTryCoalesce } from '../core/skb_coalesce.ts';
import { kfreeSkb, skbSetOwnerR } from '../core/skb_free.ts';
import { dropSndmsgPage, tcpDone } from './tcp.ts';
import { DELACK_MIN, TcpState, after, before, type TcpSock } from './tcp_sock.ts';
import { tcpAck } from './tcp_ack.ts';
import { TS_OPTION, TcpFlag, type TcpHeader } from './tcp_header.ts';
import { resetFor, sendAck } from './tcp_output.ts';
import { sackNewOfo, sackRemove } from './tcp_sack.ts';
import { growWindow, measureRcvMss, receiveWindow, windowOffered } from './tcp_window.ts';

/** What the peer's SYN says. */
export function learnSyn(sk: TcpSock, h: TcpHeader): void {
  sk.rcvNxt = (h.seq + 1) | 0;
  sk.copiedSeq = sk.rcvNxt;
  sk.rcvWup = sk.rcvNxt;
  sk.sndWscale = Math.max(0, h.wscale);
  sk.sndWl1 = h.seq;
  sk.tsRecent = h.tsVal;
  if (h.mss !== 0) sk.mssClamp = Math.min(sk.mssClamp, h.mss - TS_OPTION);
  windowOffered(sk, h.window);
}

/** @kernel net/ipv4/tcp_input.c tcp_rcv_state_process, tcp_rcv_established */
export function rcv(sk: TcpSock, skb: SkBuff, h: TcpHeader): void {
  const { k } = sk;
  if (sk.state === TcpState.SYN_SENT) {
    synSent(sk, h);
    kfreeSkb(k, skb);
    return;
  }
  if ((h.flags & TcpFlag.RST) !== 0) {
    kfreeSkb(k, skb);
    if (inWindow(sk, h)) tcpDone(sk); // tcp_reset: what is queued stays until the application closes
    return;
  }
  if ((h.flags & TcpFlag.SYN) !== 0) {
    kfreeSkb(k, skb); // an old SYN or SYN|ACK: say where we are
    sendAck(sk);
    return;
  }
  // What an ACK echoes is the time of the oldest segment that it answers. @kernel tcp_replace_ts_recent
  if (!after(h.seq, sk.rcvWup) && !before(h.tsVal, sk.tsRecent)) sk.tsRecent = h.tsVal;
  if ((h.flags & TcpFlag.ACK) !== 0) {
    tcpAck(sk, h);
    advanceState(sk);
  }
  if (sk.state === TcpState.CLOSED) {
    kfreeSkb(k, skb);
    return;
  }
  const fin = (h.flags & TcpFlag.FIN) !== 0;
  if (h.payload === 0 && !fin) {
    if (before(h.seq, sk.rcvNxt)) sendAck(sk); // a probe
    kfreeSkb(k, skb);
    return;
  }
  if (sk.dead && after((h.seq + h.payload) | 0, sk.rcvNxt)) {
    kfreeSkb(k, skb); // data for an application that is gone: TCPABORTONDATA
    tcpDone(sk);
    resetFor(k, sk.route.device, h);
    return;
  }
  dataQueue(sk, skb, h, fin);
}

/** Is a segment without data in the window? @kernel net/ipv4/tcp_input.c tcp_sequence (2.6.24) */
function inWindow(sk: TcpSock, h: TcpHeader): boolean {
  const end = (h.seq + h.payload) | 0;
  return !before(end, sk.rcvWup) && !after(h.seq, (sk.rcvNxt + receiveWindow(sk)) | 0);
}

function synSent(sk: TcpSock, h: TcpHeader): void {
  if ((h.flags & TcpFlag.RST) !== 0) {
    if (h.ack === sk.sndNxt) tcpDone(sk); // else it answers an older connection
    return;
  }
  if ((h.flags & (TcpFlag.SYN | TcpFlag.ACK)) !== (TcpFlag.SYN | TcpFlag.ACK)) return;
  learnSyn(sk, h);
  sk.state = TcpState.ESTABLISHED;
  tcpAck(sk, h);
  sk.cwnd = Math.max(sk.cwnd, sk.k.era.initialCwnd);
  sendAck(sk);
  sk.user?.established(sk);
}

/** Acknowledged SYN and FIN move the state. */
function advanceState(sk: TcpSock): void {
  if (sk.state === TcpState.SYN_RECV && sk.writeQueue.qlen === 0) {
    sk.state = TcpState.ESTABLISHED;
    sk.parent?.established(sk);
  } else if (sk.sndUna === sk.writeSeq && sk.writeQueue.qlen === 0) {
    if (sk.state === TcpState.FIN_WAIT1) {
      sk.state = TcpState.FIN_WAIT2;
      if (sk.dead) dropSndmsgPage(sk); // only a small tcp_timewait_sock stays
    } else if (sk.state === TcpState.CLOSING || sk.state === TcpState.LAST_ACK) tcpDone(sk);
  }
}

/** @kernel net/ipv4/tcp_input.c tcp_data_queue (2.6.24) */
function dataQueue(sk: TcpSock, skb: SkBuff, h: TcpHeader, fin: boolean): void {
  const { k } = sk;
  skbPull(skb, h.bytes);
  skb.seq = h.seq;
  const end = (h.seq + h.payload) | 0;
  skb.endSeq = fin ? (end + 1) | 0 : end;
  skb.tcpFlags = h.flags;
  if (!after(skb.endSeq, sk.rcvNxt)) {
    sk.quickAcks = Math.max(sk.quickAcks, 1);
    sendAck(sk); // all of it is old: a duplicate
    kfreeSkb(k, skb);
    return;
  }
  if (after(end, (sk.rcvNxt + receiveWindow(sk)) | 0)) {
    sendAck(sk);
    kfreeSkb(k, skb);
    return;
  }
  skbSetOwnerR(k, skb, sk);
  if (after(skb.seq, sk.rcvNxt)) {
    queueOutOfOrder(sk, skb);
    return;
  }
  queueInOrder(sk, skb);
  measureRcvMss(sk, skb, h.payload);
  growWindow(sk, h.payload);
  if (sk.outOfOrder.qlen > 0) {
    drainOutOfOrder(sk);
    sackRemove(sk);
  }
  scheduleAck(sk, h.payload);
  sk.user?.dataReady(sk);
}

/** Takes what is new of `skb` into the receive queue. An overlap stays in front and is skipped by the reader. */
function queueInOrder(sk: TcpSock, skb: SkBuff): void {
  const fin = skb.tcpFlags & TcpFlag.FIN; // takes a sequence number, and no byte
  const fresh = (skb.endSeq - fin - sk.rcvNxt) | 0;
  sk.rcvQueued += fresh;
  sk.bytesReceived += fresh;
  sk.rcvNxt = skb.endSeq;
  const tail = sk.receiveQueue.last;
  if (sk.k.era.tcpCoalesces && tail !== null && tryCoalesce(sk, tail, skb)) kfreeSkb(sk.k, skb);
  else sk.receiveQueue.push(skb);
  if (fin !== 0) finish(sk);
}

/**
 * What continues the last packet of the queue becomes part of it: its frags wait in that packet's shared info while its
 * own sk_buff goes. False: nothing happened.
 * @kernel net/ipv4/tcp_input.c tcp_queue_rcv, tcp_try_coalesce (3.5)
 */
function tryCoalesce(sk: TcpSock, to: SkBuff, from: SkBuff): boolean {
  if (from.seq !== to.endSeq) return false;
  const { truesize } = to;
  if (!skbTryCoalesce(sk.k, to, from)) return false;
  sk.rmemAlloc += to.truesize - truesize;
  to.endSeq = from.endSeq;
  to.tcpFlags |= from.tcpFlags;
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_data_queue_ofo */
function queueOutOfOrder(sk: TcpSock, skb: SkBuff): void {
  let prev = sk.outOfOrder.last;
  while (prev !== null && after(prev.seq, skb.seq)) prev = prev.prev;
  const covered = prev !== null && !after(skb.endSeq, prev.endSeq);
  const { next } = prev ?? { next: sk.outOfOrder.first };
  if (covered || (next !== null && next.seq === skb.seq && !after(skb.endSeq, next.endSeq))) {
    sendAck(sk);
    kfreeSkb(sk.k, skb);
    return;
  }
  sk.rcvQueued += skb.len;
  if (prev !== null) sk.outOfOrder.insertAfter(prev, skb);
  else if (sk.outOfOrder.first !== null) sk.outOfOrder.insertBefore(sk.outOfOrder.first, skb);
  else sk.outOfOrder.push(skb);
  sackNewOfo(sk, skb.seq, skb.endSeq);
  sendAck(sk); // a duplicate ACK, with the block
}

/** @kernel net/ipv4/tcp_input.c tcp_ofo_queue */
function drainOutOfOrder(sk: TcpSock): void {
  for (let skb = sk.outOfOrder.first; skb !== null; skb = sk.outOfOrder.first) {
    if (after(skb.seq, sk.rcvNxt)) return;
    sk.outOfOrder.unlink(skb);
    sk.rcvQueued -= skb.len;
    if (!after(skb.endSeq, sk.rcvNxt)) {
      kfreeSkb(sk.k, skb);
      continue;
    }
    queueInOrder(sk, skb);
  }
}

/** The peer's FIN is in order. */
function finish(sk: TcpSock): void {
  if (sk.finReceived) return;
  sk.finReceived = true;
  sk.quickAcks = Math.max(sk.quickAcks, 1);
  if (sk.state === TcpState.ESTABLISHED) sk.state = TcpState.CLOSE_WAIT;
  else if (sk.state === TcpState.FIN_WAIT1) sk.state = TcpState.CLOSING;
  else if (sk.state === TcpState.FIN_WAIT2) {
    sk.state = TcpState.TIME_WAIT;
    dropSndmsgPage(sk); // only a small tcp_timewait_sock stays
  }
}

/** @kernel net/ipv4/tcp_input.c __tcp_ack_snd_check */
function scheduleAck(sk: TcpSock, payload: number): void {
  const pending = (sk.rcvNxt - sk.rcvWup) | 0;
  if (pending > sk.rcvMss || sk.quickAcks > 0 || sk.outOfOrder.qlen > 0 || payload === 0) {
    sendAck(sk);
    return;
  }
  sk.ackPending = true;
  const { agenda } = sk.k;
  if (!agenda.isArmed(sk.delackTimer.place))
    agenda.arm(sk.delackTimer.place, agenda.now + DELACK_MIN);
}
