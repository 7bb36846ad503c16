// What a program of BPF has redirected to a socket: messages that wait for its reader, each a list of pages, or a packet with
// all that it has.
// Model: a program without a parser of streams; with one a packet is a clone in every kernel (strparser.ts).
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import type { Holder, HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Site } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import type { TcpSock } from '../ipv4/tcp_sock.ts';
import { probeReads } from './datagram.ts';
import { skbClone } from './skb_clone.ts';
import { kfreeSkb, kfreeSkbNow, skbSetOwnerR } from './skb_free.ts';
import { skbLinearize } from './skb_pull.ts';
import type { SkBuff } from './skbuff.ts';
import { Sock } from './sock.ts';

/** An entry of the scatterlist, with a reference on its page; and which bytes of which stream it has, for an observer. */
export interface SgEntry {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly flow: number;
  readonly seq: number;
}

/** struct sk_msg: pages, or (`skb`) a packet whose own references keep them. @kernel include/linux/skmsg.h struct sk_msg */
export interface SkMsg {
  readonly entries: readonly SgEntry[];
  readonly skb: SkBuff | null;
}

/**
 * The first packet that `sk` has received is out of its queue, and a program of BPF says where it goes: the packet itself, or, up to
 * 5.19, a clone of it. Throws NoMemory with the packet still there.
 * @kernel net/core/skmsg.c sk_psock_verdict_recv (5.10); net/ipv4/tcp.c tcp_read_skb (6.1, 7.2)
 */
export function skPsockVerdictRecv(sk: TcpSock): SkBuff {
  const { k, receiveQueue } = sk;
  const skb = receiveQueue.first!;
  const own = k.era.changes.has(CHANGES.psockReadsSkb) ? skb : skbClone(k, skb, Site.TAP);
  receiveQueue.unlink(skb);
  sk.copiedSeq = (skb.seq + skb.len) | 0;
  sk.rcvQueued -= skb.len;
  if (own !== skb) {
    kfreeSkbNow(k, skb); // sk_eat_skb
    k.releases++;
  }
  return own;
}

/** What a socket in a map has of its own, and its receive side. @kernel include/linux/skmsg.h struct sk_psock */
export class SkPsock extends Sock implements Holder {
  readonly k: Kernel;
  private readonly ingressMsg: SkMsg[] = [];

  constructor(k: Kernel) {
    super();
    mustHave(k.era, CHANGES.skMsg, 'sk_psock');
    this.k = k;
    k.holders.push(this);
  }

  /**
   * A packet that another socket has received waits for this one's reader; its destructor runs, and it is charged here. From 5.10
   * to 5.18 it is linear then (Model: later ones find room for all entries). Throws NoMemory with the packet as it was, but for its charge.
   * @kernel net/core/skmsg.c sk_psock_skb_ingress, sk_psock_skb_ingress_enqueue (5.10, 6.1, 7.2)
   */
  skbIngress(skb: SkBuff): void {
    const { k } = this;
    if (k.onOperation !== null) k.onOperation('sk_psock_skb_ingress', skb);
    k.mayFail(); // sk_psock_create_ingress_msg
    skbSetOwnerR(k, skb, this);
    const { changes } = k.era;
    if (changes.has(CHANGES.psockLinearizes) && !changes.has(CHANGES.psockKeepsPages))
      skbLinearize(k, skb);
    this.queueMsg({ entries: [], skb });
  }

  /** @kernel include/linux/skmsg.h sk_psock_queue_msg */
  queueMsg(msg: SkMsg): void {
    this.ingressMsg.push(msg);
  }

  /** Copies the first message to the process, and lets go of it. False: none waits. @kernel net/core/skmsg.c sk_msg_recvmsg (7.2) */
  recvmsg(): boolean {
    const { k } = this;
    const msg = this.ingressMsg.shift();
    if (msg === undefined) return false;
    const { entries, skb } = msg;
    for (const { page, pageOffset, size, flow, seq } of entries) {
      k.probe.read(Reader.APPLICATION, flow, seq, size, page.address + pageOffset, page);
      k.lifetime.pageUnref(page);
    }
    if (skb !== null) {
      probeReads(k, skb, Reader.APPLICATION);
      kfreeSkb(k, skb);
    }
    k.releases++;
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    for (const { entries, skb } of this.ingressMsg) {
      for (const { page, pageOffset, size } of entries)
        visitor.page(page, pageOffset, size, 'psock');
      if (skb !== null) visitor.skb(skb, 'psock', skb.seq);
    }
  }
}

declareState(SkPsock, {
  state: 'ingressMsg',
  constant: 'k',
});
