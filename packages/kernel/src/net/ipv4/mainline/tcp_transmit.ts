// One segment to the device: its header and options, a clone of what stays queued, control segments of their own.
import { CHANGES } from '../../../changes.ts';
import { expectNoMemory } from '../../../errors.ts';
import type { Kernel } from '../../../kernel.ts';
import { Site } from '../../../lifetime.ts';
import { countSegments, type NetDevice } from '../../core/dev.ts';
import { allocSkb, skbPush, skbReserve } from '../../core/skb_alloc.ts';
import { pskbCopy, skbClone } from '../../core/skb_clone.ts';
import { skbSetOwnerW } from '../../core/skb_free.ts';
import { Checksum, skbCloned, type SkBuff } from '../../core/skbuff.ts';
import { MAX_TCP_HEADER, TcpFlag } from '../tcp_header.ts';
import { Sacked, TcpState } from '../tcp_sock.ts';
import { Ack, ATO_MIN, Nagle, type MainSock } from './tcp_main_sock.ts';
import { MainHeader, measure, OPTION_SPACE, writeMain } from './tcp_options.ts';
import { advertise } from './tcp_window.ts';

const header = new MainHeader();

/** RFC 7323 ticks of a millisecond. @kernel include/net/tcp.h tcp_time_stamp_ms */
export function timestampMs(k: Kernel): number {
  return (Math.floor(k.agenda.now / 1000) + 1) >>> 0;
}

function blank(h: MainHeader): MainHeader {
  h.mss = 0;
  h.wscale = -1;
  h.sacks = 0;
  h.ts = false;
  h.sackOk = false;
  h.urgent = 0;
  h.payload = 0;
  return h;
}

function addressed(sk: MainSock, flags: number, seq: number, payload: number): MainHeader {
  const h = blank(header);
  h.source = sk.stack.address;
  h.dest = sk.peerAddress;
  h.sourcePort = sk.localPort;
  h.destPort = sk.peerPort;
  h.seq = seq;
  h.ack = (flags & TcpFlag.ACK) !== 0 ? sk.rcvNxt : 0;
  h.flags = flags;
  h.payload = payload;
  h.tsVal = timestampMs(sk.k);
  h.tsEcr = sk.tsRecent;
  return h;
}

/** The header of a SYN or SYN|ACK. */
function synHeader(sk: MainSock, flags: number): MainHeader {
  const h = addressed(sk, flags, (sk.sndNxt - 1) | 0, 0);
  const active = (flags & TcpFlag.ACK) === 0;
  const { timestamps, sack, windowScaling } = sk.sysctl;
  h.mss = sk.advmss;
  h.ts = active ? timestamps !== 0 : sk.tsOk;
  h.sackOk = active ? sack !== 0 : sk.sackOk;
  if (active ? windowScaling !== 0 : sk.wscaleOk) h.wscale = sk.ownScale;
  h.window = Math.min(sk.rcvWnd, 65_535);
  return h;
}

function dataHeader(sk: MainSock, flags: number, seq: number, payload: number): MainHeader {
  const h = addressed(sk, flags, seq, payload);
  h.ts = sk.tsOk;
  const room = OPTION_SPACE - (h.ts ? 12 : 0);
  const extra = sk.dsack ? 1 : 0;
  h.sacks = Math.min(sk.sackCount + extra, Math.floor((room - 4) / 8));
  for (let i = 0; i < h.sacks; i++) {
    const own = i - extra;
    h.sack[2 * i] = own < 0 ? sk.dsackStart : sk.sackBlocks[2 * own]!;
    h.sack[2 * i + 1] = own < 0 ? sk.dsackEnd : sk.sackBlocks[2 * own + 1]!;
  }
  if ((flags & TcpFlag.RST) !== 0) {
    h.sacks = 0;
    h.window = Math.min(65_535, sk.rcvWnd >> sk.ownScale);
  } else {
    if (h.sacks > 0) sk.dsack = false;
    h.window = advertise(sk);
  }
  return h;
}

/** Pushes headers and hands the skb to the device. False: it was dropped on the way down. */
function queueXmit(sk: MainSock, skb: SkBuff, h: MainHeader): boolean {
  const { k } = sk;
  sk.dstMtu = sk.host.pmtu;
  measure(h);
  const at = skbPush(skb, h.bytes);
  skb.flow = sk.flow;
  writeMain(k.mem, at, h, k.ipIds & 0xffff);
  k.ipIds += Math.max(1, skb.shinfo.gsoSegs);
  skb.ipSummed = Checksum.PARTIAL;
  if ((h.flags & TcpFlag.ACK) !== 0) ackSent(sk);
  if (h.payload > 0) dataSent(sk);
  skbSetOwnerW(k, skb, sk);
  countSegments(k, skb);
  return sk.route.device.queueXmit(skb);
}

/** @kernel net/ipv4/tcp_output.c tcp_event_ack_sent */
function ackSent(sk: MainSock): void {
  if (sk.quick > 0 && --sk.quick === 0) sk.ato = ATO_MIN;
  sk.ackState = 0;
  sk.k.agenda.disarm(sk.delackTimer.place);
}

/** @kernel net/ipv4/tcp_output.c tcp_event_data_sent */
function dataSent(sk: MainSock): void {
  sk.lsndtime = sk.now;
  if (sk.now - sk.lrcvtime < sk.ato) sk.pingpong = Math.min(255, sk.pingpong + 1);
}

/**
 * Transmits a clone of a queued skb; a second one while the first is still about gets a head of its own. False: the
 * qdisc dropped it, or there is no memory. @kernel net/ipv4/tcp_output.c __tcp_transmit_skb (5.5)
 */
