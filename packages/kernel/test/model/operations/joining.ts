// Frags move from one packet to another.
import {
  allocSkb,
  fragAt,
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbCloned,
  skbGroReceive,
  skbGroReceiveList,
  skbHeadlen,
  skbSegment,
  skbShift,
  skbSplit,
  skbTailroom,
  skbTryCoalesce,
  skbUnclone,
  type SkBuff,
} from '../../../src/index.ts';
import { type Operation, fill, front, held, room, single, sole } from './act.ts';
import { type NaiveFrag } from '../naive.ts';
import { MANY } from '../world.ts';

export const JOINING: Readonly<Record<string, Operation>> = {
  // --- frags move from one to another ---

  skb_split: (w, { a, x }) => {
    const h = single(w, a);
    if (h === null || h.skb.len < 2 || h.skb.shinfo.fragList !== null) return false;
    if (w.held.length >= MANY) return false;
    const len = 1 + (x % (h.skb.len - 1));
    skbUnclone(w.k, h.skb);
    const rest = allocSkb(w.k, Math.max(0, skbHeadlen(h.skb) - len), true);
    skbSplit(w.k, h.skb, rest, len);
    w.add(rest, h.naive.split(len));
    return true;
  },
  skb_shift: (w, act) => {
    const { a, b, x, y } = act;
    const [tgt, h] = [single(w, a), single(w, b)];
    if (tgt === null || h === null || tgt === h || h.skb.len === 0) return false;
    if (tgt.skb.shinfo.fragList !== null || h.skb.shinfo.fragList !== null) return false;
    const len = y % 2 === 0 ? h.skb.len : 1 + (x % h.skb.len);
    const moved = skbShift(w.k, tgt.skb, h.skb, len);
    if (moved !== 0 && moved !== len) throw new Error(`skb_shift moved ${moved} of ${len} bytes`);
    const fits = tgt.skb.shinfo.nrFrags + h.skb.shinfo.nrFrags <= w.k.era.maxSkbFrags;
    if (moved === 0 && w.shapes && act.fail === 0 && skbHeadlen(h.skb) === 0 && fits)
      throw new Error('skb_shift moved nothing, and everything would fit');
    if (moved === 0) return false;
    tgt.naive.append(front(h.naive, len), true);
    h.naive.dropFront(len);
    return true;
  },
  skb_segment: (w, { a, x, y }) => {
    const h = held(w, a);
    if (h === null || h.skb.shinfo.fragList !== null) return false;
    const payload = h.skb.len - h.skb.headers;
    if (payload <= 0 || h.skb.headers > skbHeadlen(h.skb)) return false;
    if (w.held.length + 4 > MANY) return false;
    const mss = Math.ceil(payload / (1 + (x % 4)));
    const sg = y % 4 !== 0;
    h.skb.shinfo.gsoSize = mss;
    const segments = h.naive.segments(mss, sg);
    let made = 0;
    for (let s: SkBuff | null = skbSegment(w.k, h.skb, sg); s !== null; made++) {
      const { next }: SkBuff = s;
      s.next = null;
      w.add(s, segments[made]!);
      s = next;
    }
    if (made !== segments.length) throw new Error(`${made} segments, not ${segments.length}`);
    return true;
  },
  skb_try_coalesce: (w, { a, b }) => {
    const [to, from] = [single(w, a), single(w, b)];
    if (to === null || from === null || to === from) return false;
    const small = from.skb.len <= skbTailroom(to.skb);
    if (!skbTryCoalesce(w.k, to.skb, from.skb)) return false;
    if (small) to.naive.put(from.naive.bytes());
    else to.naive.append(from.naive.frags, false);
    w.free(from);
    return true;
  },
  skb_gro_receive: (w, { a, b }) => {
    const [p, h] = [sole(w, a), sole(w, b)];
    if (p === null || h === null || p === h) return false;
    const headlen = skbHeadlen(h.skb);
    if (!skbGroReceive(w.k, p.skb, h.skb)) return false;
    p.naive.append(h.naive.split(headlen).frags, false);
    w.free(h);
    return true;
  },
  skb_gro_receive_list: (w, { a, b }) => {
    const [p, h] = [single(w, a), single(w, b)];
    if (p === null || h === null || p === h || skbCloned(p.skb)) return false;
    if (h.skb.shinfo.fragList !== null || h.skb.len === 0) return false;
    for (let m = p.skb.shinfo.fragList; m !== null; m = m.next) if (m.users > 1) return false;
    skbGroReceiveList(w.k, p.skb, h.skb);
    p.naive.members.push(h.naive);
    w.forget(h);
    return true;
  },
  skb_append_datato_frags: (w, { a, x, y }) => {
    const h = sole(w, a);
    if (h === null || !room(w, h.skb)) return false;
    const size = 1 + (x % 900);
    const from = w.scratch.address + (y % 3000);
    const bytes = Buffer.from(w.k.mem.subarray(from, from + size));
    skbAppendDatatoFrags(w.k, h.skb, from, size);
    const { page } = fragAt(h.skb.shinfo, h.skb.shinfo.nrFrags - 1);
    h.naive.append([{ page, offset: 0, bytes }], false);
    return true;
  },
  skb_add_rx_frag: (w, { a, x, y }) => {
    const h = sole(w, a);
    if (h === null || !room(w, h.skb)) return false;
    const last = h.naive.frags.at(-1);
    const own = last === undefined ? null : w.ownerOf(last.page);
    const goesOn = y % 2 === 0 && own !== null && last!.offset + last!.bytes.length < 4000;
    let entry: NaiveFrag;
    if (goesOn && w.countsPages) {
      const offset = last!.offset + last!.bytes.length;
      entry = { page: own.page, offset, bytes: own.bytes.subarray(offset, offset + 1 + (x % 90)) };
      w.k.getPage(entry.page);
    } else {
      const page = w.fresh();
      entry = { page, offset: x % 100, bytes: fill(w.k, page.address + (x % 100), 60, y) };
    }
    skbAddRxFrag(w.k, h.skb, entry.page, entry.offset, entry.bytes.length);
    h.naive.append([entry], true);
    return true;
  },
};
