// A peer that keeps one replica: it writes what comes and answers. It serves one connection at a time, the oldest: a node
// that has connected again waits, with all that it sends, until the peer has seen the end of the connection before.
// @kernel drivers/staging/dst/export.c dst_accept, dst_process_io, state.c dst_data_recv (2.6.30)
import {
  Context,
  DST_CMD_BYTES,
  DstCmd,
  Side,
  SingleStep,
  declareState,
  readDstCmd,
  tcpAbort,
  tcpClose,
  tcpRecvmsg,
  tcpSendmsg,
  writeDstCmd,
  type ByteSink,
  type Kernel,
  type Listener,
  type Page,
  type Route,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages } from '../pages.ts';
import type { Abortable } from './teardown.ts';

export interface DstPeerOptions {
  readonly name: string;
  readonly side: Side;
  readonly route: Route;
  /** Ticks from the end of a write's data to its answer. */
  readonly serviceTicks: number;
}

/** A write that is to be answered. */
class Answer {
  readonly connection: Connection;
  readonly id: number;
  readonly due: number;
  readonly serial: number;

  constructor(connection: Connection, id: number, due: number, serial: number) {
    this.connection = connection;
    this.id = id;
    this.due = due;
    this.serial = serial;
  }
}

declareState(Answer, {
  state: 'connection',
  constant: 'id',
  moment: 'due',
  name: 'serial',
});

class Connection implements SocketUser, ByteSink {
  readonly peer: DstPeer;
  sk: TcpSock | null = null;
  private readonly head = new Uint8Array(DST_CMD_BYTES);
  /** Bytes of the command and its data that are here. */
  private at = 0;
  private size = 0;

  constructor(peer: DstPeer) {
    this.peer = peer;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.peer.connected(this);
  }

  dataReady(sk: TcpSock): void {
    if (!this.peer.serves(this)) return;
    tcpRecvmsg(sk, this, 0x7fffffff);
    if (sk.finReceived && sk.receiveQueue.qlen === 0) this.closed(sk);
  }

  bytes(_sk: TcpSock, address: number, size: number): void {
    const { mem } = this.peer.k;
    for (let i = 0; i < size;) {
      if (this.at < DST_CMD_BYTES) {
        this.head[this.at++] = mem[address + i++]!;
        if (this.at === DST_CMD_BYTES) this.size = readDstCmd(this.head).size;
        continue;
      }
      const n = Math.min(size - i, DST_CMD_BYTES + this.size - this.at);
      this.at += n;
      i += n;
      if (this.at < DST_CMD_BYTES + this.size) continue;
      this.at = 0;
      this.peer.received(this, readDstCmd(this.head).id);
    }
  }

  writeSpace(): void {}

  closed(sk: TcpSock): void {
    this.sk = null;
    tcpClose(sk);
    this.peer.disconnected(this);
  }
}

declareState(Connection, {
  state: 'peer sk head at size',
});

export class DstPeer extends SingleStep implements Listener, Abortable {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  readonly options: DstPeerOptions;
  /** Writes that came whole. */
  writes = 0;
  private readonly scratch: Page;
  /** Of the first one it reads; the others wait, oldest first. */
  private readonly connections: Connection[] = [];
  private readonly answers: Answer[] = [];

  constructor(k: Kernel, options: DstPeerOptions) {
    super(`${options.name} answer`, 'answers a write');
    this.k = k;
    this.side = options.side;
    this.route = options.route;
    this.options = options;
    this.scratch = ownPages(k, 1)[0]!;
    k.agenda.add(this);
  }

  accept(): SocketUser {
    return new Connection(this);
  }

  connected(connection: Connection): void {
    this.connections.push(connection);
  }

  serves(connection: Connection): boolean {
    return this.connections[0] === connection;
  }

  /** The receiving thread of `connection` has ended: the next one is accepted. @kernel drivers/staging/dst/export.c dst_accept */
  disconnected(connection: Connection): void {
    const served = this.serves(connection);
    const at = this.connections.indexOf(connection);
    if (at >= 0) this.connections.splice(at, 1);
    const next = this.connections[0];
    if (served && next !== undefined && next.sk !== null) next.dataReady(next.sk);
  }

  /** A whole write came over `connection`. */
  received(connection: Connection, id: number): void {
    const { agenda } = this.k;
    const due = agenda.now + this.options.serviceTicks;
    this.answers.push(new Answer(connection, id, due, ++this.writes));
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, due);
  }

  override item(): number {
    return this.answers[0]?.serial ?? 0;
  }

  override get lendsNothing(): boolean {
    return this.side === Side.PEER;
  }

  take(): boolean {
    const { k } = this;
    const answer = this.answers.shift();
    if (answer === undefined) return false;
    const next = this.answers[0];
    if (next === undefined) k.agenda.disarm(this.place);
    else k.agenda.arm(this.place, next.due);
    k.context = Context.PROCESS;
    k.side = this.side;
    const { sk } = answer.connection;
    if (sk === null) return true; // the node has gone: the answer is dropped
    writeDstCmd(k.mem, this.scratch.address, DstCmd.IO_RESPONSE, 0, answer.id);
    tcpSendmsg(sk, this.scratch.address, DST_CMD_BYTES);
    return true;
  }

  /** The peer's process dies: RST on all connections. */
  abort(): void {
    this.k.side = this.side;
    for (const connection of this.connections.splice(0))
      if (connection.sk !== null) tcpAbort(connection.sk);
  }
}

declareState(DstPeer, {
  state: 'writes scratch connections answers',
  constant: 'k side route options',
});
