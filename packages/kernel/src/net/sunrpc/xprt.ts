// What every transport of the RPC client has: a slot table, xids, calls that are sent again whole when no answer comes,
// and the matching of replies. @kernel net/sunrpc/xprt.c, net/sunrpc/clnt.c (2.6.24)
import { NEVER, SingleStep, Spend } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import { allocPage, type Page } from '../../mm/page_alloc.ts';
import { Context } from '../../probe.ts';
import type { Side } from '../../ledger.ts';
import { RequestState, RpcRequest } from './rpc_rqst.ts';
import { declareState } from '../../state.ts';

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

declareState(RpcTimer, {
  state: 'xprt request',
});

/** Who issued the calls. */
export interface RpcUser {
  /** The transport is up. */
  connected(): void;
  /** The call is over: the matching reply is in and no transmission is half written, or sending it failed for good. */
  answered(request: RpcRequest): void;
}

/** What came of writing a call. */
export const Written = {
  WHOLE: 0,
  /** there is no room; the transport goes on when there is */
  PART: 1,
  /** there was no memory; its timer is armed for another try, and no other call is sent before it */
  LATER: 2,
  /** there was no memory, and the call ends with the error */
  FAILED: 3,
} as const;

export interface XprtOptions {
  readonly name: string;
  readonly slots: number;
  /** Ticks until a call is sent again; NEVER: it is not. */
  readonly timeoutTicks: number;
  /** What is sent again is copied. Default: as the era does. */
  readonly resendCopies?: boolean;
}

/** @kernel include/linux/sunrpc/xprt.h struct rpc_xprt (2.6.24) */
export abstract class RpcXprt {
  readonly k: Kernel;
  readonly name: string;
  readonly user: RpcUser;
  readonly slots: readonly RpcRequest[];
  /** Ticks until a call is sent again for the first time; NEVER: it is not. */
  readonly timeoutTicks: number;
  readonly resendCopies: boolean;
  resends = 0;
  strayReplies = 0;
  /** Requests that wait to be written, first in first out; the first may be half written. */
  protected readonly queue: RpcRequest[] = [];
  /** Where the header of a call is put together. */
  protected readonly scratch: Page;
  private xids = 0x5a00_0100;
  private pumping = false;

  constructor(k: Kernel, options: XprtOptions, user: RpcUser) {
    this.k = k;
    this.name = options.name;
    this.user = user;
    this.timeoutTicks = options.timeoutTicks;
    this.resendCopies = options.resendCopies ?? k.era.rpcResendCopies;
    this.slots = Array.from({ length: options.slots }, (_, i) => new RpcRequest(i));
    for (const request of this.timeoutTicks === NEVER ? [] : this.slots) {
      request.timer = new RpcTimer(this, request);
      k.agenda.add(request.timer);
    }
    this.scratch = allocPage(k);
  }

  /** Whose traffic it is while the transport is up; null: it is not. */
  protected abstract upFor(): Side | null;

  /** May another call be sent now? */
  protected mayBegin(): boolean {
    return true;
  }

  /** Writes the rest of a call. Returns one of `Written`. */
  protected abstract write(request: RpcRequest): number;

  /** No answer in time: the call is to be sent again. */
  protected abstract timedOut(request: RpcRequest): void;

  /** Ticks that a call waits for its answer after the transmission that has just ended. */
  protected waitTicks(_request: RpcRequest): number {
    return this.timeoutTicks;
  }

  /** Sends a call with `bytes` of data in `pages`, lent as `loan`. @kernel net/sunrpc/xprt.c xprt_transmit */
  call(request: RpcRequest, pages: readonly Page[], bytes: number, loan: Loan): void {
    request.xid = this.xids++;
    request.pages = pages;
    request.bytes = bytes;
    request.loan = loan;
    request.transmissions = 0;
    request.minors = 0;
    request.answered = false;
    this.enqueue(request);
  }

