// Packets come to be, are held, and go.
import {
  Destructor,
  allocSkb,
  skbGet,
  skbHeaderRelease,
  skbOrphan,
  skbPut,
  skbRecycleCheck,
  skbReserve,
  skbSetOwnerR,
  skbSetOwnerW,
  skbTailroom,
} from '../../../src/index.ts';
import { HEADROOM, type Operation, fill, held, lend, sole } from './act.ts';
import { Naive } from '../naive.ts';
import { MANY } from '../world.ts';

export const MAKING: Readonly<Record<string, Operation>> = {
  // --- they come to be ---

  __alloc_skb: (w, { a, b, x, y }) => {
    if (w.held.length >= MANY) return false;
    const fclone = a % 3 !== 0;
    const linear = x % 4 === 0 ? 0 : x % 200;
    const skb = allocSkb(w.k, HEADROOM + linear, fclone);
    skbReserve(skb, HEADROOM);
    const naive = new Naive(fill(w.k, skbPut(skb, linear), linear, w.held.length + y));
    skb.headers = naive.headers = b % 2 === 0 ? Math.min(linear, 20) : 0;
    w.add(skb, naive);
    for (let i = 0; i < y % 4; i++)
      lend(w, w.held.at(-1)!, { op: '', a, b: b + i, x: x + i * 977, y, fail: 0 });
    if (fclone && naive.headers === 0) skbHeaderRelease(w.k, skb); // as TCP does for its write queue
    return true;
  },
  do_tcp_sendpages: (w, act) => {
    const h = sole(w, act.a);
    return h !== null && lend(w, h, act);
  },
  skb_put: (w, { a, x, y }) => {
    const h = sole(w, a);
    if (h === null || h.skb.dataLen > 0 || skbTailroom(h.skb) < 50) return false;
    h.naive.put(fill(w.k, skbPut(h.skb, 50), 50, x + y));
    return true;
  },
  skb_get: (w, { a }) => {
    const h = held(w, a);
    if (h === null || h.refs > 2) return false;
    skbGet(w.k, h.skb);
    h.refs++;
    return true;
  },
  kfree_skb: (w, { a }) => {
    const h = held(w, a);
    if (h === null) return false;
    w.free(h);
    return true;
  },

  // --- owners, and a second life ---

  skb_orphan: (w, { a, x }) => {
    const h = held(w, a);
    if (h === null || h.skb.destructor !== Destructor.NONE) return false;
    if (x % 2 === 0) skbSetOwnerW(w.k, h.skb, w.sk);
    else skbSetOwnerR(w.k, h.skb, w.sk);
    skbOrphan(w.k, h.skb);
    const charged = w.sk.wmemAlloc + w.sk.rmemAlloc;
    if (charged !== 0) throw new Error(`the socket is charged ${charged} bytes`);
    return true;
  },
  skb_recycle_check: (w, { a, x }) => {
    const h = held(w, a);
    if (h === null || !skbRecycleCheck(w.k, h.skb, 256)) return false;
    h.naive.become(new Naive(fill(w.k, skbPut(h.skb, 40), 40, x)));
    return true;
  },
};
