// The iSCSI initiator: commands, the data that the target asks for, its answers; and a session that outlives its
// connections. @kernel drivers/scsi/libiscsi.c (2.6.24)
// Model: login is one exchange, one connection per session, no immediate and no unsolicited data, data in whole words.
import { SingleStep } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import { CRC32C_SEED } from '../../lib/crc32c.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { tcpAbort, tcpClose } from '../../net/ipv4/tcp.ts';
import type { TcpPath } from '../../net/ipv4/tcp_path.ts';
import { tcpDiscard, tcpRecvmsg } from '../../net/ipv4/tcp_recvmsg.ts';
import type { SocketUser, TcpSock } from '../../net/ipv4/tcp_sock.ts';
import { FLAG_FINAL, IscsiHdr, IscsiOp, SamStat } from './iscsi_proto.ts';
import { IscsiTask, TaskState } from './iscsi_task.ts';
import { MAX_DATA_SEGMENT, PduWriter, type PduOptions } from './iscsi_tcp.ts';
import { PduReader, type PduUser } from './libiscsi_tcp.ts';
import { declareState } from '../../state.ts';

/** From the loss of a connection to the next login: iscsid wakes up and tries. */
const RELOGIN_TICKS = 1_000_000;
/** Times that a command is tried again before it fails. @kernel include/scsi/sd.h SD_MAX_RETRIES */
const MAX_RETRIES = 5;

/** Who issued the commands. */
export interface IscsiUser {
  /** The session is up. Once. */
  loggedIn(): void;
  /** The command is over: it is `good`, or was tried too often. */
  taskDone(task: IscsiTask, good: boolean): void;
}

export interface IscsiOptions extends PduOptions {
  readonly name: string;
  /** Commands at a time. */
  readonly tasks: number;
  /** The portals of the target, as this host reaches them: one after the other, again and again. */
  readonly paths: readonly TcpPath[];
}

class LoginStep extends SingleStep {
  readonly session: IscsiSession;

  constructor(session: IscsiSession) {
    super(`${session.name} login`, 'connects and logs in');
    this.session = session;
  }

  take(): boolean {
    return this.session.login();
  }
}

declareState(LoginStep, {
  state: 'session',
});

export class IscsiSession implements SocketUser, PduUser {
  readonly k: Kernel;
  readonly name: string;
  readonly user: IscsiUser;
  readonly options: IscsiOptions;
  readonly tasks: readonly IscsiTask[];
  sk: TcpSock | null = null;
  /** Commands that were sent again after a connection was lost; data that the target threw away. */
  resends = 0;
  rejected = 0;
  private readonly step: LoginStep;
  private readonly reader: PduReader;
  private readonly writer: PduWriter;
  /** Commands to be sent, and tasks whose data the target has asked for, each in order. */
  private readonly commands: IscsiTask[] = [];
  private readonly wanted: IscsiTask[] = [];
  /** The task whose PDU is half written. */
  private current: IscsiTask | null = null;
  private cmdsn = 0;
  private connections = 0;
  private connecting: TcpSock | null = null;
  /** Lost, and closed when the next connection is made. */
  private gone: TcpSock | null = null;
  private up = false;
  private wasUp = false;
  private pumping = false;

  constructor(k: Kernel, options: IscsiOptions, user: IscsiUser) {
    this.k = k;
    this.name = options.name;
    this.user = user;
    this.options = options;
    this.tasks = Array.from({ length: options.tasks }, (_, itt) => new IscsiTask(itt));
    this.reader = new PduReader(k, options, this);
    this.writer = new PduWriter(k, options);
    this.step = new LoginStep(this);
    k.agenda.add(this.step);
    k.agenda.arm(this.step.place, k.agenda.now);
  }

  /** Writes `bytes` of `pages`, lent as `loan`. @kernel drivers/scsi/libiscsi.c iscsi_queuecommand (2.6.24) */
  write(task: IscsiTask, pages: readonly Page[], bytes: number, loan: Loan): void {
    task.pages = pages;
    task.bytes = bytes;
    task.loan = loan;
    task.retries = 0;
    this.enqueue(task);
    this.pump();
  }

  private enqueue(task: IscsiTask): void {
    task.state = TaskState.PENDING;
    task.whole = false;
    task.cmdsn = ++this.cmdsn;
    this.commands.push(task);
  }

  // --- sending ---

