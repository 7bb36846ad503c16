// From a packet to a pipe. Two schemes of references: a clone that all slots share, or a page reference for each.
import { expectNoMemory } from '../../errors.ts';
import type { Pipe } from '../../fs/pipe.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { PAGE_SIZE, allocPage, copyToPage, putPage, type Page } from '../../mm/page_alloc.ts';
import { skbClone } from './skb_clone.ts';
import { skbGet } from './skb_alloc.ts';
import { kfreeSkb } from './skb_free.ts';
import { fragAt, skbHeadlen, type SkBuff } from './skbuff.ts';

/**
 * Puts up to `size` payload bytes from `offset` of `skb` into `pipe`, as far as it has slots. Returns the bytes.
 * Model: linear bytes are copied to a page in both schemes; the clones of 2.6.25 to 2.6.28 referred to slab memory.
 * @kernel net/core/skbuff.c skb_splice_bits (2.6.28, 2.6.32)
 */
export function skbSpliceBits(
  k: Kernel,
  skb: SkBuff,
  offset: number,
  size: number,
  pipe: Pipe,
  clones: boolean,
): number {
  if (k.onOperation !== null) k.onOperation('skb_splice_bits', skb);
  const shared = clones ? skbClone(k, skb, Site.TAP) : null;
  const source = shared ?? skb;
  let done = 0;
  try {
    done = linearPart(k, source, offset, size, pipe);
    let at = skbHeadlen(source) - source.headers;
    if (offset + done < Math.min(at, offset + size)) return done; // no memory, or no slot, for all of it
    for (let i = 0; i < source.shinfo.nrFrags && done < size && !pipe.full; i++) {
      const frag = fragAt(source.shinfo, i);
      const into = Math.max(0, offset + done - at);
      at += frag.size;
      if (into >= frag.size) continue;
      const n = Math.min(size - done, frag.size - into);
      const seq = (skb.seq + offset + done) | 0;
      if (shared === null) pipe.pushFromSocket(frag.page, frag.pageOffset + into, n, skb.flow, seq);
      else pipe.pushSkb(skbGet(k, shared), frag.page, frag.pageOffset + into, n, seq);
      done += n;
    }
  } finally {
    if (shared !== null) kfreeSkb(k, shared); // the slots have references of their own
  }
  return done;
}

/** @kernel net/core/skbuff.c linear_to_page (2.6.32) */
function linearPart(k: Kernel, skb: SkBuff, offset: number, size: number, pipe: Pipe): number {
  const linear = Math.min(size, skbHeadlen(skb) - skb.headers - offset);
  let done = 0;
  while (done < linear && !pipe.full) {
    let page: Page;
    try {
      page = allocPage(k);
    } catch (error) {
      expectNoMemory(error);
      break;
    }
    const n = Math.min(linear - done, PAGE_SIZE);
    copyToPage(k, page, 0, skb.data + skb.headers + offset + done, n);
    pipe.pushFromSocket(page, 0, n, skb.flow, (skb.seq + offset + done) | 0);
    putPage(k, page);
    done += n;
  }
  return done;
}
