// The write queue: what joins it, and what leaves it for the wire.
import { allocSkb, skbHeaderRelease, skbReserve } from '../../core/skb_alloc.ts';
import type { SkBuff } from '../../core/skbuff.ts';
import { MAX_TCP_HEADER, TcpFlag } from '../tcp_header.ts';
import { chronoStart } from './tcp_info.ts';
import { Timer, type MainSock } from './tcp_main_sock.ts';
import { rearmRto } from './tcp_rearm.ts';

/** @kernel net/ipv4/tcp_output.c tcp_event_new_data_sent */
export function newDataSent(sk: MainSock, skb: SkBuff): void {
  const idle = sk.packetsOut === 0;
  sk.sendHead = skb.next;
  sk.sndNxt = skb.endSeq;
  sk.packetsOut += skb.pcount;
  if (idle || sk.pending === Timer.LOSS_PROBE) rearmRto(sk);
}

/** An empty skb at the end of the write queue. @kernel net/ipv4/tcp.c tcp_stream_alloc_skb, tcp_skb_entail */
export function entail(sk: MainSock, flags: number): SkBuff {
  const { k } = sk;
  const skb = allocSkb(k, MAX_TCP_HEADER, true);
  skbReserve(skb, MAX_TCP_HEADER);
  skb.flow = sk.flow;
  skb.seq = sk.writeSeq;
  skb.endSeq = sk.writeSeq;
  skb.tcpFlags = flags;
  skbHeaderRelease(k, skb);
  sk.writeQueue.push(skb);
  sk.wmemQueued += skb.truesize;
  if (sk.sendHead === null) {
    sk.sendHead = skb;
    if ((flags & TcpFlag.SYN) === 0) chronoStart(sk, 1);
  }
  return skb;
}