  /** Commands first, then data. @kernel drivers/scsi/libiscsi.c iscsi_data_xmit (2.6.24) */
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (this.up) {
      this.current ??= this.nextPdu();
      if (this.current === null || !this.writer.write(this.sk!, this.current)) break;
      const task = this.current;
      this.current = null;
      this.pduSent(task);
    }
    this.pumping = false;
  }

  private nextPdu(): IscsiTask | null {
    const command = this.commands.shift();
    const task = command ?? this.wanted[0];
    if (task === undefined) return null;
    task.sent = 0;
    task.crc = CRC32C_SEED;
    task.dlength = 0;
    if (command === undefined) task.dlength = Math.min(task.end - task.offset, MAX_DATA_SEGMENT);
    return task;
  }

  private pduSent(task: IscsiTask): void {
    if (task.dlength === 0) {
      task.state = TaskState.RUNNING;
      return;
    }
    task.offset += task.dlength;
    task.datasn++;
    if (task.offset < task.end) return;
    this.wanted.shift();
    if (task.end < task.bytes) return;
    task.whole = true;
    this.k.lifetime.returned(task.loan!);
  }

  // --- answers ---

  pduData(): void {}

  pdu(h: IscsiHdr): void {
    if (h.opcode === IscsiOp.LOGIN_RSP) {
      this.up = true;
      if (!this.wasUp) this.user.loggedIn();
      this.wasUp = true;
      this.pump();
      return;
    }
    const task = this.tasks[h.itt];
    if (task === undefined || task.state !== TaskState.RUNNING) return;
    if (h.opcode === IscsiOp.R2T) this.r2t(task, h);
    else if (h.opcode === IscsiOp.SCSI_RSP) this.response(task, h.status);
  }

  badHeader(): void {
    this.abort();
  }

  /** @kernel drivers/scsi/iscsi_tcp.c iscsi_r2t_rsp (2.6.24) */
  private r2t(task: IscsiTask, h: IscsiHdr): void {
    task.ttt = h.ttt;
    task.offset = h.offset;
    task.end = h.offset + h.length;
    task.datasn = 0;
    this.wanted.push(task);
    this.pump();
  }

  /**
   * The status of the command. One whose data was thrown away is tried again as the same task.
   * @kernel drivers/scsi/libiscsi.c iscsi_scsi_cmd_rsp, drivers/scsi/scsi_error.c scsi_decide_disposition (2.6.24)
   */
  private response(task: IscsiTask, status: number): void {
    const { lifetime } = this.k;
    const loan = task.loan!;
    if (status === SamStat.GOOD) {
      task.state = TaskState.FREE;
      lifetime.replied(loan);
      this.over(task, true);
      return;
    }
    this.rejected++;
    const last = ++task.retries > MAX_RETRIES;
    if (last && !task.whole) lifetime.returned(loan); // the rest of this transmission will not be queued
    if (last || task.whole) lifetime.unanswered(loan, last);
    if (last) {
      task.state = TaskState.FREE;
      this.over(task, false);
      return;
    }
    this.enqueue(task);
    this.pump();
  }

  private over(task: IscsiTask, good: boolean): void {
    this.k.release(task.loan!);
    this.user.taskDone(task, good);
  }

  // --- the session ---

  /**
   * The initiator gives its connection up and closes it: what is queued there drains by itself, or, where SO_LINGER says
   * so, is gone. @kernel iscsi_conn_failure; usr/io.c iscsi_io_tcp_disconnect (open-iscsi, 742e4e2fae1f)
   */
  abort(): void {
    const { sk, k } = this;
    if (sk === null) return;
    this.sk = null;
    if (k.era.iscsiAborts) tcpAbort(sk);
    else tcpClose(sk);
    this.recover();
  }

  /** Whatever has no answer will be sent again, over the next connection. @kernel drivers/scsi/libiscsi.c iscsi_conn_stop */
  private recover(): void {
    const { agenda, lifetime } = this.k;
    this.up = false;
    this.current = null;
    this.wanted.length = 0;
    this.commands.length = 0;
    const unfinished = this.tasks.filter((task) => task.state !== TaskState.FREE);
    for (const task of unfinished.sort((a, b) => a.cmdsn - b.cmdsn)) {
      if (task.whole) lifetime.unanswered(task.loan!, false);
      if (task.state === TaskState.RUNNING) this.resends++;
      this.enqueue(task);
    }
    agenda.arm(this.step.place, agenda.now + RELOGIN_TICKS);
  }

  login(): boolean {
    const { k, options, gone } = this;
    const path = options.paths[this.connections % options.paths.length]!;
    if (this.sk !== null || this.connecting !== null || !k.agenda.isArmed(this.step.place))
      return false;
    k.agenda.disarm(this.step.place);
    k.context = Context.PROCESS;
    k.side = path.side;
    this.gone = null;
    if (gone !== null) tcpClose(gone);
    this.connections++;
    this.connecting = path.connect(this);
    return true;
  }

  established(sk: TcpSock): void {
    this.sk = sk;
    this.connecting = null;
    this.reader.restart();
    this.writer.control(sk, new IscsiHdr().begin(IscsiOp.LOGIN, FLAG_FINAL, 0));
  }

  /** In softirq. @kernel drivers/scsi/iscsi_tcp.c iscsi_tcp_data_ready (2.6.24) */
  dataReady(sk: TcpSock): void {
    if (sk === this.sk) tcpRecvmsg(sk, this.reader, 0x7fffffff);
    else tcpDiscard(sk);
  }

  writeSpace(): void {
    this.pump();
  }

  closed(sk: TcpSock): void {
    const lost = sk === this.sk;
    const refused = sk === this.connecting;
    if (lost) this.gone = sk;
    else tcpClose(sk);
    if (lost) this.sk = null;
    if (refused) this.connecting = null;
    if (lost || refused) this.recover();
  }
}

declareState(IscsiSession, {
  state:
    'user tasks sk step reader writer commands wanted current cmdsn connections connecting gone up wasUp pumping',
  count: 'resends rejected',
  constant: 'k name options',
});
