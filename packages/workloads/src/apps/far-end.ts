// The other end of a program's connections: reads at its own pace, answers if it is one that answers, and can stop
// sending while it goes on reading. One connection at a time: a new one ends the one before.
import {
  Context,
  Party,
  SingleStep,
  TcpState,
  declareState,
  tcpAbort,
  tcpClose,
  tcpRecvmsg,
  tcpSendmsg,
  tcpShutdown,
  type ByteSink,
  type Kernel,
  type Listener,
  type Page,
  type Route,
  type Side,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Abortable } from './teardown.ts';

export interface FarEndOptions {
  readonly side: Side;
  readonly route: Route;
  readonly readBytes: number;
  /** Before each read. */
  readonly readTicks: number;
  /** Receive buffer; default as a socket's. */
  readonly rcvbuf?: number;
  /** It answers whenever it has read so many bytes of a connection; default: never. */
  readonly answerEvery?: number;
}

/** Bytes of an answer. */
export const ANSWER_BYTES = 64;

export class FarEnd extends SingleStep implements Listener, SocketUser, ByteSink {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  private readonly options: FarEndOptions;
  private readonly page: Page | null;
  private readonly lends: boolean;
  private sk: TcpSock | null = null;
  /** Bytes of the connection that were read and not answered. */
  private unanswered = 0;

  /** `lends`: it is on the host that lends. */
  constructor(k: Kernel, options: FarEndOptions, lends: boolean) {
    super('peer read', 'reads');
    this.k = k;
    this.side = options.side;
    this.route = options.route;
    this.options = options;
    this.lends = lends;
    this.page = options.answerEvery === undefined ? null : ownPages(k, 1)[0]!;
    if (this.page !== null) writePage(k, this.page, 1);
    k.agenda.add(this);
  }

  accept(sk: TcpSock): SocketUser {
    if (this.sk !== null) tcpAbort(this.sk);
    if (this.options.rcvbuf !== undefined) sk.rcvbuf = this.options.rcvbuf;
    this.unanswered = 0;
    return this;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  /** Its process dies: RST. */
  abort(): void {
    if (this.sk !== null) tcpAbort(this.sk);
  }

  /** It will send no more, and reads on. */
  endSending(): void {
    if (this.sk !== null) tcpShutdown(this.sk);
  }

  dataReady(sk: TcpSock): void {
    if (sk === this.sk) this.wake();
  }

  private wake(): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + this.options.readTicks);
  }

  override get lendsNothing(): boolean {
    return !this.lends;
  }

  override get party(): Party {
    return Party.READER;
  }

  take(): boolean {
    const { k, options, sk } = this;
    if (sk === null || !k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = this.side;
    tcpRecvmsg(sk, this, options.readBytes);
    const { answerEvery = Infinity } = options;
    for (; this.unanswered >= answerEvery; this.unanswered -= answerEvery)
      tcpSendmsg(sk, this.page!.address, ANSWER_BYTES);
    if (sk.receiveQueue.qlen > 0) this.wake();
    else if (sk.finReceived || sk.state === TcpState.CLOSED) this.hangUp(sk);
    return true;
  }

  bytes(_sk: TcpSock, _address: number, size: number): void {
    if (this.page !== null) this.unanswered += size;
  }

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

declareState(FarEnd, {
  state: 'page sk unanswered',
  constant: 'k side route options lends',
});

/** Ends what the far end sends, and nothing else. */
export class HalfClose implements Abortable {
  private readonly end: FarEnd;

  constructor(end: FarEnd) {
    this.end = end;
  }

  get lendsNothing(): boolean {
    return this.end.lendsNothing;
  }

  abort(): void {
    this.end.endSending();
  }
}

declareState(HalfClose, { state: 'end' });