export function transmitQueued(sk: MainSock, skb: SkBuff): boolean {
  const { k } = sk;
  skb.when = k.agenda.now;
  sk.wstamp = Math.max(sk.wstamp, k.agenda.now);
  const syn = (skb.tcpFlags & TcpFlag.SYN) !== 0;
  try {
    const clone = skbCloned(skb) ? pskbCopy(k, skb) : skbClone(k, skb, Site.XMIT);
    // a large packet is to be handed on at once [051ba67447de, 5.5]
    const push = !syn && skb.pcount > 1 && k.era.changes.has(CHANGES.gsoPushes) ? TcpFlag.PSH : 0;
    const flags = skb.tcpFlags | push;
    const h = syn ? synHeader(sk, flags) : dataHeader(sk, flags, skb.seq, skb.len);
    if (syn) h.seq = skb.seq;
    if ((skb.sacked & Sacked.STAMPED) !== 0) stamp(sk, skb);
    return queueXmit(sk, clone, h);
  } catch (error) {
    expectNoMemory(error);
    return false;
  }
}

/** SOF_TIMESTAMPING_TX_SCHED and _SOFTWARE: the packet is queued, and the device has it. @kernel net/core/dev.c __dev_queue_xmit */
function stamp(sk: MainSock, skb: SkBuff): void {
  const key = (skb.endSeq - 1 - (skb.tcpFlags & TcpFlag.FIN) - sk.stampsFrom!) | 0;
  for (const kind of sk.stampKinds)
    if (kind !== 'ACK') sk.host.stamped(sk, { kind, key, ticks: sk.now });
}

/** A segment without payload that nobody queues; false: no memory for it. */
function sendBare(sk: MainSock, flags: number, seq: number): boolean {
  const skb = allocOrNull(sk.k);
  if (skb === null) return false;
  skb.seq = seq;
  skb.endSeq = seq;
  return queueXmit(sk, skb, dataHeader(sk, flags, seq, 0));
}

function allocOrNull(k: Kernel): SkBuff | null {
  try {
    const skb = allocSkb(k, MAX_TCP_HEADER, false);
    skbReserve(skb, MAX_TCP_HEADER);
    return skb;
  } catch (error) {
    expectNoMemory(error);
    return null;
  }
}

/** @kernel net/ipv4/tcp_output.c tcp_send_ack */
export function sendAck(sk: MainSock): void {
  if (sk.state === TcpState.CLOSED) return;
  if (sendBare(sk, TcpFlag.ACK, sk.sndNxt)) return;
  sk.ackState |= Ack.SCHED | Ack.TIMER;
  sk.ato = ATO_MIN;
  sk.k.agenda.arm(sk.delackTimer.place, sk.now + 200_000);
}

/** RFC 5961: at most one answer in so many ticks to what an attacker might have sent. @kernel net/ipv4/tcp_input.c __tcp_oow_rate_limited */
export function oowLimited(sk: MainSock): boolean {
  if (sk.now - sk.lastOowAck < sk.sysctl.invalidRatelimitMs * 1000) return true;
  sk.lastOowAck = sk.now;
  return false;
}

/** Model: no limit of the whole host. @kernel net/ipv4/tcp_input.c tcp_send_challenge_ack (4.18) */
export function sendChallengeAck(sk: MainSock): void {
  if (!oowLimited(sk)) sendAck(sk);
}

/** @kernel net/ipv4/tcp_output.c tcp_send_active_reset */
export function sendActiveReset(sk: MainSock): void {
  sendBare(sk, TcpFlag.RST | TcpFlag.ACK, sk.sndNxt);
}

/** Old data, to make the peer say its window. @kernel net/ipv4/tcp_output.c tcp_xmit_probe_skb */
export function xmitProbe(sk: MainSock): boolean {
  return sendBare(sk, TcpFlag.ACK, (sk.sndUna - 1) | 0);
}

/** A RST for a packet that belongs to no socket. @kernel net/ipv4/tcp_ipv4.c tcp_v4_send_reset */
export function sendReset(k: Kernel, device: NetDevice, to: MainHeader): void {
  if ((to.flags & TcpFlag.RST) !== 0) return;
  const skb = allocOrNull(k);
  if (skb === null) return;
  const acked = (to.flags & TcpFlag.ACK) !== 0;
  const controls = (to.flags & TcpFlag.SYN ? 1 : 0) + (to.flags & TcpFlag.FIN ? 1 : 0);
  const { source, dest, sourcePort, destPort, seq, ack, payload } = to;
  const h = blank(header);
  h.source = dest;
  h.dest = source;
  h.sourcePort = destPort;
  h.destPort = sourcePort;
  h.seq = acked ? ack : 0;
  h.ack = acked ? 0 : (seq + payload + controls) | 0;
  h.flags = acked ? TcpFlag.RST : TcpFlag.RST | TcpFlag.ACK;
  h.window = 0;
  h.payload = 0;
  measure(h);
  const at = skbPush(skb, h.bytes);
  writeMain(k.mem, at, h, k.ipIds++ & 0xffff);
  skb.ipSummed = Checksum.PARTIAL;
  device.queueXmit(skb);
}

/** May a segment shorter than the rest wait for more? @kernel net/ipv4/tcp_output.c tcp_nagle_check */
export function nagleCheck(sk: MainSock, partial: boolean, nonagle: number): boolean {
  if (!partial) return false;
  if ((nonagle & Nagle.CORK) !== 0) return true;
  if (nonagle !== 0 || sk.packetsOut === 0) return false;
  // minshall: a small segment is out
  return ((sk.sndUna - sk.sndSml) | 0) < 0 && ((sk.sndNxt - sk.sndSml) | 0) >= 0;
}
