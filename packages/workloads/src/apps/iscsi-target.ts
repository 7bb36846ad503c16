// An iSCSI target with one disk: it asks for the data of each write, burst by burst, checks digests, takes its time and
// answers. A login from an initiator that it knows ends the connection that this one had. RFC 3720, sections 5 to 7
import {
  Context,
  FLAG_FINAL,
  IscsiHdr,
  IscsiOp,
  PduReader,
  PduWriter,
  Reader,
  SamStat,
  Side,
  SingleStep,
  declareState,
  tcpAbort,
  tcpClose,
  tcpRecvmsg,
  type Digests,
  type Kernel,
  type Listener,
  type Page,
  type PduUser,
  type Route,
  type SocketUser,
  type TcpSock,
} from '@lastref/kernel';
import { ownPages } from '../pages.ts';
import { Prng } from '../prng.ts';
import type { Abortable } from './teardown.ts';

export interface TargetOptions extends Digests {
  readonly name: string;
  readonly side: Side;
  readonly route: Route;
  /** Bytes that it asks for at a time (MaxBurstLength). */
  readonly burstBytes: number;
  /** Each write takes at least `serviceTicks` and up to `spreadTicks` more, once its data is there. */
  readonly serviceTicks: number;
  readonly spreadTicks: number;
}

/** A write that the target has heard of and not answered. */
class Command {
  readonly itt: number;
  readonly bytes: number;
  got = 0;
  /** Some of its data was thrown away. */
  bad = false;
  /** When it is answered; its number among all answers. */
  due = 0;
  serial = 0;

  constructor(itt: number, bytes: number) {
    this.itt = itt;
    this.bytes = bytes;
  }
}

declareState(Command, {
  state: 'got bad',
  constant: 'itt bytes',
  moment: 'due',
  name: 'serial',
});

/** Where data of a PDU stands in the stream, until it was checked. */
class Piece {
  readonly into: number;
  readonly size: number;
  readonly flow: number;
  readonly seq: number;

  constructor(into: number, size: number, flow: number, seq: number) {
    this.into = into;
    this.size = size;
    this.flow = flow;
    this.seq = seq;
  }
}

declareState(Piece, {
  constant: 'into size flow seq',
});

class Connection implements SocketUser, PduUser {
  readonly target: IscsiTarget;
  readonly commands = new Map<number, Command>();
  sk: TcpSock | null = null;
  private readonly pdus: PduReader;
  /** With data digests: where the segment came from that is not checked yet. */
  private readonly pieces: Piece[] = [];

  constructor(target: IscsiTarget) {
    this.target = target;
    this.pdus = new PduReader(target.k, target.options, this);
  }

  established(sk: TcpSock): void {
    this.sk = sk;
  }

  /** What is checked first is not the disk's yet. */
  dataReady(sk: TcpSock): void {
    const { options } = this.target;
    tcpRecvmsg(sk, this.pdus, 0x7fffffff, options.data ? Reader.PROTOCOL : Reader.APPLICATION);
    if (sk.finReceived && sk.receiveQueue.qlen === 0) this.closed(sk);
  }

  pduData(
    _h: IscsiHdr,
    into: number,
    address: number,
    size: number,
    flow: number,
    seq: number,
  ): void {
    const { k, options, segment } = this.target;
    if (!options.data) return;
    k.copyBytes(segment.address + into, address, size);
    this.pieces.push(new Piece(into, size, flow, seq));
  }

  pdu(h: IscsiHdr, good: boolean): void {
    if (h.opcode === IscsiOp.LOGIN) {
      this.target.loggedIn(this);
    } else if (h.opcode === IscsiOp.SCSI_CMD) {
      const command = new Command(h.itt, h.ttt);
      this.commands.set(h.itt, command);
      this.askFor(command);
    } else if (h.opcode === IscsiOp.DATA_OUT) {
      this.data(h, good);
    }
  }

  private data(h: IscsiHdr, good: boolean): void {
    const { target, commands } = this;
    const command = commands.get(h.itt);
    if (good) this.accept();
    else target.rejected++;
    this.pieces.length = 0;
    if (command === undefined) return;
    command.got += h.dlength;
    command.bad ||= !good;
    if ((h.flags & FLAG_FINAL) === 0) return;
    if (command.bad || command.got === command.bytes) target.answerLater(this, command);
    else this.askFor(command);
  }

