// A TCP socket and what an application does with it.
// Goal: the write queue, its clones and every way in which they share pages, as the kernel has it.
// Non-goals: listed in docs/omissions.md (no DSACK undo, no pacing, no small-queue limit).
import { SingleStep } from '../../agenda.ts';
import { SeamMisuse } from '../../errors.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost, type Side } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import {
  allocPage,
  copyToPage,
  getPage,
  putPage,
  PAGE_SIZE,
  type Page,
} from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import type { NetDevice } from '../core/dev.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { Sock } from '../core/sock.ts';
import {
  allocSkb,
  fragAt,
  fragSeq,
  kfreeSkb,
  kfreeSkbNow,
  skbCanCoalesce,
  skbHeaderRelease,
  skbHeadlen,
  skbPut,
  skbReserve,
  skbTailroom,
  type SkBuff,
} from '../core/skbuff.ts';
import { BASE_HEADERS, MAX_TCP_HEADER, TcpFlag } from './tcp_header.ts';
import { sendAck, tcpPush, tcpSendFin, tcpSendReset } from './tcp_output.ts';
import { receiveWindow, selectWindow } from './tcp_window.ts';

/** @kernel include/net/tcp_states.h */
export const TcpState = {
  CLOSED: 0,
  SYN_SENT: 1,
  SYN_RECV: 2,
  ESTABLISHED: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  CLOSE_WAIT: 6,
  LAST_ACK: 7,
  CLOSING: 8,
  TIME_WAIT: 9,
} as const;

/** Congestion state. @kernel include/linux/tcp.h enum tcp_ca_state */
export const CaState = { OPEN: 0, DISORDER: 1, RECOVERY: 3, LOSS: 4 } as const;

/** TCP_SKB_CB(skb)->sacked. @kernel include/net/tcp.h TCPCB_* */
export const Sacked = { ACKED: 1, RETRANS: 2, LOST: 4, EVER_RETRANS: 8 } as const;
export const TAGBITS = Sacked.ACKED | Sacked.RETRANS | Sacked.LOST;

export const RTO_MIN = 200_000;
export const RTO_MAX = 120_000_000;
export const DELACK_MIN = 40_000;
/** Duplicate ACKs that mean a loss. @kernel include/net/tcp.h TCP_FASTRETRANS_THRESH */
export const REORDERING = 3;

/** a < b in sequence space. @kernel include/net/tcp.h before */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** a > b in sequence space. */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}

/** The application, or the kernel's client of the socket (sunrpc). */
export interface SocketUser {
  /** The handshake is done. */
  established(sk: TcpSock): void;
  /** In-order bytes wait, or the peer closed. */
  dataReady(sk: TcpSock): void;
  /** The write queue has room again after a short send. */
  writeSpace(sk: TcpSock): void;
  /** The connection is gone: reset, timed out or closed at both ends. */
  closed(sk: TcpSock): void;
}

/** Takes the bytes that tcpRecvmsg copies out: `size` bytes at `address`. */
export interface ByteSink {
  bytes(sk: TcpSock, address: number, size: number): void;
}

/** Where packets of a socket leave; what the route promised when it connected. */
export interface Route {
  readonly device: NetDevice;
  /** sk_route_caps: may pages be sent by reference, may packets be large? */
  readonly sg: boolean;
  readonly gso: boolean;
}

class RetransmitTimer extends SingleStep {
  readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`rto ${sk.name}`, 'fires');
    this.sk = sk;
  }

  take(): boolean {
    return this.sk.stack.onRetransmitTimer(this.sk);
  }
}

class DelackTimer extends SingleStep {
  readonly sk: TcpSock;

  constructor(sk: TcpSock) {
    super(`delack ${sk.name}`, 'fires');
    this.sk = sk;
  }

  take(): boolean {
    return this.sk.stack.onDelackTimer(this.sk);
  }
}

/** The host's TCP: routes, demultiplexing, timers. Breaks the import cycle between socket and input. */
export interface TcpStack {
  readonly k: Kernel;
  readonly address: number;
  onRetransmitTimer(sk: TcpSock): boolean;
  onDelackTimer(sk: TcpSock): boolean;
  forget(sk: TcpSock): void;
}

