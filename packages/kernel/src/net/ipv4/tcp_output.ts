// Sending: cutting the write queue into packets, transmitting clones of it, retransmitting.
import type { Kernel } from '../../kernel.ts';
import { expectNoMemory } from '../../errors.ts';
import { Site } from '../../lifetime.ts';
import { countSegments } from '../core/dev.ts';
import { pskbCopy, skbClone } from '../core/skb_clone.ts';
import { pskbExpandHead, skbUnclone } from '../core/skb_head.ts';
import { pskbTrimHead } from '../core/skb_pull.ts';
import { skbSplit } from '../core/skb_split.ts';
import { skbHeaderRelease, skbPush } from '../core/skb_alloc.ts';
import { skbSetOwnerW } from '../core/skb_free.ts';
import { CHANGES } from '../../changes.ts';
import {
  Checksum,
  Fclone,
  PURE_ACK_TRUESIZE,
  skbCloned,
  skbHeadlen,
  type SkBuff,
} from '../core/skbuff.ts';
import {
  CaState,
  DELACK_MAX,
  Sacked,
  type TcpSock,
  TcpState,
  before,
  tcpAllocSkb,
} from './tcp_sock.ts';
import { MAX_SACKS, TcpFlag, TcpHeader, headerBytes, writeHeader } from './tcp_header.ts';
import { tcpRetransTryCollapse } from './tcp_collapse.ts';
import { smallQueueCheck } from './tcp_tsq.ts';
import { advertise } from './tcp_window.ts';

const header = new TcpHeader();

/** What became of a packet: 0, an error, or the NET_XMIT_DROP of a qdisc, as the functions of tcp_output.c return them. */
export const Went = { OUT: 0, DROPPED: 1, NOT: -1 } as const;
export type Went = (typeof Went)[keyof typeof Went];

const wentOr = (out: boolean): Went => (out ? Went.OUT : Went.DROPPED);

/** RFC 7323 timestamps tick once a millisecond. */
export function timestamp(k: Kernel): number {
  return Math.floor(k.agenda.now / 1000) + 1;
}

/** @kernel net/ipv4/tcp_output.c tcp_set_skb_tso_segs */
export function setTsoSegs(sk: TcpSock, skb: SkBuff): void {
  const { shinfo } = skb;
  if (skb.len <= sk.mss) {
    skb.pcount = 1;
    shinfo.gsoSize = 0;
    shinfo.gsoSegs = 1;
  } else {
    skb.pcount = Math.ceil(skb.len / sk.mss);
    shinfo.gsoSize = sk.mss;
    shinfo.gsoSegs = skb.pcount;
  }
}

/** Fills the shared header object for a segment of `sk`. */
function fillHeader(sk: TcpSock, flags: number, seq: number, payload: number): TcpHeader {
  const h = header;
  h.source = sk.stack.address;
  h.dest = sk.peerAddress;
  h.sourcePort = sk.localPort;
  h.destPort = sk.peerPort;
  h.seq = seq;
  h.ack = (flags & TcpFlag.ACK) !== 0 ? sk.rcvNxt : 0;
  h.flags = flags;
  h.tsVal = timestamp(sk.k);
  h.tsEcr = sk.tsRecent;
  h.sacks = 0;
  if ((flags & TcpFlag.SYN) !== 0) {
    h.mss = sk.advmss;
    h.wscale = sk.rcvWscale;
    h.window = Math.min(65_535, sk.rcvSsthresh, sk.rcvbuf);
    sk.rcvWnd = h.window;
    sk.rcvWup = sk.rcvNxt;
  } else {
    h.window = advertise(sk);
    if ((flags & TcpFlag.ACK) !== 0 && sk.sackCount > 0) {
      h.sacks = Math.min(sk.sackCount, MAX_SACKS);
      for (let i = 0; i < 2 * h.sacks; i++) h.sack[i] = sk.sackBlocks[i]!;
    }
  }
  h.bytes = headerBytes(h);
  h.payload = payload;
  return h;
}

