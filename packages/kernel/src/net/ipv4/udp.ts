// UDP: datagrams that the caller corks together from copied bytes and lent pages, and the way up.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { checksumAdd, checksumFold, csumBlockAdd, partialFold } from '../../lib/checksum.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Context, Reader } from '../../probe.ts';
import { readDatagram, type DatagramSink } from '../core/datagram.ts';
import type { Receiver } from '../core/dev.ts';
import { skbPull } from '../core/skb_alloc.ts';
import { kfreeSkb, skbSetOwnerR } from '../core/skb_free.ts';
import { pskbMayPull } from '../core/skb_pull.ts';
import { Checksum, type SkBuff } from '../core/skbuff.ts';
import { checksumValid, pseudoSum, skbChecksum } from './checksum.ts';
import { ipAppendData } from './ip_append_data.ts';
import { ipAppendPage } from './ip_append_page.ts';
import { dropCorkPage, ipFlushPendingFrames } from './ip_cork.ts';
import { IPPROTO_UDP, IP_HEADER, get16, ipv4Specific, put16 } from './ip_header.ts';
import { ipFinishSkb, ipOutput } from './ip_output.ts';
import { Errno, UDP_HEADER, type UdpSock } from './udp_sock.ts';
import { declareState } from '../../state.ts';

/**
 * Adds `size` bytes at `address`, copied, to the pending datagram, and sends it unless `more` follow. Returns the bytes
 * taken, or an error, and then nothing is pending any more.
 * @kernel net/ipv4/udp.c udp_sendmsg (2.6.24)
 */
export function udpSendmsg(sk: UdpSock, address: number, size: number, more: boolean): number {
  return finish(sk, ipAppendData(sk, address, size, more), size, more);
}

/**
 * Adds `size` bytes of `page` on behalf of `loan`: by reference, where the release's sendpage does. Returns the bytes
 * taken, or an error.
 * @kernel net/ipv4/udp.c udp_sendpage (2.6.24, 6.1.192), udp_sendmsg with MSG_SPLICE_PAGES (6.5); net/ipv6/af_inet6.c inet6_dgram_ops: sock_no_sendpage (5.10)
 */
export function udpSendpage(
  sk: UdpSock,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
  more: boolean,
): number {
  const { udpSendpageCopies, udpSplices } = sk.k.era;
  if (udpSendpageCopies || (sk.af !== ipv4Specific && !udpSplices))
    return finish(sk, copyOf(sk, page, pageOffset, size, loan, more), size, more);
  return udpLend(sk, page, pageOffset, size, loan, more);
}

/**
 * Adds `size` bytes of `page` by reference, on behalf of `loan`, to the pending datagram, and sends it unless `more`
 * follow, whatever the call is by which they are lent: in 6.1.192 that is not sendpage. Where that cannot be, the bytes are copied. Returns the bytes
 * taken, or an error.
 */
export function udpLend(
  sk: UdpSock,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
  more: boolean,
): number {
  const { udpSplices } = sk.k.era;
  let error: number = Errno.EOPNOTSUPP;
  if (!udpSplices || sk.device.features.sg) {
    // up to 6.4 an empty call of its own with MSG_MORE starts a datagram, from 6.5 on the same call
    if (sk.pending) error = 0;
    else error = ipAppendData(sk, 0, 0, more || !udpSplices, udpSplices ? size : 0);
    if (error === 0) error = ipAppendPage(sk, page, pageOffset, size, loan, more);
  }
  if (error === Errno.EOPNOTSUPP) error = copyOf(sk, page, pageOffset, size, loan, more);
  return finish(sk, error, size, more);
}

/** What was to be lent is copied. @kernel net/core/sock.c sock_no_sendpage (2.6.24) */
function copyOf(
  sk: UdpSock,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
  more: boolean,
): number {
  const seq = sk.writeSeq;
  const error = ipAppendData(sk, page.address + pageOffset, size, more);
  if (error === 0) sk.k.probe.lent(loan, page, pageOffset, size, sk.flow, seq);
  return error;
}

function finish(sk: UdpSock, error: number, size: number, more: boolean): number {
  sk.pending = true;
  if (error < 0) {
    udpFlushPendingFrames(sk);
    return error;
  }
  if (!more) udpPushPendingFrames(sk);
  return size;
}

/** @kernel net/ipv4/udp.c udp_flush_pending_frames */
export function udpFlushPendingFrames(sk: UdpSock): void {
  sk.pending = false;
  ipFlushPendingFrames(sk);
}

/** @kernel net/ipv4/udp.c udp_push_pending_frames (2.6.24) */
export function udpPushPendingFrames(sk: UdpSock): void {
  const skb = udpFinishSkb(sk);
  if (skb !== null) ipOutput(sk.k, skb, sk.device, sk.af);
}