/** struct tcp_sock */
export class TcpSock extends Sock implements Holder {
  readonly k: Kernel;
  readonly stack: TcpStack;
  readonly name: string;
  /** Stream number of what this end sends: how an observer names its bytes. */
  readonly flow: number;
  readonly side: Side;
  readonly route: Route;
  readonly localPort: number;
  readonly peerAddress: number;
  readonly peerPort: number;
  user: SocketUser | null = null;
  state: number = TcpState.CLOSED;

  // --- sender ---
  /** Unacknowledged and unsent, split by sendHead. */
  readonly writeQueue = new SkBuffHead();
  sendHead: SkBuff | null = null;
  mss: number;
  sndUna = 0;
  sndNxt = 0;
  writeSeq = 0;
  sndWnd = 0;
  sndWl1 = 0;
  sndWscale = 0;
  /** More will follow: keep a partial segment back (MSG_MORE). */
  corked = false;
  /** Somebody else (a capture) says when each segment goes; this socket sends nothing by itself. */
  driven = false;
  /** A send came up short: writeSpace is owed. */
  wantSpace = false;
  packetsOut = 0;
  sackedOut = 0;
  lostOut = 0;
  retransOut = 0;
  cwnd: number;
  cwndCount = 0;
  ssthresh = 0x7fffffff;
  caState: number = CaState.OPEN;
  highSeq = 0;
  undoRetrans = 0;
  prrDelivered = 0;
  prrOut = 0;
  priorCwnd = 0;
  dupAcks = 0;
  /** Smoothed round-trip time and its deviation, in ticks; 0: none yet. */
  srtt = 0;
  rttvar = 0;
  rto: number;
  backoff = 0;
  probes = 0;
  /** The page that copied bytes of this socket go to. @kernel include/net/sock.h sk_sndmsg_page */
  sndmsgPage: Page | null = null;
  sndmsgOff = 0;
  /** Last SACK blocks seen, to skip what is known. */
  readonly sackSeen = new Int32Array(8);
  sackSeenCount = 0;
  retransmits = 0;
  timeouts = 0;

  // --- receiver ---
  readonly receiveQueue = new SkBuffHead();
  readonly outOfOrder = new SkBuffHead();
  rcvNxt = 0;
  copiedSeq = 0;
  rcvWup = 0;
  rcvWnd = 0;
  readonly rcvWscale = 7;
  /** Payload bytes in receiveQueue and outOfOrder. */
  rcvQueued = 0;
  readonly sackBlocks = new Int32Array(8);
  sackCount = 0;
  tsRecent = 0;
  quickAcks = 16;
  ackPending = false;
  finReceived = false;
  /** Payload bytes accepted in order. */
  bytesReceived = 0;

  readonly rtoTimer: RetransmitTimer;
  readonly delackTimer: DelackTimer;

  constructor(
    stack: TcpStack,
    name: string,
    flow: number,
    side: Side,
    route: Route,
    localPort: number,
    peerAddress: number,
    peerPort: number,
  ) {
    super();
    this.k = stack.k;
    this.stack = stack;
    this.name = name;
    this.flow = flow;
    this.slot = flow;
    this.side = side;
    this.route = route;
    this.localPort = localPort;
    this.peerAddress = peerAddress;
    this.peerPort = peerPort;
    this.mss = route.device.mtu - BASE_HEADERS;
    this.cwnd = this.k.era.initialCwnd;
    this.rto = this.k.era.rtoInitial;
    this.rtoTimer = new RetransmitTimer(this);
    this.delackTimer = new DelackTimer(this);
    this.k.agenda.add(this.rtoTimer);
    this.k.agenda.add(this.delackTimer);
    this.k.holders.push(this);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.writeQueue.first, visitor, 'write queue');
    for (let skb = this.receiveQueue.first; skb !== null; skb = skb.next) {
      visitor.skb(skb, 'receive queue', this.copiedSeq); // what was read is not read again
    }
    visitList(this.outOfOrder.first, visitor, 'out-of-order queue');
  }

  /** @kernel include/net/tcp.h tcp_packets_in_flight */
  inFlight(): number {
    return this.packetsOut - this.sackedOut - this.lostOut + this.retransOut;
  }
}

