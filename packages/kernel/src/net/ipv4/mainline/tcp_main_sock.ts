// struct tcp_sock as mainline has it: beside what every TCP socket of the machine has (tcp_sock.ts), what options,
// loss detection, congestion control, delayed ACKs and probing remember.
import type { Side } from '../../../ledger.ts';
import { declareState } from '../../../state.ts';
import { TcpSock, TcpState, type Route } from '../tcp_sock.ts';
import { Cubic } from './tcp_cubic.ts';
import type { MainlineHost } from './tcp_ipv4.ts';
import type { TcpSysctl } from './tcp_sysctl.ts';

/** What the one retransmission timer stands for. @kernel include/net/inet_connection_sock.h ICSK_TIME_* */
export const Timer = { NONE: 0, RETRANS: 1, PROBE0: 3, LOSS_PROBE: 5, REO_TIMEOUT: 6 } as const;

/** @kernel include/linux/tcp.h enum tcp_ca_state */
export const Ca = { OPEN: 0, DISORDER: 1, CWR: 2, RECOVERY: 3, LOSS: 4 } as const;

/** @kernel include/net/tcp.h TCP_NAGLE_* */
export const Nagle = { OFF: 1, CORK: 2, PUSH: 4 } as const;

/** @kernel include/net/sock.h RCV_SHUTDOWN, SEND_SHUTDOWN */
export const Shutdown = { RCV: 1, SEND: 2 } as const;

/** @kernel include/net/inet_connection_sock.h inet_csk_ack_state_t */
export const Ack = { SCHED: 1, TIMER: 2, PUSHED: 4, PUSHED2: 8, NOW: 16, NOMEM: 32 } as const;

export const ATO_MIN = 40_000;
export const TIMEOUT_MIN = 2000;
export const RESOURCE_PROBE = 500_000;
export const INFINITE_SSTHRESH = 0x7fff_ffff;
export const MAX_QUICKACKS = 16;
/** @kernel include/net/tcp.h TCP_MSS_DEFAULT */
export const MSS_DEFAULT = 536;
export const IP_TCP_HEADERS = 40;
export const TIMESTAMP_SPACE = 12;

/** A send was stamped: SCM_TSTAMP_SCHED, _SND or _ACK, for the byte with this number. */
export interface Stamp {
  readonly kind: 'SCHED' | 'SND' | 'ACK';
  readonly key: number;
  readonly ticks: number;
}

export class MainSock extends TcpSock {
  readonly host: MainlineHost;

  // --- what was negotiated ---
  tsOk = false;
  sackOk = false;
  wscaleOk = false;
  /** The scale of our own window. */
  ownScale = 0;
  userMss = 0;
  /** Of header that every segment has. */
  headerLen = 20;
  /** The path's MTU as TCP knows it, and as the route of the last packet had it. */
  pmtu: number;
  dstMtu: number;

  // --- the socket's options ---
  nonagle = 0;
  shutdown = 0;
  linger2 = 0;
  /** Milliseconds; 0: none. */
  userTimeout = 0;
  /** Bytes not yet sent that may wait; 0: what the sysctl says. */
  notsentLowat = 0;
  sndbufLocked = false;
  rcvbufLocked = false;
  /** An error that the next call reports, by name; null: none. */
  error: string | null = null;
  noSpace = false;
  /** A program has it (sk_socket): one that waits to be accepted has none. */
  accepted = false;
  /** Time stamps are wanted from this byte on; null: no. And of which kinds. */
  stampsFrom: number | null = null;
  stampKinds: readonly Stamp['kind'][] = [];

  // --- sender ---
  pushedSeq = 0;
  sndSml = 0;
  lsndtime = 0;
  wstamp = -1e9;
  /** Bytes a second. */
  pacingRate = Infinity;
  srttUs = 0;
  mdevUs = 0;
  mdevMaxUs = 0;
  rttvarUs = 0;
  rttSeq = 0;
  minRtt = Infinity;
  undoRetrans = 0;
  cwndUsed = 0;
  cwndStamp = 0;
  isCwndLimited = false;
  maxPacketsOut = 0;
  cwndUsageSeq = 0;
  priorSsthresh = 0;
  undoMarker = 0;
  undone = true;
  retransStamp = 0;
  /** The echo of the ACK that is being looked at; 0: none. */
  ecrMs = 0;
  reordering: number;
  reordSeen = 0;
  delivered = 0;
  lost = 0;
  /** One past the highest byte that was SACKed, while any is. */
  highestSack = 0;
  frto = false;
  tlpHighSeq = 0;
  tlpOut = false;
  tlpRetrans = false;
  pending: number = Timer.NONE;
  retries = 0;
  probesStamp = 0;
  readonly rack = new Rack();
  readonly cubic = new Cubic();
  readonly probe = new MtuProbe();
  readonly chrono = new Chrono();

