// A stream between two processes of one machine. What one end splices in stands in the queue of the other one by page, offset
// and size, as long as that one likes.
// Model: an end knows its receive queue alone; files and credentials are not sent, and a reader takes a whole packet.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import { expectNoMemory } from '../../errors.ts';
import { PIPE_BUFFERS, type Pipe } from '../../fs/pipe.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Side } from '../../ledger.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { probeReads } from '../core/datagram.ts';
import { allocSkb } from '../core/skb_alloc.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import { skbAppendPagefrags } from '../core/skb_coalesce.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { skbSpliceBits } from '../core/skb_splice.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { Sock } from '../core/sock.ts';

export class UnixStream extends Sock implements Holder {
  readonly k: Kernel;
  readonly receiveQueue = new SkBuffHead();
  /** Whose send memory packets that wait here are charged to: the other end, and no socket whose packets have come before. */
  private readonly peer: Sock;
  private readonly flow: number;
  private seq = 0;

  constructor(k: Kernel, peer: Sock) {
    super();
    mustHave(k.era, CHANGES.unixSplice, 'unix_stream_splice_read');
    this.k = k;
    this.peer = peer;
    this.flow = k.newFlow(Side.PEER);
    peer.slot = this.flow;
    k.holders.push(this);
  }

  /**
   * The other end splices in what `pipe` holds: into the last packet that waits here, up to 6.4, or into one of its own. Each
   * entry has a reference on its page, and the pipe lets go of its own. Returns the bytes; fewer without memory.
   * @kernel net/unix/af_unix.c unix_stream_sendpage (5.10), unix_stream_sendmsg with MSG_SPLICE_PAGES (7.2)
   */
  spliceIn(pipe: Pipe): number {
    const { k } = this;
    let skb = k.era.changes.has(CHANGES.spliceByIterator) ? null : this.receiveQueue.last;
    let done = 0;
    try {
      for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
        const { page, pageOffset, size } = b;
        if (skb === null || !skbAppendPagefrags(k, skb, page, pageOffset, size)) {
          skb = this.newPacket();
          skbAppendPagefrags(k, skb, page, pageOffset, size);
        }
        skb.len += size;
        skb.dataLen += size;
        skb.truesize += size;
        this.peer.wmemAlloc += size;
        k.probe.carried(this.flow, this.seq, size, b.flow, b.seq);
        this.seq = (this.seq + size) | 0;
        pipe.consume(size);
        done += size;
      }
    } catch (error) {
      expectNoMemory(error);
    }
    return done;
  }

  /** @kernel net/core/sock.c sock_alloc_send_pskb */
  private newPacket(): SkBuff {
    const { k } = this;
    const skb = allocSkb(k, 0, false);
    skb.flow = this.flow;
    skb.seq = this.seq;
    skbSetOwnerW(k, skb, this.peer);
    this.receiveQueue.push(skb);
    return skb;
  }

  /** Copies the first packet to the process and frees it. False: none waits. @kernel net/unix/af_unix.c unix_stream_read_generic, unix_stream_read_actor */
  recvmsg(): boolean {
    const { k } = this;
    const skb = this.receiveQueue.shift();
    if (skb === null) return false;
    probeReads(k, skb, Reader.APPLICATION);
    kfreeSkb(k, skb);
    return true;
  }

  /**
   * Moves what waits to `pipe`, as far as it has slots, and frees what is read out. Returns the bytes.
   * Model: a packet that does not go in whole waits.
   * @kernel net/unix/af_unix.c unix_stream_splice_read, unix_stream_splice_actor (5.10, 7.2)
   */
  spliceRead(pipe: Pipe): number {
    const { k } = this;
    let done = 0;
    for (let skb = this.receiveQueue.first; skb !== null; skb = this.receiveQueue.first) {
      if (pipe.buffers.length + skb.shinfo.nrFrags > PIPE_BUFFERS) break;
      if (k.onOperation !== null) k.onOperation('unix_stream_splice_read', skb);
      done += skbSpliceBits(k, skb, 0, skb.len, pipe, false);
      this.receiveQueue.unlink(skb);
      kfreeSkb(k, skb);
    }
    return done;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.receiveQueue.first, visitor, 'receive queue');
  }
}

declareState(UnixStream, {
  state: 'receiveQueue peer seq',
  constant: 'k flow',
});
