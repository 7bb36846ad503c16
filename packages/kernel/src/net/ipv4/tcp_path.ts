// Where a client connects to, from which device: as often as it has to, each time from a port of its own.
import type { Side } from '../../ledger.ts';
import type { TcpHost } from './tcp_ipv4.ts';
import type { Route, SocketUser, TcpSock } from './tcp_sock.ts';
import { declareState } from '../../state.ts';

export class TcpPath {
  readonly name: string;
  readonly host: TcpHost;
  readonly side: Side;
  readonly route: Route;
  readonly peerAddress: number;
  readonly peerPort: number;
  /** Port of the next connection; a reserved one that is busy makes the client take the next lower one. */
  private localPort: number;
  /** Connections so far. */
  connections = 0;

  constructor(
    name: string,
    host: TcpHost,
    side: Side,
    route: Route,
    localPort: number,
    peerAddress: number,
    peerPort: number,
  ) {
    this.name = name;
    this.host = host;
    this.side = side;
    this.route = route;
    this.localPort = localPort;
    this.peerAddress = peerAddress;
    this.peerPort = peerPort;
  }

  /** A new connection. @kernel net/sunrpc/xprtsock.c xs_bindresvport, kernel_connect (2.6.24) */
  connect(user: SocketUser): TcpSock {
    const name = ++this.connections === 1 ? this.name : `${this.name} ${this.connections}`;
    const { host, side, route, peerAddress, peerPort } = this;
    return host.connect(name, side, route, this.localPort--, peerAddress, peerPort, user);
  }
}

declareState(TcpPath, {
  state: 'host localPort connections',
  constant: 'name side route peerAddress peerPort',
});
