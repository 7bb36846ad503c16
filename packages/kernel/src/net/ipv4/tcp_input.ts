// One host's TCP: where packets arrive, find their socket, and are queued for the application.
import { KernelBug, expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import { Context } from '../../probe.ts';
import type { Receiver } from '../core/dev.ts';
import { pskbMayPull } from '../core/skb_pull.ts';
import { skbPull } from '../core/skb_alloc.ts';
import { kfreeSkb, skbSetOwnerR } from '../core/skb_free.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { dropSndmsgPage, tcpDone } from './tcp.ts';
import {
  DELACK_MIN,
  TcpSock,
  TcpState,
  after,
  before,
  type Route,
  type SocketUser,
  type TcpStack,
} from './tcp_sock.ts';
import { tcpAck } from './tcp_ack.ts';
import { TCP_HEADER, TcpFlag, TcpHeader, checksumValid, readHeader } from './tcp_header.ts';
import { IP_HEADER } from './ip_header.ts';
import { queueControl, resetFor, sendAck, setTsoSegs, transmitSkb, armRto } from './tcp_output.ts';
import { sackNewOfo, sackRemove } from './tcp_sack.ts';
import { onDelackTimer, onRetransmitTimer } from './tcp_timer.ts';
import { receiveWindow } from './tcp_window.ts';

const header = new TcpHeader();

/** What a listening port needs to accept a connection. */
export interface Listener {
  readonly route: Route;
  readonly side: Side;
  /** A connection was accepted; its user must be set. */
  accept(sk: TcpSock): SocketUser;
}

/** TCP over IPv4 of one host. */
export class TcpHost implements TcpStack, Receiver {
  readonly k: Kernel;
  readonly name: string;
  readonly address: number;
  /** Sockets in the order they were made. */
  readonly sockets: TcpSock[] = [];
  private readonly bySource = new Map<number, TcpSock>();
  private readonly listeners = new Map<number, Listener>();
  checksumErrors = 0;

  constructor(k: Kernel, name: string, address: number) {
    this.k = k;
    this.name = name;
    this.address = address;
  }

  listen(port: number, listener: Listener): void {
    this.listeners.set(port, listener);
  }

  closeListener(port: number): void {
    this.listeners.delete(port);
  }

  /** Starts a connection. @kernel net/ipv4/tcp_output.c tcp_connect */
  connect(
    name: string,
    side: Side,
    route: Route,
    localPort: number,
    peerAddress: number,
    peerPort: number,
    user: SocketUser,
  ): TcpSock {
    const sk = this.create(name, side, route, localPort, peerAddress, peerPort);
    sk.user = user;
    sk.state = TcpState.SYN_SENT;
    sendControl(sk, TcpFlag.SYN);
    return sk;
  }

  private create(
    name: string,
    side: Side,
    route: Route,
    localPort: number,
    peerAddress: number,
    peerPort: number,
  ): TcpSock {
    const sk = new TcpSock(
      this,
      name,
      this.k.newFlow(side),
      side,
      route,
      localPort,
      peerAddress,
      peerPort,
    );
    sk.writeSeq = (0x1000_0000 + sk.flow * 0x0100_0000) | 0;
    sk.sndUna = sk.writeSeq;
    sk.sndNxt = sk.writeSeq;
    this.sockets.push(sk);
    this.bySource.set(localPort * 65536 + peerPort, sk);
    return sk;
  }

  forget(sk: TcpSock): void {
    this.bySource.delete(sk.localPort * 65536 + sk.peerPort);
  }

  onRetransmitTimer(sk: TcpSock): boolean {
    this.k.context = Context.SOFTIRQ;
    this.k.side = sk.side;
    return onRetransmitTimer(sk);
  }

  onDelackTimer(sk: TcpSock): boolean {
    this.k.context = Context.SOFTIRQ;
    this.k.side = sk.side;
    return onDelackTimer(sk);
  }

  /** @kernel net/ipv4/tcp_ipv4.c tcp_v4_rcv */
  receive(skb: SkBuff): void {
    const { k } = this;
    if (!mayPullHeaders(k, skb)) {
      kfreeSkb(k, skb);
      return;
    }
    if (!checksumValid(k, skb)) {
      this.checksumErrors++;
      kfreeSkb(k, skb);
      return;
    }
    const h = header;
    readHeader(k.mem, skb.data, h);
    h.payload = skb.len - h.bytes;
    skb.headers = h.bytes;
    const sk = this.bySource.get(h.destPort * 65536 + h.sourcePort);
    if (sk !== undefined) {
      k.side = sk.side;
      rcv(sk, skb, h);
      return;
    }
    const listener = this.listeners.get(h.destPort);
    if (listener !== undefined && (h.flags & TcpFlag.SYN) !== 0) this.accept(listener, h);
    else resetFor(k, this.deviceFor(skb), h);
    kfreeSkb(k, skb);
  }

  /** A device to answer on when no socket says which. */
  private deviceFor(_skb: SkBuff): Route['device'] {
    const route = this.sockets[0]?.route ?? this.listeners.values().next().value?.route;
    if (route === undefined) throw new KernelBug(`${this.name} has no route to answer on`);
    return route.device;
  }

  /** @kernel net/ipv4/tcp_ipv4.c tcp_v4_conn_request. Model: the child is a full socket from the SYN on. */
  private accept(listener: Listener, h: TcpHeader): void {
    const sk = this.create(
      `${this.name}:${h.destPort}<${h.sourcePort}`,
      listener.side,
      listener.route,
      h.destPort,
      h.source,
      h.sourcePort,
    );
    this.k.side = sk.side;
    learnSyn(sk, h);
    sk.state = TcpState.SYN_RECV;
    sk.user = listener.accept(sk);
    sendControl(sk, TcpFlag.SYN | TcpFlag.ACK);
  }
}

/** False: too short, or no memory to pull. */
function mayPullHeaders(k: Kernel, skb: SkBuff): boolean {
  try {
    return pskbMayPull(k, skb, IP_HEADER + TCP_HEADER);
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
}

function sendControl(sk: TcpSock, flags: number): void {
  const skb = queueControl(sk, flags);
  setTsoSegs(sk, skb);
  sk.sendHead = null;
  sk.sndNxt = skb.endSeq;
  sk.packetsOut += 1;
  try {
    transmitSkb(sk, skb);
  } catch (error) {
    expectNoMemory(error); // the retransmission timer sends it
  }
  armRto(sk);
}

/** What the peer's SYN says. */
function learnSyn(sk: TcpSock, h: TcpHeader): void {
  sk.rcvNxt = (h.seq + 1) | 0;
  sk.copiedSeq = sk.rcvNxt;
  sk.rcvWup = sk.rcvNxt;
  sk.sndWscale = Math.max(0, h.wscale);
  sk.sndWnd = h.window;
  sk.sndWl1 = h.seq;
  sk.tsRecent = h.tsVal;
  if (h.mss !== 0) sk.mss = Math.min(sk.mss, h.mss - 12);
}

/** @kernel net/ipv4/tcp_input.c tcp_rcv_state_process, tcp_rcv_established */
function rcv(sk: TcpSock, skb: SkBuff, h: TcpHeader): void {
  const { k } = sk;
  if (sk.state === TcpState.SYN_SENT) {
    synSent(sk, h);
    kfreeSkb(k, skb);
    return;
  }
  if ((h.flags & TcpFlag.RST) !== 0) {
    kfreeSkb(k, skb);
    if (!before(h.seq, sk.rcvNxt) || h.seq === 0) tcpDone(sk);
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
  dataQueue(sk, skb, h, fin);
}

function synSent(sk: TcpSock, h: TcpHeader): void {
  if ((h.flags & TcpFlag.RST) !== 0) {
    tcpDone(sk);
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
    sk.user?.established(sk);
  } else if (sk.sndUna === sk.writeSeq && sk.writeQueue.qlen === 0) {
    if (sk.state === TcpState.FIN_WAIT1) sk.state = TcpState.FIN_WAIT2;
    else if (sk.state === TcpState.CLOSING || sk.state === TcpState.LAST_ACK) tcpDone(sk);
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
  sk.receiveQueue.push(skb);
  if (fin !== 0) finish(sk);
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
  if (pending > sk.mss || sk.quickAcks > 0 || sk.outOfOrder.qlen > 0 || payload === 0) {
    sendAck(sk);
    return;
  }
  sk.ackPending = true;
  const { agenda } = sk.k;
  if (!agenda.isArmed(sk.delackTimer.place))
    agenda.arm(sk.delackTimer.place, agenda.now + DELACK_MIN);
}
