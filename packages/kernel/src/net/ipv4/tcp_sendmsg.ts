// What goes into the write queue: pages by reference, bytes by copying.
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import {
  PAGE_SIZE,
  type Page,
  allocPage,
  copyToPage,
  getPage,
  putPage,
} from '../../mm/page_alloc.ts';
import { lendFrag } from '../core/lend.ts';
import { skbZcopyDowngradeManaged } from '../core/managed_frag.ts';
import { skbCanCoalesce, skbHeaderRelease, skbPut } from '../core/skb_alloc.ts';
import { type SkBuff, fragAt, skbTailroom } from '../core/skbuff.ts';
import { MAX_TCP_HEADER, TcpFlag } from './tcp_header.ts';
import { tcpPush } from './tcp_output.ts';
import { boundToHalfWindow } from './tcp_window.ts';
import { TcpState, tcpAllocSkb, type TcpSock } from './tcp_sock.ts';

/** Bytes that one skb may hold: one mss, or as many whole ones as fit 64 KiB, and half a window, with GSO. @kernel net/ipv4/tcp.c tcp_xmit_size_goal (2.6.32) */
export function sizeGoal(sk: TcpSock): number {
  if (!sk.route.gso) return sk.mss;
  const goal = boundToHalfWindow(sk, 65_535 - MAX_TCP_HEADER);
  return Math.max(1, Math.floor(goal / sk.mss)) * sk.mss;
}

// A sender that finds no memory sleeps until there is some (sk_stream_wait_memory), and then goes on.
// Model: the sleep takes no time, so each of these simply tries once more.

/** @kernel include/net/sock.h sk_stream_alloc_skb */
function streamAllocSkb(k: Kernel, linear: number): SkBuff {
  try {
    return tcpAllocSkb(k, linear, true);
  } catch (error) {
    expectNoMemory(error);
    return tcpAllocSkb(k, linear, true);
  }
}

/** A page of the socket's own. @kernel include/net/sock.h sk_stream_alloc_page */
function sendPage(k: Kernel): Page {
  try {
    return allocPage(k);
  } catch (error) {
    expectNoMemory(error);
    return allocPage(k);
  }
}

/** The design puts a page in; one that copies may find no memory. */
function lendWaiting(
  k: Kernel,
  skb: SkBuff,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
): void {
  try {
    lendFrag(k, skb, page, pageOffset, size, loan, k.era.lendersMark);
  } catch (error) {
    expectNoMemory(error);
    lendFrag(k, skb, page, pageOffset, size, loan, k.era.lendersMark);
  }
}

/** An empty skb at the end of the write queue. @kernel net/ipv4/tcp.c skb_entail */
function entail(sk: TcpSock, linear: number): SkBuff {
  const { k } = sk;
  const skb = streamAllocSkb(k, linear);
  skb.flow = sk.flow;
  skb.seq = sk.writeSeq;
  skb.endSeq = sk.writeSeq;
  skb.tcpFlags = TcpFlag.ACK;
  skbHeaderRelease(k, skb);
  sk.writeQueue.push(skb);
  sk.wmemQueued += skb.truesize;
  sk.sendHead ??= skb;
  return skb;
}

/** Counts `size` new payload bytes in `skb`. */
function grow(sk: TcpSock, skb: SkBuff, size: number, paged: boolean): void {
  skb.endSeq = (skb.endSeq + size) | 0;
  sk.writeSeq = (sk.writeSeq + size) | 0;
  if (paged) {
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
    sk.wmemQueued += size;
  }
}

/** The unsent skb at the tail with room for more, or null. */
function appendable(sk: TcpSock): SkBuff | null {
  const skb = sk.writeQueue.last;
  return sk.sendHead !== null &&
    skb !== null &&
    (skb.tcpFlags & TcpFlag.FIN) === 0 &&
    skb.len < sizeGoal(sk)
    ? skb
    : null;
}

/**
 * Sends `size` bytes of `page` by reference, on behalf of `loan`, or (null) of somebody who asks for no notification
 * and has a reference like any other. Returns how many were taken: fewer when the send buffer is full, 0 when the
 * connection is gone. A route without scatter/gather or checksum offload makes it a copying send.
 * @kernel net/ipv4/tcp.c do_tcp_sendpages, tcp_sendpage (2.6.24)
 */