/** Pushes headers and hands the skb to the device; false: its qdisc has dropped it. */
function queueXmit(sk: TcpSock, skb: SkBuff, h: TcpHeader): boolean {
  const { k } = sk;
  const at = skbPush(skb, h.bytes);
  skb.flow = sk.flow;
  writeHeader(k.mem, at, h, k.ipIds & 0xffff);
  k.ipIds += Math.max(1, skb.shinfo.gsoSegs);
  skb.ipSummed = Checksum.PARTIAL;
  if ((h.flags & TcpFlag.ACK) !== 0) {
    sk.ackPending = false;
    if (sk.quickAcks > 0) sk.quickAcks--;
    k.agenda.disarm(sk.delackTimer.place);
  }
  skbSetOwnerW(k, skb, sk);
  countSegments(k, skb);
  return sk.route.device.queueXmit(skb);
}

/**
 * Transmits a clone of a write-queue skb; a second one while the first is still about gets a head of its own. False: the
 * qdisc has dropped it.
 * @kernel net/ipv4/tcp_output.c tcp_transmit_skb (2.6.24)
 */
export function transmitSkb(sk: TcpSock, skb: SkBuff): boolean {
  const { k } = sk;
  const clone = skbCloned(skb) ? pskbCopy(k, skb) : skbClone(k, skb, Site.XMIT);
  skb.when = k.agenda.now;
  return queueXmit(sk, clone, fillHeader(sk, skb.tcpFlags, skb.seq, skb.len));
}

/** An ACK of its own; a qdisc may drop it. @kernel net/ipv4/tcp_output.c tcp_send_ack */
export function sendAck(sk: TcpSock): void {
  if (sk.state === TcpState.CLOSED) return;
  if (sendBare(sk, TcpFlag.ACK, sk.sndNxt, sk.k.era.pureAcks) !== Went.NOT) return;
  sk.ackPending = true; // no memory: the delayed-ACK timer tries again
  sk.k.agenda.arm(sk.delackTimer.place, sk.k.agenda.now + DELACK_MAX);
}

/** A segment without payload that nobody queues; NOT: no memory for it. */
function sendBare(sk: TcpSock, flags: number, seq: number, pure = false): Went {
  const skb = allocOrNull(sk.k, false);
  if (skb === null) return Went.NOT;
  if (pure) skb.truesize = PURE_ACK_TRUESIZE;
  skb.seq = seq;
  skb.endSeq = seq;
  return wentOr(queueXmit(sk, skb, fillHeader(sk, flags, seq, 0)));
}

/** An skb with room for headers alone; null without memory. */
function allocOrNull(k: Kernel, fclone: boolean): SkBuff | null {
  try {
    return tcpAllocSkb(k, 0, fclone);
  } catch (error) {
    expectNoMemory(error);
    return null;
  }
}

/** @kernel net/ipv4/tcp_output.c tcp_send_active_reset */
export function tcpSendReset(sk: TcpSock): void {
  sendBare(sk, TcpFlag.RST | TcpFlag.ACK, sk.sndNxt);
}

/** A zero-window probe: old data, to make the peer say its window. @kernel net/ipv4/tcp_output.c tcp_xmit_probe_skb */
function sendProbe(sk: TcpSock): Went {
  return sendBare(sk, TcpFlag.ACK, (sk.sndUna - 1) | 0);
}

/**
 * The window is open, but too little for a segment, or the last attempt was dropped in the host: what fits is sent. Else a probe.
 * @kernel net/ipv4/tcp_output.c tcp_write_wakeup (2.6.24, 6.1)
 */
export function writeWakeup(sk: TcpSock): Went {
  const skb = sk.sendHead;
  const window = skb === null ? 0 : (sk.sndUna + sk.sndWnd - skb.seq) | 0;
  if (skb === null || window <= 0) return sendProbe(sk);
  try {
    setTsoSegs(sk, skb);
    const piece = Math.min(window, sk.mss);
    if (skb.len > piece) tcpFragment(sk, skb, piece);
    skb.tcpFlags |= TcpFlag.PSH;
    if (!transmitSkb(sk, skb)) return Went.DROPPED;
  } catch (error) {
    expectNoMemory(error);
    return Went.NOT;
  }
  newDataSent(sk, skb);
  return Went.OUT;
}

