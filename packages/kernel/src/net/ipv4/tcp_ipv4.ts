// One host's TCP: sockets by their ports, connections that are opened from here and from elsewhere.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import { Context } from '../../probe.ts';
import type { NetDevice, Receiver } from '../core/dev.ts';
import { pskbMayPull } from '../core/skb_pull.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { InetListen, type Listener } from './inet_connection_sock.ts';
import { learnSyn, rcv } from './tcp_input.ts';
import { TcpSock, TcpState, type Route, type SocketUser, type TcpStack } from './tcp_sock.ts';
import { TCP_HEADER, TcpFlag, TcpHeader, readHeader } from './tcp_header.ts';
import { checksumValid } from './checksum.ts';
import { IP_HEADER } from './ip_header.ts';
import { resetFor, sendControl } from './tcp_output.ts';
import { onDelackTimer, onRetransmitTimer, tcpTsqHandler } from './tcp_timer.ts';
import { declareState } from '../../state.ts';

const header = new TcpHeader();

/** TCP over IPv4 of one host. */
export class TcpHost implements TcpStack, Receiver {
  readonly k: Kernel;
  readonly name: string;
  readonly address: number;
  /** Sockets in the order they were made. */
  readonly sockets: TcpSock[] = [];
  private readonly bySource = new Map<number, TcpSock>();
  private readonly listeners = new Map<number, InetListen>();
  checksumErrors = 0;
  /** Bytes that a new socket may have queued; undefined: as many as ever. @kernel net.ipv4.tcp_wmem */
  wmem: number | undefined = undefined;

  constructor(k: Kernel, name: string, address: number) {
    this.k = k;
    this.name = name;
    this.address = address;
  }

  listen(port: number, listener: Listener): InetListen {
    const socket = new InetListen(port, listener);
    this.listeners.set(port, socket);
    return socket;
  }

  /** The port is closed, and so is every connection to it that nobody has accepted. */
  closeListener(port: number): void {
    const socket = this.listeners.get(port);
    this.listeners.delete(port);
    socket?.stop();
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
    if (this.wmem !== undefined) sk.sndbuf = this.wmem;
    sk.writeSeq = (0x1000_0000 + sk.flow * 0x0100_0000) | 0;
    sk.sndUna = sk.writeSeq;
    sk.sndNxt = sk.writeSeq;
    this.sockets.push(sk);
    this.bySource.set(localPort * 65536 + peerPort, sk);
    return sk;
  }

  forget(sk: TcpSock): void {
    const key = sk.localPort * 65536 + sk.peerPort;
    if (this.bySource.get(key) === sk) this.bySource.delete(key);
    sk.parent?.forget(sk);
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

  onTsq(sk: TcpSock): void {
    this.k.context = Context.SOFTIRQ;
    this.k.side = sk.side;
    tcpTsqHandler(sk);
  }

  /** @kernel net/ipv4/tcp_ipv4.c tcp_v4_rcv */
  receive(skb: SkBuff, device: NetDevice): void {
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
    if (listener !== undefined && (h.flags & TcpFlag.SYN) !== 0) this.connRequest(listener, h);
    else resetFor(k, device, h);
    kfreeSkb(k, skb);
  }

  /** A child that was reset leaves its ports to another, and its steps their names. */
  private childName(name: string): string {
    const before = this.sockets.filter((sk) => sk.name.split('#')[0] === name).length;
    return before === 0 ? name : `${name}#${before + 1}`;
  }

  /** @kernel net/ipv4/tcp_ipv4.c tcp_v4_conn_request. Model: the child is a full socket from the SYN on. */
  private connRequest(port: InetListen, h: TcpHeader): void {
    const { listener } = port;
    const sk = this.create(
      this.childName(`${this.name}:${h.destPort}<${h.sourcePort}`),
      listener.side,
      listener.route,
      h.destPort,
      h.source,
      h.sourcePort,
    );
    this.k.side = sk.side;
    learnSyn(sk, h);
    sk.state = TcpState.SYN_RECV;
    port.request(sk);
    sendControl(sk, TcpFlag.SYN | TcpFlag.ACK);
  }
}

declareState(TcpHost, {
  state: 'sockets bySource listeners wmem',
  count: 'checksumErrors',
  constant: 'k name address',
});

/** False: too short, or no memory to pull. */
function mayPullHeaders(k: Kernel, skb: SkBuff): boolean {
  try {
    return pskbMayPull(k, skb, IP_HEADER + TCP_HEADER);
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
}
