// The beginning and the end of a connection: handshakes from both sides, and the time a closed one still answers.
import { kfreeSkb } from '../../core/skb_free.ts';
import type { SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { after, before, Sacked, TcpState } from '../tcp_sock.ts';
import { mainAck } from './tcp_ack.ts';
import { mainReset, TIMEWAIT } from './tcp_close.ts';
import { updatePacingRate } from './tcp_cong.ts';
import { CHALLENGES_REQUEST, changed } from './tcp_changes.ts';
import { hystartReset } from './tcp_cubic.ts';
import {
  Ack,
  IP_TCP_HEADERS,
  MSS_DEFAULT,
  Timer,
  TIMESTAMP_SPACE,
  type MainSock,
} from './tcp_main_sock.ts';
import { mtupInit, syncMss } from './tcp_mss.ts';
import type { MainHeader } from './tcp_options.ts';
import { entail, newDataSent } from './tcp_queue.ts';
import { armTimer, clearTimer } from './tcp_rearm.ts';
import { expandSndbuf } from './tcp_send.ts';
import { sendAck, sendChallengeAck, sendReset, transmitQueued } from './tcp_transmit.ts';
import { selectInitialWindow } from './tcp_window.ts';

/** What we say of our segments. @kernel net/ipv4/tcp_output.c tcp_advertise_mss */
export function advertisedMss(sk: MainSock): number {
  const route = sk.host.advmss > 0 ? sk.host.advmss : sk.route.device.mtu - IP_TCP_HEADERS;
  return sk.userMss > 0 ? Math.min(sk.userMss, route) : route;
}

/** A SYN asks for a connection. @kernel net/ipv4/tcp_input.c tcp_conn_request, tcp_openreq_init */
export function openRequest(sk: MainSock, h: MainHeader): void {
  const { timestamps, sack, windowScaling } = sk.sysctl;
  sk.tsOk = h.ts && timestamps !== 0;
  sk.sackOk = h.sackOk && sack !== 0;
  sk.wscaleOk = h.wscale >= 0 && windowScaling !== 0;
  learn(sk, h);
  sk.advmss = advertisedMss(sk);
  selectInitialWindow(sk, sk.advmss - (sk.tsOk ? TIMESTAMP_SPACE : 0), sk.wscaleOk);
  sk.state = TcpState.SYN_RECV;
  sendSyn(sk, TcpFlag.SYN | TcpFlag.ACK);
}

/** What the peer's SYN says. */
function learn(sk: MainSock, h: MainHeader): void {
  sk.rcvNxt = (h.seq + 1) | 0;
  sk.copiedSeq = sk.rcvNxt;
  sk.rcvWup = sk.rcvNxt;
  sk.sndWscale = sk.wscaleOk ? Math.max(0, h.wscale) : 0;
  sk.sndWnd = h.window;
  sk.sndWl1 = h.seq;
  sk.maxWindow = h.window;
  if (h.ts) sk.tsRecent = h.tsVal;
  const peer = h.mss === 0 ? MSS_DEFAULT : h.mss;
  sk.mssClamp = sk.userMss > 0 ? Math.min(peer, sk.userMss) : peer;
  sk.headerLen = sk.tsOk ? 20 + TIMESTAMP_SPACE : 20;
}

/** connect(): a SYN with all that the sysctls allow. @kernel net/ipv4/tcp_output.c tcp_connect_init, tcp_connect */
export function activeOpen(sk: MainSock): void {
  sk.accepted = true;
  sk.state = TcpState.SYN_SENT;
  sk.advmss = advertisedMss(sk);
  sk.headerLen = sk.sysctl.timestamps !== 0 ? 20 + TIMESTAMP_SPACE : 20;
  sk.mssClamp = sk.userMss > 0 ? sk.userMss : 32_767;
  mtupInit(sk);
  syncMss(sk, sk.pmtu);
  selectInitialWindow(sk, sk.advmss - (sk.headerLen - 20), sk.sysctl.windowScaling !== 0);
  sendSyn(sk, TcpFlag.SYN);
}

function sendSyn(sk: MainSock, flags: number): void {
  const skb = entail(sk, flags);
  skb.endSeq = (skb.endSeq + 1) | 0;
  sk.writeSeq = skb.endSeq;
  skb.pcount = 1;
  transmitQueued(sk, skb);
  newDataSent(sk, skb);
  armTimer(sk, Timer.RETRANS, sk.rto);
}

/** Both SYNs are acknowledged. @kernel net/ipv4/tcp_input.c tcp_init_transfer, tcp_finish_connect */
function established(sk: MainSock, active: boolean): void {
  sk.state = TcpState.ESTABLISHED;
  if (active) {
    mtupInit(sk);
    syncMss(sk, sk.pmtu);
  } else {
    syncMss(sk, sk.pmtu); // tcp_v4_syn_recv_sock, before anything is probed
    mtupInit(sk);
  }
  sk.rcvMss = Math.max(
    88,
    Math.min(Math.min(sk.advmss, sk.mss), Math.min(sk.rcvWnd >> 1, MSS_DEFAULT)),
  );
  expandSndbuf(sk);
  sk.cwnd = sk.timeouts > 1 ? 1 : sk.host.initCwnd; // RFC 6298: a SYN was lost more than once
  sk.cwndStamp = sk.now;
  sk.lsndtime = sk.now;
  sk.lrcvtime = sk.now;
  sk.pushedSeq = sk.sndNxt;
  sk.sndSml = sk.sndUna;
  sk.rttSeq = sk.sndNxt;
  hystartReset(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_rcv_synsent_state_process */
export function synSent(sk: MainSock, h: MainHeader): void {
  const acks = (h.flags & TcpFlag.ACK) !== 0;
  if (acks && (!after(h.ack, sk.sndUna) || after(h.ack, sk.sndNxt))) {
    if ((h.flags & TcpFlag.RST) === 0) sendReset(sk.k, sk.route.device, h);
    return;
  }
  if ((h.flags & TcpFlag.RST) !== 0) {
    if (acks) mainReset(sk);
    return;
  }
  if ((h.flags & TcpFlag.SYN) === 0) return;
  const { timestamps, sack, windowScaling } = sk.sysctl;
  sk.tsOk = h.ts && timestamps !== 0;
  sk.sackOk = h.sackOk && sack !== 0;
  sk.wscaleOk = h.wscale >= 0 && windowScaling !== 0;
  if (!sk.wscaleOk) {
    sk.ownScale = 0;
    sk.windowClamp = Math.min(sk.windowClamp, 65_535);
  }
  learn(sk, h);
  if (!acks) {
    sk.state = TcpState.SYN_RECV; // both opened at once
    const skb = sk.writeQueue.first!;
    skb.tcpFlags |= TcpFlag.ACK;
    transmitQueued(sk, skb);
    return;
  }
  mainAck(sk, h);
  established(sk, true);
  updatePacingRate(sk);
  if (sk.writeQueue.qlen === 0) clearTimer(sk);
  sendAck(sk);
  sk.user?.established(sk);
}

/** The ACK that completes the handshake; false: it does not. @kernel net/ipv4/tcp_minisocks.c tcp_check_req (6.12) */
export function checkReq(sk: MainSock, h: MainHeader): boolean {
  const { device } = sk.route;
  const rst = (h.flags & TcpFlag.RST) !== 0;
  if (!rst && (h.flags & TcpFlag.SYN) !== 0 && h.seq === ((sk.rcvNxt - 1) | 0)) {
    transmitQueued(sk, sk.writeQueue.first!); // the SYN again: the SYN|ACK was lost
    return false;
  }
  const acks = (h.flags & TcpFlag.ACK) !== 0;
  if (acks && !rst && h.ack !== sk.sndNxt) {
    sendReset(sk.k, device, h);
    return false;
  }
  if (before((h.seq + h.payload) | 0, sk.rcvNxt) || after(h.seq, (sk.rcvNxt + sk.rcvWnd) | 0)) {
    if (!rst) sendAck(sk);
    return false;
  }
  if (rst) {
    if (h.seq !== sk.rcvNxt && changed(sk, CHALLENGES_REQUEST)) {
      sendChallengeAck(sk);
      return false;
    }
    sk.dead = true;
    sk.user = null;
    mainReset(sk);
    return false;
  }
  if (!acks) return false;
  const syn = sk.writeQueue.first!;
  const again = (syn.sacked & Sacked.EVER_RETRANS) !== 0;
  if (h.ts) sk.tsRecent = h.tsVal;
  sk.sndWl1 = h.seq;
  const window = h.window << sk.sndWscale;
  mainAck(sk, h);
  sk.sndWnd = window;
  sk.maxWindow = window;
  established(sk, false);
  if (again && !h.ts) sk.rto = sk.k.era.rtoInitial;
  updatePacingRate(sk);
  clearTimer(sk);
  sk.parent?.established(sk);
  return true;
}

/** @kernel net/ipv4/tcp_minisocks.c tcp_timewait_state_process */
export function timewaitRcv(sk: MainSock, skb: SkBuff, h: MainHeader): void {
  const { k } = sk;
  if ((h.flags & TcpFlag.RST) !== 0) {
    if (h.seq === sk.rcvNxt) mainReset(sk);
  } else if ((h.flags & TcpFlag.SYN) !== 0 || h.payload > 0 || (h.flags & TcpFlag.FIN) !== 0) {
    sendAck(sk);
    armTimer(sk, 7, TIMEWAIT);
  }
  sk.ackState &= ~Ack.SCHED;
  kfreeSkb(k, skb);
}
