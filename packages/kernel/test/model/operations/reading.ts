// Readers, and holders of pages that have no sk_buff.
import { Pipe, skbCopyBits, skbHeadlen, skbSpliceBits } from '../../../src/index.ts';
import { type Operation, held } from './act.ts';
import { OWNED_PAGES } from '../world.ts';

export const READING: Readonly<Record<string, Operation>> = {
  // --- readers ---

  skb_copy_bits: (w, { a, x, y }) => {
    const h = held(w, a);
    if (h === null || h.skb.len === 0) return false;
    const from = x % h.skb.len;
    const size = Math.min(1 + (y % 2000), h.skb.len - from);
    const { address } = w.desk;
    skbCopyBits(w.k, h.skb, from, address, size);
    const read = w.k.mem.subarray(address, address + size);
    if (
      !h.naive
        .bytes()
        .subarray(from, from + size)
        .equals(read)
    )
      throw new Error('it reads others');
    return true;
  },

  // --- pages without an sk_buff ---

  skb_splice_bits: (w, { a }) => {
    const h = held(w, a);
    if (h === null || !w.countsPages || h.skb.shinfo.nrFrags === 0 || w.pipes.length > 3)
      return false;
    const pipe = new Pipe(w.k);
    const linear = skbHeadlen(h.skb) - h.skb.headers;
    skbSpliceBits(w.k, h.skb, linear, h.skb.len, pipe, false);
    const bytes = h.naive.frags.slice(0, pipe.buffers.length).map((frag) => frag.bytes);
    w.pipes.push({ pipe, bytes });
    return true;
  },
  'splice from the pipe': (w) => {
    const first = w.pipes[0];
    if (first === undefined) return false;
    const { page, pageOffset, size } = first.pipe.buffers[0]!;
    const at = page.address + pageOffset;
    const found = Buffer.from(w.k.mem.subarray(at, at + size));
    if (!found.equals(first.bytes.shift()!)) throw new Error('the pipe has other bytes');
    first.pipe.consume(size);
    if (first.pipe.buffers.length === 0) w.pipes.shift();
    return true;
  },
  put_page: (w, { a }) => {
    const own = w.pages[a % OWNED_PAGES]!;
    if (!own.owned || !w.countsPages) return false;
    own.owned = false;
    w.k.putPage(own.page);
    return true;
  },
};