/** Queues a control segment that takes one sequence number. */
export function queueControl(sk: TcpSock, flags: number): SkBuff {
  const { k } = sk;
  // tcp_send_fin keeps trying; a SYN that finds no memory is tried again by whoever connects
  const skb = allocOrNull(k, true) ?? tcpAllocSkb(k, 0, true);
  skb.flow = sk.flow;
  skb.seq = sk.writeSeq;
  skb.endSeq = (sk.writeSeq + 1) | 0;
  skb.tcpFlags = flags;
  sk.writeSeq = skb.endSeq;
  skbHeaderRelease(k, skb);
  sk.writeQueue.push(skb);
  sk.wmemQueued += skb.truesize;
  sk.sendHead ??= skb;
  return skb;
}

/** Queues a SYN or SYN|ACK and sends it. @kernel net/ipv4/tcp_output.c tcp_connect, net/ipv4/tcp_ipv4.c tcp_v4_send_synack */
export function sendControl(sk: TcpSock, flags: number): void {
  const skb = queueControl(sk, flags);
  setTsoSegs(sk, skb);
  sk.sendHead = null;
  sk.sndNxt = skb.endSeq;
  sk.packetsOut += 1;
  try {
    transmitSkb(sk, skb);
  } catch (error) {
    expectNoMemory(error); // the retransmission timer sends it
  }
  armRto(sk);
}

/** @kernel net/ipv4/tcp_output.c tcp_send_fin */
export function tcpSendFin(sk: TcpSock): void {
  queueControl(sk, TcpFlag.ACK | TcpFlag.FIN);
  sk.corked = false;
  tcpPush(sk);
}

/** Sends what window and congestion window allow. @kernel net/ipv4/tcp_output.c tcp_write_xmit */
export function tcpPush(sk: TcpSock): void {
  if (sk.state < TcpState.ESTABLISHED || sk.driven) return;
  let sent = 0;
  const idle = sk.packetsOut === 0;
  for (let skb = sk.sendHead; skb !== null; skb = sk.sendHead) {
    setTsoSegs(sk, skb);
    const quota = sk.cwnd - sk.inFlight();
    if (quota <= 0) break;
    const window = (sk.sndUna + sk.sndWnd - skb.seq) | 0;
    if (skb.len > 0) {
      if (window < Math.min(skb.len, sk.mss)) break;
      if (skb.len < sk.mss && sk.corked && skb.next === null) break;
    }
    if (smallQueueCheck(sk, skb, 0)) break;
    try {
      const limit = sendLimit(sk, skb, quota, window);
      if (skb.len > limit) tcpFragment(sk, skb, limit);
      if (!transmitSkb(sk, skb)) break; // NET_XMIT_DROP: it was not sent
    } catch (error) {
      expectNoMemory(error); // -ENOBUFS. Either way it stays at the head, for the next ACK or the probe timer
      break;
    }
    newDataSent(sk, skb);
    if (sk.caState === CaState.RECOVERY) sk.prrOut += skb.pcount;
    sent++;
  }
  if (sent > 0 && idle) sk.backoff = 0; // the timer may still stand for a window probe
  if (sk.packetsOut === 0 && sk.sendHead !== null && !sk.k.agenda.isArmed(sk.rtoTimer.place)) {
    armRto(sk); // nothing out to be acknowledged: the probe timer
  }
}

/** The head of what is unsent is out. @kernel net/ipv4/tcp_output.c tcp_event_new_data_sent (2.6.24: update_send_head) */
function newDataSent(sk: TcpSock, skb: SkBuff): void {
  const idle = sk.packetsOut === 0;
  sk.sendHead = skb.next;
  sk.sndNxt = skb.endSeq;
  sk.packetsOut += skb.pcount;
  if (idle || !sk.k.agenda.isArmed(sk.rtoTimer.place)) armRto(sk);
}