/** Bytes that one skb may hold: one mss, or as many whole ones as fit 64 KiB with GSO. */
export function sizeGoal(sk: TcpSock): number {
  if (!sk.route.gso) return sk.mss;
  return Math.floor((65535 - MAX_TCP_HEADER) / sk.mss) * sk.mss;
}

/** An empty skb at the end of the write queue. @kernel net/ipv4/tcp.c skb_entail */
function entail(sk: TcpSock, linear: number): SkBuff {
  const { k } = sk;
  const skb = allocSkb(k, MAX_TCP_HEADER + linear, true);
  skbReserve(skb, MAX_TCP_HEADER);
  skb.flow = sk.flow;
  skb.seq = sk.writeSeq;
  skb.endSeq = sk.writeSeq;
  skb.tcpFlags = TcpFlag.ACK;
  skbHeaderRelease(k, skb);
  sk.writeQueue.push(skb);
  sk.wmemQueued += skb.truesize;
  sk.sendHead ??= skb;
  return skb;
}

/** Counts `size` new payload bytes in `skb`. */
function grow(sk: TcpSock, skb: SkBuff, size: number, paged: boolean): void {
  skb.endSeq = (skb.endSeq + size) | 0;
  sk.writeSeq = (sk.writeSeq + size) | 0;
  if (paged) {
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
    sk.wmemQueued += size;
  }
}

/** The unsent skb at the tail with room for more, or null. */
function appendable(sk: TcpSock): SkBuff | null {
  const skb = sk.writeQueue.last;
  return sk.sendHead !== null &&
    skb !== null &&
    (skb.tcpFlags & TcpFlag.FIN) === 0 &&
    skb.len < sizeGoal(sk)
    ? skb
    : null;
}

/**
 * Sends `size` bytes of `page` by reference, on behalf of `loan`. Returns how many were taken: fewer when the
 * send buffer is full. A route without scatter/gather or checksum offload makes it a copying send.
 * @kernel net/ipv4/tcp.c do_tcp_sendpages, tcp_sendpage (2.6.24)
 */
export function tcpSendpage(
  sk: TcpSock,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
): number {
  const { k } = sk;
  if (!sk.route.sg && k.era.sendpageNeedsSg) {
    const seq = sk.writeSeq;
    const taken = tcpSendmsg(sk, page.address + pageOffset, size);
    if (taken > 0) k.probe.lent(loan, page, pageOffset, taken, sk.flow, seq);
    return taken;
  }
  let done = 0;
  while (done < size) {
    const offset = pageOffset + done;
    let skb = appendable(sk);
    if (skb !== null && !k.lifetime.canAppend(skb, loan)) skb = null;
    let merge = false;
    if (skb !== null && skbCanCoalesce(skb, page, offset)) {
      merge = k.lifetime.mayMerge(fragAt(skb.shinfo, skb.shinfo.nrFrags - 1), loan);
    }
    if (skb !== null && !merge && skb.shinfo.nrFrags >= k.era.maxSkbFrags) skb = null;
    if (skb === null) {
      if (sk.wmemQueued >= sk.sndbuf) {
        sk.wantSpace = true;
        break;
      }
      skb = entail(sk, 0);
    }
    const copy = Math.min(size - done, sizeGoal(sk) - skb.len);
    k.probe.lent(loan, page, offset, copy, sk.flow, sk.writeSeq);
    if (merge) {
      fragAt(skb.shinfo, skb.shinfo.nrFrags - 1).size += copy;
    } else {
      const { nrFrags } = skb.shinfo;
      k.lifetime.lend(skb, page, offset, copy, loan);
      if (skb.shinfo.nrFrags !== nrFrags + 1) {
        throw new SeamMisuse(
          `lend of ${k.design.id} did not add exactly one frag to skb#${skb.slot}`,
        );
      }
    }
    grow(sk, skb, copy, true);
    done += copy;
  }
  tcpPush(sk);
  return done;
}

