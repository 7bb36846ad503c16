// The receive window: what was promised, and what can be promised now.
import { RFC2414_SEGMENTS, type Era } from '../../era.ts';
import type { TcpSock } from './tcp_sock.ts';

/** A segment of Ethernet without options. */
const ETHERNET_MSS = 1460;
/** A segment of fewer bytes does not make the window grow. */
const GROWS_FROM = 128;
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

/** A new window in bytes, a multiple of the scale. @kernel net/ipv4/tcp_output.c __tcp_select_window */
export function selectWindow(sk: TcpSock): number {
  const free = sk.rcvbuf - sk.rcvQueued;
  if (free < sk.mss || (sk.k.era.windowShutsEarly && free < sk.rcvbuf >> 4)) return 0; // silly window avoidance
  const most = 65_535 << sk.rcvWscale;
  if (free > sk.rcvSsthresh) {
    const scale = (1 << sk.rcvWscale) - 1;
    return Math.min((sk.rcvSsthresh + scale) & ~scale, most);
  }
  return (Math.min(free, most) >> sk.rcvWscale) << sk.rcvWscale;
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
