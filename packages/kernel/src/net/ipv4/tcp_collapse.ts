// What is sent again goes as one packet with what follows it, where both are small.
import { Cost } from '../../ledger.ts';
import { skbPut } from '../core/skb_alloc.ts';
import { skbCopyBits } from '../core/skb_clone.ts';
import { skbShift } from '../core/skb_split.ts';
import { skbCloned, skbTailroom, type SkBuff } from '../core/skbuff.ts';
import { Sacked, after, wmemFreeSkb, type TcpSock } from './tcp_sock.ts';

/**
 * Joins the next skb to this one when both are small and unshared. Bytes are copied where both are linear; from 4.10 on also
 * those of pages, into a linear skb with room for them, and what has no such room is moved by skb_shift.
 * @kernel net/ipv4/tcp_output.c tcp_retrans_try_collapse (2.6.24), tcp_collapse_retrans (4.14; Model: one skb at a time)
 */
export function tcpRetransTryCollapse(sk: TcpSock, skb: SkBuff): void {
  const { k } = sk;
  const { next } = skb;
  if (next === null || next === sk.sendHead || skb.len === 0 || next.len === 0) return;
  if (skbCloned(skb) || skbCloned(next) || skb.len + next.len > sk.mss) return;
  const fits = skb.dataLen === 0 && next.len <= skbTailroom(skb);
  if (!k.era.collapseShifts && (!fits || next.dataLen !== 0)) return;
  if (((skb.sacked | next.sacked) & Sacked.ACKED) !== 0) return;
  if (after(next.endSeq, (sk.sndUna + sk.sndWnd) | 0)) return;
  if (k.onOperation !== null)
    k.onOperation(k.era.collapseShifts ? 'tcp_collapse_retrans' : 'tcp_retrans_try_collapse', skb);
  if (fits) {
    skbCopyBits(k, next, 0, skbPut(skb, next.len), next.len);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += next.len;
  } else if (skbShift(k, skb, next, next.len) === 0) return;
  skb.endSeq = next.endSeq;
  skb.tcpFlags |= next.tcpFlags;
  sk.packetsOut -= next.pcount;
  if ((next.sacked & Sacked.RETRANS) !== 0) sk.retransOut -= next.pcount;
  if ((next.sacked & Sacked.LOST) !== 0) sk.lostOut -= next.pcount;
  sk.writeQueue.unlink(next);
  wmemFreeSkb(sk, next);
}