export function tcpSendpage(
  sk: TcpSock,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan | null,
): number {
  const { k } = sk;
  if (sk.dead || sk.state === TcpState.CLOSED) return 0; // -EPIPE
  if (!sk.route.sg) {
    const seq = sk.writeSeq;
    const taken = tcpSendmsg(sk, page.address + pageOffset, size);
    if (taken > 0 && loan !== null) k.probe.lent(loan, page, pageOffset, taken, sk.flow, seq);
    return taken;
  }
  if (loan !== null) k.lifetime.begins(loan, sk.sendHead === null ? null : sk.writeQueue.last);
  let done = 0;
  while (done < size) {
    const offset = pageOffset + done;
    let skb = appendable(sk);
    if (skb !== null && loan !== null && !k.canAppend(skb, loan)) skb = null;
    let merge = false;
    if (skb !== null && skbCanCoalesce(skb, page, offset)) {
      merge = k.lifetime.mayMerge(fragAt(skb.shinfo, skb.shinfo.nrFrags - 1), loan);
    }
    if (skb !== null && !merge && skb.shinfo.nrFrags >= k.era.maxSkbFrags) skb = null;
    if (skb === null) {
      if (sk.wmemQueued >= sk.sndbuf) {
        sk.wantSpace = true;
        break;
      }
      skb = entail(sk, 0);
    }
    const copy = Math.min(size - done, sizeGoal(sk) - skb.len);
    if (loan !== null) k.probe.lent(loan, page, offset, copy, sk.flow, sk.writeSeq);
    if (merge) {
      const last = fragAt(skb.shinfo, skb.shinfo.nrFrags - 1);
      last.size += copy;
      if (loan !== null) k.lifetime.merged(skb, last, copy, loan);
    } else if (loan === null) {
      skbZcopyDowngradeManaged(k, skb); // skb_append_pagefrags [6.5]
      k.lifetime.fragRef(skb.shinfo, k.fillPageDesc(skb, page, offset, copy)); // get_page, whoever else has lent it
    } else {
      lendWaiting(k, skb, page, offset, copy, loan);
    }
    grow(sk, skb, copy, true);
    done += copy;
  }
  tcpPush(sk);
  return done;
}

/**
 * Sends `size` bytes at `address` by copying. Returns how many were taken: 0 when the connection is gone.
 * @kernel net/ipv4/tcp.c tcp_sendmsg (2.6.24)
 */
export function tcpSendmsg(sk: TcpSock, address: number, size: number): number {
  const { k } = sk;
  if (sk.dead || sk.state === TcpState.CLOSED) return 0;
  let done = 0;
  while (done < size) {
    let skb = appendable(sk);
    let copy: number;
    if (sk.route.sg) {
      if (skb !== null && !roomInPage(sk, skb)) skb = null;
      if (skb === null) {
        if (sk.wmemQueued >= sk.sndbuf) break;
        skb = entail(sk, 0);
      }
      const page = sndmsgPage(sk);
      copy = Math.min(size - done, sizeGoal(sk) - skb.len, PAGE_SIZE - sk.sndmsgOff);
      skbZcopyDowngradeManaged(k, skb);
      copyToPage(k, page, sk.sndmsgOff, address + done, copy);
      if (
        skbCanCoalesce(skb, page, sk.sndmsgOff) &&
        fragAt(skb.shinfo, skb.shinfo.nrFrags - 1).loan === null
      ) {
        fragAt(skb.shinfo, skb.shinfo.nrFrags - 1).size += copy;
      } else {
        getPage(k, page);
        k.fillPageDesc(skb, page, sk.sndmsgOff, copy);
      }
      sk.sndmsgOff += copy;
      grow(sk, skb, copy, true);
    } else {
      if (skb !== null && (skbTailroom(skb) === 0 || skb.len >= sk.mss)) skb = null;
      if (skb === null) {
        if (sk.wmemQueued >= sk.sndbuf) break;
        skb = entail(sk, sk.mss);
      }
      copy = Math.min(size - done, sk.mss - skb.len, skbTailroom(skb));
      k.copyBytes(skbPut(skb, copy), address + done, copy);
      grow(sk, skb, copy, false);
    }
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += copy;
    done += copy;
  }
  if (done < size) sk.wantSpace = true;
  tcpPush(sk);
  return done;
}

/** Can copied bytes go into this skb: by growing its last frag, or with a slot of their own? */
function roomInPage(sk: TcpSock, skb: SkBuff): boolean {
  const { nrFrags } = skb.shinfo;
  if (nrFrags < sk.k.era.maxSkbFrags) return true;
  if (sk.sndmsgPage === null || sk.sndmsgOff === PAGE_SIZE) return false; // a new page needs a slot
  return (
    skbCanCoalesce(skb, sk.sndmsgPage, sk.sndmsgOff) &&
    fragAt(skb.shinfo, nrFrags - 1).loan === null
  );
}

/** The socket's own page with room left. */
function sndmsgPage(sk: TcpSock): Page {
  const { k } = sk;
  if (sk.sndmsgPage !== null && sk.sndmsgOff === PAGE_SIZE) {
    putPage(k, sk.sndmsgPage);
    sk.sndmsgPage = null;
  }
  if (sk.sndmsgPage === null) {
    sk.sndmsgPage = sendPage(k);
    sk.sndmsgOff = 0;
  }
  return sk.sndmsgPage;
}
