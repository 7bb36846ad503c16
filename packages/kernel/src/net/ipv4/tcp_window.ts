// The receive window: what was promised, and what can be promised now.
import { RFC2414_SEGMENTS, type Era } from '../../era.ts';
import type { SkBuff } from '../core/skbuff.ts';
import type { TcpSock } from './tcp_sock.ts';

/** A segment of Ethernet without options. */
const ETHERNET_MSS = 1460;
/** A segment of fewer bytes does not make the window grow. */
const GROWS_FROM = 128;
/** How long segments are taken to be before any has come. @kernel include/net/tcp.h TCP_MIN_RCVMSS (2.6.24), TCP_MSS_DEFAULT (3.8) */
export const RCV_MSS_FIRST = 536;
/** A window whose half is more than any packet. */
const WIDE = 2 * 65_536;
/** Segments that more is offered of for one that came. */
export const GROWS_BY = 2;

/** What the peer may still send by the last window advertised. @kernel include/net/tcp.h tcp_receive_window */
export function receiveWindow(sk: TcpSock): number {
  return Math.max(0, (sk.rcvWup + sk.rcvWnd - sk.rcvNxt) | 0);
}

/**
 * What a new connection offers, in bytes, of segments of `advmss`.
 * @kernel net/ipv4/tcp_output.c tcp_select_initial_window (2.6.24, 2.6.38, 4.20), tcp_default_init_rwnd (3.11)
 */
export function initialWindow({ initialWindow: segments }: Era, advmss: number): number {
  if (segments === null) return 65_535 - (65_535 % advmss);
  if (advmss <= ETHERNET_MSS) return segments * advmss;
  if (segments === RFC2414_SEGMENTS) return (advmss > 3 * ETHERNET_MSS ? 2 : 3) * advmss;
  return Math.max(2, Math.floor((segments * ETHERNET_MSS) / advmss)) * advmss;
}

/**
 * No packet and no segment is longer than half of the largest window that was offered. Model: nobody offers less than
 * 512 bytes, of which kernels from 2.6.37 at the latest let all go at once (from 4.9 at the latest, up to 536).
 * @kernel include/net/tcp.h tcp_bound_to_half_wnd (2.6.32); net/ipv4/tcp_output.c tcp_sync_mss, tcp_current_mss (2.6.24)
 */
export function boundToHalfWindow({ maxWindow }: TcpSock, bytes: number): number {
  return maxWindow === 0 ? bytes : Math.min(bytes, maxWindow >> 1);
}

/** The peer offers `window`. @kernel net/ipv4/tcp_input.c tcp_ack_update_window; net/ipv4/tcp_output.c tcp_sync_mss (2.6.24) */
export function windowOffered(sk: TcpSock, window: number): void {
  sk.sndWnd = window;
  if (window <= sk.maxWindow || sk.maxWindow === WIDE) return;
  sk.maxWindow = Math.min(window, WIDE);
  sk.mss = boundToHalfWindow(sk, sk.mssClamp);
}

/** A new window in bytes, a multiple of the scale. @kernel net/ipv4/tcp_output.c __tcp_select_window */
export function selectWindow(sk: TcpSock): number {
  const free = sk.rcvbuf - sk.rcvQueued;
  if (free < sk.rcvMss || (sk.k.era.windowShutsEarly && free < sk.rcvbuf >> 4)) return 0; // silly window avoidance
  const most = 65_535 << sk.rcvWscale;
  if (free > sk.rcvSsthresh) {
    const scale = (1 << sk.rcvWscale) - 1;
    return Math.min((sk.rcvSsthresh + scale) & ~scale, most);
  }
  return (Math.min(free, most) >> sk.rcvWscale) << sk.rcvWscale;
}

/**
 * Segments are as long as the longest that came. Model: it is never less again.
 * @kernel net/ipv4/tcp_input.c tcp_measure_rcv_mss (2.6.24, 3.8), called by tcp_event_data_recv
 */
export function measureRcvMss(sk: TcpSock, skb: SkBuff, payload: number): void {
  sk.rcvMss = Math.max(sk.rcvMss, skb.shinfo.gsoSize === 0 ? payload : skb.shinfo.gsoSize);
}

/**
 * More came, and more may be offered from now on: what is read has no part in it. Model: that much of a packet may be
 * overhead is minded by nobody, as __tcp_grow_window minds little of it until a good part of tcp_rmem[2] is offered.
 * @kernel net/ipv4/tcp_input.c tcp_grow_window (2.6.24, 3.4), called by tcp_event_data_recv
 */
export function growWindow(sk: TcpSock, payload: number): void {
  const room = Math.min(65_535 << sk.rcvWscale, sk.rcvbuf - sk.rcvQueued) - sk.rcvSsthresh;
  if (payload < GROWS_FROM || room <= 0) return;
  const came = sk.k.era.windowGrowsByLength ? payload : 0; // more than a segment, where one packet stands for several
  sk.rcvSsthresh += Math.min(GROWS_BY * Math.max(sk.advmss, came), room);
}

/**
 * The window field of the segment now being built. Never takes back what was promised.
 * @kernel net/ipv4/tcp_output.c tcp_select_window
 */
export function advertise(sk: TcpSock): number {
  const current = receiveWindow(sk);
  let window = selectWindow(sk);
  const scale = (1 << sk.rcvWscale) - 1;
  if (window < current) window = (current + scale) & ~scale;
  sk.rcvWnd = window;
  sk.rcvWup = sk.rcvNxt;
  return window >> sk.rcvWscale;
}
