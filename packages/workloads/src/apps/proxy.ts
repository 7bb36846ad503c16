// A proxy between two connections that moves bytes from one to the other through a pipe and copies none of them.
// What comes back is a few bytes, and copied.
import {
  Context,
  Party,
  Pipe,
  SingleStep,
  TCP_SPLICE_READ,
  TcpState,
  declareState,
  spliceToSocket,
  tcpClose,
  tcpRecvmsg,
  tcpSendmsg,
  tcpSpliceRead,
  type ByteSink,
  type Kernel,
  type Listener,
  type NamedSpan,
  type Route,
  type Side,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';

/** What its kernel must have. */
export const PROXY_NEEDS: readonly NamedSpan[] = [TCP_SPLICE_READ];

export interface ProxyOptions {
  readonly name: string;
  readonly side: Side;
  /** To the one who sends through it. */
  readonly route: Route;
  /** Ticks from the moment when it may go on to the moment when it does. */
  readonly wakeTicks: number;
}

/** The far side of the proxy: its connection to whoever gets the bytes. */
class Downstream implements SocketUser, ByteSink {
  private readonly proxy: Proxy;
  sk: TcpSock | null = null;

  constructor(proxy: Proxy) {
    this.proxy = proxy;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.proxy.wake();
  }

  dataReady(sk: TcpSock): void {
    tcpRecvmsg(sk, this, 0x7fffffff);
  }

  bytes(_sk: TcpSock, address: number, size: number): void {
    if (this.proxy.sk !== null) tcpSendmsg(this.proxy.sk, address, size);
  }

  writeSpace(): void {
    this.proxy.wake();
  }

  closed(sk: TcpSock): void {
    this.sk = null;
    tcpClose(sk);
  }
}

declareState(Downstream, {
  state: 'proxy sk',
});

/** Its step: splice from the one socket, splice to the other. */
export class Proxy extends SingleStep implements Listener, SocketUser {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  readonly downstream = new Downstream(this);
  /** The connection of the one who sends. */
  sk: TcpSock | null = null;
  private readonly wakeTicks: number;
  private readonly pipe: Pipe;

  constructor(k: Kernel, options: ProxyOptions) {
    super(`${options.name} splice`, 'splices through its pipe');
    this.k = k;
    this.side = options.side;
    this.route = options.route;
    this.wakeTicks = options.wakeTicks;
    this.pipe = new Pipe(k);
    k.agenda.add(this);
  }

  accept(): SocketUser {
    return this;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  dataReady(): void {
    this.wake();
  }

  wake(): void {
    const { agenda } = this.k;
    if (this.sk !== null && !agenda.isArmed(this.place))
      agenda.arm(this.place, agenda.now + this.wakeTicks);
  }

  override get party(): Party {
    return Party.READER;
  }

  take(): boolean {
    const { k, sk, pipe } = this;
    if (sk === null || !k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    const to = this.downstream.sk;
    if (to === null || to.state !== TcpState.ESTABLISHED) return true;
    do {
      if (pipe.bytes > 0 && spliceToSocket(pipe, to, null) === 0) return true; // until there is room
    } while (pipe.bytes > 0 || tcpSpliceRead(sk, pipe, 0x7fffffff) > 0);
    return true;
  }

  writeSpace(): void {}

  closed(sk: TcpSock): void {
    this.sk = null;
    this.k.agenda.disarm(this.place); // nothing comes to be spliced any more
    tcpClose(sk);
  }
}

declareState(Proxy, {
  state: 'downstream sk pipe',
  constant: 'k side route wakeTicks',
});
