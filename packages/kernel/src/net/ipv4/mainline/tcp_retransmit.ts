// Sending again: one skb of the queue, and all that is lost as far as the window goes.
import { expectNoMemory } from '../../../errors.ts';
import { skbUnclone } from '../../core/skb_head.ts';
import { skbCloned, skbTailroom, type SkBuff } from '../../core/skbuff.ts';
import { TcpFlag } from '../tcp_header.ts';
import { tcpRetransTryCollapse } from '../tcp_collapse.ts';
import { setTsoSegs, stillInHostQueue, tcpFragment, tcpTrimHead } from '../tcp_output.ts';
import { before, Sacked } from '../tcp_sock.ts';
import { Timer, type MainSock } from './tcp_main_sock.ts';
import { tsoSegs } from './tcp_output.ts';
import { armTimer } from './tcp_rearm.ts';
import { transmitQueued } from './tcp_transmit.ts';

/** Sends up to `segs` segments of `skb` again, without counting them. False: not now. @kernel net/ipv4/tcp_output.c __tcp_retransmit_skb (6.12) */
export function retransmitOne(sk: MainSock, skb: SkBuff, segs: number): boolean {
  sk.probe.size = 0;
  if (stillInHostQueue(sk, skb)) return false;
  try {
    if (before(skb.seq, sk.sndUna) && skb.len > 0) tcpTrimHead(sk, skb, (sk.sndUna - skb.seq) | 0);
    if (!fitToWindow(sk, skb, segs)) return false;
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
  sk.retransmits++;
  const sent = transmitQueued(sk, skb);
  skb.sacked |= Sacked.EVER_RETRANS;
  return sent;
}

function fitToWindow(sk: MainSock, skb: SkBuff, segs: number): boolean {
  let room = (sk.wndEnd - skb.seq) | 0;
  if (room <= 0) {
    if (skb.seq !== sk.sndUna) return false; // the peer has shrunk its window
    room = sk.mss;
  }
  let len = sk.mss * segs;
  if (len > room) len = room >= sk.mss ? room - (room % sk.mss) : room;
  if (skb.len > len) {
    tcpFragment(sk, skb, len);
  } else if (skb.len > 0) {
    if (sk.k.era.retransmitUnshares) skbUnclone(sk.k, skb);
    const { pcount } = skb;
    setTsoSegs(sk, skb);
    recount(sk, skb, pcount - skb.pcount);
    if (skb.len < Math.min(room, sk.mss) && mayCollapse(sk, skb)) tcpRetransTryCollapse(sk, skb);
  }
  return true;
}

function mayCollapse(sk: MainSock, skb: SkBuff): boolean {
  const { next } = skb;
  if (next === null || next === sk.sendHead || (skb.sacked & Sacked.EOR) !== 0) return false;
  return !skbCloned(skb) && skbTailroom(skb) > 0 && (skb.tcpFlags & TcpFlag.SYN) === 0;
}

/** `decr` packets fewer than were counted. @kernel net/ipv4/tcp_output.c tcp_adjust_pcount */
function recount(sk: MainSock, skb: SkBuff, decr: number): void {
  sk.packetsOut -= decr;
  if ((skb.sacked & Sacked.ACKED) !== 0) sk.sackedOut -= decr;
  if ((skb.sacked & Sacked.RETRANS) !== 0) sk.retransOut -= decr;
  if ((skb.sacked & Sacked.LOST) !== 0) sk.lostOut -= decr;
}

/** @kernel net/ipv4/tcp_output.c tcp_retransmit_skb */
export function retransmitSkb(sk: MainSock, skb: SkBuff, segs: number): boolean {
  const sent = retransmitOne(sk, skb, segs);
  if (sent && (skb.sacked & Sacked.RETRANS) === 0) {
    skb.sacked |= Sacked.RETRANS;
    sk.retransOut += skb.pcount;
  }
  if (sk.retransStamp === 0) sk.retransStamp = Math.max(1, skb.when);
  sk.undoRetrans = Math.max(0, sk.undoRetrans) + skb.pcount;
  return sent;
}

/** Sends lost packets again while the window allows. @kernel net/ipv4/tcp_output.c tcp_xmit_retransmit_queue (4.18) */
export function retransmitQueue(sk: MainSock): void {
  if (sk.packetsOut === 0) return;
  const most = tsoSegs(sk);
  let rearm = false;
  for (let skb = sk.writeQueue.first; skb !== null && skb !== sk.sendHead; skb = skb.next) {
    const segs = Math.min(sk.cwnd - sk.inFlight(), most);
    if (segs <= 0 || sk.retransOut >= sk.lostOut) break;
    if ((skb.sacked & (Sacked.LOST | Sacked.ACKED | Sacked.RETRANS)) !== Sacked.LOST) continue;
    if (!retransmitSkb(sk, skb, segs)) break;
    if (sk.inCwndReduction) sk.prrOut += skb.pcount;
    if (skb === sk.writeQueue.first && sk.pending !== Timer.REO_TIMEOUT) rearm = true;
  }
  if (rearm) armTimer(sk, Timer.RETRANS, sk.rto);
}
