// Messages of many programs over few connections: what is spliced in stands in a packet of the message's own, and goes from there
// into a connection by page, offset and size.
// Model: a message is what one pipe held, and it is sent whole or waits.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Pipe } from '../../fs/pipe.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { declareState } from '../../state.ts';
import { allocSkb } from '../core/skb_alloc.ts';
import { skbAppendPagefrags } from '../core/skb_coalesce.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import { skbSendSock } from '../core/skb_send_sock.ts';
import type { SkBuff } from '../core/skbuff.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';

export class KcmSock implements Holder {
  readonly k: Kernel;
  /** The connection that its messages go through. */
  private readonly psock: TcpSock;
  private readonly writeQueue = new SkBuffHead();

  constructor(psock: TcpSock) {
    mustHave(psock.k.era, CHANGES.kcm, 'kcm_sendpage');
    this.k = psock.k;
    this.psock = psock;
    this.k.holders.push(this);
  }

  /**
   * What `pipe` holds is a message: a reference for each page, and the pipe lets go of its own. Throws NoMemory with all of it
   * still in the pipe.
   * @kernel net/kcm/kcmsock.c kcm_sendpage (5.10), kcm_sendmsg with MSG_SPLICE_PAGES (7.2)
   */
  spliceIn(pipe: Pipe): void {
    const { k } = this;
    const [first] = pipe.buffers;
    if (first === undefined) return;
    const skb = allocSkb(k, 0, false);
    skb.flow = first.flow;
    skb.seq = first.seq;
    for (let b = pipe.buffers[0]; b !== undefined; b = pipe.buffers[0]) {
      const { page, pageOffset, size } = b;
      skbAppendPagefrags(k, skb, page, pageOffset, size); // a pipe has fewer buffers than a packet has entries
      skb.len += size;
      skb.dataLen += size;
      skb.truesize += size;
      pipe.consume(size);
    }
    this.writeQueue.push(skb);
    this.writeMsgs();
  }

  /** What the connection has room for is sent, and freed. @kernel net/kcm/kcmsock.c kcm_write_msgs (5.10, 7.2) */
  writeMsgs(): void {
    const { k, psock, writeQueue } = this;
    for (let skb: SkBuff | null = writeQueue.first; skb !== null; skb = writeQueue.first) {
      if (psock.wmemQueued + skb.len > psock.sndbuf) return;
      if (k.onOperation !== null) k.onOperation('kcm_write_msgs', skb);
      skbSendSock(k, psock, skb);
      writeQueue.unlink(skb);
      kfreeSkb(k, skb);
    }
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.writeQueue.first, visitor, 'kcm write queue');
  }
}

declareState(KcmSock, {
  state: 'writeQueue',
  constant: 'k psock',
});