/**
 * Sends `size` bytes at `address` by copying. Returns how many were taken.
 * @kernel net/ipv4/tcp.c tcp_sendmsg (2.6.24)
 */
export function tcpSendmsg(sk: TcpSock, address: number, size: number): number {
  const { k } = sk;
  let done = 0;
  while (done < size) {
    let skb = appendable(sk);
    let copy: number;
    if (sk.route.sg) {
      if (skb !== null && !roomInPage(sk, skb)) skb = null;
      if (skb === null) {
        if (sk.wmemQueued >= sk.sndbuf) break;
        skb = entail(sk, 0);
      }
      const page = sndmsgPage(sk);
      copy = Math.min(size - done, sizeGoal(sk) - skb.len, PAGE_SIZE - sk.sndmsgOff);
      copyToPage(k, page, sk.sndmsgOff, address + done, copy);
      if (
        skbCanCoalesce(skb, page, sk.sndmsgOff) &&
        fragAt(skb.shinfo, skb.shinfo.nrFrags - 1).loan === null
      ) {
        fragAt(skb.shinfo, skb.shinfo.nrFrags - 1).size += copy;
      } else {
        getPage(k, page);
        k.fillPageDesc(skb, page, sk.sndmsgOff, copy);
      }
      sk.sndmsgOff += copy;
      grow(sk, skb, copy, true);
    } else {
      if (skb !== null && (skbTailroom(skb) === 0 || skb.len >= sk.mss)) skb = null;
      if (skb === null) {
        if (sk.wmemQueued >= sk.sndbuf) break;
        skb = entail(sk, sk.mss);
      }
      copy = Math.min(size - done, sk.mss - skb.len, skbTailroom(skb));
      k.copyBytes(skbPut(skb, copy), address + done, copy);
      grow(sk, skb, copy, false);
    }
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += copy;
    done += copy;
  }
  if (done < size) sk.wantSpace = true;
  tcpPush(sk);
  return done;
}

/** Can copied bytes go into this skb: by growing its last frag, or with a slot of their own? */
function roomInPage(sk: TcpSock, skb: SkBuff): boolean {
  if (skb.shinfo.nrFrags < sk.k.era.maxSkbFrags) return true;
  return sk.sndmsgPage !== null && skbCanCoalesce(skb, sk.sndmsgPage, sk.sndmsgOff);
}

/** The socket's own page with room left. */
function sndmsgPage(sk: TcpSock): Page {
  const { k } = sk;
  if (sk.sndmsgPage !== null && sk.sndmsgOff === PAGE_SIZE) {
    putPage(k, sk.sndmsgPage);
    sk.sndmsgPage = null;
  }
  if (sk.sndmsgPage === null) {
    sk.sndmsgPage = allocPage(k);
    sk.sndmsgOff = 0;
  }
  return sk.sndmsgPage;
}

/**
 * Copies up to `max` in-order bytes to `sink` and frees the skbs that are read out. Returns the bytes read.
 * @kernel net/ipv4/tcp.c tcp_recvmsg (2.6.24)
 */
export function tcpRecvmsg(sk: TcpSock, sink: ByteSink, max: number): number {
  const { k } = sk;
  let read = 0;
  while (read < max) {
    const skb = sk.receiveQueue.first;
    if (skb === null) break;
    const offset = (sk.copiedSeq - skb.seq) | 0;
    const n = Math.min(max - read, skb.len - offset);
    if (n > 0) {
      readPart(sk, skb, offset, n, sink);
      sk.copiedSeq = (sk.copiedSeq + n) | 0;
      sk.rcvQueued -= n;
      read += n;
    }
    if (offset + n >= skb.len) {
      sk.receiveQueue.unlink(skb);
      kfreeSkbNow(k, skb); // sk_eat_skb does not look at users
    }
  }
  if (read > 0) cleanupRbuf(sk);
  return read;
}

