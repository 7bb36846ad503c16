// The receive window: what the buffer holds for payload, what is offered at first, and later.
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

/** The window field of the segment now being built. @kernel net/ipv4/tcp_output.c tcp_select_window */
export function advertise(sk: MainSock): number {
  const current = receiveWindow(sk);
  if ((sk.ackState & Ack.NOMEM) !== 0) {
    sk.rcvWnd = 0; // no memory for what came
    sk.rcvWup = sk.rcvNxt;
    return 0;
  }
  let next = selectWindow(sk);
  if (next < current) {
    const scale = (1 << sk.ownScale) - 1;
    next = (current + scale) & ~scale; // what was offered is not taken back
  }
  sk.rcvWnd = next;
  sk.rcvWup = sk.rcvNxt;
  const most = sk.wscaleOk ? 65_535 << sk.ownScale : sk.windowClamp > WINDOW_MAX ? 65_535 : next;
  return Math.min(next, most) >> sk.ownScale;
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
  const small = winFromSpace(sk, truesize) > len;
  const incr = small ? 0 : Math.max(2 * sk.advmss, 2 * len);
  if (incr === 0) return;
  sk.rcvSsthresh += Math.min(room, incr);
  sk.quick |= 1;
}
