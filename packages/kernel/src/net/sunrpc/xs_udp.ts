// RPC over UDP: a call is one datagram, cut into fragments below; there is no connection, so all that is known of a call
// is that its answer has come, or not yet. @kernel net/sunrpc/xprtsock.c xs_udp_send_request (2.6.24)
import { NEVER } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import type { Side } from '../../ledger.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import { readDatagram, type DatagramSink } from '../core/datagram.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { udpLend, udpSendmsg } from '../ipv4/udp.ts';
import type { DatagramUser, UdpSock } from '../ipv4/udp_sock.ts';
import { CALL_HEADER, MARK_BYTES, RequestState, writeCall, type RpcRequest } from './rpc_rqst.ts';
import { RpcXprt, Written, type RpcUser, type XprtOptions } from './xprt.ts';
import { declareState } from '../../state.ts';

/** Longest wait for an answer, in ticks. @kernel net/sunrpc/xprtsock.c, fs/nfs/client.c NFS_MAX_UDP_TIMEOUT */
const TIMEOUT_MAX = 60_000_000;
/** Minor timeouts before a major one, after which the waits begin anew. @kernel include/linux/nfs_fs.h NFS_DEF_UDP_RETRANS */
const RETRANS = 3;
/** Ticks to the next try where there was no memory, of HZ: 3, and HZ >> 4. @kernel net/sunrpc/clnt.c call_status (3.17); net/sunrpc/xprtsock.c xs_nospace (2.6.24) */
const HEAD_DELAY = 3_000_000;
const PAGE_DELAY = 62_500;
/** One call in flight, as the window counts it. @kernel net/sunrpc/xprt.c RPC_CWNDSCALE */
const CWND_SCALE = 256;

/** One transport: a socket that is never connected, and its slot table. */
export class RpcUdpXprt extends RpcXprt implements DatagramUser, DatagramSink {
  readonly sk: UdpSock;
  /** Calls in flight and how many there may be, in units of 1 / CWND_SCALE. */
  private cong = 0;
  private cwnd = CWND_SCALE;
  private readonly cwndMax: number;
  /** The reply being read: its bytes so far and its xid. */
  private replyAt = 0;
  private replyXid = 0;

  constructor(k: Kernel, options: XprtOptions, sk: UdpSock, user: RpcUser) {
    super(k, { resendCopies: false, ...options }, user); // zerocopy is always true here [xs_udp_send_request, 3.18]
    this.sk = sk;
    this.cwndMax = options.slots * CWND_SCALE;
    sk.user = this;
  }

  protected upFor(): Side | null {
    return this.sk.side;
  }

  /** @kernel net/sunrpc/xprt.c __xprt_get_cong (2.6.24) */
  protected override mayBegin(): boolean {
    if (this.cong >= this.cwnd) return false;
    this.cong += CWND_SCALE;
    return true;
  }

  /**
   * The whole datagram at once. Where there is no memory for its head, the call fails; from 3.17 on it waits. Where there
   * is none for a page, what was put together is thrown away, and the call keeps the socket and waits less.
   * @kernel net/sunrpc/xprtsock.c xs_udp_send_request, xs_nospace (2.6.24); net/sunrpc/clnt.c call_status (2.6.24, 3.17)
   */
  protected write(request: RpcRequest): number {
    const { k, sk, scratch } = this;
    writeCall(k, scratch.address, request);
    if (udpSendmsg(sk, scratch.address + MARK_BYTES, CALL_HEADER - MARK_BYTES, true) < 0)
      return this.noMemory(request, k.era.rpcRetriesNobufs ? HEAD_DELAY : NEVER);
    for (let at = 0; at < request.bytes; at += PAGE_SIZE) {
      const size = Math.min(PAGE_SIZE, request.bytes - at);
      const page = request.pages[at / PAGE_SIZE]!;
      if (this.sendPage(request, page, 0, size, at + size < request.bytes) < 0)
        return this.noMemory(request, PAGE_DELAY);
    }
    request.bytesSent = CALL_HEADER + request.bytes;
    return Written.WHOLE;
  }

  private noMemory(request: RpcRequest, ticks: number): number {
    if (ticks === NEVER || request.timer === null) return Written.FAILED;
    this.delay(request, ticks);
    return Written.LATER;
  }

  /** @kernel net/sunrpc/xprt.c __xprt_put_cong (2.6.24) */
  protected override failed(request: RpcRequest): void {
    this.cong -= CWND_SCALE;
    super.failed(request);
  }

  private sendPage(r: RpcRequest, page: Page, offset: number, size: number, more: boolean): number {
    const { k, sk } = this;
    if (!this.copies(r)) return udpLend(sk, page, offset, size, r.loan!, more);
    const seq = sk.writeSeq;
    const taken = udpSendmsg(sk, page.address + offset, size, more);
    if (taken > 0) k.probe.sentCopy(r.loan!, page, offset, taken, sk.flow, seq);
    return taken;
  }

  /** Each wait is twice as long as the one before. @kernel net/sunrpc/xprt.c xprt_adjust_timeout (2.6.24) */
  protected override waitTicks(request: RpcRequest): number {
    return Math.min(this.timeoutTicks * 2 ** request.minors, TIMEOUT_MAX);
  }

  protected timedOut(request: RpcRequest): void {
    request.minors = request.minors < RETRANS ? request.minors + 1 : 0;
    this.adjustCwnd(Math.max(CWND_SCALE, this.cwnd >> 1));
    this.resends++;
    this.enqueue(request, true); // xprt->resend is woken before xprt->sending [__xprt_lock_write_next_cong]
  }

  /** @kernel net/sunrpc/xprt.c xprt_adjust_cwnd (2.6.24) */
  private adjustCwnd(cwnd: number): void {
    this.cwnd = Math.min(cwnd, this.cwndMax);
    this.cong -= CWND_SCALE;
  }

  protected override complete(request: RpcRequest): void {
    const { cwnd } = this;
    const full = cwnd <= this.cong;
    const grown = cwnd + Math.floor((CWND_SCALE * CWND_SCALE + (cwnd >> 1)) / cwnd);
    if (request.state === RequestState.PENDING) this.adjustCwnd(full ? grown : cwnd);
    super.complete(request);
    this.pump();
  }

  /** In softirq. @kernel net/sunrpc/xprtsock.c xs_udp_data_ready (2.6.24) */
  datagramReady(sk: UdpSock): void {
    const skb = sk.receiveQueue.shift()!;
    this.replyAt = 0;
    this.replyXid = 0;
    readDatagram(this.k, skb, Reader.APPLICATION, this);
    kfreeSkb(this.k, skb);
    this.reply(this.replyXid);
  }

  bytes(address: number, size: number): void {
    const { mem } = this.k;
    for (let i = 0; i < size && this.replyAt < 4; i++, this.replyAt++)
      this.replyXid = (this.replyXid << 8) | mem[address + i]!;
  }
}

declareState(RpcUdpXprt, {
  state: 'sk cong cwnd replyAt replyXid',
  constant: 'cwndMax',
});
