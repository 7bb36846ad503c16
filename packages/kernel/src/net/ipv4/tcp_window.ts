// The receive window: what was promised, and what can be promised now.
import type { TcpSock } from './tcp_sock.ts';

/** What the peer may still send by the last window advertised. @kernel include/net/tcp.h tcp_receive_window */
export function receiveWindow(sk: TcpSock): number {
  return Math.max(0, (sk.rcvWup + sk.rcvWnd - sk.rcvNxt) | 0);
}

/** A new window in bytes, a multiple of the scale. @kernel net/ipv4/tcp_output.c __tcp_select_window */
export function selectWindow(sk: TcpSock): number {
  const free = sk.rcvbuf - sk.rcvQueued;
  if (free < sk.rcvbuf >> 4 || free < sk.mss) return 0; // silly window avoidance
  return (Math.min(free, 65535 << sk.rcvWscale) >> sk.rcvWscale) << sk.rcvWscale;
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
