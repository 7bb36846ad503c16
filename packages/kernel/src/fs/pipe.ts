// A pipe: a ring of page references. @kernel include/linux/pipe_fs_i.h struct pipe_buffer
import type { Holder, HolderVisitor } from '../holders.ts';
import type { Kernel } from '../kernel.ts';
import { getPage, putPage, type Page } from '../mm/page_alloc.ts';
import { kfreeSkb } from '../net/core/skb_free.ts';
import type { SkBuff } from '../net/core/skbuff.ts';
import { declareState } from '../state.ts';

export const PIPE_BUFFERS = 16;

export interface PipeBuffer {
  readonly page: Page;
  pageOffset: number;
  size: number;
  /** Whose reference keeps the page: that of an sk_buff in 2.6.25 to 2.6.28, else (null) the slot's own. */
  readonly skb: SkBuff | null;
  /** The network has taken the slot's reference, and puts it where the operations of the slot are its own. */
  readonly bySocket: boolean;
  /** The stream that these bytes were received on, and where in it they stand; 0: they came from no stream. */
  readonly flow: number;
  seq: number;
}

export class Pipe implements Holder {
  readonly k: Kernel;
  readonly buffers: PipeBuffer[] = [];

  constructor(k: Kernel) {
    this.k = k;
    k.holders.push(this);
  }

  /** Bytes that wait in it. */
  get bytes(): number {
    return this.buffers.reduce((sum, b) => sum + b.size, 0);
  }

  /** Room for another buffer? */
  get full(): boolean {
    return this.buffers.length >= PIPE_BUFFERS;
  }

  /** A reference to a range of `page`. @kernel fs/splice.c splice_to_pipe */
  push(page: Page, pageOffset: number, size: number, flow = 0, seq = 0): void {
    getPage(this.k, page);
    this.buffers.push({ page, pageOffset, size, skb: null, bySocket: false, flow, seq });
  }

  /** A reference to a range of a page that a socket has. @kernel net/core/skbuff.c spd_fill_page (2.6.32) */
  pushFromSocket(page: Page, pageOffset: number, size: number, flow: number, seq: number): void {
    this.k.lifetime.pageRef(page);
    this.buffers.push({ page, pageOffset, size, skb: null, bySocket: true, flow, seq });
  }

  /** A range of a page of `skb`, whose reference the slot gets. @kernel net/core/skbuff.c spd_fill_page (2.6.28) */
  pushSkb(skb: SkBuff, page: Page, pageOffset: number, size: number, seq: number): void {
    this.buffers.push({ page, pageOffset, size, skb, bySocket: true, flow: skb.flow, seq });
  }

  /** The first `size` bytes were taken; an empty buffer is released. @kernel fs/splice.c page_cache_pipe_buf_release */
  consume(size: number): void {
    const buffer = this.buffers[0];
    if (buffer === undefined) return;
    buffer.pageOffset += size;
    buffer.size -= size;
    buffer.seq = (buffer.seq + size) | 0;
    if (buffer.size > 0) return;
    this.buffers.shift();
    this.put(buffer);
  }

  private put(buffer: PipeBuffer): void {
    this.k.releases++;
    const { k } = this;
    const { skb, page, bySocket } = buffer;
    if (skb !== null)
      kfreeSkb(k, skb); // sock_pipe_buf_release [2.6.28]
    else if (bySocket && !k.era.pipePutsInFs)
      k.lifetime.pageUnref(page); // sock_pipe_buf_release
    else putPage(k, page);
  }

  /** Both ends are closed: every buffer is released. @kernel fs/pipe.c free_pipe_info */
  release(): void {
    for (let b = this.buffers.shift(); b !== undefined; b = this.buffers.shift()) this.put(b);
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const b of this.buffers) visitor.page(b.page, b.pageOffset, b.size, 'pipe');
  }
}

declareState(Pipe, {
  state: 'buffers',
  constant: 'k',
});