/** Whole segments only, unless it is all there is. @kernel net/ipv4/tcp_output.c tcp_mss_split_point */
function sendLimit(sk: TcpSock, skb: SkBuff, quota: number, window: number): number {
  if (skb.pcount <= 1) return skb.len;
  const limit = Math.min(skb.len, quota * sk.mss, window);
  if (limit === skb.len) return limit;
  return Math.max(sk.mss, Math.floor(limit / sk.mss) * sk.mss);
}

export function armRto(sk: TcpSock): void {
  sk.k.agenda.arm(sk.rtoTimer.place, sk.k.agenda.now + sk.rto);
}

/**
 * Cuts a write-queue skb behind `len` bytes. Un-shares it first; both halves stay in the queue.
 * @kernel net/ipv4/tcp_output.c tcp_fragment, tso_fragment (2.6.24)
 */
export function tcpFragment(sk: TcpSock, skb: SkBuff, len: number): SkBuff {
  if (sk.k.onOperation !== null) sk.k.onOperation('tcp_fragment', skb);
  const { k } = sk;
  if (skbCloned(skb)) pskbExpandHead(k, skb, 0, 0);
  const linear = Math.max(0, skbHeadlen(skb) - len);
  const rest = tcpAllocSkb(k, linear, true);
  rest.flow = skb.flow;
  rest.seq = (skb.seq + len) | 0;
  rest.endSeq = skb.endSeq;
  rest.tcpFlags = skb.tcpFlags;
  rest.sacked = skb.sacked;
  rest.when = skb.when;
  skb.sacked &= ~(Sacked.EOR | Sacked.STAMPED); // @kernel tcp_skb_fragment_eor, tcp_fragment_tstamp (4.7)
  skb.endSeq = rest.seq;
  skb.tcpFlags &= ~(TcpFlag.FIN | TcpFlag.PSH);
  const counted = skb.pcount;
  skbSplit(k, skb, rest, len);
  rest.truesize += rest.dataLen;
  skb.truesize -= rest.dataLen;
  sk.wmemQueued += rest.truesize - rest.dataLen;
  skbHeaderRelease(k, rest);
  const unsent = sk.sendHead !== null && !before(skb.seq, sk.sendHead.seq);
  setTsoSegs(sk, skb);
  setTsoSegs(sk, rest);
  if (!unsent) adjustCounts(sk, skb, counted - skb.pcount - rest.pcount);
  sk.writeQueue.insertAfter(skb, rest);
  return rest;
}

/** `decr` packets fewer than were counted for a sent skb. @kernel net/ipv4/tcp_output.c tcp_adjust_pcount */
function adjustCounts(sk: TcpSock, skb: SkBuff, decr: number): void {
  sk.packetsOut -= decr;
  if ((skb.sacked & Sacked.ACKED) !== 0) sk.sackedOut -= decr;
  if ((skb.sacked & Sacked.RETRANS) !== 0) sk.retransOut -= decr;
  if ((skb.sacked & Sacked.LOST) !== 0) sk.lostOut -= decr;
}

/**
 * Drops `len` acknowledged bytes at the front of a write-queue skb. If it is shared, the cut is made on a new
 * shared info, and the pages that are cut off stay pinned by the old one.
 * @kernel net/ipv4/tcp_output.c tcp_trim_head (2.6.24)
 */
export function tcpTrimHead(sk: TcpSock, skb: SkBuff, len: number): void {
  if (sk.k.onOperation !== null) sk.k.onOperation('tcp_trim_head', skb);
  if (skbCloned(skb)) pskbExpandHead(sk.k, skb, 0, 0);
  const paged = Math.max(0, len - skbHeadlen(skb));
  pskbTrimHead(sk.k, skb, len);
  skb.seq = (skb.seq + len) | 0;
  skb.truesize -= paged;
  sk.wmemQueued -= paged;
}

/**
 * Has the clone of `skb` not left the host? One that was orphaned, as loopback does, counts as gone.
 * @kernel include/linux/skbuff.h skb_fclone_busy (3.18)
 */