  // --- receiver ---
  ackState = 0;
  quick = 0;
  pingpong = 0;
  ato = 0;
  lrcvtime = -1e9;
  lastSegSize = 0;
  delackDue = 0;
  /** Bytes of the buffer that stand for payload, in 256ths. */
  scalingRatio = 128;
  windowClamp = 0;
  dsackStart = 0;
  dsackEnd = 0;
  dsack = false;
  lastOowAck = -1e9;
  /** One behind the last byte that was ever offered. */
  rcvMwndSeq = 0;
  /** Without the SYN. */
  bytesAcked = 0;
  /** Where urgent data stands, or -1. */
  urgSeq = -1;
  readonly stamps: Stamp[] = [];

  constructor(
    host: MainlineHost,
    name: string,
    flow: number,
    side: Side,
    route: Route,
    localPort: number,
    peerAddress: number,
    peerPort: number,
  ) {
    super(host, name, flow, side, route, localPort, peerAddress, peerPort);
    this.host = host;
    this.mssClamp = MSS_DEFAULT;
    this.rcvMss = 88; // TCP_MIN_MSS
    this.pmtu = host.pmtu;
    this.dstMtu = host.pmtu;
    this.reordering = host.sysctl.reordering;
  }

  get sysctl(): TcpSysctl {
    return this.host.sysctl;
  }

  get now(): number {
    return this.k.agenda.now;
  }

  /** One past the last byte that the peer's window allows. @kernel include/net/tcp.h tcp_wnd_end */
  get wndEnd(): number {
    return (this.sndUna + this.sndWnd) | 0;
  }

  get isReno(): boolean {
    return !this.sackOk;
  }

  get inCwndReduction(): boolean {
    return this.caState === Ca.CWR || this.caState === Ca.RECOVERY;
  }

  get inSlowStart(): boolean {
    return this.cwnd < this.ssthresh;
  }

  /** RACK decides what is lost. @kernel net/ipv4/tcp_input.c tcp_is_rack (4.18) */
  get isRack(): boolean {
    return (this.sysctl.recovery & 1) !== 0;
  }

  /** May the connection still carry data from here? */
  get canSend(): boolean {
    return this.state === TcpState.ESTABLISHED || this.state === TcpState.CLOSE_WAIT;
  }
}

/** @kernel include/linux/tcp.h struct tcp_rack (4.18) */
export class Rack {
  mstamp = 0;
  endSeq = 0;
  rttUs = 0;
  reoWndSteps = 1;
  reoWndPersist = 0;
  lastDelivered = 0;
  dsackSeen = false;
  advanced = false;
}

/** @kernel include/net/inet_connection_sock.h icsk_mtup, include/linux/tcp.h mtu_probe */
export class MtuProbe {
  enabled = false;
  low = 0;
  high = 0;
  /** MTU that is being tried; 0: none. */
  size = 0;
  start = 0;
  end = 0;
}

/** Why the connection is not faster. @kernel include/linux/tcp.h enum tcp_chrono */
export class Chrono {
  /** 0 idle, 1 busy, 2 limited by the peer's window, 3 by the send buffer. */
  type = 0;
  start = 0;
  readonly ticks = new Float64Array(4);
}

declareState(MainSock, {
  state:
    'tsOk sackOk wscaleOk ownScale userMss headerLen pmtu nonagle shutdown linger2 userTimeout ' +
    'notsentLowat sndbufLocked rcvbufLocked error noSpace accepted stampsFrom stampKinds dstMtu pushedSeq sndSml ' +
    'pacingRate srttUs mdevUs mdevMaxUs rttvarUs rttSeq minRtt cwndUsed isCwndLimited maxPacketsOut ' +
    'cwndUsageSeq priorSsthresh undoMarker undone ecrMs reordering reordSeen delivered lost highestSack frto tlpHighSeq tlpOut ' +
    'tlpRetrans pending retries rack cubic probe chrono ackState quick pingpong ato lastSegSize ' +
    'scalingRatio windowClamp rcvMwndSeq bytesAcked dsackStart dsackEnd dsack urgSeq stamps ' +
    // of these the model of older kernels asks less
    'highSeq prrDelivered prrOut priorCwnd undoRetrans rttvar rto tsRecent',
  constant: 'host',
  moment: 'lsndtime wstamp cwndStamp retransStamp probesStamp lrcvtime delackDue lastOowAck',
});
declareState(Rack, {
  state: 'endSeq rttUs reoWndSteps reoWndPersist lastDelivered dsackSeen advanced',
  moment: 'mstamp',
});
declareState(MtuProbe, { state: 'enabled low high size start end' });
declareState(Chrono, { state: 'type', moment: 'start', count: 'ticks' });