  /** The data of a PDU is what was sent: the disk gets it. */
  private accept(): void {
    const { k, segment } = this.target;
    for (const { into, size, flow, seq } of this.pieces)
      k.probe.read(Reader.APPLICATION, flow, seq, size, segment.address + into, null);
  }

  private askFor(command: Command): void {
    const { target } = this;
    const r2t = target.hdr.begin(IscsiOp.R2T, FLAG_FINAL, command.itt);
    r2t.ttt = command.got / target.options.burstBytes;
    r2t.offset = command.got;
    r2t.length = Math.min(target.options.burstBytes, command.bytes - command.got);
    this.send(r2t);
  }

  send(h: IscsiHdr): void {
    if (this.sk !== null) this.target.writer.control(this.sk, h);
  }

  badHeader(): void {
    this.end();
  }

  /** The session goes on elsewhere: this connection is cut off. */
  end(): void {
    const { sk } = this;
    this.sk = null;
    this.commands.clear();
    if (sk !== null) tcpAbort(sk);
  }

  writeSpace(): void {}

  closed(sk: TcpSock): void {
    this.sk = null;
    this.commands.clear();
    tcpClose(sk);
  }
}

declareState(Connection, {
  state: 'target commands sk pdus pieces',
});

/** Another address of the same target. */
export class Portal implements Listener {
  readonly target: IscsiTarget;
  readonly route: Route;
  readonly side: Side;

  constructor(target: IscsiTarget, route: Route) {
    this.target = target;
    this.route = route;
    this.side = target.side;
  }

  accept(): SocketUser {
    return this.target.accept();
  }
}

declareState(Portal, {
  state: 'target',
  constant: 'route side',
});

export class IscsiTarget extends SingleStep implements Listener, Abortable {
  readonly k: Kernel;
  readonly side: Side;
  readonly route: Route;
  readonly options: TargetOptions;
  readonly writer: PduWriter;
  readonly hdr = new IscsiHdr();
  /** With data digests: a data segment that is not checked yet. Of one connection: a login ends the one before. */
  readonly segment: Page;
  /** Data segments that were thrown away. */
  rejected = 0;
  private readonly prng: Prng;
  /** Who has the session. */
  private session: Connection | null = null;
  private readonly answers: Command[] = [];
  private serials = 0;

  constructor(k: Kernel, options: TargetOptions, seed: number) {
    super(`${options.name} answer`, 'answers a command');
    this.k = k;
    this.side = options.side;
    this.route = options.route;
    this.options = options;
    this.prng = new Prng(seed);
    this.writer = new PduWriter(k, options);
    this.segment = ownPages(k, 1)[0]!;
    k.agenda.add(this);
  }

  accept(): SocketUser {
    return new Connection(this);
  }

  /** The initiator has logged in on `connection`: what it had before is over. */
  loggedIn(connection: Connection): void {
    const before = this.session;
    this.session = connection;
    this.answers.length = 0;
    this.k.agenda.disarm(this.place);
    if (before !== null && before !== connection) before.end();
    connection.send(this.hdr.begin(IscsiOp.LOGIN_RSP, FLAG_FINAL, 0));
  }

  answerLater(connection: Connection, command: Command): void {
    if (connection !== this.session) return;
    const { k, options, answers } = this;
    const service = options.serviceTicks + this.prng.below(options.spreadTicks + 1);
    command.due = k.agenda.now + (command.bad ? 0 : service);
    command.serial = ++this.serials;
    let i = answers.length;
    while (i > 0 && answers[i - 1]!.due > command.due) i--;
    answers.splice(i, 0, command);
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
    const { k, session, answers } = this;
    const i = answers.findIndex((a) => a.serial === serial);
    if (i < 0) return false;
    const [command] = answers.splice(i, 1);
    if (answers.length === 0) k.agenda.disarm(this.place);
    else k.agenda.arm(this.place, answers[0]!.due);
    k.context = Context.PROCESS;
    k.side = this.side;
    session!.commands.delete(command!.itt);
    const response = this.hdr.begin(IscsiOp.SCSI_RSP, FLAG_FINAL, command!.itt);
    response.status = command!.bad ? SamStat.CHECK_CONDITION : SamStat.GOOD;
    session!.send(response);
    return true;
  }

  /** The target's process dies: RST. */
  abort(): void {
    this.k.side = this.side;
    this.session?.end();
  }
}

declareState(IscsiTarget, {
  state: 'writer hdr segment prng session answers',
  count: 'rejected',
  constant: 'k side route options',
  name: 'serials',
});
