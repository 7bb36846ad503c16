// One packet becomes two, and somebody writes in one of them.
import {
  pskbCopy,
  pskbExpandHead,
  skbClone,
  skbCloned,
  skbCopy,
  skbCopyExpand,
  skbCow,
  skbCowHead,
  skbHeadlen,
  skbMorph,
  skbPull,
  skbPush,
  skbUnclone,
  skbZerocopy,
  type SkBuff,
} from '../../../src/index.ts';
import { type Operation, fill, held, made, scribble, single } from './act.ts';
import { MANY, type Held } from '../world.ts';

/** What nfnetlink_queue puts in front of a packet. */
const MESSAGE_HEADER = 128;

export const SHARING: Readonly<Record<string, Operation>> = {
  // --- two of them ---

  skb_clone: (w, { a, b }) => {
    const h = held(w, a);
    if (h === null || w.held.length >= MANY) return false;
    w.add(skbClone(w.k, h.skb, w.site(b)), h.naive.copy());
    return true;
  },
  skb_copy: (w, { a }) =>
    made(
      w,
      a,
      (h) => skbCopy(w.k, h.skb),
      (n) => n.flat(),
    ),
  skb_copy_expand: (w, { a, x, y }) =>
    made(
      w,
      a,
      (h) => skbCopyExpand(w.k, h.skb, x % 100, y % 100),
      (n) => n.flat(),
    ),
  pskb_copy: (w, { a }) =>
    made(
      w,
      a,
      (h) => pskbCopy(w.k, h.skb),
      (n) => n.copy(),
    ),
  skb_zerocopy: (w, { a }) => {
    let room = 0; // of the message: a packet that fits is copied whole
    const asMessage = (h: Held): SkBuff => {
      const to = skbZerocopy(w.k, h.skb);
      room = to.shinfo.end - to.shinfo.head - MESSAGE_HEADER;
      return to;
    };
    return (
      single(w, a) !== null && // the queue holds it alone: its frags may have to be copied
      made(w, a, asMessage, (n) => (n.members.length > 0 || n.len <= room ? n.flat() : n.copy()))
    );
  },
  skb_morph: (w, { a, b }) => {
    const [dst, src] = [single(w, a), held(w, b)];
    if (dst === null || src === null || dst === src) return false;
    skbMorph(w.k, dst.skb, src.skb);
    dst.naive.become(src.naive);
    return true;
  },

  // --- a head of one's own, and writing in it ---

  pskb_expand_head: (w, { a, x, y }) => {
    const h = single(w, a);
    if (h === null) return false;
    pskbExpandHead(w.k, h.skb, (x % 3) * 64, y % 300);
    scribble(w, h, x);
    return true;
  },
  skb_cow: (w, { a, x, y }) => {
    const h = single(w, a);
    if (h === null) return false;
    skbCow(w.k, h.skb, x % 200);
    scribble(w, h, y);
    return true;
  },
  skb_unclone: (w, { a, y }) => {
    const h = single(w, a);
    if (h === null) return false;
    skbUnclone(w.k, h.skb);
    scribble(w, h, y);
    return true;
  },
  skb_cow_head: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null || h.skb.nohdr !== 0) return false; // it has promised not to touch the header
    skbCowHead(w.k, h.skb, 20);
    h.naive.push(fill(w.k, skbPush(h.skb, 20), 20, x));
    return true;
  },
  __skb_pull: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null) return false;
    const headlen = skbHeadlen(h.skb);
    const most = skbCloned(h.skb) ? Math.min(h.naive.headers, headlen) : headlen; // payload stays in front of pushes
    if (most === 0) return false;
    const count = 1 + (x % most);
    skbPull(h.skb, count);
    h.naive.dropFront(count);
    h.naive.headers = Math.max(0, h.naive.headers - count);
    return true;
  },
};
