// One replica: a connection to a peer and its successors, and which transactions went to the peer over it.
// @kernel drivers/staging/dst/state.c (2.6.30)
import { SingleStep } from '../../../agenda.ts';
import type { Kernel } from '../../../kernel.ts';
import { PAGE_SIZE, allocPage, type Page } from '../../../mm/page_alloc.ts';
import { Context } from '../../../probe.ts';
import { tcpClose } from '../../../net/ipv4/tcp.ts';
import { tcpPush } from '../../../net/ipv4/tcp_output.ts';
import type { TcpPath } from '../../../net/ipv4/tcp_path.ts';
import { tcpDiscard, tcpRecvmsg } from '../../../net/ipv4/tcp_recvmsg.ts';
import { tcpSendmsg, tcpSendpage } from '../../../net/ipv4/tcp_sendmsg.ts';
import type { ByteSink, SocketUser, TcpSock } from '../../../net/ipv4/tcp_sock.ts';
import { DST_CMD_BYTES, DstCmd, readDstCmd, writeDstCmd } from './dst_cmd.ts';
import type { DstTrans } from './trans.ts';
import { declareState } from '../../../state.ts';

/** From a refused connection to the next attempt; a lost one is replaced at once. @kernel drivers/staging/dst/state.c dst_recv, msleep(1000) */
const RETRY_TICKS = 1_000_000;

/** Where the transactions are kept. */
export interface DstNode {
  /** The peer can be reached. */
  stateUp(state: DstState): void;
  /** All of a transaction is queued for the peer. */
  transSent(state: DstState, trans: DstTrans): void;
  /** The peer has answered. */
  transAnswered(state: DstState, id: number): void;
  /** The connection is gone, with the transactions that it carried; the state will connect again. */
  stateLost(state: DstState): void;
}

class ConnectStep extends SingleStep {
  readonly state: DstState;

  constructor(state: DstState) {
    super(`${state.name} connect`, 'connects');
    this.state = state;
  }

  take(): boolean {
    return this.state.connect();
  }
}

declareState(ConnectStep, {
  state: 'state',
});

export class DstState implements SocketUser, ByteSink {
  readonly k: Kernel;
  readonly name: string;
  /** Its number among the replicas. */
  readonly index: number;
  sk: TcpSock | null = null;
  private readonly node: DstNode;
  private readonly path: TcpPath;
  private readonly step: ConnectStep;
  private readonly scratch: Page;
  /** Transactions to be sent, in order; of the first, so many bytes are written. */
  private readonly queue: DstTrans[] = [];
  private sent = 0;
  private connecting: TcpSock | null = null;
  /** Lost, and closed when the next connection is made. */
  private gone: TcpSock | null = null;
  private pumping = false;
  /** The answer that is being read. */
  private readonly head = new Uint8Array(DST_CMD_BYTES);
  private at = 0;

  constructor(k: Kernel, node: DstNode, index: number, path: TcpPath) {
    this.k = k;
    this.name = path.name;
    this.index = index;
    this.node = node;
    this.path = path;
    this.scratch = allocPage(k);
    this.step = new ConnectStep(this);
    k.agenda.add(this.step);
    k.agenda.arm(this.step.place, k.agenda.now);
  }

  /** @kernel drivers/staging/dst/state.c dst_trans_send */
  send(trans: DstTrans): void {
    this.queue.push(trans);
    this.pump();
  }

  private pump(): void {
    if (this.sk === null || this.pumping) return;
    this.pumping = true;
    for (let trans = this.queue[0]; trans !== undefined; trans = this.queue[0]) {
      if (!this.write(this.sk, trans)) break;
      this.queue.shift();
      this.sent = 0;
      this.node.transSent(this, trans);
    }
    this.pumping = false;
  }

  /** False: the send buffer is full. @kernel drivers/staging/dst/state.c dst_send_bio, kernel_sendpage */
  private write(sk: TcpSock, trans: DstTrans): boolean {
    const total = DST_CMD_BYTES + trans.bytes;
    sk.corked = true;
    if (this.sent < DST_CMD_BYTES) {
      const { address } = this.scratch;
      writeDstCmd(this.k.mem, address, DstCmd.IO, trans.bytes, trans.gen);
      this.sent += tcpSendmsg(sk, address + this.sent, DST_CMD_BYTES - this.sent);
      if (this.sent < DST_CMD_BYTES) return false;
    }
    while (this.sent < total) {
      const at = this.sent - DST_CMD_BYTES;
      const into = at % PAGE_SIZE;
      const size = Math.min(PAGE_SIZE - into, trans.bytes - at);
      const page = trans.pages[Math.floor(at / PAGE_SIZE)]!;
      const taken = tcpSendpage(sk, page, into, size, trans.loan);
      this.sent += taken;
      if (taken < size) return false;
    }
    sk.corked = false;
    tcpPush(sk);
    return true;
  }

  /** The node gives the connection up, and closes it: what is queued drains by itself. @kernel dst_state_reset */
  reset(): void {
    const { sk } = this;
    if (sk === null) return;
    this.sk = null;
    tcpClose(sk);
    this.lost(0);
  }

  private lost(afterTicks: number): void {
    const { agenda } = this.k;
    this.queue.length = 0;
    this.sent = 0;
    this.at = 0;
    this.node.stateLost(this);
    agenda.arm(this.step.place, agenda.now + afterTicks);
  }

  connect(): boolean {
    const { k, gone } = this;
    if (this.sk !== null || this.connecting !== null || !k.agenda.isArmed(this.step.place))
      return false;
    k.agenda.disarm(this.step.place);
    k.context = Context.PROCESS;
    k.side = this.path.side;
    this.gone = null;
    if (gone !== null) tcpClose(gone);
    this.connecting = this.path.connect(this);
    return true;
  }

  // --- the socket ---

  established(sk: TcpSock): void {
    this.sk = sk;
    this.connecting = null;
    this.node.stateUp(this);
    this.pump();
  }

  writeSpace(): void {
    this.pump();
  }

  dataReady(sk: TcpSock): void {
    if (sk === this.sk) tcpRecvmsg(sk, this, 0x7fffffff);
    else tcpDiscard(sk);
  }

  bytes(_sk: TcpSock, address: number, size: number): void {
    const { mem } = this.k;
    for (let i = 0; i < size; i++) {
      this.head[this.at++] = mem[address + i]!;
      if (this.at < DST_CMD_BYTES) continue;
      this.at = 0;
      const { cmd, id } = readDstCmd(this.head);
      if (cmd === DstCmd.IO_RESPONSE) this.node.transAnswered(this, id);
    }
  }

  closed(sk: TcpSock): void {
    const lost = sk === this.sk;
    const refused = sk === this.connecting;
    if (lost) this.gone = sk;
    else tcpClose(sk);
    if (lost) this.sk = null;
    if (refused) this.connecting = null;
    if (lost || refused) this.lost(refused ? RETRY_TICKS : 0);
  }
}

declareState(DstState, {
  state: 'sk node path step scratch queue sent connecting gone pumping head at',
  constant: 'k name index',
});
