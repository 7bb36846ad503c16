// Messages in a stream: packets of the receive queue are cloned, and hang together, until a message is whole and its reader has
// it. No byte is copied.
// Model: a message ends when somebody reads it, and begins at the start of a packet; no parser looks for its end.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { probeReads } from '../core/datagram.ts';
import { allocSkb, copySkbHeader } from '../core/skb_alloc.ts';
import { skbClone } from '../core/skb_clone.ts';
import { kfreeSkb, kfreeSkbNow } from '../core/skb_free.ts';
import { skbUnclone } from '../core/skb_head.ts';
import type { SkBuff } from '../core/skbuff.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';

/** struct strparser, and the socket above it that reads whole messages (kcm). */
export class Strparser implements Holder {
  readonly k: Kernel;
  /** The message that is put together. */
  private head: SkBuff | null = null;
  /** The last of the packets behind it. */
  private last: SkBuff | null = null;

  constructor(k: Kernel) {
    mustHave(k.era, CHANGES.strparser, 'strp_recv');
    this.k = k;
    k.holders.push(this);
  }

  /**
   * All that `sk` has received becomes part of the message, and is read as far as `sk` is concerned. Throws NoMemory with the
   * rest still in the receive queue.
   * @kernel net/strparser/strparser.c strp_read_sock (7.2); net/ipv4/tcp.c tcp_read_sock, sk_eat_skb
   */
  readSock(sk: TcpSock): void {
    const { k } = this;
    for (let skb = sk.receiveQueue.first; skb !== null; skb = sk.receiveQueue.first) {
      this.recv(skb);
      sk.copiedSeq = (skb.seq + skb.len) | 0;
      sk.rcvQueued -= skb.len;
      sk.receiveQueue.unlink(skb);
      kfreeSkbNow(k, skb);
      k.releases++;
    }
  }

  /**
   * A clone of `orig` begins a message, or hangs behind the one that has begun: on the frag_list of its head, which gets a shared
   * info of its own before, as up to 4.18 the clone does.
   * Model: without memory for that the clone is freed, where kernels forget it (7.2, too).
   * @kernel net/strparser/strparser.c strp_recv (4.9), __strp_recv, alloc_skb_for_msg (5.10, 7.2)
   */
  private recv(orig: SkBuff): void {
    const { k } = this;
    if (k.onOperation !== null) k.onOperation('__strp_recv', orig);
    if (this.head !== null && this.last === null) this.unshareHead(this.head);
    const skb = skbClone(k, orig, Site.TAP);
    const { head, last } = this;
    if (head === null) {
      this.head = skb;
      return;
    }
    try {
      if (skb.shinfo.fragList !== null || !k.era.changes.has(CHANGES.strpSharesHeads))
        skbUnclone(k, skb);
    } catch (error) {
      kfreeSkb(k, skb);
      throw error;
    }
    skb.next = null;
    if (last === null) head.shinfo.fragList = skb;
    else last.next = skb;
    this.last = skb;
    head.len += skb.len;
    head.dataLen += skb.len;
    head.truesize += skb.truesize;
  }

  /** Where it has a list already, a new head has that packet on its own list. */
  private unshareHead(head: SkBuff): void {
    const { k } = this;
    skbUnclone(k, head);
    if (head.shinfo.fragList === null) return;
    const above = allocSkb(k, 0, false);
    copySkbHeader(above, head);
    above.shinfo.fragList = head;
    above.len = above.dataLen = head.len;
    above.truesize += head.truesize;
    this.head = above;
    this.last = head;
  }

  /** The reader has the message. False: there is none. @kernel net/kcm/kcmsock.c kcm_recvmsg (7.2) */
  recvmsg(): boolean {
    const { k, head } = this;
    if (head === null) return false;
    this.head = null;
    this.last = null;
    probeReads(k, head, Reader.APPLICATION);
    kfreeSkb(k, head);
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.head !== null) visitor.skb(this.head, 'strparser', this.head.seq);
  }
}

declareState(Strparser, {
  state: 'head last',
  constant: 'k',
});
