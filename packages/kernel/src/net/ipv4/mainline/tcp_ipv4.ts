// One host's TCP as mainline has it, with its sysctls: sockets by their ports, connections that are opened from here
// and from elsewhere. The workloads' host (../tcp_ipv4.ts) is another: theirs has fixed options and no settings.
import { expectNoMemory } from '../../../errors.ts';
import type { Kernel } from '../../../kernel.ts';
import { Side } from '../../../ledger.ts';
import { Context } from '../../../probe.ts';
import { declareState } from '../../../state.ts';
import type { NetDevice, Receiver } from '../../core/dev.ts';
import { kfreeSkb } from '../../core/skb_free.ts';
import { pskbMayPull } from '../../core/skb_pull.ts';
import type { SkBuff } from '../../core/skbuff.ts';
import { checksumValid } from '../checksum.ts';
import { InetListen, type Listener } from '../inet_connection_sock.ts';
import { IP_HEADER } from '../ip_header.ts';
import { TCP_HEADER, TcpFlag } from '../tcp_header.ts';
import { after, before, type Route, type SocketUser, type TcpStack } from '../tcp_sock.ts';
import { simpleRetransmit } from './tcp_alert.ts';
import { mainDone } from './tcp_close.ts';
import { mainCleanupRbuf } from './tcp_data.ts';
import { mainRcv } from './tcp_input.ts';
import { MainSock, type Stamp } from './tcp_main_sock.ts';
import { activeOpen, openRequest } from './tcp_minisocks.ts';
import { syncMss } from './tcp_mss.ts';
import { MainHeader, readMain } from './tcp_options.ts';
import { retransmitQueue } from './tcp_retransmit.ts';
import { TcpSysctl } from './tcp_sysctl.ts';
import { onMainDelack, onMainTimer } from './tcp_timer.ts';
import { sendReset } from './tcp_transmit.ts';

const header = new MainHeader();

/** What a listening socket hands to its children. */
export interface Inherited {
  readonly userMss?: number;
  /** Set with SO_SNDBUF, SO_RCVBUF: what the kernel made of it. */
  readonly sndbuf?: number;
  readonly rcvbuf?: number;
  readonly nonagle?: number;
}

export class MainlineHost implements TcpStack, Receiver {
  readonly k: Kernel;
  readonly name: string;
  readonly address: number;
  readonly sysctl = new TcpSysctl();
  /** Of the route: its MTU, what it says of segments (0: the device's), segments to begin with. */
  pmtu: number;
  advmss = 0;
  initCwnd = 10;
  /** Payload of one segment of what the wire brings as one packet (GRO); 0: it is one segment. */
  rxSegment = 0;
  private readonly byPorts = new Map<number, MainSock>();
  private readonly listeners = new Map<
    number,
    { socket: InetListen; inherited: () => Inherited }
  >();
  private serial = 0;
  private readonly onStamp: (sk: MainSock, stamp: Stamp) => void;

  constructor(
    k: Kernel,
    name: string,
    address: number,
    mtu: number,
    onStamp: (sk: MainSock, stamp: Stamp) => void,
  ) {
    this.k = k;
    this.name = name;
    this.address = address;
    this.pmtu = mtu;
    this.onStamp = onStamp;
  }

  listen(port: number, listener: Listener, inherited: () => Inherited): InetListen {
    const socket = new InetListen(port, listener);
    this.listeners.set(port, { socket, inherited });
    return socket;
  }

  /** The port is closed; what waited to be accepted stays for its peer to notice. Model: no resets to those. */
  closeListener(port: number): void {
    this.listeners.delete(port);
  }

  /** A connection that waits to be opened. */
  socket(route: Route, localPort: number, peer: number, peerPort: number, i: Inherited): MainSock {
    const { k } = this;
    const name = `${this.name}:${localPort}#${++this.serial}`;
    const flow = k.newFlow(Side.LENT);
    const sk = new MainSock(this, name, flow, Side.LENT, route, localPort, peer, peerPort);
    sk.sndbuf = i.sndbuf ?? this.sysctl.wmem[1];
    sk.sndbufLocked = i.sndbuf !== undefined;
    sk.rcvbuf = i.rcvbuf ?? this.sysctl.rmem[1];
    sk.rcvbufLocked = i.rcvbuf !== undefined;
    sk.userMss = i.userMss ?? 0;
    sk.nonagle = i.nonagle ?? 0;
    sk.writeSeq = (0x1000_0000 + flow * 0x0100_0000) | 0;
    sk.sndUna = sk.writeSeq;
    sk.sndNxt = sk.writeSeq;
    sk.pushedSeq = sk.writeSeq;
    sk.sndSml = sk.writeSeq;
    sk.cwndUsageSeq = sk.writeSeq;
    sk.cwnd = this.initCwnd;
    this.byPorts.set(localPort * 65_536 + peerPort, sk);
    return sk;
  }

