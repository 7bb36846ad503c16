// A listening port: connections that are not open yet, open ones that nobody has accepted, and what happens to both
// when the port is closed.
import type { Side } from '../../ledger.ts';
import { tcpAbort, tcpDone } from './tcp.ts';
import { TcpState, type Route, type SocketUser, type TcpSock } from './tcp_sock.ts';
import { declareState } from '../../state.ts';

/** What a listening port needs to accept a connection. */
export interface Listener {
  readonly route: Route;
  readonly side: Side;
  /** A connection is accepted; returns its user. */
  accept(sk: TcpSock): SocketUser;
  /**
   * A connection is open and waits to be accepted. A listener without this method accepts each as it opens; with
   * it, a connection waits until `InetListen.accept`.
   */
  waiting?(): void;
}

/** @kernel include/net/inet_connection_sock.h struct inet_connection_sock, include/net/request_sock.h (2.6.24) */
export class InetListen {
  readonly port: number;
  readonly listener: Listener;
  /** Children whose handshake is going on. Model: full sockets from the SYN on. */
  private readonly synQueue: TcpSock[] = [];
  /** Open, and nobody's. */
  private readonly acceptQueue: TcpSock[] = [];

  constructor(port: number, listener: Listener) {
    this.port = port;
    this.listener = listener;
  }

  /** A SYN made `sk`. */
  request(sk: TcpSock): void {
    sk.parent = this;
    this.synQueue.push(sk);
    if (this.listener.waiting === undefined) sk.user = this.listener.accept(sk);
  }

  /** The handshake of `sk` is done. @kernel net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_add */
  established(sk: TcpSock): void {
    remove(this.synQueue, sk);
    if (sk.user !== null) {
      sk.parent = null;
      sk.user.established(sk);
      return;
    }
    this.acceptQueue.push(sk);
    this.listener.waiting?.();
  }

  /** accept(): gives the oldest open connection to the listener; false if none waits. */
  accept(): boolean {
    const sk = this.acceptQueue.shift();
    if (sk === undefined) return false;
    sk.parent = null;
    sk.user = this.listener.accept(sk);
    sk.user.established(sk);
    if (sk.receiveQueue.qlen > 0) sk.user.dataReady(sk);
    if (sk.state === TcpState.CLOSED) sk.user.closed(sk); // reset while it waited
    return true;
  }

  /** A child is gone before it was accepted. */
  forget(sk: TcpSock): void {
    remove(this.synQueue, sk);
  }

  /**
   * The port is closed: what is half open is forgotten without a word, what is open and not accepted is reset.
   * @kernel net/ipv4/inet_connection_sock.c inet_csk_listen_stop (2.6.24)
   */
  stop(): void {
    for (let sk = this.synQueue.shift(); sk !== undefined; sk = this.synQueue.shift()) tcpDone(sk);
    for (let sk = this.acceptQueue.shift(); sk !== undefined; sk = this.acceptQueue.shift())
      tcpAbort(sk);
  }
}

declareState(InetListen, {
  state: 'listener synQueue acceptQueue',
  constant: 'port',
});

function remove(queue: TcpSock[], sk: TcpSock): void {
  const at = queue.indexOf(sk);
  if (at >= 0) queue.splice(at, 1);
}
