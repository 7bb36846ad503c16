// The RPC client over TCP: record marking, xids, retransmission of whole calls, matching of replies.
// @kernel net/sunrpc/xprtsock.c xs_tcp_send_request, xs_tcp_data_recv; net/sunrpc/xprt.c (2.6.24)
import { NEVER, SingleStep, Spend } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import { allocPage, PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import { tcpPush } from '../ipv4/tcp_output.ts';
import { tcpRecvmsg } from '../ipv4/tcp_recvmsg.ts';
import { tcpSendmsg, tcpSendpage } from '../ipv4/tcp_sendmsg.ts';
import type { ByteSink, SocketUser, TcpSock } from '../ipv4/tcp_sock.ts';

/** Bytes of record mark, RPC call and NFS WRITE arguments in front of the data. */
export const CALL_HEADER = 128;
/** Bytes of a reply record: mark, xid, REPLY, accepted, status. */
export const REPLY_BYTES = 32;

export const RequestState = {
  /** waits for the transport */
  QUEUED: 0,
  /** partly written */
  SENDING: 1,
  /** sent; waits for its reply */
  PENDING: 2,
  /** answered */
  DONE: 3,
} as const;

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

/** struct rpc_rqst: one slot of the transport. */
export class RpcRequest {
  readonly slot: number;
  xid = 0;
  state: number = RequestState.DONE;
  pages: readonly Page[] = [];
  bytes = 0;
  loan: Loan | null = null;
  /** Bytes of the record written so far in this transmission. @kernel rq_bytes_sent */
  bytesSent = 0;
  transmissions = 0;
  /** The reply came while a transmission was half written: finish that first. */
  answered = false;
  timer: RpcTimer | null = null;

  constructor(slot: number) {
    this.slot = slot;
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
  /** The reply record being read: its bytes so far and its xid. */
  private replyAt = 0;
  private replyXid = 0;

  constructor(k: Kernel, name: string, slots: number, timeoutTicks: number, user: RpcUser) {
    this.k = k;
    this.name = name;
    this.user = user;
    this.timeoutTicks = timeoutTicks;
    this.slots = Array.from({ length: slots }, (_, i) => new RpcRequest(i));
    for (const request of timeoutTicks === NEVER ? [] : this.slots) {
      request.timer = new RpcTimer(this, request);
      k.agenda.add(request.timer);
    }
    this.scratch = allocPage(k);
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
      const taken = tcpSendpage(sk, page, into, size, request.loan!);
      request.bytesSent += taken;
      if (taken < size) return false;
    }
    sk.corked = false;
    tcpPush(sk);
    return true;
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
    if (request.state !== RequestState.PENDING) return false;
    k.context = Context.PROCESS;
    k.side = this.sk!.side;
    k.agenda.disarm(request.timer!.place);
    this.resends++;
    this.enqueue(request);
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
    this.user.connected();
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

  closed(): void {
    this.sk = null;
  }
}

/** Record mark, xid, CALL and the fixed part of a WRITE, at `address`. */
function writeCall(k: Kernel, address: number, request: RpcRequest): void {
  const { mem } = k;
  mem.fill(0, address, address + CALL_HEADER);
  const put = (at: number, v: number): void => {
    mem[address + at] = v >>> 24;
    mem[address + at + 1] = v >>> 16;
    mem[address + at + 2] = v >>> 8;
    mem[address + at + 3] = v;
  };
  put(0, 0x8000_0000 | (CALL_HEADER - 4 + request.bytes)); // last fragment of the record
  put(4, request.xid);
  put(8, 0); // CALL
  put(12, 2); // RPC version
  put(16, 100003); // NFS
  put(20, 3);
  put(24, 7); // WRITE
  put(CALL_HEADER - 4, request.bytes);
}
