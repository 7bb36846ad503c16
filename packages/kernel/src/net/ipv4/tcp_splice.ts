// Ways out of the receive queue that copy nothing: into a pipe, into the reader's address space.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Pipe } from '../../fs/pipe.ts';
import { expectNoMemory } from '../../errors.ts';
import type { UserMapping } from '../../mm/memory.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { kfreeSkbNow } from '../core/skb_free.ts';
import { skbSpliceBits } from '../core/skb_splice.ts';
import { fragAt, fragSeq, type SkBuff } from '../core/skbuff.ts';
import { cleanupRbuf } from './tcp_recvmsg.ts';
import type { TcpSock } from './tcp_sock.ts';

/** `size` more bytes of the first skb are read; one that is read out is freed. */
function advance(sk: TcpSock, skb: SkBuff, size: number): void {
  sk.copiedSeq = (sk.copiedSeq + size) | 0;
  sk.rcvQueued -= size;
  sk.k.releases++;
  if (((sk.copiedSeq - skb.seq) | 0) < skb.len) return;
  sk.receiveQueue.unlink(skb);
  kfreeSkbNow(sk.k, skb);
}

/**
 * Moves up to `size` in-order bytes to `pipe`, as far as it has slots and memory. Returns the bytes.
 * @kernel net/ipv4/tcp.c tcp_splice_read, tcp_splice_data_recv (2.6.25)
 */
export function tcpSpliceRead(sk: TcpSock, pipe: Pipe, size: number): number {
  const { k } = sk;
  mustHave(k.era, CHANGES.spliceClones, 'tcp_splice_read');
  let done = 0;
  for (let skb = sk.receiveQueue.first; skb !== null && done < size && !pipe.full;) {
    const offset = (sk.copiedSeq - skb.seq) | 0;
    const want = Math.min(size - done, skb.len - offset);
    let n: number;
    try {
      n = skbSpliceBits(k, skb, offset, want, pipe, k.era.spliceClones);
    } catch (error) {
      expectNoMemory(error);
      break;
    }
    if (n === 0) break;
    advance(sk, skb, n);
    done += n;
    skb = sk.receiveQueue.first;
  }
  if (done > 0) cleanupRbuf(sk);
  return done;
}

/**
 * May a page of the receive queue be mapped to its reader? The stack takes it for memory of a driver; since 6.8 it
 * looks whether the page belongs to somebody. @kernel net/ipv4/tcp.c can_map_frag
 */
function canMapFrag(page: Page, guard: boolean): boolean {
  return !guard || !page.mapping;
}

/**
 * Maps the whole pages at the start of the receive queue to the reader, as far as they may be mapped. Returns the
 * bytes mapped; the rest must be copied.
 * @kernel net/ipv4/tcp.c tcp_zerocopy_receive (4.18, 6.8 with `guard`)
 */
export function tcpZerocopyReceive(sk: TcpSock, vma: UserMapping, guard: boolean): number {
  mustHave(sk.k.era, CHANGES.zerocopyReceive, 'tcp_zerocopy_receive');
  let done = 0;
  for (let skb = sk.receiveQueue.first; skb !== null; skb = sk.receiveQueue.first) {
    const mapped = mapFrags(sk, skb, vma, guard);
    if (mapped === 0) break;
    advance(sk, skb, mapped);
    done += mapped;
  }
  if (done > 0) cleanupRbuf(sk);
  return done;
}

/** Maps the whole pages of `skb` from where the reader stands. */
function mapFrags(sk: TcpSock, skb: SkBuff, vma: UserMapping, guard: boolean): number {
  let mapped = 0;
  let seq = fragSeq(skb);
  for (let i = 0; i < skb.shinfo.nrFrags; i++) {
    const frag = fragAt(skb.shinfo, i);
    const here = ((sk.copiedSeq + mapped - seq) | 0) === 0;
    if (here) {
      const whole = frag.pageOffset === 0 && frag.size === PAGE_SIZE;
      if (!whole || !canMapFrag(frag.page, guard)) break;
      vma.insertPage(frag.page, skb.flow, seq);
      mapped += frag.size;
    }
    seq = (seq + frag.size) | 0;
  }
  return mapped;
}
