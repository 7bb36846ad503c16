// Receiving: what a segment does to the socket that it belongs to, state by state.
import { CHANGES } from '../../../changes.ts';
import { kfreeSkb } from '../../core/skb_free.ts';
import type { SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { after, before, TcpState } from '../tcp_sock.ts';
import { receiveWindow } from '../tcp_window.ts';
import { mainAck } from './tcp_ack.ts';
import { mainDone, mainReset, timeWait } from './tcp_close.ts';
import {
  CHALLENGES_UNSENT,
  changed,
  FIN_BEYOND_WINDOW,
  MAX_RECEIVE_WINDOW,
} from './tcp_changes.ts';
import { ackSndCheck, dataQueue } from './tcp_data.ts';
import { Ack, MAX_QUICKACKS, Shutdown, type MainSock } from './tcp_main_sock.ts';
import { checkReq, synSent, timewaitRcv } from './tcp_minisocks.ts';
import type { MainHeader } from './tcp_options.ts';
import { pushPending } from './tcp_output.ts';
import { checkSpace } from './tcp_send.ts';
import { oowLimited, sendAck, sendChallengeAck, sendReset } from './tcp_transmit.ts';
import { maxReceiveWindow } from './tcp_window.ts';

/** @kernel net/ipv4/tcp_ipv4.c tcp_v4_do_rcv, net/ipv4/tcp_input.c tcp_rcv_state_process, tcp_rcv_established (6.12) */
export function mainRcv(sk: MainSock, skb: SkBuff, h: MainHeader): void {
  const { k } = sk;
  if (sk.state === TcpState.SYN_SENT) {
    kfreeSkb(k, skb);
    synSent(sk, h);
    return;
  }
  if (sk.state === TcpState.SYN_RECV && !checkReq(sk, h)) {
    kfreeSkb(k, skb);
    return;
  }
  if (sk.state === TcpState.TIME_WAIT) {
    timewaitRcv(sk, skb, h);
    return;
  }
  if (!validate(sk, h) || (h.flags & TcpFlag.ACK) === 0 || !process(sk, h)) {
    kfreeSkb(k, skb);
    return;
  }
  if (sk.state === TcpState.CLOSED || !mayTakeData(sk, h)) {
    kfreeSkb(k, skb);
    return;
  }
  if (h.urgent !== 0 && (h.flags & 32) !== 0) sk.urgSeq = (h.seq + h.urgent - 1) | 0;
  dataQueue(sk, skb, h);
  const state: number = sk.state;
  if (state === TcpState.CLOSED || state === TcpState.TIME_WAIT) return;
  pushPending(sk, sk.nonagle);
  checkSpace(sk);
  ackSndCheck(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_validate_incoming */
function validate(sk: MainSock, h: MainHeader): boolean {
  const rst = (h.flags & TcpFlag.RST) !== 0;
  const fin = (h.flags & TcpFlag.FIN) !== 0 ? 1 : 0;
  const end = (h.seq + h.payload + fin) | 0;
  if (sk.tsOk && h.ts && !rst && ((sk.tsRecent - h.tsVal) | 0) > 0) {
    dupAck(sk, h, end); // PAWS
    return false;
  }
  if (!inSequence(sk, h.seq, end, fin)) {
    if (!rst && (h.flags & TcpFlag.SYN) === 0) dupAck(sk, h, end);
    else if (!rst) sendChallengeAck(sk);
    return false;
  }
  if (rst) {
    if (h.seq === sk.rcvNxt) mainReset(sk);
    else sendChallengeAck(sk);
    return false;
  }
  if ((h.flags & TcpFlag.SYN) === 0) return true;
  sendChallengeAck(sk);
  return false;
}

/** @kernel net/ipv4/tcp_input.c tcp_sequence (6.17) */
function inSequence(sk: MainSock, seq: number, end: number, fin: number): boolean {
  if (before(end, sk.rcvWup)) return false;
  if (!after(end, (sk.rcvNxt + receiveWindow(sk)) | 0)) return true;
  const edge = changed(sk, MAX_RECEIVE_WINDOW)
    ? (sk.rcvNxt + maxReceiveWindow(sk)) | 0
    : (sk.rcvNxt + receiveWindow(sk)) | 0;
  if (!after((end - (changed(sk, FIN_BEYOND_WINDOW) ? fin : 0)) | 0, edge)) return true;
  if (after(seq, edge)) {
    sk.host.count('BeyondWindow');
    return false;
  }
  if (!sk.k.era.changes.has(CHANGES.rcvbufCounts)) return true;
  if (sk.receiveQueue.qlen === 0) return true; // one packet too large, if nothing else waits
  sk.host.count('BeyondWindow');
  return false;
}

/** @kernel net/ipv4/tcp_input.c tcp_send_dupack, tcp_oow_rate_limited */
function dupAck(sk: MainSock, h: MainHeader, end: number): void {
  if (end === h.seq && oowLimited(sk)) return;
  if (end !== h.seq && before(h.seq, sk.rcvNxt)) {
    sk.quick = Math.max(sk.quick, MAX_QUICKACKS);
    if (sk.sackOk && sk.sysctl.dsack !== 0) {
      sk.dsack = true;
      sk.dsackStart = h.seq;
      sk.dsackEnd = after(end, sk.rcvNxt) ? sk.rcvNxt : end;
    }
  }
  sendAck(sk);
}

/** The ACK, and the states that it leads to. False: the segment goes no further. */
function process(sk: MainSock, h: MainHeader): boolean {
  // What an ACK echoes is the time of the oldest segment that it answers. @kernel tcp_replace_ts_recent
  const newer = h.ts && sk.tsOk && !after(h.seq, sk.rcvWup) && ((h.tsVal - sk.tsRecent) | 0) >= 0;
  const result = mainAck(sk, h);
  if (result < 0) {
    if (result === -1 || sk.state !== TcpState.ESTABLISHED || changed(sk, CHALLENGES_UNSENT))
      sendChallengeAck(sk);
    return false;
  }
  if (newer) sk.tsRecent = h.tsVal;
  const done = sk.sndUna === sk.writeSeq && sk.writeQueue.qlen === 0;
  if (!done) return true;
  if (sk.state === TcpState.FIN_WAIT1) return finAcked(sk, h);
  if (sk.state === TcpState.CLOSING) {
    timeWait(sk);
    return false;
  }
  if (sk.state !== TcpState.LAST_ACK) return true;
  mainDone(sk);
  return false;
}

function finAcked(sk: MainSock, h: MainHeader): boolean {
  sk.state = TcpState.FIN_WAIT2;
  sk.shutdown |= Shutdown.SEND;
  if (!sk.dead) return true;
  if (after((h.seq + h.payload) | 0, sk.rcvNxt)) {
    abortOnData(sk, h);
    return false;
  }
  if ((h.flags & TcpFlag.FIN) === 0) timeWait(sk);
  return true;
}

/** Data for an application that is gone. @kernel net/ipv4/tcp_input.c LINUX_MIB_TCPABORTONDATA */
function abortOnData(sk: MainSock, h: MainHeader): void {
  mainDone(sk);
  sendReset(sk.k, sk.route.device, h);
}

function mayTakeData(sk: MainSock, h: MainHeader): boolean {
  const fin = sk.finReceived;
  if (fin && !before(h.seq, sk.rcvNxt)) {
    if (h.payload === 0 && (h.flags & TcpFlag.FIN) === 0) return true;
    sk.ackState |= Ack.SCHED;
    return false;
  }
  const waits = sk.state === TcpState.FIN_WAIT1 || sk.state === TcpState.FIN_WAIT2;
  if (waits && sk.dead && after((h.seq + h.payload) | 0, sk.rcvNxt)) {
    abortOnData(sk, h);
    return false;
  }
  return true;
}
