// struct tcp_sock: one end of a connection, and the words that its code shares.
// Goal: the write queue, its clones and every way in which they share pages, as the kernel has it.
// Non-goals: listed in docs/omissions.md (no DSACK undo, no pacing).
import { kfreeSkbNow } from '../core/skb_free.ts';
import { type Holder, type HolderVisitor, visitList } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import type { Page } from '../../mm/page_alloc.ts';
import type { NetDevice } from '../core/dev.ts';
import type { InetListen } from './inet_connection_sock.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { Sock } from '../core/sock.ts';
import { allocSkb, chargedClass, skbReserve } from '../core/skb_alloc.ts';
import { BASE_HEADERS, IP_MAX, MAX_TCP_HEADER } from './tcp_header.ts';
import { declareState } from '../../state.ts';
import { RCV_MSS_FIRST, initialWindow } from './tcp_window.ts';
import { DelackTimer, RetransmitTimer, TsqTasklet } from './tcp_steps.ts';

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

/**
 * TCP_SKB_CB(skb)->sacked, and two bits beside it: the skb ends a record (eor), its ACK is to be stamped (txstamp_ack).
 * @kernel include/net/tcp.h TCPCB_*
 */
export const Sacked = {
  ACKED: 1,
  RETRANS: 2,
  LOST: 4,
  EVER_RETRANS: 8,
  EOR: 16,
  STAMPED: 32,
} as const;
export const TAGBITS = Sacked.ACKED | Sacked.RETRANS | Sacked.LOST;

export const RTO_MIN = 200_000;
export const RTO_MAX = 120_000_000;
export const DELACK_MIN = 40_000;
export const DELACK_MAX = 200_000;
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
  /**
   * The connection is gone: reset, timed out or closed at both ends. Once. What was received can still be read; what
   * is queued is held until the user closes the socket (tcpClose), now or later.
   */
  closed(sk: TcpSock): void;
}

/** Takes what tcpRecvmsg copies out: `size` bytes at `address`, which the stream `flow` of the peer carries from `seq` on. */
export interface ByteSink {
  bytes(sk: TcpSock, address: number, size: number, flow: number, seq: number): void;
}

/** Where packets of a socket leave; what the route promised when it connected. */
export interface Route {
  readonly device: NetDevice;
  /** sk_route_caps: may pages be sent by reference, may packets be large? */
  readonly sg: boolean;
  readonly gso: boolean;
}

/** The host's TCP: routes, demultiplexing, timers. Breaks the import cycle between socket and input. */
export interface TcpStack {
  readonly k: Kernel;
  readonly address: number;
  onRetransmitTimer(sk: TcpSock): boolean;
  onDelackTimer(sk: TcpSock): boolean;
  onTsq(sk: TcpSock): void;
  forget(sk: TcpSock): void;
  /** A stack with rules of its own for what follows a read; without it: those of tcp_recvmsg.ts. */
  cleanupRbuf?(sk: TcpSock): void;
}

/** struct tcp_sock */
export class TcpSock extends Sock implements Holder {
  readonly k: Kernel;
  readonly stack: TcpStack;
  readonly name: string;
  /** Stream number of what this end sends: how an observer names its bytes. */
  readonly flow: number;
  readonly side: Side;
  /** The route as the socket knows it: __sk_dst_get and sk_route_caps. */
  route: Route;
  readonly localPort: number;
  readonly peerAddress: number;
  readonly peerPort: number;
  user: SocketUser | null = null;
  /** The listening port, until the connection is accepted. */
  parent: InetListen | null = null;
  /** The application has closed it (SOCK_DEAD): it goes on by itself, if there is something left to do. */
  dead = false;
  /** The connection is over, and its write queue was given up. */
  purged = false;
  state: number = TcpState.CLOSED;

