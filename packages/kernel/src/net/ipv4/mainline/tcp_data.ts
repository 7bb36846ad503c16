// The receive queue: what comes in order, what does not, what comes twice; and when to say so.
import { KernelBug } from '../../../errors.ts';
import { skbPull } from '../../core/skb_alloc.ts';
import { skbTryCoalesce } from '../../core/skb_coalesce.ts';
import { kfreeSkb, skbSetOwnerR } from '../../core/skb_free.ts';
import type { SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { sackNewOfo, sackRemove } from '../tcp_sack.ts';
import { after, before, TcpState } from '../tcp_sock.ts';
import { receiveWindow } from '../tcp_window.ts';
import { timeWait } from './tcp_close.ts';
import {
  Ack,
  ATO_MIN,
  MAX_QUICKACKS,
  MSS_DEFAULT,
  Shutdown,
  type MainSock,
} from './tcp_main_sock.ts';
import type { MainHeader } from './tcp_options.ts';
import { sendAck } from './tcp_transmit.ts';
import { growRcvbuf, growWindow, selectWindow, winFromSpace } from './tcp_window.ts';

/** Takes `skb`, or frees it. @kernel net/ipv4/tcp_input.c tcp_data_queue (6.12) */
export function dataQueue(sk: MainSock, skb: SkBuff, h: MainHeader): void {
  const { k } = sk;
  const fin = (h.flags & TcpFlag.FIN) !== 0 ? 1 : 0;
  const end = (h.seq + h.payload + fin) | 0;
  if (h.seq === end) {
    kfreeSkb(k, skb);
    return;
  }
  skbPull(skb, h.bytes);
  skb.seq = h.seq;
  skb.endSeq = end;
  skb.tcpFlags = h.flags;
  if (!after(end, sk.rcvNxt)) {
    dsackSet(sk, h.seq, end);
    outOfWindow(sk, skb);
    return;
  }
  const open = receiveWindow(sk) > 0;
  if (
    !before(h.seq, (sk.rcvNxt + receiveWindow(sk)) | 0) &&
    (h.seq !== sk.rcvNxt || h.payload > 0)
  ) {
    sk.host.count(h.seq === sk.rcvNxt ? 'TCPZeroWindowDrop' : 'BeyondWindow');
    outOfWindow(sk, skb);
    return;
  }
  if (after(h.seq, sk.rcvNxt)) {
    dataQueueOfo(sk, skb, h);
    return;
  }
  if (before(h.seq, sk.rcvNxt)) {
    dsackSet(sk, h.seq, sk.rcvNxt);
    if (!open) {
      sk.host.count('TCPZeroWindowDrop');
      outOfWindow(sk, skb);
      return;
    }
  }
  inOrder(sk, skb, h);
}

function outOfWindow(sk: MainSock, skb: SkBuff): void {
  enterQuickack(sk);
  sk.ackState |= Ack.SCHED;
  kfreeSkb(sk.k, skb);
}

function inOrder(sk: MainSock, skb: SkBuff, h: MainHeader): void {
  const { truesize } = skb;
  if (!canIngest(sk)) {
    sk.ackState |= Ack.SCHED | Ack.NOW | Ack.NOMEM;
    if (sk.receiveQueue.qlen > 0 && h.payload > 0) {
      sk.host.count('TCPRcvQDrop');
      kfreeSkb(sk.k, skb);
      return;
    }
  }
  queueInOrder(sk, skb);
  if (h.payload > 0) eventDataRecv(sk, h, truesize);
  if ((h.flags & TcpFlag.FIN) !== 0) finReceived(sk);
  if (sk.outOfOrder.qlen > 0) {
    drainOutOfOrder(sk);
    if (sk.outOfOrder.qlen === 0) sk.ackState |= Ack.NOW;
  }
  if (sk.sackCount > 0) sackRemove(sk);
  if (!sk.dead) sk.user?.dataReady(sk);
}

/** Model: the queues are not collapsed to make room. @kernel net/ipv4/tcp_input.c tcp_try_rmem_schedule, tcp_prune_queue */
function canIngest(sk: MainSock): boolean {
  if (sk.rmemAlloc > sk.rcvbuf) clampWindow(sk);
  return sk.rmemAlloc <= sk.rcvbuf;
}

/** More waits than the buffer is for: a larger one if nobody has set it, else a small window. @kernel net/ipv4/tcp_input.c tcp_clamp_window */
function clampWindow(sk: MainSock): void {
  const most = sk.sysctl.rmem[2];
  sk.quick = 0;
  if (sk.rcvbuf < most && !sk.rcvbufLocked) sk.rcvbuf = Math.min(sk.rmemAlloc, most);
  if (sk.rmemAlloc > sk.rcvbuf) sk.rcvSsthresh = Math.min(sk.windowClamp, 2 * sk.advmss);
}

/** @kernel net/ipv4/tcp_input.c tcp_queue_rcv */
function queueInOrder(sk: MainSock, skb: SkBuff): void {
  const { k } = sk;
  const fin = (skb.tcpFlags & TcpFlag.FIN) !== 0 ? 1 : 0;
  const fresh = (skb.endSeq - fin - sk.rcvNxt) | 0;
  sk.rcvQueued += fresh;
  sk.bytesReceived += fresh;
  sk.rcvNxt = skb.endSeq;
  skbSetOwnerR(k, skb, sk);
  const tail = sk.receiveQueue.last;
  const truesize = tail?.truesize ?? 0;
  if (
    k.era.tcpCoalesces &&
    tail !== null &&
    skb.seq === tail.endSeq &&
    skbTryCoalesce(k, tail, skb)
  ) {
    sk.rmemAlloc += tail.truesize - truesize;
    tail.endSeq = skb.endSeq;
    tail.tcpFlags |= skb.tcpFlags;
    kfreeSkb(k, skb);
    return;
  }
  sk.receiveQueue.push(skb);
}

/** @kernel net/ipv4/tcp_input.c tcp_fin */
export function finReceived(sk: MainSock): void {
  sk.ackState |= Ack.SCHED;
  sk.shutdown |= Shutdown.RCV;
  sk.finReceived = true;
  if (sk.state === TcpState.SYN_RECV || sk.state === TcpState.ESTABLISHED) {
    sk.state = TcpState.CLOSE_WAIT;
    sk.pingpong = Math.max(sk.pingpong, sk.sysctl.pingpongThresh);
  } else if (sk.state === TcpState.FIN_WAIT1) {
    sendAck(sk);
    sk.state = TcpState.CLOSING;
  } else if (sk.state === TcpState.FIN_WAIT2) {
    sendAck(sk);
    timeWait(sk);
  }
  for (let skb = sk.outOfOrder.shift(); skb !== null; skb = sk.outOfOrder.shift()) {
    sk.rcvQueued -= skb.len;
    kfreeSkb(sk.k, skb);
  }
  sk.dsack = false;
  sk.sackCount = 0;
  if (!sk.dead) sk.user?.dataReady(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_data_queue_ofo */
function dataQueueOfo(sk: MainSock, skb: SkBuff, h: MainHeader): void {
  const { k } = sk;
  measureRcvMss(sk, h, skb.truesize);
  sk.ackState |= Ack.SCHED;
  let prev = sk.outOfOrder.last;
  while (prev !== null && after(prev.seq, skb.seq)) prev = prev.prev;
  if (prev !== null && before(skb.seq, prev.endSeq)) {
    if (!after(skb.endSeq, prev.endSeq)) {
      dsackSet(sk, skb.seq, skb.endSeq);
      sackNewOfo(sk, prev.seq, prev.endSeq);
      kfreeSkb(k, skb);
      return;
    }
    dsackSet(sk, skb.seq, prev.endSeq);
  }
  let next = prev === null ? sk.outOfOrder.first : prev.next;
  while (next !== null && after(skb.endSeq, next.seq)) {
    if (before(skb.endSeq, next.endSeq)) {
      dsackExtend(sk, next.seq, skb.endSeq);
      break;
    }
    dsackExtend(sk, next.seq, next.endSeq);
    const gone = next;
    next = next.next;
    sk.outOfOrder.unlink(gone);
    sk.rcvQueued -= gone.len;
    kfreeSkb(k, gone);
  }
  sk.rcvQueued += skb.len;
  if (sk.sackOk) growWindow(sk, h.payload, skb.truesize);
  skbSetOwnerR(k, skb, sk);
  if (sk.accepted) growRcvbuf(sk, skb.endSeq);
  if (prev !== null) sk.outOfOrder.insertAfter(prev, skb);
  else if (sk.outOfOrder.first !== null) sk.outOfOrder.insertBefore(sk.outOfOrder.first, skb);
  else sk.outOfOrder.push(skb);
  if (sk.sackOk) sackNewOfo(sk, skb.seq, skb.endSeq);
}

/** @kernel net/ipv4/tcp_input.c tcp_ofo_queue */
function drainOutOfOrder(sk: MainSock): void {
  for (let skb = sk.outOfOrder.first; skb !== null; skb = sk.outOfOrder.first) {
    if (after(skb.seq, sk.rcvNxt)) return;
    if (before(skb.seq, sk.rcvNxt))
      dsackExtend(sk, skb.seq, before(sk.rcvNxt, skb.endSeq) ? sk.rcvNxt : skb.endSeq);
    sk.outOfOrder.unlink(skb);
    sk.rcvQueued -= skb.len;
    if (!after(skb.endSeq, sk.rcvNxt)) {
      kfreeSkb(sk.k, skb);
      continue;
    }
    const fin = (skb.tcpFlags & TcpFlag.FIN) !== 0;
    queueInOrder(sk, skb);
    if (fin) finReceived(sk);
  }
}

/** @kernel net/ipv4/tcp_input.c tcp_dsack_set */
function dsackSet(sk: MainSock, start: number, end: number): void {
  if (!sk.sackOk || sk.sysctl.dsack === 0) return;
  sk.dsack = true;
  sk.dsackStart = start;
  sk.dsackEnd = end;
}

/** @kernel net/ipv4/tcp_input.c tcp_dsack_extend, tcp_sack_extend */
function dsackExtend(sk: MainSock, start: number, end: number): void {
  if (!sk.dsack) {
    dsackSet(sk, start, end);
  } else if (!after(start, sk.dsackEnd) && !after(sk.dsackStart, end)) {
    if (before(start, sk.dsackStart)) sk.dsackStart = start;
    if (after(end, sk.dsackEnd)) sk.dsackEnd = end;
  }
}

/** @kernel net/ipv4/tcp_input.c tcp_event_data_recv */
function eventDataRecv(sk: MainSock, h: MainHeader, truesize: number): void {
  sk.ackState |= Ack.SCHED;
  measureRcvMss(sk, h, truesize);
  const m = sk.now - sk.lrcvtime;
  if (sk.ato === 0) {
    incrQuickack(sk);
    sk.ato = ATO_MIN;
  } else if (m <= ATO_MIN / 2) {
    sk.ato = (sk.ato >> 1) + ATO_MIN / 2;
  } else if (m < sk.ato) {
    sk.ato = Math.min((sk.ato >> 1) + m, sk.rto);
  } else if (m > sk.rto) {
    incrQuickack(sk);
  }
  sk.lrcvtime = sk.now;
  if (h.payload >= 128) growWindow(sk, h.payload, truesize);
}

/** @kernel net/ipv4/tcp_input.c tcp_incr_quickack */
function incrQuickack(sk: MainSock): void {
  const acks = Math.floor(sk.rcvWnd / (2 * sk.rcvMss)) || 2;
  sk.quick = Math.max(sk.quick, Math.min(acks, MAX_QUICKACKS));
}

/** @kernel net/ipv4/tcp_input.c tcp_enter_quickack_mode */
function enterQuickack(sk: MainSock): void {
  incrQuickack(sk);
  sk.pingpong = 0;
  sk.ato = ATO_MIN;
}

/** The peer's segment size, and how much of a packet is payload. @kernel net/ipv4/tcp_input.c tcp_measure_rcv_mss (6.6) */
function measureRcvMss(sk: MainSock, h: MainHeader, truesize: number): void {
  const gso = sk.host.rxSegment;
  const len = gso > 0 && h.payload > gso ? gso : h.payload;
  const last = sk.lastSegSize;
  sk.lastSegSize = 0;
  if (len >= sk.rcvMss) {
    if (len !== sk.rcvMss) {
      sk.scalingRatio = Math.max(1, Math.min(255, Math.floor((h.payload * 256) / truesize)));
      sk.windowClamp = winFromSpace(sk, sk.rcvbuf);
    }
    sk.rcvMss = Math.min(len, sk.advmss);
    if ((h.flags & TcpFlag.PSH) !== 0) sk.ackState |= Ack.PUSHED;
    return;
  }
  const whole = len + h.bytes - 20;
  const notable =
    whole >= MSS_DEFAULT + 20 || (whole >= 108 && (h.flags & ~(TcpFlag.ACK | TcpFlag.PSH)) === 0);
  if (notable) {
    sk.lastSegSize = len;
    if (len === last) {
      sk.rcvMss = len;
      return;
    }
  }
  if ((sk.ackState & Ack.PUSHED) !== 0) sk.ackState |= Ack.PUSHED2;
  sk.ackState |= Ack.PUSHED;
}

/** An ACK now, later, or not at all. @kernel net/ipv4/tcp_input.c __tcp_ack_snd_check */
export function ackSndCheck(sk: MainSock): void {
  if ((sk.ackState & (Ack.SCHED | Ack.NOW)) === 0) return;
  const pending = (sk.rcvNxt - sk.rcvWup) | 0;
  const unread = (sk.rcvNxt - sk.copiedSeq) | 0;
  const opens = pending > sk.rcvMss && (unread < 1 || selectWindow(sk) >= sk.rcvWnd);
  const quick = sk.quick > 0 && sk.pingpong < sk.sysctl.pingpongThresh; // selectWindow may have ended it
  const now = opens || quick || (sk.ackState & Ack.NOW) !== 0;
  if (now || sk.outOfOrder.qlen > 0)
    sendAck(sk); // Model: SACKs are not compressed
  else sendDelayedAck(sk);
}

/** @kernel net/ipv4/tcp_output.c tcp_send_delayed_ack */
function sendDelayedAck(sk: MainSock): void {
  let { ato } = sk;
  if (ato > ATO_MIN) {
    let most = 500_000;
    if (sk.pingpong >= sk.sysctl.pingpongThresh || (sk.ackState & Ack.PUSHED) !== 0) most = 200_000;
    if (sk.srttUs > 0) most = Math.min(most, Math.max(sk.srttUs >> 3, ATO_MIN));
    ato = Math.min(ato, most);
  }
  let due = sk.now + ato;
  if ((sk.ackState & Ack.TIMER) !== 0) {
    if (sk.delackDue <= sk.now + (ato >> 2)) {
      sendAck(sk);
      return;
    }
    due = Math.min(due, sk.delackDue);
  }
  sk.ackState |= Ack.SCHED | Ack.TIMER;
  sk.delackDue = due;
  sk.k.agenda.arm(sk.delackTimer.place, due);
}

/** After a read: is there a window worth telling, or an ACK that waits for the reader? @kernel net/ipv4/tcp.c tcp_cleanup_rbuf */
export function mainCleanupRbuf(sk: MainSock): void {
  if (sk.receiveQueue.qlen > 0 && sk.rmemAlloc === 0)
    throw new KernelBug('a queue that nobody pays for');
  let ack = false;
  const drained = sk.receiveQueue.qlen === 0 && sk.outOfOrder.qlen === 0;
  if ((sk.ackState & Ack.SCHED) !== 0) {
    const interactive = sk.pingpong >= sk.sysctl.pingpongThresh;
    const pushed =
      (sk.ackState & Ack.PUSHED2) !== 0 || ((sk.ackState & Ack.PUSHED) !== 0 && !interactive);
    ack = ((sk.rcvNxt - sk.rcvWup) | 0) > sk.rcvMss || (pushed && drained);
  }
  if (!ack && (sk.shutdown & Shutdown.RCV) === 0) {
    const now = receiveWindow(sk);
    if (2 * now <= sk.windowClamp) {
      const next = selectWindow(sk);
      ack = next > 0 && next >= 2 * now;
    }
  }
  if (ack) sendAck(sk);
}