  connect(sk: MainSock, user: SocketUser): void {
    sk.user = user;
    activeOpen(sk);
  }

  forget(sk: MainSock): void {
    const key = sk.localPort * 65_536 + sk.peerPort;
    if (this.byPorts.get(key) === sk) this.byPorts.delete(key);
    sk.parent?.forget(sk);
  }

  onRetransmitTimer(sk: MainSock): boolean {
    this.k.context = Context.SOFTIRQ;
    this.k.side = sk.side;
    return onMainTimer(sk);
  }

  onDelackTimer(sk: MainSock): boolean {
    this.k.context = Context.SOFTIRQ;
    this.k.side = sk.side;
    return onMainDelack(sk);
  }

  /** Nothing is held back here: the limit of small queues is not asked. */
  onTsq(): void {}

  /** TIME_WAIT is over. */
  onOther(sk: MainSock): void {
    mainDone(sk);
  }

  cleanupRbuf(sk: MainSock): void {
    mainCleanupRbuf(sk);
  }

  stamped(sk: MainSock, stamp: Stamp): void {
    this.onStamp(sk, stamp);
  }

  /** The ACK for a stamped packet. @kernel net/ipv4/tcp_input.c tcp_ack_tstamp */
  stampAck(sk: MainSock, skb: SkBuff): void {
    if (sk.stampsFrom === null || !sk.stampKinds.includes('ACK')) return;
    const key = (skb.endSeq - 1 - (skb.tcpFlags & TcpFlag.FIN) - sk.stampsFrom) | 0;
    this.onStamp(sk, { kind: 'ACK', key, ticks: sk.now });
  }

  /** Counters of /proc/net/netstat, by name. @kernel net/ipv4/proc.c snmp4_net_list */
  readonly counters = new Map<string, number>();

  count(name: string, by = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + by);
  }

  /** A router says that the packet with byte `seq` is longer than `mtu`. @kernel net/ipv4/tcp_ipv4.c tcp_v4_err, tcp_v4_mtu_reduced */
  fragNeeded(localPort: number, peerPort: number, seq: number, mtu: number): void {
    const sk = this.byPorts.get(localPort * 65_536 + peerPort);
    if (sk === undefined || before(seq, sk.sndUna) || after(seq, sk.sndNxt)) return;
    this.pmtu = Math.min(this.pmtu, mtu);
    if (sk.pmtu <= mtu) return;
    syncMss(sk, mtu);
    simpleRetransmit(sk);
    retransmitQueue(sk);
  }

  /** @kernel net/ipv4/tcp_ipv4.c tcp_v4_rcv */
  receive(skb: SkBuff, device: NetDevice): void {
    const { k } = this;
    const h = header;
    if (!mayPull(k, skb) || !checksumValid(k, skb) || !readMain(k.mem, skb.data, skb.len, h)) {
      kfreeSkb(k, skb);
      return;
    }
    skb.headers = h.bytes;
    k.context = Context.SOFTIRQ;
    const sk = this.byPorts.get(h.destPort * 65_536 + h.sourcePort);
    if (sk !== undefined) {
      k.side = sk.side;
      mainRcv(sk, skb, h);
      return;
    }
    const port = this.listeners.get(h.destPort);
    const isSyn = (h.flags & (TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST)) === TcpFlag.SYN;
    if (port !== undefined && isSyn) this.request(port.socket, port.inherited(), h);
    else sendReset(k, device, h);
    kfreeSkb(k, skb);
  }

  private request(socket: InetListen, inherited: Inherited, h: MainHeader): void {
    const { route } = socket.listener;
    const sk = this.socket(route, h.destPort, h.source, h.sourcePort, inherited);
    this.k.side = sk.side;
    socket.request(sk);
    openRequest(sk, h);
  }
}

declareState(MainlineHost, {
  state: 'byPorts listeners',
  constant: 'k name address sysctl pmtu advmss initCwnd rxSegment serial onStamp',
  count: 'counters',
});

/** False: too short, or no memory to pull. */
function mayPull(k: Kernel, skb: SkBuff): boolean {
  try {
    const at = IP_HEADER + TCP_HEADER;
    if (!pskbMayPull(k, skb, at)) return false;
    const bytes = (k.mem[skb.data + IP_HEADER + 12]! >> 4) << 2;
    return pskbMayPull(k, skb, IP_HEADER + bytes);
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
}