  // --- sender ---
  /** Unacknowledged and unsent, split by sendHead. */
  readonly writeQueue = new SkBuffHead();
  sendHead: SkBuff | null = null;
  mss: number;
  /** What the path and the peer allow: the window may allow less. */
  mssClamp: number;
  /** The largest window that the peer has offered, as far as it matters. @kernel include/linux/tcp.h tcp_sock max_window */
  maxWindow = 0;
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
  prrDelivered = 0;
  prrOut = 0;
  priorCwnd = 0;
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
  /** No more than this is offered. @kernel include/linux/tcp.h tcp_sock rcv_ssthresh */
  rcvSsthresh: number;
  /** The longest segment that came. @kernel include/net/inet_connection_sock.h icsk_ack.rcv_mss */
  rcvMss = RCV_MSS_FIRST;
  /** Payload of the segments that it asks for: a SYN says so. */
  advmss: number;
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
  /** From 3.6 on. */
  readonly tsq: TsqTasklet | null;

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
    const mtu = Math.min(route.device.mtu, IP_MAX);
    this.mssClamp = mtu - BASE_HEADERS;
    this.mss = this.mssClamp;
    this.advmss = mtu - 40;
    this.rcvSsthresh = initialWindow(this.k.era, this.advmss);
    this.cwnd = this.k.era.initialCwnd;
    this.rto = this.k.era.rtoInitial;
    this.rtoTimer = new RetransmitTimer(this);
    this.delackTimer = new DelackTimer(this);
    this.k.agenda.add(this.rtoTimer);
    this.k.agenda.add(this.delackTimer);
    this.tsq = this.k.era.smallQueues ? new TsqTasklet(this) : null;
    if (this.tsq !== null) this.k.agenda.add(this.tsq);
    this.k.holders.push(this);
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.writeQueue.first, visitor, 'write queue');
    for (let skb = this.receiveQueue.first; skb !== null; skb = skb.next) {
      visitor.skb(skb, 'receive queue', this.copiedSeq); // what was read is not read again
    }
    visitList(this.outOfOrder.first, visitor, 'out-of-order queue');
  }

  override get usesWriteQueue(): boolean {
    return true;
  }

  override get small(): boolean {
    return this.tsq !== null;
  }

  /** @kernel net/ipv4/tcp_output.c tcp_wfree (3.6) */
  override sendOn(): void {
    this.throttled = false;
    this.tsq!.schedule();
  }

  /** @kernel include/net/tcp.h tcp_packets_in_flight */
  inFlight(): number {
    return this.packetsOut - this.sackedOut - this.lostOut + this.retransOut;
  }
}

declareState(TcpSock, {
  state:
    'stack route user parent dead purged state writeQueue sendHead mss mssClamp maxWindow sndUna sndNxt writeSeq sndWnd sndWl1 sndWscale corked driven advmss wantSpace packetsOut sackedOut lostOut retransOut cwnd cwndCount ssthresh caState srtt backoff probes sndmsgPage sndmsgOff sackSeen sackSeenCount receiveQueue outOfOrder rcvNxt copiedSeq rcvWup rcvWnd rcvSsthresh rcvMss rcvQueued sackBlocks sackCount quickAcks ackPending finReceived rtoTimer delackTimer tsq',
  elsewhere: 'highSeq prrDelivered prrOut priorCwnd',
  moment: 'rttvar rto tsRecent',
  constant: 'k name flow side localPort peerAddress peerPort rcvWscale',
  count: 'retransmits timeouts bytesReceived',
  /** Of recovery nothing is asked behind it: the next one sets all of it anew. */
  also(sk, sink) {
    if (sk.caState >= CaState.RECOVERY) sink.number(sk.highSeq);
    if (sk.caState !== CaState.RECOVERY) return;
    sink.number(sk.prrDelivered);
    sink.number(sk.prrOut);
    sink.number(sk.priorCwnd);
  },
});

/**
 * What a kernel that is built as distributions do (wireless meshes, tunnels) keeps free for headers: heads are charged by it.
 * @kernel include/net/tcp.h MAX_TCP_HEADER, include/linux/netdevice.h LL_MAX_HEADER, MAX_HEADER (3.6, 4.9)
 */
const HEADROOM_CHARGED = 128 + 128 + 48;

/**
 * An skb of TCP's own, with room for headers and `linear` bytes. Model: copies of such a head are charged by what it is here.
 * @kernel include/net/sock.h sk_stream_alloc_skb (2.6.24), net/ipv4/tcp_output.c tcp_send_ack
 */
export function tcpAllocSkb(k: Kernel, linear: number, fclone: boolean): SkBuff {
  const charged = chargedClass(k, HEADROOM_CHARGED + linear);
  const skb = allocSkb(k, MAX_TCP_HEADER + linear, fclone, charged);
  skbReserve(skb, MAX_TCP_HEADER);
  return skb;
}

/** Frees a write-queue skb, without looking at users. @kernel include/net/sock.h sk_wmem_free_skb */
export function wmemFreeSkb(sk: TcpSock, skb: SkBuff): void {
  sk.wmemQueued -= skb.truesize;
  kfreeSkbNow(sk.k, skb);
}
