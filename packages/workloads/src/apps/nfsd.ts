// An NFS server: reads calls, takes its time over each, answers. It keeps no duplicate request cache: a call
// that comes twice is executed twice. @kernel net/sunrpc/svcsock.c svc_tcp_recvfrom (2.6.24)
import {
  CALL_HEADER,
  Context,
  MARK_BYTES,
  REPLY_BYTES,
  Side,
  SingleStep,
  declareState,
  tcpClose,
  tcpRecvmsg,
  tcpSendmsg,
  udpRecvmsg,
  udpSendmsg,
  writeReply,
  type ByteSink,
  type DatagramSink,
  type DatagramUser,
  type Kernel,
  type Listener,
  type Page,
  type Route,
  type SocketUser,
  type TcpSock,
  type UdpSock,
} from '@lastref/kernel';
import { ownPages } from '../pages.ts';
import { Prng } from '../prng.ts';

export interface NfsdOptions {
  readonly name: string;
  readonly side: Side;
  readonly route: Route;
  /** Each call takes at least `serviceTicks` and up to `spreadTicks` more. */
  readonly serviceTicks: number;
  readonly spreadTicks: number;
}

/** The way back to a client. */
interface Caller {
  /** Sends `size` bytes at `address`; if the client has gone, nothing. */
  answer(address: number, size: number): void;
}

/** A call that was received and not answered yet. */
class Answer {
  readonly caller: Caller;
  readonly xid: number;
  /** Of the call's data. */
  readonly size: number;
  readonly due: number;
  readonly serial: number;

  constructor(caller: Caller, xid: number, size: number, due: number, serial: number) {
    this.caller = caller;
    this.xid = xid;
    this.size = size;
    this.due = due;
    this.serial = serial;
  }
}

declareState(Answer, {
  state: 'caller',
  constant: 'xid size',
  moment: 'due',
  name: 'serial',
});

/** One client's connection: cuts its stream into records. */
class Connection implements SocketUser, ByteSink, Caller {
  readonly nfsd: Nfsd;
  sk: TcpSock | null = null;
  /** The record being read: bytes so far, its size, its xid. */
  private at = 0;
  private mark = 0;
  private xid = 0;

  constructor(nfsd: Nfsd) {
    this.nfsd = nfsd;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  dataReady(sk: TcpSock): void {
    tcpRecvmsg(sk, this, 0x7fffffff);
    if (sk.finReceived && sk.receiveQueue.qlen === 0) this.closed(sk); // svc_tcp_state_change: XPT_CLOSE
  }

  bytes(_sk: TcpSock, address: number, size: number): void {
    const { mem } = this.nfsd.k;
    let i = 0;
    while (i < size) {
      if (this.at < 8) {
        const byte = mem[address + i]!;
        if (this.at < 4) this.mark = (this.mark << 8) | byte;
        else this.xid = (this.xid << 8) | byte;
        this.at++;
        i++;
        continue;
      }
      const total = 4 + (this.mark & 0x7fffffff);
      const n = Math.min(size - i, total - this.at);
      this.at += n;
      i += n;
      if (this.at === total) this.received();
    }
  }

  private received(): void {
    this.nfsd.received(this, this.xid, this.at);
    this.at = 0;
    this.mark = 0;
    this.xid = 0;
  }

  answer(address: number, size: number): void {
    if (this.sk !== null) tcpSendmsg(this.sk, address, size);
  }

  writeSpace(): void {}

  /** A server thread closes it at once. */
  closed(sk: TcpSock): void {
    this.sk = null;
    tcpClose(sk);
  }
}

declareState(Connection, {
  state: 'nfsd sk at mark xid',
});

/** The server's datagram socket. @kernel net/sunrpc/svcsock.c svc_udp_recvfrom (2.6.24) */
class DatagramPort implements DatagramUser, DatagramSink, Caller {
  readonly nfsd: Nfsd;
  readonly sk: UdpSock;
  private at = 0;
  private xid = 0;

  constructor(nfsd: Nfsd, sk: UdpSock) {
    this.nfsd = nfsd;
    this.sk = sk;
    sk.user = this;
  }

  datagramReady(sk: UdpSock): void {
    this.at = MARK_BYTES;
    this.xid = 0;
    udpRecvmsg(sk, this);
    this.nfsd.received(this, this.xid, this.at);
  }

  bytes(address: number, size: number): void {
    const { mem } = this.nfsd.k;
    for (let i = 0; i < size && this.at + i < 8; i++)
      this.xid = (this.xid << 8) | mem[address + i]!;
    this.at += size;
  }

  /** Without the record mark. */
  answer(address: number, size: number): void {
    udpSendmsg(this.sk, address + MARK_BYTES, size - MARK_BYTES, false);
  }
}

declareState(DatagramPort, {
  state: 'nfsd sk at xid',
});

export class Nfsd extends SingleStep implements Listener {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  readonly options: NfsdOptions;
  private readonly prng: Prng;
  private readonly scratch: Page;
  private readonly answers: Answer[] = [];
  private readonly ports: DatagramPort[] = [];
  calls = 0;

  constructor(k: Kernel, options: NfsdOptions, seed: number) {
    super(`${options.name} answer`, 'answers a call');
    this.k = k;
    this.side = options.side;
    this.route = options.route;
    this.options = options;
    this.prng = new Prng(seed);
    this.scratch = ownPages(k, 1)[0]!;
    k.agenda.add(this);
  }

  accept(): SocketUser {
    return new Connection(this);
  }

  /** Calls come by datagrams, too, on `sk`. */
  serve(sk: UdpSock): void {
    this.ports.push(new DatagramPort(this, sk));
  }

  /** A whole call came from `caller`, of `size` bytes with its record mark. */
  received(caller: Caller, xid: number, size: number): void {
    const { k, options, answers } = this;
    const due = k.agenda.now + options.serviceTicks + this.prng.below(options.spreadTicks + 1);
    const answer = new Answer(caller, xid, size - CALL_HEADER, due, ++this.calls);
    let i = answers.length;
    while (i > 0 && answers[i - 1]!.due > due) i--;
    answers.splice(i, 0, answer);
    k.agenda.arm(this.place, answers[0]!.due);
  }

  override item(): number {
    return this.answers[0]?.serial ?? 0;
  }

  override choices(out: number[]): void {
    for (const answer of this.answers) out.push(0, answer.serial);
  }

  override get lendsNothing(): boolean {
    return this.side === Side.PEER;
  }

  take(_verb: number, serial: number): boolean {
    const { k } = this;
    const i = this.answers.findIndex((a) => a.serial === serial);
    if (i < 0) return false;
    const [answer] = this.answers.splice(i, 1);
    if (this.answers.length === 0) k.agenda.disarm(this.place);
    else k.agenda.arm(this.place, this.answers[0]!.due);
    k.context = Context.PROCESS;
    k.side = this.side;
    this.reply(answer!);
    return true;
  }

  private reply({ caller, xid, size }: Answer): void {
    const at = this.scratch.address;
    writeReply(this.k, at, xid, size);
    caller.answer(at, REPLY_BYTES);
  }
}

declareState(Nfsd, {
  state: 'prng scratch answers ports calls',
  constant: 'k side route options',
});
