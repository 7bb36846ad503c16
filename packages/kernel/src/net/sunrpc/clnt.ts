// The RPC client over TCP: record marking, xids, retransmission of whole calls, matching of replies.
// @kernel net/sunrpc/xprtsock.c xs_tcp_send_request, xs_tcp_data_recv; net/sunrpc/xprt.c (2.6.24)
import { NEVER, SingleStep, Spend } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import { allocPage, PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { CALL_HEADER, REPLY_BYTES, RequestState, RpcRequest, writeCall } from './rpc_rqst.ts';
import { tcpClose } from '../ipv4/tcp.ts';
import { tcpPush } from '../ipv4/tcp_output.ts';
import type { TcpPath } from '../ipv4/tcp_path.ts';
import { tcpRecvmsg } from '../ipv4/tcp_recvmsg.ts';
import { tcpSendmsg, tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { ByteSink, SocketUser, TcpSock } from '../ipv4/tcp_sock.ts';

/** From the end of a connection to the next attempt. @kernel net/sunrpc/xprtsock.c XS_TCP_INIT_REEST_TO */
const REESTABLISH_TICKS = 3_000_000;

class ConnectStep extends SingleStep {
  readonly xprt: RpcXprt;

  constructor(xprt: RpcXprt) {
    super(`${xprt.name} connect`, 'connects');
    this.xprt = xprt;
  }

  take(): boolean {
    return this.xprt.connect();
  }
}

class RpcTimer extends SingleStep {
  readonly xprt: RpcXprt;
  readonly request: RpcRequest;

  constructor(xprt: RpcXprt, request: RpcRequest) {
    super(`rpc timeout ${xprt.name}.${request.slot}`, 'fires', Spend.TIMEOUT);
    this.xprt = xprt;
    this.request = request;
  }

  take(): boolean {
    return this.xprt.onTimeout(this.request);
  }
}

/** Who issued the calls. */
export interface RpcUser {
  /** The transport is up. */
  connected(): void;
  /** The matching reply is in, and no transmission is half written. */
  answered(request: RpcRequest): void;
}

/** One transport: a connection and its slot table. */
export class RpcXprt implements SocketUser, ByteSink {
  readonly k: Kernel;
  readonly name: string;
  readonly user: RpcUser;
  readonly slots: readonly RpcRequest[];
  /** Ticks until a call is sent again; NEVER: it is not. */
  readonly timeoutTicks: number;
  sk: TcpSock | null = null;
  resends = 0;
  strayReplies = 0;
  private xids = 0x5a00_0100;
  /** Requests that wait to be written, first in first out; the first may be half written. */
  private readonly queue: RpcRequest[] = [];
  private readonly scratch: Page;
  private pumping = false;
  /** Where it connects to, one after the other; none: somebody else connects, once. */
  private readonly paths: readonly TcpPath[];
  /** A call without an answer makes the client disconnect before it sends again. @kernel cl_discrtry */
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

  constructor(
    k: Kernel,
    name: string,
    slots: number,
    timeoutTicks: number,
    user: RpcUser,
    paths: readonly TcpPath[] = [],
    discrtry = false,
  ) {
    this.k = k;
    this.paths = paths;
    this.discrtry = discrtry;
    this.name = name;
    this.user = user;
    this.timeoutTicks = timeoutTicks;
    this.slots = Array.from({ length: slots }, (_, i) => new RpcRequest(i));
    for (const request of timeoutTicks === NEVER ? [] : this.slots) {
      request.timer = new RpcTimer(this, request);
      k.agenda.add(request.timer);
    }
    this.scratch = allocPage(k);
    if (paths.length === 0) return;
    this.connectStep = new ConnectStep(this);
    k.agenda.add(this.connectStep);
    k.agenda.arm(this.connectStep.place, k.agenda.now);
  }

  /** Sends a call with `bytes` of data in `pages`, lent as `loan`. @kernel net/sunrpc/xprt.c xprt_transmit */
  call(request: RpcRequest, pages: readonly Page[], bytes: number, loan: Loan): void {
    request.xid = this.xids++;
    request.pages = pages;
    request.bytes = bytes;
    request.loan = loan;
    request.transmissions = 0;
    request.answered = false;
    this.enqueue(request);
  }

  private enqueue(request: RpcRequest): void {
    request.state = RequestState.QUEUED;
    request.bytesSent = 0;
    this.queue.push(request);
    this.pump();
  }

  /** Writes queued records while the socket takes them. */
  private pump(): void {
    const { sk } = this;
    if (sk === null || this.pumping) return;
    this.pumping = true;
    for (let request = this.queue[0]; request !== undefined; request = this.queue[0]) {
      request.state = RequestState.SENDING;
      if (!this.write(sk, request)) break;
      this.queue.shift();
      this.sent(request);
    }
    this.pumping = false;
  }

  /** False: the send buffer is full, go on later. @kernel net/sunrpc/xprtsock.c xs_sendpages */
  private write(sk: TcpSock, request: RpcRequest): boolean {
    const { k } = this;
    const total = CALL_HEADER + request.bytes;
    sk.corked = true;
    if (request.bytesSent < CALL_HEADER) {
      if (request.bytesSent === 0) writeCall(k, this.scratch.address, request);
      const left = CALL_HEADER - request.bytesSent;
      request.bytesSent += tcpSendmsg(sk, this.scratch.address + request.bytesSent, left);
      if (request.bytesSent < CALL_HEADER) return false;
    }
    while (request.bytesSent < total) {
      const at = request.bytesSent - CALL_HEADER;
      const page = request.pages[Math.floor(at / PAGE_SIZE)]!;
      const into = at % PAGE_SIZE;
      const size = Math.min(PAGE_SIZE - into, request.bytes - at);
      const taken = this.sendPage(sk, request, page, into, size);
      request.bytesSent += taken;
      if (taken < size) return false;
    }
    sk.corked = false;
    tcpPush(sk);
    return true;
  }

  /** Some of a page of the call, by reference unless this kernel copies what it sends again. */
  private sendPage(sk: TcpSock, r: RpcRequest, page: Page, offset: number, size: number): number {
    const { k } = this;
    if (r.transmissions === 0 || !k.era.rpcResendCopies)
      return tcpSendpage(sk, page, offset, size, r.loan);
    const seq = sk.writeSeq;
    const taken = tcpSendmsg(sk, page.address + offset, size); // xs_sendpages with zerocopy false (3.18)
    if (taken > 0) k.probe.lent(r.loan!, page, offset, taken, sk.flow, seq);
    return taken;
  }

  /** All of the record is queued. */
  private sent(request: RpcRequest): void {
    const { k } = this;
    request.state = RequestState.PENDING;
    request.transmissions++;
    request.bytesSent = 0;
    k.lifetime.returned(request.loan!);
    if (request.answered) this.complete(request);
    else if (request.timer !== null)
      k.agenda.arm(request.timer.place, k.agenda.now + this.timeoutTicks);
  }

  /** No answer in time: the whole call is sent again, with the same xid. @kernel net/sunrpc/clnt.c call_timeout */
  onTimeout(request: RpcRequest): boolean {
    const { k } = this;
    if (request.state !== RequestState.PENDING || this.sk === null) return false;
    k.context = Context.PROCESS;
    k.side = this.sk.side;
    k.agenda.disarm(request.timer!.place);
    if (this.discrtry) {
      this.disconnect();
      return true;
    }
    this.resends++;
    this.enqueue(request);
    return true;
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

  /** @kernel net/sunrpc/xprt.c xprt_complete_rqst */
  private complete(request: RpcRequest): void {
    const { k } = this;
    const loan = request.loan!;
    if (request.timer !== null) k.agenda.disarm(request.timer.place);
    request.state = RequestState.DONE;
    k.lifetime.replied(loan);
    k.release(loan);
    this.user.answered(request);
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

  private reply(xid: number): void {
    const request = this.slots.find((r) => r.xid === xid);
    if (request === undefined || request.answered || request.state === RequestState.DONE) {
      this.strayReplies++; // the second reply of a call that was sent twice dies here
      if (request !== undefined) this.k.lifetime.replied(request.loan!);
      return;
    }
    if (request.state === RequestState.QUEUED && request.transmissions > 0) {
      this.queue.splice(this.queue.indexOf(request), 1);
      this.complete(request);
    } else if (request.state === RequestState.PENDING) {
      this.complete(request);
    } else {
      request.answered = true; // half written: the record stream must stay whole
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