/**
 * The pending datagram, with its headers, or null. A device computes the checksum only of one that is one packet; of
 * any other it is put together from what was summed when the bytes were added.
 * @kernel net/ipv4/udp.c udp_push_pending_frames, udp4_hwcsum_outgoing (2.6.24); net/ipv6/udp.c udp_v6_send_skb (5.10)
 */
export function udpFinishSkb(sk: UdpSock): SkBuff | null {
  const { k, address, af } = sk;
  const skb = sk.writeQueue.first;
  sk.pending = false;
  if (skb === null) return null;
  const { mem } = k;
  const at = skb.data + af.netHeaderLen;
  put16(mem, at, address.localPort);
  put16(mem, at + 2, address.peerPort);
  put16(mem, at + 4, sk.corkLength);
  put16(mem, at + 6, 0);
  if (skb.ipSummed !== Checksum.PARTIAL || skb.next !== null) {
    if (skb.ipSummed === Checksum.PARTIAL) sumNow(k, skb, af.netHeaderLen + UDP_HEADER);
    put16(mem, at + 6, datagramCheck(sk, skb) || 0xffff);
  }
  return ipFinishSkb(sk);
}

/** The packet was to be summed by a device, but it is not the only one. */
function sumNow(k: Kernel, skb: SkBuff, offset: number): void {
  skb.csum = skbChecksum(k.mem, skb, offset);
  skb.ipSummed = Checksum.NONE;
  k.cost[k.side + Cost.CHECKSUM_BYTES]! += skb.len - offset;
}

/** From the partial sums of all packets, the header, and the pseudo header that will be. */
function datagramCheck(sk: UdpSock, first: SkBuff): number {
  const { mem } = sk.k;
  const at = first.data + sk.af.netHeaderLen;
  let sum = partialFold(checksumAdd(mem, at, UDP_HEADER, 0));
  for (let skb: SkBuff | null = first; skb !== null; skb = skb.next)
    sum = csumBlockAdd(sum, skb.csum, 0); // every packet but the last has an even length
  const { localAddress, peerAddress } = sk.address;
  return checksumFold(sum + pseudoSum(localAddress, peerAddress, IPPROTO_UDP, sk.corkLength));
}

/** Gives back what the socket has. Packets in flight are not touched. @kernel net/ipv4/udp.c udp_destroy_sock */
export function udpClose(sk: UdpSock): void {
  const { k } = sk;
  udpFlushPendingFrames(sk);
  dropCorkPage(sk);
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift())
    kfreeSkb(k, skb);
}

/**
 * Copies the oldest datagram to `sink` and frees it; returns its bytes, or -1 when none waits.
 * @kernel net/ipv4/udp.c udp_recvmsg (2.6.24)
 */
export function udpRecvmsg(sk: UdpSock, sink: DatagramSink | null): number {
  const { k } = sk;
  const skb = sk.receiveQueue.shift();
  if (skb === null) return -1;
  k.context = Context.PROCESS;
  const { len } = skb;
  readDatagram(k, skb, Reader.APPLICATION, sink);
  k.cost[k.side + Cost.COPIED_BYTES]! += len;
  kfreeSkb(k, skb);
  return len;
}

/** The UDP sockets of one host. */
export class UdpHost implements Receiver {
  readonly k: Kernel;
  private readonly byPort = new Map<number, UdpSock>();
  checksumErrors = 0;

  constructor(k: Kernel) {
    this.k = k;
  }

  /** Datagrams to the socket's port come to it. */
  bind(sk: UdpSock): void {
    this.byPort.set(sk.address.localPort, sk);
  }

  /** @kernel net/ipv4/udp.c udp_rcv, udp_queue_rcv_skb (2.6.24) */
  receive(skb: SkBuff): void {
    const { k } = this;
    if (!mayPullHeaders(k, skb)) {
      kfreeSkb(k, skb);
      return;
    }
    skb.headers = IP_HEADER + UDP_HEADER;
    const sk = this.byPort.get(get16(k.mem, skb.data + IP_HEADER + 2));
    if (sk === undefined) {
      kfreeSkb(k, skb); // Model: no ICMP port unreachable
      return;
    }
    k.side = sk.side;
    if (skb.ipSummed !== Checksum.UNNECESSARY && !checksumValid(k, skb)) {
      this.checksumErrors++;
      kfreeSkb(k, skb);
      return;
    }
    skbPull(skb, IP_HEADER + UDP_HEADER);
    if (sk.rmemAlloc + skb.truesize > sk.rcvbuf) {
      sk.drops++;
      kfreeSkb(k, skb);
      return;
    }
    skbSetOwnerR(k, skb, sk);
    sk.receiveQueue.push(skb);
    sk.user?.datagramReady(sk);
  }
}

declareState(UdpHost, {
  state: 'byPort',
  count: 'checksumErrors',
  constant: 'k',
});

function mayPullHeaders(k: Kernel, skb: SkBuff): boolean {
  try {
    return pskbMayPull(k, skb, IP_HEADER + UDP_HEADER);
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
}
