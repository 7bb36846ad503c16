// RPC over TCP: record marking, the connection and its successors.
// @kernel net/sunrpc/xprtsock.c xs_tcp_send_request, xs_tcp_data_recv (2.6.24)
import { SingleStep } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { tcpClose } from '../ipv4/tcp.ts';
import { tcpPush } from '../ipv4/tcp_output.ts';
import type { TcpPath } from '../ipv4/tcp_path.ts';
import { tcpRecvmsg } from '../ipv4/tcp_recvmsg.ts';
import { tcpSendmsg, tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { ByteSink, SocketUser, TcpSock } from '../ipv4/tcp_sock.ts';
import { CALL_HEADER, REPLY_BYTES, RequestState, writeCall, type RpcRequest } from './rpc_rqst.ts';
import { RpcXprt, Written, type RpcUser, type XprtOptions } from './xprt.ts';
import { declareState } from '../../state.ts';

/** From the end of a connection to the next attempt. @kernel net/sunrpc/xprtsock.c XS_TCP_INIT_REEST_TO */
const REESTABLISH_TICKS = 3_000_000;

class ConnectStep extends SingleStep {
  readonly xprt: RpcTcpXprt;

  constructor(xprt: RpcTcpXprt) {
    super(`${xprt.name} connect`, 'connects');
    this.xprt = xprt;
  }

  take(): boolean {
    return this.xprt.connect();
  }
}

declareState(ConnectStep, {
  state: 'xprt',
});

export interface TcpXprtOptions extends XprtOptions {
  /** Where it connects to, one after the other; none: somebody else connects, once. */
  readonly paths?: readonly TcpPath[];
  /** A call without an answer makes the client disconnect before it sends again. @kernel cl_discrtry */
  readonly discrtry?: boolean;
}

/** One transport: a connection and its slot table. */
export class RpcTcpXprt extends RpcXprt implements SocketUser, ByteSink {
  sk: TcpSock | null = null;
  private readonly paths: readonly TcpPath[];
  private readonly discrtry: boolean;
  private readonly connectStep: ConnectStep | null = null;
  private connections = 0;
  private connecting: TcpSock | null = null;
  private up = false;
  /** A connection that the peer has ended and that is closed when the next one is made. */
  private gone: TcpSock | null = null;
  /** The reply record being read: its bytes so far and its xid. */
  private replyAt = 0;
  private replyXid = 0;

  constructor(k: Kernel, options: TcpXprtOptions, user: RpcUser) {
    super(k, options, user);
    this.paths = options.paths ?? [];
    this.discrtry = options.discrtry ?? false;
    if (this.paths.length === 0) return;
    this.connectStep = new ConnectStep(this);
    k.agenda.add(this.connectStep);
    k.agenda.arm(this.connectStep.place, k.agenda.now);
  }

  protected upFor(): Side | null {
    return this.sk === null ? null : this.sk.side;
  }

  /** @kernel net/sunrpc/xprtsock.c xs_sendpages */
  protected write(request: RpcRequest): number {
    const { k } = this;
    const sk = this.sk!;
    const total = CALL_HEADER + request.bytes;
    sk.corked = true;
    if (request.bytesSent < CALL_HEADER) {
      if (request.bytesSent === 0) writeCall(k, this.scratch.address, request);
      const left = CALL_HEADER - request.bytesSent;
      request.bytesSent += tcpSendmsg(sk, this.scratch.address + request.bytesSent, left);
      if (request.bytesSent < CALL_HEADER) return Written.PART;
    }
    while (request.bytesSent < total) {
      const at = request.bytesSent - CALL_HEADER;
      const page = request.pages[Math.floor(at / PAGE_SIZE)]!;
      const into = at % PAGE_SIZE;
      const size = Math.min(PAGE_SIZE - into, request.bytes - at);
      const taken = this.sendPage(sk, request, page, into, size);
      request.bytesSent += taken;
      if (taken < size) return Written.PART;
    }
    sk.corked = false;
    tcpPush(sk);
    return Written.WHOLE;
  }

  /** Some of a page of the call, by reference unless this transmission copies. */
  private sendPage(sk: TcpSock, r: RpcRequest, page: Page, offset: number, size: number): number {
    if (!this.copies(r)) return tcpSendpage(sk, page, offset, size, r.loan);
    const seq = sk.writeSeq;
    const taken = tcpSendmsg(sk, page.address + offset, size); // sock_no_sendpage
    if (taken > 0) this.k.probe.sentCopy(r.loan!, page, offset, taken, sk.flow, seq);
    return taken;
  }

  protected timedOut(request: RpcRequest): void {
    if (this.discrtry) {
      this.disconnect();
      return;
    }
    this.resends++;
    this.enqueue(request);
  }

  /** Closes the connection, which drains by itself, and opens the next. @kernel net/sunrpc/xprt.c xprt_force_disconnect */
  private disconnect(): void {
    const sk = this.sk!;
    this.sk = null;
    tcpClose(sk);
    this.reconnect(0);
  }

  /** Every call without an answer is to be sent again, on a new connection. @kernel net/sunrpc/clnt.c call_status */
  private reconnect(afterTicks: number): void {
    const { agenda, lifetime } = this.k;
    this.replyAt = 0;
    this.replyXid = 0;
    const again = this.slots.filter((r) => r.state === RequestState.PENDING);
    const begun = this.queue[0];
    if (begun !== undefined && begun.state === RequestState.SENDING) {
      begun.state = RequestState.QUEUED;
      begun.bytesSent = 0;
    }
    for (const request of again.sort((a, b) => a.xid - b.xid)) {
      if (request.timer !== null) agenda.disarm(request.timer.place);
      request.state = RequestState.QUEUED;
      request.bytesSent = 0;
      this.resends++;
      lifetime.unanswered(request.loan!, false);
    }
    this.queue.unshift(...again);
    const answered = this.queue.filter((r) => r.answered);
    for (const request of answered) {
      this.queue.splice(this.queue.indexOf(request), 1);
      this.complete(request);
    }
    if (this.connectStep !== null) agenda.arm(this.connectStep.place, agenda.now + afterTicks);
  }

  /** @kernel net/sunrpc/xprtsock.c xs_tcp_connect_worker4, xs_tcp_reuse_connection (2.6.24) */
  connect(): boolean {
    const { k, gone } = this;
    const path = this.paths[this.connections % this.paths.length];
    if (this.sk !== null || path === undefined || !k.agenda.isArmed(this.connectStep!.place))
      return false;
    k.agenda.disarm(this.connectStep!.place);
    k.context = Context.PROCESS;
    k.side = path.side;
    this.gone = null;
    if (gone !== null) tcpClose(gone);
    this.connections++;
    this.connecting = path.connect(this);
    return true;
  }

  // --- the socket ---

  established(sk: TcpSock): void {
    this.sk = sk;
    this.connecting = null;
    if (!this.up) this.user.connected();
    this.up = true;
    this.pump();
  }

  writeSpace(): void {
    this.pump();
  }

  /** In softirq: replies are read as they come. @kernel net/sunrpc/xprtsock.c xs_tcp_data_ready */
  dataReady(sk: TcpSock): void {
    tcpRecvmsg(sk, this, 0x7fffffff);
  }

  bytes(_sk: TcpSock, address: number, size: number): void {
    const { mem } = this.k;
    for (let i = 0; i < size; i++) {
      const at = this.replyAt++;
      if (at >= 4 && at < 8) this.replyXid = (this.replyXid << 8) | mem[address + i]!;
      if (this.replyAt === REPLY_BYTES) {
        const xid = this.replyXid;
        this.replyAt = 0;
        this.replyXid = 0;
        this.reply(xid);
      }
    }
  }

  /** The server, or TCP's patience, ended the connection. @kernel net/sunrpc/xprtsock.c xs_tcp_state_change */
  closed(sk: TcpSock): void {
    const wasOurs = sk === this.sk;
    const refused = sk === this.connecting;
    if (wasOurs && this.connectStep !== null) this.gone = sk;
    else tcpClose(sk);
    if (wasOurs) this.sk = null;
    if (refused) this.connecting = null;
    if (wasOurs || refused) this.reconnect(REESTABLISH_TICKS);
  }
}

declareState(RpcTcpXprt, {
  state: 'sk paths connectStep connections connecting up gone replyAt replyXid',
  constant: 'discrtry',
});
