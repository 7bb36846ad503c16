// What comes out of the receive queue.
import { Cost } from '../../ledger.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import { kfreeSkbNow } from '../core/skb_free.ts';
import { type SkBuff, fragAt, fragSeq, skbHeadlen } from '../core/skbuff.ts';
import { sendAck } from './tcp_output.ts';
import { type ByteSink, type TcpSock, TcpState } from './tcp_sock.ts';
import { GROWS_BY, receiveWindow, selectWindow } from './tcp_window.ts';

/**
 * Copies up to `max` in-order bytes to `sink` and frees the skbs that are read out. `reader`: for an observer, who it is
 * that reads. Returns the bytes read.
 * @kernel net/ipv4/tcp.c tcp_recvmsg (2.6.24)
 */
export function tcpRecvmsg(
  sk: TcpSock,
  sink: ByteSink,
  max: number,
  reader: Reader = Reader.APPLICATION,
): number {
  const { k } = sk;
  let read = 0;
  while (read < max) {
    const skb = sk.receiveQueue.first;
    if (skb === null) break;
    const offset = (sk.copiedSeq - skb.seq) | 0;
    const n = Math.min(max - read, skb.len - offset);
    if (n > 0) {
      readPart(sk, skb, offset, n, sink, reader);
      sk.copiedSeq = (sk.copiedSeq + n) | 0;
      sk.rcvQueued -= n;
      read += n;
      k.releases++;
    }
    if (offset + n >= skb.len) {
      sk.receiveQueue.unlink(skb);
      kfreeSkbNow(k, skb); // sk_eat_skb does not look at users
    }
  }
  if (read > 0) cleanupRbuf(sk);
  return read;
}

const NOBODY: ByteSink = { bytes: () => undefined };

/** Empties the receive queue of a connection that was given up: at most a FIN is there. */
export function tcpDiscard(sk: TcpSock): void {
  tcpRecvmsg(sk, NOBODY, 0x7fffffff);
}

/** Reads `size` bytes from `offset` of the payload. */
function readPart(
  sk: TcpSock,
  skb: SkBuff,
  offset: number,
  size: number,
  sink: ByteSink,
  reader: Reader,
): void {
  const headlen = skbHeadlen(skb);
  let at = offset;
  let left = size;
  if (at < headlen) {
    const n = Math.min(left, headlen - at);
    readBytes(sk, skb, (skb.seq + at) | 0, skb.data + at, n, null, sink, reader);
    at += n;
    left -= n;
  }
  let start = headlen;
  let seq = fragSeq(skb);
  for (let i = 0; i < skb.shinfo.nrFrags && left > 0; i++) {
    const frag = fragAt(skb.shinfo, i);
    const end = start + frag.size;
    if (at < end) {
      const n = Math.min(left, end - at);
      const into = at - start;
      readBytes(
        sk,
        skb,
        (seq + into) | 0,
        frag.page.address + frag.pageOffset + into,
        n,
        frag.page,
        sink,
        reader,
      );
      at += n;
      left -= n;
    }
    seq = (seq + frag.size) | 0;
    start = end;
  }
}

function readBytes(
  sk: TcpSock,
  skb: SkBuff,
  seq: number,
  address: number,
  size: number,
  page: Page | null,
  sink: ByteSink,
  reader: Reader,
): void {
  const { k } = sk;
  k.probe.read(reader, skb.flow, seq, size, address, page);
  k.cost[k.side + Cost.COPIED_BYTES]! += size;
  sink.bytes(sk, address, size, skb.flow, seq);
}

/** A window update or a pending ACK, if reading made one worth sending. @kernel net/ipv4/tcp.c tcp_cleanup_rbuf */
export function cleanupRbuf(sk: TcpSock): void {
  if (sk.state === TcpState.CLOSED) return;
  if (sk.stack.cleanupRbuf !== undefined) {
    sk.stack.cleanupRbuf(sk);
    return;
  }
  if (readingAcks(sk)) sendAck(sk);
}

function readingAcks(sk: TcpSock): boolean {
  const now = receiveWindow(sk);
  const next = selectWindow(sk);
  const pending = sk.ackPending && ((sk.rcvNxt - sk.rcvWup) | 0) > sk.rcvMss;
  return pending || (next >= 2 * now && next > 0 && next >= sk.rcvMss);
}

/**
 * Does no peer see whether what has come is read now, or later together with what comes meanwhile, in at most `segments` segments?
 * What is offered does not depend then on what is free, and nothing is acknowledged for its being read now.
 */
export function readsUnseen(sk: TcpSock, segments: number): boolean {
  const most = sk.rcvQueued + sk.rcvSsthresh + segments * (1 + GROWS_BY) * sk.advmss;
  const holdsAll = most < sk.rcvbuf && 2 * sk.rcvQueued < sk.rcvbuf;
  const goesOn = sk.state !== TcpState.CLOSED && !sk.finReceived;
  const copied = sk.route.device.lendsNothing; // what it holds came by a wire
  const plain = sk.stack.cleanupRbuf === undefined;
  return goesOn && copied && plain && holdsAll && !readingAcks(sk);
}
