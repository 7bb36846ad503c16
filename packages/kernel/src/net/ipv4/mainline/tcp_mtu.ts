// The size of segments: what route and peer allow, and probes that ask for more (RFC 4821).
import { CHANGES } from '../../../changes.ts';
import { expectNoMemory } from '../../../errors.ts';
import { skbShift } from '../../core/skb_split.ts';
import { skbHeadlen, type SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { setTsoSegs } from '../tcp_output.ts';
import { after, Sacked, wmemFreeSkb } from '../tcp_sock.ts';
import { Ca, type MainSock } from './tcp_main_sock.ts';
import { mtuToMss } from './tcp_mss.ts';
import { entail, newDataSent } from './tcp_queue.ts';
import { transmitQueued } from './tcp_transmit.ts';

/**
 * Sends a probe: 1 sent, 0 wait, -1 none now. Its bytes are taken from the packets that wait, by reference.
 * Model: the search is not begun anew after a time.
 * @kernel net/ipv4/tcp_output.c tcp_mtu_probe, tcp_clone_payload (6.5)
 */
export function mtuProbe(sk: MainSock): -1 | 0 | 1 {
  const { probe } = sk;
  if (!probe.enabled || probe.size !== 0 || sk.caState !== Ca.OPEN || sk.cwnd < 11) return -1;
  if (sk.sackCount > 0 || sk.dsack) return -1;
  const size = mtuToMss(sk, (probe.high + probe.low) >> 1);
  const needed = size + (sk.reordering + 1) * sk.mss;
  if (size > mtuToMss(sk, probe.high) || probe.high - probe.low < sk.sysctl.probeThreshold)
    return -1;
  if (((sk.writeSeq - sk.sndNxt) | 0) < needed || sk.sndWnd < needed) return -1;
  if (after((sk.sndNxt + needed) | 0, sk.wndEnd)) return 0;
  if (sk.inFlight() + 2 > sk.cwnd) return sk.inFlight() === 0 ? -1 : 0;
  if (!canJoin(sk, size)) return -1;
  const skb = build(sk, size);
  if (skb === null) return -1;
  setTsoSegs(sk, skb);
  skb.pcount = 1; // it is one packet, however long
  skb.shinfo.gsoSize = 0;
  skb.shinfo.gsoSegs = 1;
  if (!transmitQueued(sk, skb)) return -1;
  sk.cwnd--; // two packets' worth
  newDataSent(sk, skb);
  probe.size = skb.len + sk.headerLen + 20;
  probe.start = skb.seq;
  probe.end = skb.endSeq;
  return 1;
}

/** @kernel net/ipv4/tcp_output.c tcp_can_coalesce_send_queue_head */
function canJoin(sk: MainSock, size: number): boolean {
  let left = size;
  for (let skb = sk.sendHead; skb !== null; skb = skb.next) {
    if (left <= skb.len) return skbHeadlen(skb) === 0;
    if ((skb.sacked & Sacked.EOR) !== 0 || skbHeadlen(skb) !== 0) return false;
    left -= skb.len;
  }
  return false;
}

function build(sk: MainSock, size: number): SkBuff | null {
  if (!sk.k.era.changes.has(CHANGES.probeByReference)) return null; // Model: no probe by copying
  const head = sk.sendHead!;
  const endSeq = sk.writeSeq;
  let skb: SkBuff;
  try {
    skb = entail(sk, TcpFlag.ACK);
  } catch (error) {
    expectNoMemory(error);
    return null;
  }
  sk.writeQueue.unlink(skb);
  sk.writeQueue.insertBefore(head, skb);
  skb.seq = head.seq;
  skb.endSeq = head.seq;
  sk.writeSeq = endSeq;
  while (skb.len < size) {
    const from = skb.next!;
    const n = Math.min(size - skb.len, from.len);
    if (skbShift(sk.k, skb, from, n) === 0) break;
    skb.endSeq = (skb.endSeq + n) | 0;
    from.seq = (from.seq + n) | 0;
    if (from.len > 0) continue;
    skb.tcpFlags |= from.tcpFlags;
    skb.sacked |= from.sacked & Sacked.EOR;
    sk.writeQueue.unlink(from);
    wmemFreeSkb(sk, from);
  }
  if (skb.len > 0) {
    sk.sendHead = skb;
    return skb;
  }
  sk.writeQueue.unlink(skb);
  wmemFreeSkb(sk, skb);
  return null;
}
