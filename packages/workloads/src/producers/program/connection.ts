// A connection of a program: its socket, the error queue of that, and what it tells the program's event loop.
import {
  Context,
  Side,
  TcpState,
  ZerocopyQueue,
  declareState,
  tcpClose,
  tcpRecvmsg,
  type ByteSink,
  type Kernel,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ANSWER_BYTES } from '../../apps/far-end.ts';
import { Producers } from '../registry.ts';
import type { ProgramHost } from './host.ts';

/** The error queue of one socket, which the program reads; or where its notifications become completions of a ring. */
class Notifications extends ZerocopyQueue {
  private readonly machine: Kernel;
  private readonly of: number;
  private readonly connection: Connection;
  /** Calls that were announced: each was charged to the socket until then. */
  announced = 0;

  constructor(k: Kernel, producer: number, connection: Connection) {
    super(k, producer);
    this.machine = k;
    this.of = producer;
    this.connection = connection;
  }

  override push(lo: number, hi: number, copied: boolean): void {
    this.announced += hi - lo + 1;
    const { connection } = this;
    const { ring } = connection.host;
    if (ring !== null) {
      for (let call = lo; call <= hi; call++) ring.announced(connection, this.of, call, copied);
    } else if (connection.open) super.push(lo, hi, copied); // else nobody will ever read it
  }

  override take(): boolean {
    const { machine: k, connection } = this;
    if (this.queue.length === 0) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    k.side = Side.LENT;
    for (const { lo, hi, copied, party } of this.queue.splice(0)) {
      if (!connection.open) return true; // the program closed the socket while it was at it
      k.agenda.party = party;
      k.probe.notified(this.of, lo, hi, copied);
      const { host, number } = connection;
      host.program.notified(number, host.callNumber(lo), host.callNumber(hi), copied);
    }
    return true;
  }

  /** The socket is closed. */
  forget(): void {
    this.queue.length = 0;
    this.machine.agenda.disarm(this.place);
  }
}

declareState(Notifications, { state: 'connection announced', constant: 'machine of' });

export class Connection implements SocketUser, ByteSink {
  readonly host: ProgramHost;
  readonly number: number;
  /** Its calls with MSG_ZEROCOPY, or its requests, are the loans of this producer. */
  readonly producer: number;
  readonly news: Notifications;
  sk: TcpSock | null = null;
  /** The program has not closed it. */
  open = true;
  /** The program said that it will send no more. */
  shut = false;
  /** Calls that lent something. */
  lent = 0;
  /** Bytes of an answer that are read. */
  private answer = 0;
  private heardEnd = false;

  constructor(host: ProgramHost, number: number) {
    const { k } = host;
    this.host = host;
    this.number = number;
    this.producer = Producers.of(k).add(host);
    this.news = new Notifications(k, this.producer, this);
    k.zerocopyQueues[this.producer] = this.news;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.host.happens('connected', this);
  }

  writeSpace(): void {
    this.host.happens('writable', this);
  }

  dataReady(): void {
    this.host.happens('readable', this);
  }

  /** By a RST or a timer: a close that both ends wanted is no news. */
  closed(sk: TcpSock): void {
    if (sk.dead || !this.open) tcpClose(sk);
    else if (!(this.shut && sk.finReceived)) this.host.happens('failed', this);
  }

  /** Reads what has come; how many answers that is, and whether the peer's end came with it. */
  read(): { answers: number; ended: boolean } {
    const { sk } = this;
    if (sk === null || !this.open) return { answers: 0, ended: false };
    tcpRecvmsg(sk, this, 0x7fffffff);
    const answers = Math.floor(this.answer / ANSWER_BYTES);
    this.answer %= ANSWER_BYTES;
    const ended = sk.finReceived && !this.heardEnd;
    this.heardEnd ||= ended;
    return { answers, ended };
  }

  bytes(_sk: TcpSock, _address: number, size: number): void {
    this.answer += size;
  }

  /** Socket that can send; null: the connection is over, or shut. */
  get sender(): TcpSock | null {
    const { sk } = this;
    return sk === null || sk.dead || this.shut || sk.state === TcpState.CLOSED ? null : sk;
  }
}

declareState(Connection, {
  state: 'host news sk open shut lent answer heardEnd',
  constant: 'number producer',
});