  /** The whole call waits to be written, behind all others or `first`. */
  protected enqueue(request: RpcRequest, first = false): void {
    request.state = RequestState.QUEUED;
    request.bytesSent = 0;
    const held = this.queue[0]?.state === RequestState.SENDING ? 1 : 0; // one that is half written stays where it is
    if (first) this.queue.splice(held, 0, request);
    else this.queue.push(request);
    this.pump();
  }

  /** Writes queued calls while the transport takes them. */
  protected pump(): void {
    if (this.upFor() === null || this.pumping) return;
    this.pumping = true;
    for (let request = this.queue[0]; request !== undefined; request = this.queue[0]) {
      if (request.state === RequestState.QUEUED ? !this.mayBegin() : this.isDelayed(request)) break;
      request.state = RequestState.SENDING;
      const written = this.write(request);
      if (written === Written.PART || written === Written.LATER) break;
      this.queue.shift();
      if (written === Written.WHOLE) this.sent(request);
      else this.failed(request);
    }
    this.pumping = false;
  }

  /**
   * Is this transmission of the call made by copying? @kernel net/sunrpc/xprtsock.c xs_sendpages, zerocopy (3.18);
   * net/sunrpc/socklib.c xprt_sock_sendmsg (5.10)
   */
  protected copies(request: RpcRequest): boolean {
    return this.k.era.rpcSendCopies || (request.transmissions > 0 && this.resendCopies);
  }

  private sent(request: RpcRequest): void {
    const { k } = this;
    request.state = RequestState.PENDING;
    request.transmissions++;
    request.bytesSent = 0;
    k.lifetime.returned(request.loan!);
    if (request.answered) this.complete(request);
    else if (request.timer !== null)
      k.agenda.arm(request.timer.place, k.agenda.now + this.waitTicks(request));
  }

  /** Sending returned an error that ends the call. @kernel net/sunrpc/clnt.c call_status, default (2.6.24) */
  protected failed(request: RpcRequest): void {
    this.k.lifetime.returned(request.loan!);
    this.complete(request);
  }

  private isDelayed({ timer }: RpcRequest): boolean {
    return timer !== null && this.k.agenda.isArmed(timer.place);
  }

  /** Nothing more of the call is written for `ticks`, nor of any other. @kernel net/sunrpc/sched.c rpc_delay (2.6.24) */
  protected delay(request: RpcRequest, ticks: number): void {
    const { agenda } = this.k;
    agenda.arm(request.timer!.place, agenda.now + ticks);
  }

  /**
   * No answer in time: the whole call is sent again, with the same xid. Or the delay of one that found no memory is over.
   * @kernel net/sunrpc/clnt.c call_timeout
   */
  onTimeout(request: RpcRequest): boolean {
    const { k, queue } = this;
    const side = this.upFor();
    const delayed = request.state === RequestState.SENDING;
    if ((request.state !== RequestState.PENDING && !delayed) || side === null) return false;
    k.context = Context.PROCESS;
    k.side = side;
    k.agenda.disarm(request.timer!.place);
    if (!delayed) {
      this.timedOut(request);
      return true;
    }
    if (request.answered) {
      queue.shift(); // by a reply to what was sent before [xprt_prepare_transmit]
      request.state = RequestState.PENDING;
      this.complete(request);
    }
    this.pump();
    return true;
  }

  /** @kernel net/sunrpc/xprt.c xprt_complete_rqst */
  protected complete(request: RpcRequest): void {
    const { k } = this;
    const loan = request.loan!;
    if (request.timer !== null) k.agenda.disarm(request.timer.place);
    request.state = RequestState.DONE;
    k.lifetime.replied(loan);
    k.release(loan);
    this.user.answered(request);
  }

  /** A reply came in. */
  protected reply(xid: number): void {
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
}

declareState(RpcXprt, {
  state: 'user slots queue scratch xids pumping',
  count: 'resends strayReplies',
  constant: 'k name timeoutTicks resendCopies',
});