/** Reads `size` bytes from `offset` of the payload. */
function readPart(sk: TcpSock, skb: SkBuff, offset: number, size: number, sink: ByteSink): void {
  const headlen = skbHeadlen(skb);
  let at = offset;
  let left = size;
  if (at < headlen) {
    const n = Math.min(left, headlen - at);
    readBytes(sk, skb, (skb.seq + at) | 0, skb.data + at, n, null, sink);
    at += n;
    left -= n;
  }
  let start = headlen;
  let seq = fragSeq(skb);
  for (let i = 0; i < skb.shinfo.nrFrags && left > 0; i++) {
    const frag = fragAt(skb.shinfo, i);
    const end = start + frag.size;
    if (at < end) {
      const n = Math.min(left, end - at);
      const into = at - start;
      readBytes(
        sk,
        skb,
        (seq + into) | 0,
        frag.page.address + frag.pageOffset + into,
        n,
        frag.page,
        sink,
      );
      at += n;
      left -= n;
    }
    seq = (seq + frag.size) | 0;
    start = end;
  }
}

function readBytes(
  sk: TcpSock,
  skb: SkBuff,
  seq: number,
  address: number,
  size: number,
  page: Page | null,
  sink: ByteSink,
): void {
  const { k } = sk;
  k.probe.read(Reader.APPLICATION, skb.flow, seq, size, address, page);
  k.cost[k.side + Cost.COPIED_BYTES]! += size;
  sink.bytes(sk, address, size);
}

/** A window update or a pending ACK, if reading made one worth sending. @kernel net/ipv4/tcp.c tcp_cleanup_rbuf */
function cleanupRbuf(sk: TcpSock): void {
  if (sk.state === TcpState.CLOSED) return;
  const now = receiveWindow(sk);
  const next = selectWindow(sk);
  const pending = sk.ackPending && ((sk.rcvNxt - sk.rcvWup) | 0) > sk.mss;
  if (pending || (next >= 2 * now && next > 0 && next >= sk.mss)) sendAck(sk);
}

/** No more will be sent: queues a FIN. @kernel net/ipv4/tcp.c tcp_close */
export function tcpClose(sk: TcpSock): void {
  if (sk.state === TcpState.ESTABLISHED) sk.state = TcpState.FIN_WAIT1;
  else if (sk.state === TcpState.CLOSE_WAIT) sk.state = TcpState.LAST_ACK;
  else return;
  tcpSendFin(sk);
}

/** Abortive close: RST to the peer, everything queued is freed. @kernel net/ipv4/tcp.c tcp_disconnect */
export function tcpAbort(sk: TcpSock): void {
  if (sk.state === TcpState.CLOSED) return;
  tcpSendReset(sk);
  tcpDone(sk);
}

/** The connection is over: purges queues, stops timers. Clones in flight are not touched. */
export function tcpDone(sk: TcpSock): void {
  const { k } = sk;
  sk.state = TcpState.CLOSED;
  writeQueuePurge(sk);
  k.lifetime.closed(sk);
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift())
    kfreeSkb(k, skb);
  for (let skb = sk.outOfOrder.shift(); skb !== null; skb = sk.outOfOrder.shift()) kfreeSkb(k, skb);
  sk.rcvQueued = 0;
  k.agenda.disarm(sk.rtoTimer.place);
  k.agenda.disarm(sk.delackTimer.place);
  dropSndmsgPage(sk);
  sk.stack.forget(sk);
  sk.user?.closed(sk);
}

/** Nothing more will be sent by copying. @kernel net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock */
export function dropSndmsgPage(sk: TcpSock): void {
  if (sk.sndmsgPage !== null) putPage(sk.k, sk.sndmsgPage);
  sk.sndmsgPage = null;
}

/** @kernel include/net/tcp.h tcp_write_queue_purge */
export function writeQueuePurge(sk: TcpSock): void {
  for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift())
    wmemFreeSkb(sk, skb);
  sk.sendHead = null;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
}

/** Frees a write-queue skb, without looking at users. @kernel include/net/sock.h sk_wmem_free_skb */
export function wmemFreeSkb(sk: TcpSock, skb: SkBuff): void {
  sk.wmemQueued -= skb.truesize;
  kfreeSkbNow(sk.k, skb);
}
