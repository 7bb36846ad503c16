// The application at the other end of a stream: reads, slowly if asked to, and answers nothing. One connection at a time: a
// new one ends the one before.
import {
  Context,
  Party,
  Side,
  SingleStep,
  TcpState,
  declareState,
  readsUnseen,
  tcpAbort,
  tcpClose,
  tcpRecvmsg,
  type ByteSink,
  type Kernel,
  type Listener,
  type Route,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';

export interface ConsumerOptions {
  readonly name: string;
  readonly side: Side;
  readonly route: Route;
  /** Bytes of one read, and ticks before each. */
  readonly readBytes: number;
  readonly readTicks: number;
  /** Receive buffer; default as a socket's. */
  readonly rcvbuf?: number;
}

export class Consumer extends SingleStep implements Listener, SocketUser, ByteSink {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  readonly options: ConsumerOptions;
  protected sk: TcpSock | null = null;
  bytesRead = 0;

  constructor(k: Kernel, options: ConsumerOptions) {
    super(`${options.name} read`, 'reads');
    this.k = k;
    this.side = options.side;
    this.route = options.route;
    this.options = options;
    k.agenda.add(this);
  }

  accept(sk: TcpSock): SocketUser {
    if (this.sk !== null) tcpAbort(this.sk); // the client has begun anew
    if (this.options.rcvbuf !== undefined) sk.rcvbuf = this.options.rcvbuf;
    return this;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  /** The application dies with SO_LINGER set to no time: RST. */
  abort(): void {
    if (this.sk !== null) tcpAbort(this.sk);
  }

  dataReady(sk: TcpSock): void {
    if (sk !== this.sk) return;
    this.wake();
  }

  private wake(): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + this.options.readTicks);
  }

  override get lendsNothing(): boolean {
    return this.side === Side.PEER;
  }

  override get party(): Party {
    return Party.READER;
  }

  /** It reads and does nothing else. */
  mayComeFirst(steps: number): boolean {
    const { sk, side } = this;
    return side === Side.PEER && sk !== null && readsUnseen(sk, steps);
  }

  take(): boolean {
    const { k, options } = this;
    const sk = this.sk;
    if (sk === null || !k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    tcpRecvmsg(sk, this, options.readBytes);
    this.hasRead(sk);
    if (sk.receiveQueue.qlen > 0) this.wake();
    else if (sk.finReceived || sk.state === TcpState.CLOSED) this.hangUp(sk);
    return true;
  }

  bytes(_sk: TcpSock, _address: number, size: number): void {
    this.bytesRead += size;
  }

  /** Once for each of its reads. */
  protected hasRead(_sk: TcpSock): void {}

  writeSpace(): void {}

  /** What has arrived can still be read. */
  closed(sk: TcpSock): void {
    if (sk === this.sk && !sk.dead) {
      this.wake();
      return;
    }
    tcpClose(sk);
    if (sk === this.sk) this.hangUp(sk);
  }

  private hangUp(sk: TcpSock): void {
    this.sk = null;
    this.k.agenda.disarm(this.place);
    tcpClose(sk);
  }
}

declareState(Consumer, {
  state: 'sk',
  count: 'bytesRead',
  constant: 'k side route options',
});
