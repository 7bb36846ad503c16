// The receive window: what the buffer holds for payload, what is offered at first, and later.
import { after } from '../tcp_sock.ts';
import { receiveWindow } from '../tcp_window.ts';
import { Ack, type MainSock } from './tcp_main_sock.ts';

const WINDOW_MAX = 32_767;

/** @kernel include/net/tcp.h tcp_win_from_space (6.6) */
export function winFromSpace(sk: MainSock, space: number): number {
  return Math.floor((space * sk.scalingRatio) / 256);
}

/** @kernel include/net/tcp.h tcp_full_space */
export function fullSpace(sk: MainSock): number {
  return winFromSpace(sk, sk.rcvbuf);
}

/** @kernel include/net/tcp.h tcp_space */
function space(sk: MainSock): number {
  return winFromSpace(sk, Math.max(0, sk.rcvbuf - sk.rmemAlloc));
}

/** The window and its scale at the beginning. @kernel net/ipv4/tcp_output.c tcp_select_initial_window (5.5) */
export function selectInitialWindow(sk: MainSock, mss: number, scaling: boolean): void {
  let room = fullSpace(sk);
  if (sk.windowClamp === 0 || (sk.rcvbufLocked && sk.windowClamp > room))
    sk.windowClamp = sk.rcvbufLocked ? room : 65_535 << 14;
  room = Math.min(sk.windowClamp, room);
  if (room > mss) room -= room % mss;
  sk.rcvWnd = Math.min(room, 65_535);
  sk.ownScale = 0;
  if (scaling) {
    const most = Math.min(Math.max(room, sk.sysctl.rmem[2]), sk.windowClamp);
    sk.ownScale = Math.min(14, Math.max(0, 31 - Math.clz32(most) - 15));
    sk.rcvWnd = room;
  }
  sk.windowClamp = Math.min(sk.windowClamp, 65_535 << sk.ownScale);
  sk.rcvSsthresh = sk.rcvWnd;
  sk.rcvWup = sk.rcvNxt;
  sk.rcvMwndSeq = (sk.rcvWup + sk.rcvWnd) | 0;
}

/** @kernel net/ipv4/tcp_output.c __tcp_select_window */
export function selectWindow(sk: MainSock): number {
  let mss = sk.rcvMss;
  let free = space(sk);
  const allowed = fullSpace(sk);
  const full = Math.min(sk.windowClamp, allowed);
  if (mss > full) {
    mss = full;
    if (mss <= 0) return 0;
  }
  if (sk.sysctl.shrinkWindow !== 0 && sk.ownScale > 0) return shrunkWindow(sk, mss, free, full);
  if (free < full >> 1) {
    sk.quick = 0;
    const scale = 1 << sk.ownScale;
    const rounded = free - (free % scale);
    if (rounded < allowed >> 4 || rounded < mss) return 0;
    free = rounded;
  }
  if (free > sk.rcvSsthresh) free = sk.rcvSsthresh;
  if (sk.ownScale > 0) {
    const scale = (1 << sk.ownScale) - 1;
    return (free + scale) & ~scale;
  }
  const window = sk.rcvWnd;
  if (window <= free - mss || window > free) return free - (free % mss);
  if (mss === full && free > window + (full >> 1)) return free;
  return window;
}

/** tcp_shrink_window: what was offered may be taken back. @kernel net/ipv4/tcp_output.c __tcp_select_window: shrink_window_allowed (6.5) */
function shrunkWindow(sk: MainSock, mss: number, space: number, full: number): number {
  const scale = (1 << sk.ownScale) - 1;
  const free = space & ~scale;
  if (free < full >> 1) {
    sk.quick = 0;
    if (free < fullSpace(sk) >> 4 || free < mss || free <= scale) return 0;
  }
  return free > sk.rcvSsthresh ? (sk.rcvSsthresh + scale) & ~scale : free;
}

/** The window field of the segment now being built. @kernel net/ipv4/tcp_output.c tcp_select_window */
export function advertise(sk: MainSock): number {
  const current = receiveWindow(sk);
  if ((sk.ackState & Ack.NOMEM) !== 0) {
    sk.rcvWnd = 0; // no memory for what came
    sk.rcvWup = sk.rcvNxt;
    updateMaxWindow(sk);
    return 0;
  }
  let next = selectWindow(sk);
  if (next < current && (sk.sysctl.shrinkWindow === 0 || sk.ownScale === 0)) {
    const scale = (1 << sk.ownScale) - 1;
    next = (current + scale) & ~scale; // what was offered is not taken back
  }
  sk.rcvWnd = next;
  sk.rcvWup = sk.rcvNxt;
  updateMaxWindow(sk);
  const most = sk.wscaleOk ? 65_535 << sk.ownScale : sk.windowClamp > WINDOW_MAX ? 65_535 : next;
  return Math.min(next, most) >> sk.ownScale;
}

/** @kernel include/net/tcp.h tcp_update_max_rcv_wnd_seq */
function updateMaxWindow(sk: MainSock): void {
  const edge = (sk.rcvWup + sk.rcvWnd) | 0;
  if (after(edge, sk.rcvMwndSeq)) sk.rcvMwndSeq = edge;
}

/** What the peer may send by all that was ever offered. @kernel include/net/tcp.h tcp_max_receive_window */
export function maxReceiveWindow(sk: MainSock): number {
  return Math.max(0, (sk.rcvMwndSeq - sk.rcvNxt) | 0);
}

/** Holes in the queue want a larger buffer; a connection that nobody has accepted gets none. @kernel net/ipv4/tcp_input.c tcp_rcvbuf_grow (6.17) */
export function growRcvbuf(sk: MainSock, end: number): void {
  if (sk.rcvbufLocked) return;
  const read = Math.min(sk.rcvWnd, 10 * sk.advmss); // rcvq_space.space at the beginning
  const wanted = 2 * read + ((end - sk.rcvNxt) | 0);
  const bytes = Math.min(Math.floor((wanted * 256) / sk.scalingRatio), sk.sysctl.rmem[2]);
  if (bytes <= sk.rcvbuf) return;
  sk.rcvbuf = bytes;
  sk.windowClamp = winFromSpace(sk, bytes);
}

/** More came: may the window grow? @kernel net/ipv4/tcp_input.c tcp_grow_window (5.16) */
export function growWindow(sk: MainSock, len: number, truesize: number): void {
  const room = Math.min(sk.windowClamp, space(sk)) - sk.rcvSsthresh;
  if (room <= 0) return;
  const incr = winFromSpace(sk, truesize) <= len ? 2 * sk.advmss : growSlowly(sk, len, truesize);
  if (incr === 0) return;
  sk.rcvSsthresh += Math.min(room, Math.max(incr, 2 * len));
  sk.quick |= 1;
}

/** Little payload for what it costs: the smaller the window, the more of that is borne. @kernel net/ipv4/tcp_input.c __tcp_grow_window */
function growSlowly(sk: MainSock, len: number, truesize: number): number {
  let cost = winFromSpace(sk, truesize) >> 1;
  let window = winFromSpace(sk, sk.sysctl.rmem[2]) >> 1;
  for (; sk.rcvSsthresh <= window; window >>= 1) {
    if (cost <= len) return 2 * sk.rcvMss;
    cost >>= 1;
  }
  return 0;
}