function fcloneBusy(sk: TcpSock, skb: SkBuff): boolean {
  const clone = skb.pair!;
  return skb.fclone === Fclone.ORIG && clone.fclone === Fclone.CLONE && clone.sk === sk;
}

/**
 * Has a retransmission to wait until the clone is freed? From 5.13 on it is sent when that happens.
 * @kernel net/ipv4/tcp_output.c skb_still_in_host_queue (3.16, 6.1)
 */
export function stillInHostQueue(sk: TcpSock, skb: SkBuff): boolean {
  const { era } = sk.k;
  if (!era.hostQueueCheck || !fcloneBusy(sk, skb)) return false;
  if (era.changes.has(CHANGES.hostQueueGoesOn)) sk.throttled = true;
  return true;
}

/**
 * Sends one segment of `skb` again. NOT: it waits for its clone, for the window or for memory.
 * @kernel net/ipv4/tcp_output.c tcp_retransmit_skb (2.6.24; 3.18 for the host-queue check), __tcp_retransmit_skb (4.7 for skb_unclone)
 */
export function retransmitSkb(sk: TcpSock, skb: SkBuff): Went {
  const { k } = sk;
  if (stillInHostQueue(sk, skb)) return Went.NOT;
  const most = Math.min(sk.wmemQueued + (sk.wmemQueued >> 2), sk.sndbuf);
  if (k.era.retransmitAsksCharge && sk.wmemAlloc > most) return Went.NOT;
  const clean = (skb.sacked & Sacked.RETRANS) === 0;
  try {
    if (before(skb.seq, sk.sndUna) && skb.len > 0) tcpTrimHead(sk, skb, (sk.sndUna - skb.seq) | 0);
    const window = (sk.sndUna + sk.sndWnd - skb.seq) | 0;
    if (window <= 0 && skb.seq !== sk.sndUna && skb.len > 0) return Went.NOT;
    if (skb.len > sk.mss) tcpFragment(sk, skb, sk.mss);
    else {
      if (k.era.retransmitUnshares) skbUnclone(k, skb);
      tcpRetransTryCollapse(sk, skb);
    }
    if (!transmitSkb(sk, skb)) return Went.DROPPED;
  } catch (error) {
    expectNoMemory(error); // everything stays queued
    return Went.NOT;
  }
  sk.retransmits++;
  if (clean) {
    skb.sacked |= Sacked.RETRANS | Sacked.EVER_RETRANS;
    sk.retransOut += skb.pcount;
  }
  return Went.OUT;
}

/** A RST for a packet that belongs to no socket. @kernel net/ipv4/tcp_ipv4.c tcp_v4_send_reset */
export function resetFor(
  k: Kernel,
  device: { queueXmit(skb: SkBuff): boolean },
  h: TcpHeader,
): void {
  if ((h.flags & TcpFlag.RST) !== 0) return;
  const skb = allocOrNull(k, false);
  if (skb === null) return;
  const r = header;
  r.source = h.dest;
  r.dest = h.source;
  r.sourcePort = h.destPort;
  r.destPort = h.sourcePort;
  r.seq = h.ack;
  r.ack = (h.seq + h.payload + controls(h.flags)) | 0;
  r.flags = TcpFlag.RST | TcpFlag.ACK;
  r.window = 0;
  r.tsVal = timestamp(k);
  r.tsEcr = h.tsVal;
  r.sacks = 0;
  r.bytes = headerBytes(r);
  r.payload = 0;
  const at = skbPush(skb, r.bytes);
  writeHeader(k.mem, at, r, k.ipIds++ & 0xffff);
  skb.ipSummed = Checksum.PARTIAL;
  device.queueXmit(skb);
}

/** Sequence numbers that SYN and FIN take. */
function controls(flags: number): number {
  return ((flags & TcpFlag.SYN) !== 0 ? 1 : 0) + ((flags & TcpFlag.FIN) !== 0 ? 1 : 0);
}
