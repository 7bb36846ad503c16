// TCP small queues: a socket has at most so much below it, in qdisc and device; what it holds back goes on when some
// of that is freed.
import { CHANGES } from '../../changes.ts';
import type { Kernel } from '../../kernel.ts';
import type { SkBuff } from '../core/skbuff.ts';
import type { TcpSock } from './tcp_sock.ts';

/** sysctl_tcp_limit_output_bytes: 128 KiB; 256 from 4.2, 1 MiB from 5.0, 4 MiB from 6.16 on. */
function limitOutputBytes(k: Kernel): number {
  const { changes } = k.era;
  if (changes.has(CHANGES.outputLimit4M)) return 4 << 20;
  if (changes.has(CHANGES.outputLimit1M)) return 1 << 20;
  return changes.has(CHANGES.outputLimit256K) ? 256 << 10 : 128 << 10;
}

/**
 * Bytes that leave in about a millisecond: twice the rate that the window makes, which is sk_pacing_rate >> 10. Without
 * a round-trip time it has no limit.
 * @kernel net/ipv4/tcp_input.c tcp_update_pacing_rate (3.12: always twice; 4.3: 1.2 times behind slow start)
 */
function aMillisecond(sk: TcpSock): number {
  if (sk.srtt === 0) return Infinity;
  const { changes } = sk.k.era;
  const slow = !changes.has(CHANGES.pacingRatios) || sk.cwnd < sk.ssthresh / 2;
  const window = Math.max(sk.cwnd, sk.packetsOut) * sk.mss;
  return Math.floor((window * (slow ? 2 : 1.2) * 1_000_000) / sk.srtt / 1024);
}

/** What `sk` may have below it when it is about to send `skb`, in bytes of truesize. */
function limitOf(sk: TcpSock, skb: SkBuff): number {
  const { k } = sk;
  const { changes } = k.era;
  const sysctl = limitOutputBytes(k);
  if (changes.has(CHANGES.smallQueuesTwoPackets))
    return Math.min(Math.max(2 * skb.truesize, aMillisecond(sk)), sysctl);
  if (changes.has(CHANGES.smallQueuesByRate)) return Math.max(sysctl, aMillisecond(sk));
  return sysctl - 1; // 3.6: as many are enough
}

/** Is so little unacknowledged that `sk` goes on, whatever is below it? */
function fewOut(sk: TcpSock, skb: SkBuff): boolean {
  const { changes } = sk.k.era;
  const first = sk.writeQueue.first;
  const sent = first === null || first === sk.sendHead ? 0 : first.next === sk.sendHead ? 1 : 2;
  if (changes.has(CHANGES.smallQueuesAllowOne)) return sent <= 1;
  if (changes.has(CHANGES.smallQueuesAllowNone)) return sent === 0;
  return changes.has(CHANGES.smallQueuesFirstTwo) && (skb === first || skb.prev === first);
}

/** No limit of any era is below it. */
const LEAST = (128 << 10) - 1;

/**
 * Is so much of `sk` below it that `skb` has to wait? Retransmissions may have twice as much.
 * @kernel net/ipv4/tcp_output.c tcp_write_xmit (3.6), tcp_small_queue_check (4.9)
 */
export function smallQueueCheck(sk: TcpSock, skb: SkBuff, factor: 0 | 1): boolean {
  if (sk.tsq === null || sk.wmemAlloc <= Math.min(2 * skb.truesize, LEAST)) return false;
  if (sk.wmemAlloc <= limitOf(sk, skb) * (1 << factor) || fewOut(sk, skb)) return false;
  sk.throttled = true;
  return true;
}
